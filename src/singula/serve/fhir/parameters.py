"""Which types there are, what may be done with them, and how they can be searched."""

from __future__ import annotations

from collections.abc import Mapping

COMMON = {"_id": "token", "_lastUpdated": "date", "identifier": "token"}
_CLINICAL = {"patient": "reference", "subject": "reference", "code": "token", "status": "token", "date": "date"}
_EVENT = {"patient": "reference", "status": "token", "date": "date"}

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
READ_ONLY = ("AuditEvent", "Consent", "Provenance")
INCLUDES: Mapping[str, tuple[str, ...]] = {
    kind: tuple(f"{kind}:{name}" for name, sort in found.items() if sort == "reference") for kind, found in SEARCH.items()
}
RESULT = ("_count", "_sort", "_include", "_revinclude", "_summary", "_total", "_elements", "_format", "_pretty", "_page", "_has")


def search_parameters(kind: str) -> Mapping[str, str]:
    """Return the parameters of a type, those of every type included."""
    return {**COMMON, **SEARCH[kind]}


def is_searchable(kind: str) -> bool:
    """Tell whether a type can be searched; a Binary is had by its id alone."""
    return kind != "Binary"


def is_writable(kind: str) -> bool:
    """Tell whether clients may write a type; who may see what and who saw what is never written by a client."""
    return kind not in READ_ONLY
