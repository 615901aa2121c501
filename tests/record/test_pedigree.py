"""The family as a pedigree: one member per relative, two sisters stay two, one told twice stays one."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from singula.knowledge import load_knowledge
from singula.record import Record
from singula.sources.reading import read_inputs

ROLES = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
BREAST, COLON = "C50.919", "C18.9"


def member(number: int, role: str, *codes: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "FamilyMemberHistory",
        "id": f"f{number}",
        "status": "completed",
        "patient": {"reference": "Patient/p"},
        "relationship": {"coding": [{"system": ROLES, "code": role}]},
        "condition": [{"code": {"coding": [{"system": ICD, "code": code}]}} for code in codes],
        **more,
    }


def read(tmp_path: Path, *inputs: list[dict[str, Any]]) -> Record:
    person = {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1980-01-01"}
    for number, members in enumerate(inputs):
        entries = [{"resource": one} for one in (person, *members)]
        document = {"resourceType": "Bundle", "type": "collection", "entry": entries}
        (tmp_path / f"{number}.json").write_text(json.dumps(document), encoding="utf-8")
    return read_inputs([tmp_path], load_knowledge(), as_of=date(2026, 11, 26)).records[0]


def test_relatives_stand_nearest_first_with_all_their_diseases(tmp_path: Path) -> None:
    record = read(tmp_path, [member(1, "MAUNT", BREAST), member(2, "MTH", BREAST, COLON, deceasedBoolean=True)])
    assert [(one.relation, one.degree, one.side, one.deceased, len(one.conditions)) for one in record.pedigree] == [
        ("mother", 1, "maternal", True, 2),
        ("aunt", 2, "maternal", None, 1),
    ]


def test_two_sisters_with_one_disease_stay_two(tmp_path: Path) -> None:
    record = read(tmp_path, [member(1, "SIS", BREAST), member(2, "SIS", BREAST)])
    assert [one.relation for one in record.pedigree] == ["sister", "sister"]


def test_the_same_sisters_told_by_two_inputs_stay_two(tmp_path: Path) -> None:
    sisters = [member(1, "SIS", BREAST), member(2, "SIS", BREAST)]
    record = read(tmp_path, sisters, sisters[::-1])
    assert len(record.pedigree) == 2


def test_the_mother_is_one_person_in_all_inputs(tmp_path: Path) -> None:
    record = read(tmp_path, [member(1, "MTH", BREAST)], [member(7, "MTH", COLON)])
    assert [(one.relation, len(one.conditions)) for one in record.pedigree] == [("mother", 2)]
