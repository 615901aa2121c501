"""Persons and facts of several inputs: joined where they are the same, decided by rule where they contradict each other."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from singula.knowledge import load_knowledge
from singula.record import Fact, Person, Record
from singula.sources.draft import Draft
from singula.sources.merge import join_drafts
from singula.sources.reading import Reading, read_inputs
from tests.security.broken_inputs import PERSON, bundle, observation, quantity

SUBJECT = {"subject": {"reference": "Patient/p"}}
NUMBERED = {**PERSON, "identifier": [{"system": "urn:oid:1.2.3", "value": "7"}]}


def _read(tmp_path: Path, *files: bytes) -> Reading:
    for number, data in enumerate(files):
        (tmp_path / f"{number}.json").write_bytes(data)
    return read_inputs([tmp_path], load_knowledge(), as_of=date(2026, 11, 1))


def _only(reading: Reading) -> Record:
    (record,) = reading.records
    return record


def _counting(record: Record) -> list[Fact]:
    return [fact for fact in record.facts if fact.superseded_by is None]


def _medicine(day: str, **changes: Any) -> dict[str, Any]:
    text = {"medicationCodeableConcept": {"text": "warfarin"}}
    whole = {"resourceType": "MedicationRequest", "id": day, "status": "active", "intent": "order", "authoredOn": day}
    return {**whole, **text, **SUBJECT, **changes}


def test_the_same_result_from_two_files_is_one_fact_with_two_sources(tmp_path: Path) -> None:
    (fact,) = _only(_read(tmp_path, bundle(NUMBERED, observation()), bundle(NUMBERED, observation()))).facts
    assert [Path(source.input).name for source in fact.sources] == ["0.json", "1.json"]


def test_persons_are_joined_by_identifier_not_by_name(tmp_path: Path) -> None:
    other = {**NUMBERED, "id": "q", "name": [{"family": "OTHER"}]}
    stranger = {**PERSON, "id": "r", "identifier": [{"system": "urn:oid:9.9", "value": "7"}]}
    assert len(_read(tmp_path, bundle(NUMBERED), bundle(other), bundle(stranger)).records) == 2


@pytest.mark.parametrize(("field", "value", "word"), [("gender", "male", "sex"), ("birthDate", "1971-02-01", "birth date")])
def test_one_identifier_with_another_sex_or_birth_date_is_not_joined(tmp_path: Path, field: str, value: str, word: str) -> None:
    reading = _read(tmp_path, bundle(NUMBERED), bundle({**NUMBERED, "id": "q", field: value}))
    assert len(reading.records) == 2
    (problem,) = reading.problems
    assert (problem.severity, f"another {word}" in problem.message) == ("error", True)


def test_a_stated_allergy_outweighs_a_denial(tmp_path: Path) -> None:
    allergy = {"resourceType": "AllergyIntolerance", "id": "a", "code": {"text": "aspirin"}, "patient": SUBJECT["subject"]}
    refuted = {**allergy, "id": "b", "recordedDate": "2026-05-01", "verificationStatus": {"coding": [{"code": "refuted"}]}}
    record = _only(_read(tmp_path, bundle(PERSON, allergy), bundle(PERSON, refuted)))
    assert [fact.status.value for fact in record.facts] == ["present", "absent"]
    assert [fact.status.value for fact in _counting(record)] == ["present"]


def test_the_newest_statement_decides_on_a_medicine(tmp_path: Path) -> None:
    reading = _read(tmp_path, bundle(PERSON, _medicine("2026-01-01")), bundle(PERSON, _medicine("2026-03-01", status="stopped")))
    (fact,) = _counting(_only(reading))
    assert getattr(fact, "use", None) == "stopped"
    assert ["sources disagree" in problem.message for problem in reading.problems] == [True]


def test_one_source_that_tells_a_start_and_a_stop_tells_a_history(tmp_path: Path) -> None:
    reading = _read(tmp_path, bundle(PERSON, _medicine("2026-01-01"), _medicine("2026-03-01", status="stopped")))
    assert reading.problems == ()


def test_an_impossible_value_does_not_take_part_in_a_contradiction(tmp_path: Path) -> None:
    wrong = observation(id="w", valueQuantity=quantity(80))
    record = _only(_read(tmp_path, bundle(PERSON, observation(), wrong)))
    assert [(fact.usable, fact.superseded_by) for fact in record.facts] == [(True, None), (False, None)]


def test_the_order_of_alleles_carries_no_meaning(tmp_path: Path) -> None:
    def genotype(words: str) -> bytes:
        code = {"coding": [{"system": "http://loinc.org", "code": "84413-4"}]}
        return bundle(PERSON, observation(code=code, valueQuantity=None, valueCodeableConcept={"text": words}))

    (fact,) = _only(_read(tmp_path, genotype("CYP2C19 *1/*17"), genotype("CYP2C19 *17/*1"))).facts
    assert len(fact.sources) == 2


def test_a_folder_says_what_each_file_is(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(bundle(PERSON, observation()))
    (tmp_path / "b.csv").write_text("name,value,unit,date\npotassium,4.4,mmol/L,2026-01-02\n")
    (tmp_path / "c.json").write_text(json.dumps({"schema": "singula.person/1", "id": "p", "goals": [{"name": "stay-active"}]}))
    (tmp_path / ".hidden").write_text("x")
    reading = read_inputs([tmp_path], load_knowledge(), as_of=date(2026, 11, 1))
    assert [(Path(one.input).name, one.format) for one in reading.inputs] == [
        ("a.json", "fhir"),
        ("b.csv", "csv-values"),
        ("c.json", "singula-person"),
    ]
    record = _only(reading)
    assert [fact.name for fact in record.facts] == ["creatinine", "potassium"]
    assert [goal.name for goal in record.person.goals] == ["stay-active"]


def test_many_persons_are_joined_in_one_pass() -> None:
    drafts = [Draft(input=name, persons={str(n): Person(id=str(n)) for n in range(5000)}) for name in ("a", "b")]
    assert len(join_drafts(drafts, [])) == 5000
