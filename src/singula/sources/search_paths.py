"""Which types there are, how they can be searched, and where in a resource a parameter's values lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time
from typing import Any

from singula.record import When

Resource = Mapping[str, Any]
SECOND, DAY = 0.999999, 86_399.999999
COMMON = {"_id": "token", "_lastUpdated": "date", "identifier": "token"}
_CLINICAL = {"patient": "reference", "subject": "reference", "code": "token", "status": "token", "date": "date"}
SEARCH: Mapping[str, Mapping[str, str]] = {
    "Patient": {"name": "string", "family": "string", "given": "string", "birthdate": "date", "gender": "token"},
    "Observation": {
        **_CLINICAL, "category": "token", "value-quantity": "quantity", "value-concept": "token", "combo-code": "token",
        "component-code": "token", "component-value-concept": "token", "derived-from": "reference", "has-member": "reference",
        "encounter": "reference", "specimen": "reference",
    },
    "Condition": {
        "patient": "reference", "subject": "reference", "code": "token", "category": "token", "clinical-status": "token",
        "verification-status": "token", "onset-date": "date", "recorded-date": "date", "encounter": "reference",
    },
    "MedicationRequest": {
        "patient": "reference", "subject": "reference", "code": "token", "status": "token", "intent": "token",
        "authoredon": "date", "medication": "reference", "encounter": "reference", "category": "token",
    },
    "MedicationStatement": {
        "patient": "reference", "subject": "reference", "code": "token", "status": "token", "effective": "date",
        "medication": "reference",
    },
    "AllergyIntolerance": {
        "patient": "reference", "code": "token", "clinical-status": "token", "verification-status": "token", "date": "date",
        "category": "token",
    },
    "Procedure": {**_CLINICAL, "category": "token", "encounter": "reference"},
    "Immunization": {"patient": "reference", "vaccine-code": "token", "status": "token", "date": "date"},
    "FamilyMemberHistory": {"patient": "reference", "code": "token", "status": "token", "relationship": "token", "date": "date"},
    "DiagnosticReport": {**_CLINICAL, "category": "token", "result": "reference", "issued": "date", "specimen": "reference"},
    "DocumentReference": {
        "patient": "reference", "subject": "reference", "type": "token", "category": "token", "status": "token", "date": "date",
    },
    "Specimen": {"patient": "reference", "subject": "reference", "type": "token", "status": "token", "collected": "date"},
    "Encounter": {"patient": "reference", "subject": "reference", "status": "token", "class": "token", "type": "token",
                  "date": "date"},
    "CarePlan": {"patient": "reference", "subject": "reference", "category": "token", "status": "token", "date": "date"},
    "Task": {"patient": "reference", "subject": "reference", "code": "token", "status": "token", "intent": "token",
             "authored-on": "date", "focus": "reference"},
    "RiskAssessment": {"patient": "reference", "subject": "reference", "date": "date", "status": "token"},
    "DetectedIssue": {"patient": "reference", "code": "token", "identified": "date", "status": "token"},
    "GuidanceResponse": {"patient": "reference", "subject": "reference", "status": "token"},
    "Consent": {"patient": "reference", "category": "token", "status": "token", "date": "date"},
    "Provenance": {"patient": "reference", "target": "reference", "recorded": "date", "agent": "reference"},
    "AuditEvent": {"patient": "reference", "date": "date", "action": "token", "outcome": "token", "type": "token"},
    "QuestionnaireResponse": {"patient": "reference", "subject": "reference", "status": "token", "authored": "date",
                              "questionnaire": "reference"},
    "Group": {"member": "reference", "type": "token", "code": "token", "patient": "reference"},
    "RelatedPerson": {"patient": "reference", "relationship": "token", "name": "string"},
    "ServiceRequest": {"patient": "reference", "subject": "reference", "code": "token", "status": "token", "intent": "token",
                       "authored": "date", "category": "token"},
    "List": {"patient": "reference", "subject": "reference", "code": "token", "status": "token", "item": "reference"},
    "Binary": {},
    "Practitioner": {"name": "string", "family": "string", "given": "string"},
    "Organization": {"name": "string", "type": "token"},
    "Medication": {"code": "token", "status": "token"},
    "Subscription": {"status": "token", "criteria": "string", "url": "string"},
}  # fmt: skip
_DATES = ("effectiveDateTime", "effectivePeriod", "effectiveInstant")
_PATHS: Mapping[str, tuple[str, ...]] = {
    "_id": ("id",),
    "_lastUpdated": ("meta.lastUpdated",),
    "patient": ("patient", "subject", "for", "beneficiary"),
    "subject": ("subject", "for", "patient"),
    "clinical-status": ("clinicalStatus",),
    "verification-status": ("verificationStatus",),
    "value-concept": ("valueCodeableConcept",),
    "value-quantity": ("valueQuantity", "valueSampledData"),
    "combo-code": ("code", "component.code"),
    "component-code": ("component.code",),
    "component-value-concept": ("component.valueCodeableConcept",),
    "derived-from": ("derivedFrom",),
    "has-member": ("hasMember",),
    "onset-date": ("onsetDateTime", "onsetPeriod"),
    "recorded-date": ("recordedDate",),
    "authoredon": ("authoredOn",),
    "authored-on": ("authoredOn",),
    "authored": ("authored", "authoredOn"),
    "effective": ("effectiveDateTime", "effectivePeriod"),
    "medication": ("medicationReference",),
    "vaccine-code": ("vaccineCode",),
    "birthdate": ("birthDate",),
    "name": ("name", "name.family", "name.given", "name.text"),
    "family": ("name.family",),
    "given": ("name.given",),
    "item": ("entry.item",),
    "member": ("member.entity",),
    "collected": ("collection.collectedDateTime", "collection.collectedPeriod"),
    "identified": ("identifiedDateTime", "identifiedPeriod"),
    "agent": ("agent.who",),
    "questionnaire": ("questionnaire",),
    "url": ("channel.endpoint",),
}
_BY_KIND: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("Procedure", "date"): ("performedDateTime", "performedPeriod"),
    ("Immunization", "date"): ("occurrenceDateTime",),
    ("AllergyIntolerance", "date"): ("recordedDate",),
    ("Encounter", "date"): ("period",),
    ("CarePlan", "date"): ("period",),
    ("RiskAssessment", "date"): ("occurrenceDateTime", "occurrencePeriod"),
    ("Consent", "date"): ("dateTime",),
    ("AuditEvent", "date"): ("recorded",),
    ("AuditEvent", "patient"): ("entity.what",),
    ("DocumentReference", "date"): ("date",),
    ("FamilyMemberHistory", "date"): ("date",),
    ("MedicationRequest", "code"): ("medicationCodeableConcept",),
    ("MedicationStatement", "code"): ("medicationCodeableConcept",),
    ("Group", "patient"): ("member.entity",),
    ("Provenance", "patient"): ("target",),
    ("Patient", "patient"): (),
}


def search_parameters(kind: str) -> Mapping[str, str]:
    """Return the parameters of a type with their sort, those of every type included."""
    return {**COMMON, **SEARCH[kind]}


def values_of(resource: Resource, name: str) -> Iterator[Any]:
    """Yield what a resource holds for a search parameter."""
    kind = str(resource.get("resourceType"))
    default = _DATES if name == "date" else _PATHS.get(name, (name,))
    for path in _BY_KIND.get((kind, name), default):
        yield from _walk(resource, path.split("."))


def _walk(value: Any, steps: list[str]) -> Iterator[Any]:
    if isinstance(value, list):
        for one in value:
            yield from _walk(one, steps)
    elif not steps:
        if value is not None:
            yield value
    elif isinstance(value, Mapping) and steps[0] in value:
        yield from _walk(value[steps[0]], steps[1:])


def token_pairs(found: Any) -> Iterator[tuple[str | None, str]]:
    """Yield system and code of a code, Coding, CodeableConcept, Identifier or boolean."""
    if isinstance(found, bool):
        yield None, "true" if found else "false"
    elif isinstance(found, str):
        yield None, found
    elif isinstance(found, Mapping):
        codings = found.get("coding")
        for one in codings if isinstance(codings, list) else [found]:
            code = one.get("code", one.get("value")) if isinstance(one, Mapping) else None
            if code is not None:
                yield one.get("system"), str(code)


def time_span(found: Any) -> tuple[float, float] | None:
    """Return the first and last moment of a date, dateTime or Period, in seconds; open ends reach far."""
    if isinstance(found, Mapping):
        start, end = time_span(found.get("start")), time_span(found.get("end"))
        if start is None and end is None:
            return None
        return start[0] if start else float("-inf"), end[1] if end else float("inf")
    if not isinstance(found, str):
        return None
    try:
        when = When(text=found)
    except ValueError:
        return None
    if when.instant is not None:
        return when.instant, when.instant + (0.0 if "." in found else SECOND)
    opening = datetime.combine(when.first_day, time(), UTC).timestamp()
    return opening, datetime.combine(when.last_day, time(), UTC).timestamp() + DAY
