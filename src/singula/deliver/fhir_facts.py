"""The facts a plan rests on, as plain FHIR R4 resources, so that every proposal links to its inputs."""

from __future__ import annotations

from singula.deliver.fhir_ids import Resource, coding, concept, fhir_time, safe_text, without_empty
from singula.record import Concept, Fact, Medicine, Observation, Quantity
from singula.record.facts import Allergy, Condition, GenePhenotype, Kind

UCUM = "http://unitsofmeasure.org"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFIED = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
ALLERGY_VERIFIED = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
ALLERGY_CLINICAL = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
USES = {"active": "active", "stopped": "completed", "proposed": "intended", "planned": "intended"}


def fact_to_fhir(fact: Fact, patient: Resource) -> Resource:
    """Write one fact as FHIR; what has no resource of its own kind becomes an Observation.

    Parameters
    ----------
    fact : Fact
        A fact of the record.
    patient : dict
        Reference to the person.

    Returns
    -------
    dict
        A resource without id.
    """
    if isinstance(fact, Medicine):
        return _medicine(fact, patient)
    if isinstance(fact, Condition):
        return _condition(fact, patient)
    if isinstance(fact, Allergy):
        return _allergy(fact, patient)
    if fact.kind is Kind.PROCEDURE:
        status = "completed" if fact.is_present else "not-done"
        made = {"resourceType": "Procedure", "status": status, "code": _code(fact), "subject": patient}
        return without_empty({**made, "performedDateTime": _when(fact)})
    return _observation(fact, patient)


def _code(fact: Fact) -> Resource:
    codings = [one for given in fact.concept.codings if (one := coding(given.system, given.code, given.display))]
    return without_empty({"coding": codings, "text": safe_text(fact.display) or "not stated"})


def _when(fact: Fact) -> str | None:
    return fhir_time(fact.when)


def _medicine(fact: Medicine, patient: Resource) -> Resource:
    dose = f"{fact.dose} {f'{fact.doses_per_day:g} times a day' if fact.doses_per_day else ''}".strip() if fact.dose else ""
    made = {
        "resourceType": "MedicationStatement",
        "status": USES[fact.use],
        "medicationCodeableConcept": _code(fact),
        "subject": patient,
        "effectiveDateTime": _when(fact),
        "dosage": [{"text": dose}] if dose else [],
    }
    return without_empty(made)


def _condition(fact: Condition, patient: Resource) -> Resource:
    made = {
        "resourceType": "Condition",
        "clinicalStatus": concept(CLINICAL, "active" if fact.active else "resolved") if fact.is_present else None,
        "verificationStatus": concept(VERIFIED, "confirmed" if fact.is_present else "refuted"),
        "code": _code(fact),
        "subject": patient,
        "onsetDateTime": fhir_time(fact.onset),
        "recordedDate": _when(fact),
    }
    return without_empty(made)


def _allergy(fact: Allergy, patient: Resource) -> Resource:
    made = {
        "resourceType": "AllergyIntolerance",
        "clinicalStatus": concept(ALLERGY_CLINICAL, "active") if fact.is_present else None,
        "verificationStatus": concept(ALLERGY_VERIFIED, "confirmed" if fact.is_present else "refuted"),
        "code": _code(fact),
        "patient": patient,
        "recordedDate": _when(fact),
    }
    return without_empty(made)


def _observation(fact: Fact, patient: Resource) -> Resource:
    made = {
        "resourceType": "Observation",
        "status": "final",
        "code": _code(fact),
        "subject": patient,
        "effectiveDateTime": _when(fact),
        **_value(fact),
    }
    return without_empty(made)


def _value(fact: Fact) -> Resource:
    value = fact.value
    if isinstance(fact, GenePhenotype) and fact.phenotype:
        return {"valueString": safe_text(f"{fact.gene} {fact.phenotype}")}
    if value is None and isinstance(fact, Observation):
        value = fact.canonical
    if isinstance(value, Quantity):
        amount = {"value": value.number, "unit": safe_text(value.unit), "comparator": value.comparator}
        ucum = coding(UCUM, value.unit, None)
        return {"valueQuantity": without_empty({**amount, **ucum})}
    if isinstance(value, bool):
        return {"valueBoolean": value}
    if isinstance(value, Concept):
        first = value.first
        return {"valueCodeableConcept": concept(first.system, first.code, first.display, value.display)}
    return {"valueString": safe_text(value)} if value and safe_text(value) else {}
