"""FHIR reading: meaning before shape, persons, goals, names and what is told about unknown things."""

from __future__ import annotations

from typing import Any

import pytest

from singula.knowledge import load_knowledge
from singula.record import Condition, Medicine, Observation, Status
from singula.sources.draft import Draft
from singula.sources.fhir import read_fhir
from singula.sources.terminology import terminology_of
from tests.security.broken_inputs import PERSON, observation, quantity

SUBJECT = {"subject": {"reference": "Patient/p"}}
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"


def _read(*resources: dict[str, Any]) -> Draft:
    knowledge = load_knowledge()
    draft = Draft(input="one.json")
    entries = [{"resource": one} for one in (PERSON, *resources)]
    document = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    read_fhir(document, draft, terminology_of(knowledge), knowledge.pack("fhir_reading"))
    return draft


def _condition(**changes: Any) -> dict[str, Any]:
    code = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I48.91"}]}
    return {"resourceType": "Condition", "id": "c", "code": code, **SUBJECT, **changes}


@pytest.mark.parametrize(
    ("word", "status"), [("confirmed", Status.PRESENT), ("refuted", Status.ABSENT), ("provisional", Status.UNKNOWN)]
)
def test_verification_decides_what_a_condition_says(word: str, status: Status) -> None:
    (fact,) = _read(_condition(verificationStatus={"coding": [{"system": VERIFICATION, "code": word}]})).facts
    assert isinstance(fact, Condition)
    assert (fact.name, fact.status) == ("atrial-fibrillation", status)


def test_entered_in_error_makes_a_problem_and_no_fact() -> None:
    draft = _read(observation(status="entered-in-error"))
    assert draft.facts == []
    assert [(problem.severity, problem.where) for problem in draft.problems] == [("information", "Observation/o")]


@pytest.mark.parametrize(
    ("changes", "status", "use"),
    [
        ({"status": "active", "intent": "order"}, Status.PRESENT, "active"),
        ({"status": "draft", "intent": "order"}, Status.PRESENT, "proposed"),
        ({"status": "active", "intent": "proposal"}, Status.PRESENT, "proposed"),
        ({"status": "stopped", "intent": "order"}, Status.PRESENT, "stopped"),
        ({"status": "active", "intent": "order", "doNotPerform": True}, Status.ABSENT, "stopped"),
    ],
)
def test_an_order_not_to_give_is_absence_and_a_draft_is_no_history(changes: dict[str, Any], status: Status, use: str) -> None:
    medicine = {"resourceType": "MedicationRequest", "id": "m", **SUBJECT, **changes}
    (fact,) = _read({**medicine, "medicationCodeableConcept": {"text": "Clopidogrel 75 MG Oral Tablet"}}).facts
    assert isinstance(fact, Medicine)
    assert (fact.name, fact.status, fact.use) == ("clopidogrel", status, use)


def test_a_value_is_brought_into_the_unit_rules_speak() -> None:
    (fact,) = _read(observation(valueQuantity=quantity(88.4, "umol/L"))).facts
    assert isinstance(fact, Observation)
    assert fact.name == "creatinine"
    assert fact.canonical is not None
    assert (round(fact.canonical.number, 2), fact.canonical.unit) == (1.0, "mg/dL")


def test_goals_become_wishes_of_the_person_unless_given_up() -> None:
    goals = [
        {"resourceType": "Goal", "id": "g1", "lifecycleStatus": "active", "description": {"text": "Stay active"}, **SUBJECT},
        {"resourceType": "Goal", "id": "g2", "lifecycleStatus": "cancelled", "description": {"text": "Run"}, **SUBJECT},
    ]
    assert [(goal.name, goal.text) for goal in _read(*goals).persons["p"].goals] == [("stay-active", "Stay active")]


def test_references_to_one_person_in_every_spelling_are_one_person() -> None:
    spelt = ["Patient/p", "http://x.org/fhir/Patient/p", "Patient/p/_history/3"]
    draft = _read(*(observation(id=f"o{n}", subject={"reference": one}) for n, one in enumerate(spelt)))
    assert {fact.person for fact in draft.facts} == {"p"}
    assert list(draft.persons) == ["p"]


def test_a_bundle_inside_a_bundle_is_counted_and_read() -> None:
    inner = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": observation()}]}
    draft = _read(inner)
    assert dict(draft.resources) == {"Bundle": 2, "Patient": 1, "Observation": 1}
    assert len(draft.facts) == 1


def test_bundles_nested_without_end_are_read_to_a_depth() -> None:
    nested: dict[str, Any] = observation()
    for _ in range(9):
        nested = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": nested}]}
    draft = _read(nested)
    assert draft.facts == []
    assert [problem.message for problem in draft.problems] == ["bundles nested too deep; read no further"]
