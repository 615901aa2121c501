"""FHIR validation: one fault per resource is found and named, good resources pass, profiles are kept."""

from __future__ import annotations

import json
import tarfile
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from singula.cli.main import main
from singula.knowledge import load_knowledge
from singula.sources.fhir_profile_rules import check_profiles
from singula.sources.fhir_validation import PACK, validate_bytes, validate_file

GR = "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition/"
TBD = "http://hl7.org/fhir/uv/genomics-reporting/CodeSystem/tbd-codes-cs"
CATEGORIES = [
    {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}]},
    {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "GE"}]},
]
VARIANT: dict[str, Any] = {
    "resourceType": "Observation",
    "meta": {"profile": [f"{GR}variant"]},
    "status": "final",
    "category": CATEGORIES,
    "code": {"coding": [{"system": "http://loinc.org", "code": "69548-6"}]},
    "subject": {"reference": "Patient/p"},
    "valueCodeableConcept": {"coding": [{"system": "http://loinc.org", "code": "LA9633-4"}]},
    "component": [
        {"code": {"coding": [{"system": "http://loinc.org", "code": "69547-8"}]}, "valueString": "G"},
        {
            "code": {"coding": [{"system": "http://loinc.org", "code": "81258-6"}]},
            "valueQuantity": {"value": 0.5, "system": "http://unitsofmeasure.org", "code": "1"},
        },
    ],
}


def _faults(resource: dict[str, Any], *, is_asked: bool = True) -> list[tuple[str, str]]:
    issues = check_profiles(resource, load_knowledge().pack(PACK), is_asked=is_asked)
    return [(issue.severity, issue.path) for issue in issues]


def _changed(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**deepcopy(VARIANT), **changes}.items() if value is not None}


def test_a_right_variant_has_no_fault() -> None:
    assert _faults(VARIANT) == []
    assert validate_bytes(json.dumps(VARIANT).encode(), "v.json", load_knowledge().pack(PACK)).issues == ()


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"category": CATEGORIES[:1]}, "Observation.category"),
        ({"category": [*CATEGORIES, CATEGORIES[1]]}, "Observation.category"),
        ({"code": {"coding": [{"system": "http://loinc.org", "code": "84413-4"}]}}, "Observation.code"),
        ({"valueCodeableConcept": {"text": "present"}}, "Observation.valueCodeableConcept"),
        ({"valueCodeableConcept": None, "valueString": "present"}, "Observation.valueString"),
        ({"component": [{"code": VARIANT["component"][0]["code"], "valueInteger": 1}]}, "Observation.component[0].valueInteger"),
        ({"component": [VARIANT["component"][0]] * 2}, "Observation.component[1]"),
        (
            {"component": [{"code": VARIANT["component"][1]["code"], "valueQuantity": {"value": 0.5}}]},
            "Observation.component[0].valueQuantity.system",
        ),
        (
            {"component": [{"code": {"coding": [{"system": TBD, "code": "invented"}]}, "valueString": "x"}]},
            "Observation.component[0].code.coding[0]",
        ),
        (
            {"component": [{"code": {"coding": [{"system": "http://loinc.org", "code": "48004-6"}]}}]},
            "Observation.component[0]",
        ),
        ({"resourceType": "Condition"}, "Condition"),
    ],
)
def test_each_fault_against_the_variant_profile_is_placed(changes: dict[str, Any], place: str) -> None:
    assert ("error", place) in _faults(_changed(**changes))
    assert ("warning", place) in _faults(_changed(**changes), is_asked=False)


def test_an_undeclared_finding_is_judged_only_when_the_guide_is_asked_for() -> None:
    bare = _changed(meta=None, category=CATEGORIES[:1])
    assert _faults(bare, is_asked=False) == []
    assert _faults(bare) == [("error", "Observation.category")]


def test_a_recommendation_keeps_its_fixed_words_and_answers() -> None:
    task = {
        "resourceType": "Task",
        "meta": {"profile": [f"{GR}medication-recommendation"]},
        "status": "completed",
        "intent": "proposal",
        "code": {"coding": [{"system": "http://loinc.org", "code": "LA26424-4"}]},
    }
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": task}]}
    assert _faults(bundle) == [("error", "Bundle.entry[0].resource.status"), ("error", "Bundle.entry[0].resource.code")]
    parameters = {"resourceType": "Parameters", "parameter": [{"name": "a", "part": [{"name": "b", "resource": task}]}]}
    assert _faults(parameters)[0] == ("error", "Parameters.parameter[0].part[0].resource.status")


BUNDLE_FAULTS = [
    ({"type": "collection", "total": 1}, "bdl-1"),
    ({"type": "collection", "entry": [{"search": {"mode": "match"}}]}, "bdl-2"),
    ({"type": "collection", "entry": [{"request": {"method": "GET", "url": "x"}}]}, "bdl-3"),
    ({"type": "transaction", "entry": [{"response": {"status": "200"}}]}, "bdl-4"),
    ({"type": "batch-response", "entry": [{"resource": {"resourceType": "Patient"}}]}, "bdl-4"),
    ({"type": "collection", "entry": [{"fullUrl": "http://a.org/Patient/1"}]}, "bdl-5"),
    ({"type": "document"}, "bdl-9"),
    ({"type": "document"}, "bdl-10"),
    ({"type": "document", "entry": [{"resource": {"resourceType": "Patient"}}]}, "bdl-11"),
    ({"type": "message"}, "bdl-12"),
    ({"type": "collection", "entry": [{"fullUrl": "http://a.org/Patient/1/_history/2"}]}, "bdl-8"),
    ({"type": "collection", "entry": [{"fullUrl": "http://a.org/Patient/1"}] * 2}, "bdl-7"),
    ({"type": "collection", "entry": [{"fullUrl": "urn:uuid:1234"}]}, "no UUID"),
    ({"type": "collection", "entry": [{"fullUrl": "Patient/1"}]}, "no absolute address"),
    ({"type": "searchset", "link": [{"relation": "self", "url": "x"}] * 2}, "a second link"),
]


@pytest.mark.parametrize(("parts", "word"), BUNDLE_FAULTS)
def test_each_fault_of_a_bundle_is_named(parts: dict[str, Any], word: str) -> None:
    text = json.dumps({"resourceType": "Bundle", **parts}).encode()
    answer = validate_bytes(text, "b.json", load_knowledge().pack(PACK))
    assert any(word in issue.message for issue in answer.issues), answer.issues
    assert not answer.is_valid


def test_a_urn_reference_to_a_wrong_type_is_found_through_the_bundle() -> None:
    name = "urn:uuid:9d2e2a2c-36a8-4b1c-9d6e-0d5b1c7f0a11"
    condition = {"resourceType": "Condition", "subject": {"reference": name}}
    entries = [{"fullUrl": name, "resource": {"resourceType": "Location"}}, {"resource": condition}]
    text = json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()
    issues = validate_bytes(text, "b.json", load_knowledge().pack(PACK)).issues
    assert [issue.path for issue in issues if "refers to a Location" in issue.message] == ["Bundle.entry[1].resource.subject"]


def test_ndjson_is_judged_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "people.ndjson"
    file.write_text('{"resourceType":"Patient"}\n\n{"resourceType":"Patient","gender":"f"}\n{"resourceType":\n')
    answer = validate_file(file, load_knowledge())
    assert [issue.path for issue in answer.issues if issue.severity != "warning"] == ["line 3: Patient.gender", "line 4: "]


def test_the_command_says_which_file_is_not_valid(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text('{"resourceType":"Patient","gender":"female"}')
    bad.write_text('{"resourceType":"Patient","gender":"f"}')
    assert main(["fhir", "validate", str(good)]) == 0
    assert capsys.readouterr().out == f"{good}: valid Patient\n"
    assert main(["fhir", "validate", str(good), str(bad), "--json"]) == 3
    results = json.loads(capsys.readouterr().out)["results"]
    assert [(one["file"], one["valid"]) for one in results] == [(str(good), True), (str(bad), False)]
    assert results[1]["issues"] == [
        {
            "severity": "error",
            "path": "Patient.gender",
            "message": "'f' is not among the codes of administrative-gender; use female, male, other, unknown",
        }
    ]
    assert main(["fhir", "validate", str(bad)]) == 3
    assert "  error: Patient.gender: " in capsys.readouterr().out


@pytest.mark.shared
def test_every_made_fault_is_found_and_named(shared: Path) -> None:
    pack = load_knowledge().pack(PACK)
    for line in (shared / "vectors/interop/validate_made.jsonl").read_text().splitlines():
        case = json.loads(line)
        answer = validate_bytes(case["inputs"]["text"].encode(), "made.json", pack)
        assert answer.is_valid == case["expected"]["valid"], (case["id"], answer.issues)
        element = case["expected"].get("element", "")
        assert any(element in issue.path + issue.message for issue in answer.issues) or not element, (case["id"], answer.issues)


@pytest.mark.shared
def test_nine_in_ten_offline_cases_of_the_official_validator_agree(shared: Path) -> None:
    pack = load_knowledge().pack(PACK)
    agreed = []
    with tarfile.open(shared / "samples/interop/validator-cases.tar.gz") as archive:
        for line in (shared / "vectors/interop/validate_official.jsonl").read_text().splitlines():
            case = json.loads(line)
            stream = archive.extractfile(case["inputs"]["archive"])
            assert stream is not None
            if case["expected"]["scope"] == "offline":
                agreed.append(validate_bytes(stream.read(), case["id"], pack).is_valid == case["expected"]["valid"])
    assert sum(agreed) >= 0.9 * len(agreed)


@pytest.mark.shared
def test_examples_of_the_guide_keep_to_its_profiles(shared: Path) -> None:
    pack = load_knowledge().pack(PACK)
    with tarfile.open(shared / "samples/interop/genomics-reporting-stu3.tar.gz") as archive:
        members = [member for member in archive.getmembers() if member.name.endswith(".json") and "/examples/" in member.name]
        for member in members:
            stream = archive.extractfile(member)
            assert stream is not None
            answer = validate_bytes(stream.read(), member.name, pack, profile="genomics-reporting")
            assert answer.is_valid, (member.name, answer.issues[:3])
