"""The FHIR bundle: valid R4, closed in itself, and linked from genotype to recommendation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from singula.deliver.fhir_plan import plan_to_fhir
from tests.deliver.plans import empty_plan, empty_record, full_plan, record, record_with_text, with_text

GR = "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition/"
GONE = {"53040-2", "83009-1", "51961-1", "51971-0", "51964-5"}
ANSWERS = {
    "switch": "LA26421-0", "change-dose": "LA26422-8", "refer": "LA14020-4",
}  # fmt: skip


@pytest.fixture(scope="module")
def bundle() -> dict[str, Any]:
    return plan_to_fhir(full_plan(), record())


def resources(bundle: dict[str, Any], kind: str, profile: str = "") -> list[dict[str, Any]]:
    found = [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind]
    return [one for one in found if not profile or f"{GR}{profile}" in one.get("meta", {}).get("profile", [])]


def addresses(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for one in value.values():
            yield from addresses(one)
    elif isinstance(value, list):
        for one in value:
            yield from addresses(one)


def codes(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("code"), str):
            yield value["code"]
        for one in value.values():
            yield from codes(one)
    elif isinstance(value, list):
        for one in value:
            yield from codes(one)


@pytest.mark.parametrize("made", [(full_plan(), record()), (empty_plan(), empty_record())], ids=["full", "empty"])
def test_the_bundle_is_valid_r4_by_two_judges(made) -> None:
    from fhir.resources.R4B.bundle import Bundle

    fhirkit = pytest.importorskip("fhirkit")
    text = json.dumps(plan_to_fhir(*made))
    assert fhirkit.validate(text) == []
    assert Bundle.model_validate_json(text).type == "collection"


def test_hostile_text_leaves_it_valid() -> None:
    from fhir.resources.R4B.bundle import Bundle

    text = "<b>x</b>\x00\x07 \u202e \t=1+1"
    made = plan_to_fhir(with_text(full_plan(), text), record_with_text(text))
    Bundle.model_validate_json(json.dumps(made))


def test_every_reference_stays_inside_and_every_entry_has_its_address(bundle) -> None:
    known = {entry["fullUrl"] for entry in bundle["entry"]}
    assert len(known) == len(bundle["entry"])
    assert set(addresses(bundle)) <= known
    assert all(entry["fullUrl"] == f"urn:uuid:{entry['resource']['id']}" for entry in bundle["entry"])


def test_every_genomic_observation_has_each_category_once(bundle) -> None:
    genomic = [one for one in resources(bundle, "Observation") if "meta" in one]
    assert len(genomic) >= 6
    for one in genomic:
        given = [coding["code"] for category in one["category"] for coding in category["coding"]]
        assert sorted(given) == ["GE", "laboratory"]


def test_one_genotype_per_gene_tested_also_when_normal(bundle) -> None:
    found = resources(bundle, "Observation", "genotype")
    assert [one["valueCodeableConcept"]["text"] for one in found] == ["CYP2C19 *2/*2", "SLCO1B1 *1/*1"]
    assert {one["code"]["coding"][0]["code"] for one in found} == {"84413-4"}
    gene = found[0]["component"][0]["valueCodeableConcept"]["coding"][0]
    assert gene == {"system": "http://www.genenames.org", "code": "HGNC:2621", "display": "CYP2C19"}


def test_a_gene_not_called_is_a_region_and_no_genotype(bundle) -> None:
    (analysis,) = resources(bundle, "Procedure", "genomic-study-analysis")
    regions = next(one for one in analysis["extension"] if one["url"].endswith("regions"))["extension"]
    named = [(one["url"], one["valueCodeableConcept"]["text"]) for one in regions if "valueCodeableConcept" in one]
    assert ("uncalled", "CYP2D6") in named
    assert ("called", "CYP2C19") in named
    assert ("called", "CYP2D6") not in named


def test_genotype_implication_and_recommendation_are_linked_and_reported(bundle) -> None:
    genotype = next(
        entry["fullUrl"] for entry in bundle["entry"]
        if entry["resource"].get("valueCodeableConcept", {}).get("text") == "CYP2C19 *2/*2"
    )  # fmt: skip
    implication = next(
        entry for entry in bundle["entry"]
        if "therapeutic-implication" in str(entry["resource"].get("meta")) and "clopidogrel" in str(entry["resource"]).lower()
    )  # fmt: skip
    assert genotype in addresses(implication["resource"]["derivedFrom"])
    parts = {part["code"]["coding"][0]["code"]: part.get("valueCodeableConcept") for part in implication["resource"]["component"]}
    assert parts["51963-7"]["coding"][0]["code"] == "32968"
    assert parts["therapeutic-implication"]["coding"][0]["code"] == "LA9657-3"
    assert parts["93044-6"]["text"] == "CPIC A"
    task = next(one for one in resources(bundle, "Task") if one["reasonReference"]["reference"] == implication["fullUrl"])
    assert task["code"]["coding"][0]["code"] == "LA26421-0"
    (report,) = resources(bundle, "DiagnosticReport")
    listed = set(addresses(report["result"]))
    assert {genotype, implication["fullUrl"]} <= listed
    assert len(listed) == len([one for one in resources(bundle, "Observation") if "meta" in one])


@pytest.mark.parametrize("kind", ANSWERS)
def test_a_recommendation_has_the_checked_answer(kind: str, bundle) -> None:
    action = next(one for one in full_plan().actions if one.kind == kind)
    task = next(one for one in resources(bundle, "Task") if one["description"] == action.summary)
    assert task["code"]["coding"][0]["code"] == ANSWERS[kind]
    assert (task["status"], task["intent"]) == ("requested", "proposal")


def test_advice_without_a_checked_answer_has_no_code(bundle) -> None:
    task = next(one for one in resources(bundle, "Task") if one["description"] == "Start rosuvastatin")
    assert "code" not in task


def test_a_variant_carries_its_answers(bundle) -> None:
    (variant,) = resources(bundle, "Observation", "variant")
    given = set(codes(variant))
    assert {"69548-6", "LA9633-4", "LA26806-2", "LA6683-2", "LA6706-1", "48004-6"} <= given
    (implication,) = resources(bundle, "Observation", "diagnostic-implication")
    assert "LA6668-3" in set(codes(implication))


def test_codes_that_left_the_guide_are_never_emitted(bundle) -> None:
    assert not GONE & set(codes(bundle))


def test_stopping_is_a_proposal_not_to_give(bundle) -> None:
    made = {one["medicationCodeableConcept"]["text"]: one for one in resources(bundle, "MedicationRequest")}
    assert made["Clopidogrel"]["doNotPerform"] is True
    assert "doNotPerform" not in made["Ticagrelor"]
    assert {one["intent"] for one in made.values()} == {"proposal"}


def test_every_generated_resource_has_its_provenance(bundle) -> None:
    targets = {one["target"][0]["reference"] for one in resources(bundle, "Provenance")}
    kinds = ("MedicationRequest", "ServiceRequest", "CarePlan", "Task", "DetectedIssue", "RiskAssessment", "DiagnosticReport")
    made = {entry["fullUrl"] for entry in bundle["entry"] if entry["resource"]["resourceType"] in kinds}
    assert made <= targets
    entity = resources(bundle, "Provenance")[0]["entity"][0]["what"]
    assert entity["identifier"]["value"] == "pgx@2026.11"


def test_a_benefit_becomes_a_risk_and_a_conflict_an_issue(bundle) -> None:
    (risk,) = resources(bundle, "RiskAssessment")
    assert risk["prediction"][0]["probabilityDecimal"] == 16.0
    (issue,) = resources(bundle, "DetectedIssue")
    assert issue["implicated"]


def test_without_genomics_there_is_no_genomic_report() -> None:
    bundle = plan_to_fhir(empty_plan(), empty_record())
    assert [entry["resource"]["resourceType"] for entry in bundle["entry"]][:2] == ["Patient", "CarePlan"]
    assert resources(bundle, "DiagnosticReport") == []
