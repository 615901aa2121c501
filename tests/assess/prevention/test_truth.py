"""The truth table of prevention: precedence, stop rules, monitoring intervals and vaccines, one case a line."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from singula.record import Fact, Immunisation, Medicine, When
from tests.assess.prevention.people import done, has, measured, person, quit_on, relative, result_of, said, smoking, variant

TABLE = Path(__file__).parents[2] / "truth" / "prevention.tsv"
WHITE = "white"
CASES = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines(), delimiter="\t"))


def read_fact(text: str) -> Fact:
    """Make a fact of one word of the table: ``has:gout``, ``takes:lithium@2020-01-01``, ``lab:hba1c=7@2026-08-01`` …"""
    if text == "smokes":
        return smoking("current")
    kind, _, rest = text.partition(":")
    what, _, when = rest.partition("@")
    day, _, result = when.partition("=")
    name, _, number = what.partition("=")
    if kind == "takes":
        return Medicine(id=f"takes-{name}", name=name, ingredients=(name,), started=When(text=day))
    if kind == "family":
        condition, relation, onset = what.split("/")
        return relative(condition, relation, float(onset))
    makers = {
        "smoking": lambda: smoking(what),
        "quit": lambda: quit_on(what),
        "has": lambda: has(what),
        "lab": lambda: measured(name, float(number), day=day),
        "dose": lambda: Immunisation(id=f"{what}-{day}", name=what, when=When(text=day)),
        "done": lambda: done(what, day, result),
        "test": lambda: result_of(what, day, result),
        "gene": lambda: variant(what),
        "somatic": lambda: variant(what, source_class="somatic"),
    }
    return makers[kind]()


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_every_line_of_the_truth_table_holds(case: dict[str, str]) -> None:
    words = case["facts"].split()
    facts = [read_fact(word) for word in words if word != WHITE]
    advised, weighed = said(person(case["sex"], int(case["age"]), *facts, ancestry=WHITE if WHITE in words else ""))
    finding, considered = advised.get(case["service"]), weighed.get(case["service"])
    expected, _, day = case["expected"].partition(" ")
    if expected in ("due", "upcoming"):
        assert finding is not None
        assert finding.due is not None
        assert (finding.due.status == "upcoming") is (expected == "upcoming")
        assert finding.due.date.isoformat() == day
        assert considered is None
    elif expected == "silent":
        assert finding is None
        assert considered is None
    else:
        assert finding is None
        assert considered is not None
        if expected == "later":
            assert considered.next_due is not None
            assert considered.next_due.isoformat() == day
        else:
            assert considered.reason_code == expected
