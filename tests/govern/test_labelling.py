"""Labels are given by the rules of a pack: by type, profile, code and the resource's own tags."""

from __future__ import annotations

from typing import Any

import pytest

from singula.govern.labelling import labels_of, sensitivity_codings
from singula.knowledge import load_knowledge

ICD = "http://hl7.org/fhir/sid/icd-10-cm"
OID = "urn:oid:2.16.840.1.113883.6.90"


def coded(system: str, code: str) -> dict[str, Any]:
    return {"resourceType": "Condition", "id": "x", "code": {"coding": [{"system": system, "code": code}]},
            "subject": {"reference": "Patient/p1"}}  # fmt: skip


@pytest.mark.parametrize(
    ("system", "code", "labels"),
    [
        (ICD, "F32.1", {"mental-health"}),
        (ICD, "F10.2", {"substance-use", "alcohol-use"}),
        (ICD, "F11.2", {"substance-use", "opioid-use"}),
        (ICD, "F17.2", set()),
        (ICD, "B20", {"hiv"}),
        (OID, "Z21", {"hiv"}),
        (ICD, "A53.9", {"sexual-health"}),
        (ICD, "T74.1", {"violence"}),
        (ICD, "D57.1", {"sickle-cell"}),
        (ICD, "O80", {"reproductive"}),
        (ICD, "Z15.0", {"genetics"}),
        (ICD, "I10", set()),
        ("http://example.org/own", "F32.1", set()),
    ],
)
def test_a_diagnosis_is_labelled_by_its_code(system: str, code: str, labels: set[str]) -> None:
    assert labels_of(coded(system, code), load_knowledge()) == labels


def test_types_profiles_results_and_tags_give_labels() -> None:
    knowledge = load_knowledge()
    assert labels_of({"resourceType": "MolecularSequence"}, knowledge) == {"genetics"}
    assert labels_of({"resourceType": "FamilyMemberHistory", "status": "completed"}, knowledge) == {"family-history"}
    profile = "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition/variant"
    assert "genetics" in labels_of({"resourceType": "Observation", "meta": {"profile": [profile]}}, knowledge)
    assert "genetics" in labels_of({"resourceType": "Observation", "code": {"coding": [{"code": "84413-4"}]}}, knowledge)
    assert labels_of({"resourceType": "Binary", "meta": {"security": [{"code": "PSYTHPN"}]}}, knowledge) == {"psychotherapy-note"}


def test_labels_are_written_with_their_published_codes() -> None:
    found = sensitivity_codings(frozenset({"genetics", "hiv", "family-history"}), load_knowledge())
    assert [(one["code"], one["system"].rsplit("/", 1)[1]) for one in found] == [("GDIS", "v3-ActCode"), ("HIV", "v3-ActCode")]
