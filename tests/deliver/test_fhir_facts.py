"""Facts go out as FHIR allows, whatever precision and codes they came with."""

from __future__ import annotations

import pytest

from singula.deliver.fhir_facts import fact_to_fhir
from singula.deliver.fhir_ids import coding, fhir_time
from singula.record import Concept, Fact, Medicine, Observation, Quantity, When
from singula.record.facts import Allergy, Condition, GenePhenotype, Kind, Status

PATIENT = {"reference": "urn:uuid:1"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2026", "2026"),
        ("2026-05", "2026-05"),
        ("2026-05-03", "2026-05-03"),
        ("2026-05-03T10:30", "2026-05-03"),
        ("2026-05-03T10:30:11", "2026-05-03"),
        ("2026-05-03T10:30Z", "2026-05-03T10:30:00Z"),
        ("2026-05-03T10:30+02:00", "2026-05-03T10:30:00+02:00"),
        ("2026-05-03T10:30:11.5Z", "2026-05-03T10:30:11.5Z"),
    ],
)
def test_an_instant_without_zone_is_told_as_its_day(given: str, expected: str) -> None:
    assert fhir_time(When(text=given)) == expected


def test_a_system_with_blanks_is_left_out_and_codes_have_single_blanks() -> None:
    assert coding("a system", " A  B ", None) == {"code": "A B"}
    assert coding("urn:x", "  ", "words") == {}


def test_a_number_goes_out_with_its_ucum_unit_and_comparator() -> None:
    fact = Observation(id="o", name="creatinine", value=Quantity(number=1.1, unit="mg/dL", comparator="<"))
    assert fact_to_fhir(fact, PATIENT)["valueQuantity"] == {
        "value": 1.1, "unit": "mg/dL", "comparator": "<", "system": "http://unitsofmeasure.org", "code": "mg/dL",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "field"), [(True, "valueBoolean"), ("words", "valueString"), (Concept(text="never"), "valueCodeableConcept")]
)
def test_every_sort_of_value_has_its_field(value, field: str) -> None:
    assert field in fact_to_fhir(Observation(id="o", value=value), PATIENT)


def test_absence_is_refuted_and_never_active() -> None:
    condition = fact_to_fhir(Condition(id="c", name="stroke", status=Status.ABSENT), PATIENT)
    allergy = fact_to_fhir(Allergy(id="a", name="penicillin", status=Status.ABSENT), PATIENT)
    assert condition["verificationStatus"]["coding"][0]["code"] == "refuted"
    assert "clinicalStatus" not in condition
    assert allergy["verificationStatus"]["coding"][0]["code"] == "refuted"


def test_a_procedure_not_done_and_a_medicine_stopped_are_told_so() -> None:
    assert (
        fact_to_fhir(Fact(id="p", kind=Kind.PROCEDURE, status=Status.ABSENT, name="colonoscopy"), PATIENT)["status"] == "not-done"
    )
    medicine = Medicine(id="m", name="aspirin", use="stopped", dose=Quantity(number=75, unit="mg"), doses_per_day=1)
    assert fact_to_fhir(medicine, PATIENT)["status"] == "completed"
    assert fact_to_fhir(medicine, PATIENT)["dosage"] == [{"text": "75 mg 1 times a day"}]


def test_a_phenotype_without_diplotype_is_told_in_words() -> None:
    fact = GenePhenotype(id="g", gene="TPMT", phenotype="Poor Metabolizer")
    assert fact_to_fhir(fact, PATIENT)["valueString"] == "TPMT Poor Metabolizer"
