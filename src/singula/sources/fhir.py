"""FHIR R4 and R4B: Bundle, NDJSON, Parameters or a single resource become persons and facts.

Reading is lenient: what cannot be parsed or named is refused, every other fault is told as a problem and the rest is read.
Meaning comes before shape: entered-in-error is no fact, refuted is absence, no call is unknown, drafts are no history.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from singula.errors import BadInput, quoted
from singula.record import Ancestry, Fact, Goal, Identifier, Person, Source, When
from singula.sources.draft import Draft
from singula.sources.fhir_shape import shape_faults
from singula.sources.fhir_values import Resource, items, place_of, read_concept, read_when, reference_of
from singula.sources.terminology import Terminology

DEEPEST_BUNDLE = 5
RACE_EXTENSIONS = ("us-core-race", "us-core-ethnicity")
NO_PERSON = ""
ENDED_GOALS = ("completed", "cancelled", "entered-in-error", "rejected")


@dataclass
class FhirContext:
    """What the readers of single resources need: where facts go, how words are recognised, and who a reference means."""

    draft: Draft
    terminology: Terminology
    kinds: Any
    by_url: dict[str, str] = field(default_factory=dict)
    medications: dict[str, Resource] = field(default_factory=dict)
    used_ids: set[str] = field(default_factory=set)
    reader: str = "fhir"

    def person_of(self, resource: Resource, *fields: str) -> str:
        """Return the key of the person a resource speaks of; one is made where a reference names somebody not in the input."""
        for name in fields or ("subject", "patient", "for", "individual"):
            reference = reference_of(resource.get(name))
            if reference:
                return self.person_key(reference)
        known = list(self.draft.persons)
        return known[0] if len(known) == 1 else NO_PERSON

    def person_key(self, reference: str) -> str:
        """Return the key a person reference stands for."""
        key = self.by_url.get(reference) or reference.rsplit("/", 1)[-1].removeprefix("urn:uuid:")
        if key not in self.draft.persons and ("Patient/" in reference or reference.startswith("urn:uuid:")):
            self.draft.persons[key] = Person(id=key)
            self.draft.note("information", reference, "the person is referred to, but not described in this input")
        return key if key in self.draft.persons else NO_PERSON

    def fact_id(self, resource: Resource, suffix: str = "") -> str:
        """Return an id for a fact that is unique in this input and the same on every run."""
        wanted = f"{resource.get('resourceType')}/{resource.get('id') or len(self.draft.facts)}{suffix}"
        unique, number = wanted, 2
        while unique in self.used_ids:
            unique, number = f"{wanted}~{number}", number + 1
        self.used_ids.add(unique)
        return unique

    def source(self, resource: Resource) -> tuple[Source, ...]:
        """Say where a fact was read."""
        return (Source.model_construct(input=self.draft.input, where=place_of(resource), reader=self.reader, trust=2),)


def read_fhir(document: Any, draft: Draft, terminology: Terminology, kinds: Any) -> None:
    """Read one FHIR document into a draft.

    Parameters
    ----------
    document : object
        Parsed JSON: a resource, or a list of resources (NDJSON).
    draft : Draft
        Where persons, facts, counts and problems go.
    terminology : Terminology
        Look-up tables for names.
    kinds : Pack
        Pack ``fhir_reading``: how observations are told apart.

    Raises
    ------
    BadInput
        The document is no FHIR resource.
    """
    context = FhirContext(draft, terminology, kinds)
    resources: list[Resource] = []
    for root in document if isinstance(document, list) else [document]:
        for full_url, resource in _walk(root, draft, 0):
            draft.resources[resource["resourceType"]] += 1
            resources.append(resource)
            _register(context, full_url, resource)
    read_resources(resources, context)


def read_shaped(resources: Sequence[Resource], draft: Draft, terminology: Terminology, kinds: Any, reader: str) -> None:
    """Read resources that another format was turned into; they are not counted as resources of the input."""
    context = FhirContext(draft, terminology, kinds, reader=reader)
    for resource in resources:
        _register(context, None, resource)
    read_resources(resources, context)


def read_resources(resources: Sequence[Resource], context: FhirContext) -> None:
    """Read resources into the draft of a context; one that cannot be read is told and the others are read."""
    from singula.sources.fhir_clinical import READERS

    draft = context.draft
    for resource in resources:
        if resource["resourceType"] == "Goal":
            _add_goal(resource, context)
        reader = READERS.get(resource["resourceType"])
        if reader is not None or resource["resourceType"] == "Patient":
            for fault in shape_faults(resource):
                draft.note("warning", place_of(resource), fault)
        if reader is None:
            _note_unknown_type(resource, draft)
            continue
        try:
            draft.facts.extend(_checked(reader(resource, context), resource, draft))
        except (ValidationError, TypeError, ValueError, AttributeError, KeyError) as fault:
            draft.note("error", place_of(resource), f"cannot be read ({type(fault).__name__}); the rest of the file is used")
    draft.is_read = True


def _add_goal(resource: Resource, context: FhirContext) -> None:
    """Add a goal to its person: what they want, in their words."""
    words = read_concept(resource.get("description")).display
    person = context.draft.persons.get(context.person_of(resource))
    if words and person is not None and resource.get("lifecycleStatus") not in ENDED_GOALS:
        name = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")
        goals = (*person.goals, Goal(name=name, text=words))
        context.draft.persons[person.id] = person.model_copy(update={"goals": goals})


def _note_unknown_type(resource: Resource, draft: Draft) -> None:
    from fhirkit import RESOURCE_TYPES

    if resource["resourceType"] not in RESOURCE_TYPES:
        message = f"{quoted(resource['resourceType'])} is no resource type of FHIR R4; it is not read"
        draft.note("error", place_of(resource), message)


def _checked(facts: Iterator[Fact], resource: Resource, draft: Draft) -> list[Fact]:
    read = list(facts)
    if any(fact.person == NO_PERSON for fact in read) and draft.persons:
        draft.note("warning", place_of(resource), "names no person; its facts are used for nobody")
    return read


def _walk(resource: Any, draft: Draft, depth: int) -> Iterator[tuple[str | None, Resource]]:
    if not isinstance(resource, Mapping) or not isinstance(resource.get("resourceType"), str):
        if depth == 0:
            raise BadInput(f"{draft.input}: is JSON but no FHIR resource: resourceType is missing; give a Bundle or a resource")
        draft.note("error", "", f"an entry holds no resource: {quoted(resource)}")
        return
    if depth > DEEPEST_BUNDLE:
        draft.note("error", place_of(resource), "bundles nested too deep; read no further")
        return
    yield None, resource
    if resource["resourceType"] == "Bundle":
        yield from _walk_bundle(resource, draft, depth)
    elif resource["resourceType"] == "Parameters":
        for part in _parts(resource.get("parameter"), 0):
            yield from _walk(part["resource"], draft, depth + 1)


def _walk_bundle(bundle: Resource, draft: Draft, depth: int) -> Iterator[tuple[str | None, Resource]]:
    if any(isinstance(link, Mapping) and link.get("relation") == "next" for link in items(bundle.get("link"))):
        draft.note("warning", place_of(bundle), "is one page of a longer answer (link next); fetch the other pages too")
    if not isinstance(bundle.get("entry", []), list):
        draft.note("error", place_of(bundle), "entry is no list; read as far as it can be")
    for entry in items(bundle.get("entry")):
        if not isinstance(entry, Mapping):
            draft.note("error", place_of(bundle), f"an entry is no object: {quoted(entry)}; it is not read")
        elif "resource" in entry:
            for number, (inner_url, inner) in enumerate(_walk(entry["resource"], draft, depth + 1)):
                yield (entry.get("fullUrl") if number == 0 else inner_url), inner


def _parts(parameters: Any, depth: int) -> Iterator[Resource]:
    for parameter in items(parameters):
        if isinstance(parameter, Mapping) and depth <= DEEPEST_BUNDLE:
            if isinstance(parameter.get("resource"), Mapping):
                yield parameter
            yield from _parts(parameter.get("part"), depth + 1)


def _register(context: FhirContext, full_url: Any, resource: Resource) -> None:
    kind, resource_id = resource["resourceType"], resource.get("id")
    if kind == "Patient":
        key = str(resource_id or full_url or f"patient-{len(context.draft.persons) + 1}")
        if key in context.draft.persons:
            context.draft.note("warning", place_of(resource), "the same patient id occurs twice; the first is kept")
        else:
            context.draft.persons[key] = read_person(resource, key, context)
        for url in (full_url, f"Patient/{resource_id}"):
            if isinstance(url, str):
                context.by_url[url] = key
    elif kind == "Medication":
        for url in (full_url, f"Medication/{resource_id}"):
            if isinstance(url, str):
                context.medications[url] = resource


def read_person(resource: Resource, key: str, context: FhirContext) -> Person:
    """Read a Patient resource; what it does not say stays unknown."""
    gender = resource.get("gender")
    birth = read_when(resource.get("birthDate"))
    if resource.get("birthDate") and birth is None:
        context.draft.note(
            "warning", place_of(resource), f"birthDate {quoted(resource.get('birthDate'))} is no date; age stays unknown"
        )
    deceased = resource.get("deceasedBoolean") is True or "deceasedDateTime" in resource
    address = next((one for one in items(resource.get("address")) if isinstance(one, Mapping)), {})
    return Person(
        id=key,
        identifiers=tuple(
            Identifier(system=one.get("system") if isinstance(one.get("system"), str) else None, value=str(one["value"]))
            for one in items(resource.get("identifier"))
            if isinstance(one, Mapping) and one.get("value")
        ),
        name=_name(resource),
        sex_at_birth=_birth_sex(resource) or (gender if gender in ("female", "male") else None),
        gender=gender if isinstance(gender, str) else None,
        birth_date=_day(birth),
        deceased=deceased,
        ancestry=Ancestry(self_reported=tuple(_race_words(resource))),
        language=next((code for one in items(resource.get("communication")) for code in _language(one)), None),
        country=address.get("country") if isinstance(address.get("country"), str) else None,
    )


def _day(when: When | None) -> When | None:
    return When(text=when.text[:10]) if when else None


def _name(resource: Resource) -> str | None:
    for name in items(resource.get("name")):
        if isinstance(name, Mapping):
            given = [part for part in items_of_text(name.get("given"))]
            words = name.get("text") or " ".join([*given, *items_of_text(name.get("family"))])
            if isinstance(words, str) and words.strip():
                return words.strip()
    return None


def items_of_text(value: Any) -> list[str]:
    """Return the texts of a text or a list of texts."""
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]


def _birth_sex(resource: Resource) -> Any:
    for extension in items(resource.get("extension")):
        if isinstance(extension, Mapping) and str(extension.get("url", "")).endswith("us-core-birthsex"):
            return {"F": "female", "M": "male"}.get(str(extension.get("valueCode")))
    return None


def _race_words(resource: Resource) -> Iterator[str]:
    for extension in items(resource.get("extension")):
        if isinstance(extension, Mapping) and str(extension.get("url", "")).rsplit("/", 1)[-1] in RACE_EXTENSIONS:
            for part in items(extension.get("extension")):
                if isinstance(part, Mapping) and part.get("url") == "text" and isinstance(part.get("valueString"), str):
                    yield part["valueString"]


def _language(communication: Any) -> list[str]:
    if not isinstance(communication, Mapping):
        return []
    return [coding.code for coding in read_concept(communication.get("language")).codings if coding.code]
