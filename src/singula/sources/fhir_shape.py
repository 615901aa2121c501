"""What is wrong with the shape of a FHIR resource that is read all the same, in words for the reader of the record."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from singula.errors import quoted
from singula.sources.fhir_values import Resource, is_number, read_when

ID = re.compile(r"[A-Za-z0-9\-.]{1,64}\Z")
DATES = frozenset(
    (
        *("effectiveDateTime", "issued", "authoredOn", "dateAsserted", "whenHandedOver", "recordedDate", "onsetDateTime"),
        *("abatementDateTime", "occurrenceDateTime", "performedDateTime", "recorded", "date"),
    )
)
CONCEPTS = frozenset(("code", "valueCodeableConcept", "medicationCodeableConcept", "vaccineCode"))
LISTS = frozenset(("identifier", "name", "category", "component", "extension", "dosageInstruction", "referenceRange"))
TEXTS = frozenset(("id", "gender", "status", "intent"))
STATUSES = {
    "Observation": ("registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error", "unknown"),
    "MedicationRequest": (*("active", "on-hold", "cancelled", "completed", "entered-in-error", "stopped", "draft", "unknown"),),
    "Procedure": (*("preparation", "in-progress", "not-done", "on-hold", "stopped", "completed", "entered-in-error", "unknown"),),
    "Immunization": ("completed", "entered-in-error", "not-done"),
}


def shape_faults(resource: Resource) -> Iterator[str]:
    """Yield what is left out of a resource because it cannot be read, and what is missing that every reader relies on."""
    kind = resource["resourceType"]
    for name, value in resource.items():
        fault = _fault(kind, name, value) if value is not None else None
        if fault:
            yield fault
    allowed = STATUSES.get(kind)
    if allowed is None:
        return
    status = resource.get("status")
    if status is None:
        yield "status is missing; read as if it stood for a fact"
    elif isinstance(status, str) and status not in allowed:
        yield f"status {quoted(status)} is none of {', '.join(allowed)}; read as if it stood for a fact"


def _fault(kind: str, name: str, value: Any) -> str | None:
    if name in DATES:
        return None if read_when(value) else f"{name} {quoted(value)} is no date; it is left out"
    if name in TEXTS:
        return _text_fault(name, value)
    if name in LISTS and not isinstance(value, list) and not (kind not in ("Patient", "Observation") and isinstance(value, dict)):
        return f"{name} is no list; read as far as it can be"
    if name in CONCEPTS:
        return _concept_fault(name, value)
    if name == "valueQuantity" and not (isinstance(value, dict) and is_number(value.get("value"))):
        return _quantity_fault(value)
    return None


def _text_fault(name: str, value: Any) -> str | None:
    if not isinstance(value, str):
        return f"{name} {quoted(value)} is no text; it is left out"
    return f"{quoted(value)} is no FHIR id; it is kept as it stands" if name == "id" and not ID.match(value) else None


def _concept_fault(name: str, value: Any) -> str | None:
    if not isinstance(value, dict):
        return f"{name} {quoted(value)} is no concept; it is left out"
    return None if isinstance(value.get("coding", []), list) else f"{name}.coding is no list; read as one coding"


def _quantity_fault(value: Any) -> str | None:
    if isinstance(value, dict) and "value" not in value:
        return None
    shown = value.get("value") if isinstance(value, dict) else value
    return f"the value {quoted(shown)} is no number; it is not used"
