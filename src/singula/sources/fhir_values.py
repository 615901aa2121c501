"""FHIR data types as record values: concepts, dates, quantities, references."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from singula.record import Concept, Quantity, When
from singula.sources.terminology import concept_of

Resource = Mapping[str, Any]
UCUM = "http://unitsofmeasure.org"


def read_concept(value: Any) -> Concept:
    """Read a CodeableConcept or Coding; anything else is an empty concept."""
    if not isinstance(value, Mapping):
        return Concept()
    codings = value.get("coding")
    if codings is None and ("code" in value or "display" in value):
        codings = [value]
    text = value.get("text")
    return concept_of([one for one in items(codings) if isinstance(one, Mapping)], text if isinstance(text, str) else None)


def read_when(value: Any) -> When | None:
    """Read a date, dateTime, instant, Period (its start) or Timing (its first event); None where it is no date."""
    if isinstance(value, Mapping):
        value = value.get("start") or value.get("end") or next(iter(items(value.get("event"))), None)
    if not isinstance(value, str) or not value:
        return None
    try:
        return When(text=value)
    except ValidationError:
        return None


def read_quantity(value: Any) -> Quantity | None:
    """Read a Quantity: the code of a UCUM quantity is its unit, else the unit text."""
    if not isinstance(value, Mapping) or not is_number(value.get("value")):
        return None
    unit = (
        value.get("code") if value.get("system") == UCUM and value.get("code") else value.get("unit") or value.get("code") or "1"
    )
    comparator = value.get("comparator")
    return Quantity.model_construct(
        number=float(value["value"]),
        unit=str(unit),
        comparator=comparator if comparator in ("<", ">", "<=", ">=") else None,
    )


def is_number(value: Any) -> bool:
    """Tell a finite number from everything else, booleans included."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def items(value: Any) -> list[Any]:
    """Return a list's items; a lone object counts as a list of one, anything else as none."""
    if isinstance(value, list):
        return value
    return [value] if isinstance(value, Mapping) else []


def value_of(element: Resource) -> tuple[str, Any]:
    """Return the name and content of an element's ``value[x]``, or two empty things."""
    for key, content in element.items():
        if key.startswith("value") and len(key) > len("value") and key[len("value")].isupper():
            return key, content
    return "", None


def first_date(resource: Resource, *fields: str) -> When | None:
    """Return the first of several date fields that holds a date."""
    return next((when for field in fields if (when := read_when(resource.get(field)))), None)


def codes_of(resource: Resource, field: str) -> set[str]:
    """Collect the codes of a field, whether it is a code, a concept or a list of concepts."""
    content = resource.get(field)
    if isinstance(content, str):
        return {content}
    return {coding.code for one in items(content) for coding in read_concept(one).codings if coding.code}


def reference_of(value: Any) -> str | None:
    """Return the text of a Reference, without its version."""
    text = value.get("reference") if isinstance(value, Mapping) else None
    return text.split("/_history/")[0] if isinstance(text, str) and text else None


def components(observation: Resource) -> Iterator[tuple[Concept, str, Any]]:
    """Yield each component's concept, the kind of its value, and the value."""
    for component in items(observation.get("component")):
        if isinstance(component, Mapping):
            kind, content = value_of(component)
            yield read_concept(component.get("code")), kind, content


def place_of(resource: Resource) -> str:
    """Name a resource in messages: type and id."""
    return f"{resource.get('resourceType')}/{resource.get('id', '?')}"
