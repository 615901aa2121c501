"""Whole bundled people, from files to plan, in memory."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from singula.knowledge import load_knowledge
from singula.pipeline import assess, find_assessors, plan
from singula.plan.model import Plan
from singula.sources.reading import read_inputs

EXAMPLES = Path(__file__).parents[2] / "examples"
DAY = date(2026, 11, 26)


def made(person: str) -> Plan:
    knowledge = load_knowledge()
    return plan(read_inputs([EXAMPLES / person], knowledge, as_of=DAY).records[0], knowledge)


def test_the_stent_patient_gets_three_switches_in_order_of_goal_and_strength() -> None:
    plan_of_anna = made("stent")
    assert [(one.kind, one.target.name) for one in plan_of_anna.actions][:3] == [
        ("switch", "clopidogrel"),
        ("switch", "omeprazole"),
        ("switch", "simvastatin"),
    ]
    assert plan_of_anna.person.synthetic
    assert plan_of_anna.person.age_years == 64
    assert len(plan_of_anna.conflicts) == 1


@pytest.mark.parametrize("person", sorted(path.parent.name for path in EXAMPLES.glob("*/record.*")))
def test_every_action_leads_back_to_findings_facts_and_packs(person: str) -> None:
    knowledge = load_knowledge()
    record = read_inputs([EXAMPLES / person], knowledge, as_of=DAY).records[0]
    one_plan = plan(record, knowledge)
    known = {statement.id for statement in assess(record, knowledge)}
    packs = {used.pack for used in one_plan.knowledge}
    for action in one_plan.actions:
        assert set(action.findings) <= known
        assert set(action.inputs) <= set(record.fact_index)
        assert {evidence.pack for evidence in action.evidence} <= packs
        assert action.due is not None
        assert action.due.date >= DAY


def test_assessors_in_another_order_make_the_same_plan() -> None:
    knowledge = load_knowledge()
    record = read_inputs([EXAMPLES / "stent"], knowledge, as_of=DAY).records[0]
    assert plan(record, knowledge, find_assessors()[::-1]) == plan(record, knowledge)
