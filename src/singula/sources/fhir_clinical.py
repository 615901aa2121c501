"""Clinical FHIR resources as facts: conditions, medicines, allergies, observations, procedures, vaccines, family history."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from singula.record import (
    Allergy,
    Concept,
    Condition,
    Fact,
    FamilyCondition,
    Immunisation,
    Kind,
    Medicine,
    Observation,
    Procedure,
    Quantity,
    Status,
)
from singula.sources.fhir import FhirContext
from singula.sources.fhir_genomics import GENOMIC_KINDS, read_genomic
from singula.sources.fhir_values import (
    Resource,
    codes_of,
    components,
    first_date,
    is_number,
    items,
    place_of,
    read_concept,
    read_quantity,
    read_when,
    reference_of,
    value_of,
)
from singula.sources.labels import labels_for
from singula.sources.plausibility import judge_value

ERROR = "entered-in-error"
PARENTS = {"mother", "father"}
INACTIVE = {"inactive", "resolved", "remission"}
NOT_TAKEN = {"not-taken"}
ENDED = {"completed", "stopped", "cancelled", "on-hold", "ended", "declined", "not-done"}
PROPOSED_INTENTS = {"proposal", "plan", "option"}
HOURS_PER = {"h": 1.0, "d": 24.0, "wk": 168.0, "mo": 730.5, "min": 1 / 60, "a": 8766.0}


def _entered_in_error(resource: Resource, context: FhirContext) -> bool:
    if ERROR in codes_of(resource, "status") | codes_of(resource, "verificationStatus"):
        context.draft.note("information", place_of(resource), "was entered in error; it is no fact")
        return True
    return False


def _base(resource: Resource, context: FhirContext, concept: Concept, suffix: str = "") -> dict[str, Any]:
    return {
        "id": context.fact_id(resource, suffix),
        "person": context.person_of(resource),
        "concept": concept,
        "sources": context.source(resource),
    }


def read_condition(resource: Resource, context: FhirContext) -> Iterator[Fact]:
    """Read a Condition; refuted is absence, provisional and differential are unknown."""
    if _entered_in_error(resource, context):
        return
    concept = read_concept(resource.get("code"))
    row = context.terminology.condition(concept)
    verification = codes_of(resource, "verificationStatus")
    doubtful = verification & {"provisional", "differential", "unconfirmed"}
    absent = "refuted" in verification or _is_absence(concept, context)
    ended = codes_of(resource, "clinicalStatus") & INACTIVE or any(key.startswith("abatement") for key in resource)
    yield Condition(
        **_base(resource, context, concept),
        name=row.name if row else None,
        status=Status.ABSENT if absent else Status.UNKNOWN if doubtful else Status.PRESENT,
        active=not ended and not absent,
        when=first_date(resource, "recordedDate", "onsetDateTime", "onsetPeriod"),
        onset=first_date(resource, "onsetDateTime", "onsetPeriod"),
        ended=first_date(resource, "abatementDateTime", "abatementPeriod"),
        labels=labels_for(row.labels if row else None),
    )


def _is_absence(concept: Concept, context: FhirContext) -> bool:
    known = context.kinds.index("absence_codes", "code")
    return any(coding.code in known for coding in concept.codings)


def read_medicine(resource: Resource, context: FhirContext) -> Iterator[Fact]:
    """Read a MedicationRequest, -Statement, -Administration or -Dispense."""
    if _entered_in_error(resource, context):
        return
    concept = _medication_concept(resource, context)
    recognised = context.terminology.medicine(concept)
    if recognised.problem:
        context.draft.note("warning", place_of(resource), recognised.problem)
    elif not recognised.ingredients:
        context.draft.note("information", place_of(resource), f"the medicine “{concept.display}” is not one this knowledge names")
    status = codes_of(resource, "status")
    refused = bool(status & NOT_TAKEN) or resource.get("doNotPerform") is True
    intent = codes_of(resource, "intent")
    use = "stopped" if status & ENDED or refused else "proposed" if intent & PROPOSED_INTENTS or "draft" in status else "active"
    if use == "active" and _period_is_over(resource):
        use = "stopped"
    dose, per_day, route = _dosage(resource)
    fact = Medicine(
        **_base(resource, context, concept),
        name=recognised.ingredients[0] if recognised.ingredients else None,
        ingredients=recognised.ingredients,
        status=Status.ABSENT if refused else Status.PRESENT,
        use=use,
        dose=dose,
        doses_per_day=per_day,
        route=route,
        when=first_date(resource, "effectiveDateTime", "effectivePeriod", "authoredOn", "dateAsserted", "whenHandedOver"),
        started=first_date(resource, "effectivePeriod", "effectiveDateTime", "authoredOn"),
        stopped=_period_end(resource),
        indication=next(
            (row.name for one in items(resource.get("reasonCode")) if (row := context.terminology.condition(read_concept(one)))),
            None,
        ),
    )
    yield fact


def _medication_concept(resource: Resource, context: FhirContext) -> Concept:
    concept = read_concept(resource.get("medicationCodeableConcept"))
    if concept.codings or concept.text:
        return concept
    reference = reference_of(resource.get("medicationReference"))
    if reference and reference.startswith("#"):
        contained = (
            one for one in items(resource.get("contained")) if isinstance(one, Mapping) and one.get("id") == reference[1:]
        )
        return read_concept(next(contained, {}).get("code"))
    if reference:
        medication = context.medications.get(reference, {})
        display = resource["medicationReference"].get("display")
        return read_concept(medication.get("code")) if medication else Concept(text=display if isinstance(display, str) else None)
    return concept


def _period_end(resource: Resource) -> Any:
    period = resource.get("effectivePeriod")
    return read_when(period.get("end")) if isinstance(period, Mapping) else None


def _period_is_over(resource: Resource) -> bool:
    return _period_end(resource) is not None and "completed" in codes_of(resource, "status")


def _dosage(resource: Resource) -> tuple[Quantity | None, float | None, str | None]:
    for field in ("dosageInstruction", "dosage"):
        for dosage in items(resource.get(field)):
            if isinstance(dosage, Mapping):
                rate = next((one for one in items(dosage.get("doseAndRate")) if isinstance(one, Mapping)), dosage)
                dose = read_quantity(rate.get("doseQuantity") or dosage.get("dose"))
                route = read_concept(dosage.get("route")).display or None
                return dose, _doses_per_day(dosage.get("timing")), route
    return None, None, None


def _doses_per_day(timing: Any) -> float | None:
    repeat = timing.get("repeat") if isinstance(timing, Mapping) else None
    if not isinstance(repeat, Mapping):
        return None
    frequency, period, unit = repeat.get("frequency", 1), repeat.get("period"), repeat.get("periodUnit")
    if not is_number(frequency) or not is_number(period) or not period or unit not in HOURS_PER:
        return None
    return float(frequency) * 24.0 / (float(period) * HOURS_PER[unit])


def read_allergy(resource: Resource, context: FhirContext) -> Iterator[Fact]:
    """Read an AllergyIntolerance; 'no known allergy' is absence."""
    if _entered_in_error(resource, context):
        return
    concept = read_concept(resource.get("code"))
    absent = _is_absence(concept, context) or "refuted" in codes_of(resource, "verificationStatus")
    ended = codes_of(resource, "clinicalStatus") & INACTIVE
    substances = context.terminology.ingredients_in(concept.display)
    reactions = tuple(
        words
        for reaction in items(resource.get("reaction"))
        if isinstance(reaction, Mapping)
        for one in items(reaction.get("manifestation"))
        if (words := read_concept(one).display)
    )
    yield Allergy(
        **_base(resource, context, concept),
        name=substances[0] if substances else concept.display.lower() or None,
        status=Status.ABSENT if absent else Status.UNKNOWN if ended else Status.PRESENT,
        reactions=reactions,
        severe=True if resource.get("criticality") == "high" else None,
        when=first_date(resource, "recordedDate", "onsetDateTime"),
    )


def read_observation(resource: Resource, context: FhirContext) -> Iterator[Fact]:
    """Read an Observation: genomic ones by their profile, panels by component, the others as one value."""
    if _entered_in_error(resource, context):
        return
    kind = observation_kind(resource, context)
    if kind in GENOMIC_KINDS:
        yield from read_genomic(resource, kind, context)
        return
    when = first_date(resource, "effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued")
    name, content = value_of(resource)
    panel = not name and bool(resource.get("component"))
    if panel:
        for number, (concept, inner_name, inner) in enumerate(components(resource)):
            yield _observed(
                _base(resource, context, concept, f"#{number}"), inner_name, inner, Readout(kind, when, resource), context
            )
        return
    yield _observed(
        _base(resource, context, read_concept(resource.get("code"))), name, content, Readout(kind, when, resource), context
    )


class Readout:
    """What an observation's parts share: the kind given by its code, its time, and the resource itself."""

    def __init__(self, kind: Kind | None, when: Any, resource: Resource) -> None:
        self.kind, self.when, self.resource = kind, when, resource

    @property
    def is_unknown(self) -> bool:
        """Whether the observation says that nothing is known."""
        return bool(codes_of(self.resource, "status") & {"cancelled", "registered"})

    @property
    def is_home_reading(self) -> bool:
        """Whether the person measured it."""
        performers = [reference_of(one) or "" for one in items(self.resource.get("performer"))]
        return any(reference.startswith("Patient/") for reference in performers)


def _observed(base: dict[str, Any], name: str, content: Any, readout: Readout, context: FhirContext) -> Fact:
    concept: Concept = base["concept"]
    row = context.terminology.analyte(concept)
    value: Quantity | Concept | str | bool | None = _value(name, content)
    if isinstance(value, Concept) and (meaning := context.terminology.answer(value)):
        value = value.model_copy(update={"text": meaning}) if not value.text else value
    measured = isinstance(value, Quantity)
    judged = judge_value(row, value, context.terminology) if row is not None and isinstance(value, Quantity) else None
    condition = context.terminology.condition(concept) if row is None else None
    return Observation(
        **base,
        kind=readout.kind or (Kind.MEASUREMENT if measured else Kind.OBSERVATION),
        name=row.name if row else condition.name if condition else None,
        status=Status.UNKNOWN if readout.is_unknown or value is None else Status.PRESENT,
        value=value,
        canonical=judged.canonical if judged else None,
        flags=judged.flags if judged else (),
        usable=judged.usable if judged else True,
        when=readout.when,
        labels=labels_for(row.get("labels") if row else None),
        detail={"home_reading": True} if readout.is_home_reading else {},
    )


def _value(name: str, content: Any) -> Quantity | Concept | str | bool | None:
    if name == "valueCodeableConcept":
        concept = read_concept(content)
        return concept if concept.codings or concept.text else None
    if name == "valueBoolean" and isinstance(content, bool):
        return content
    if name in ("valueString", "valueDateTime", "valueTime") and isinstance(content, str):
        return content
    return _number(name, content)


def _number(name: str, content: Any) -> Quantity | None:
    if name == "valueQuantity":
        return read_quantity(content)
    if name == "valueInteger" and is_number(content):
        return Quantity(number=float(content), unit="1")
    if name == "valueRatio" and isinstance(content, Mapping):
        over, under = read_quantity(content.get("numerator")), read_quantity(content.get("denominator"))
        if over and under and under.number:
            return Quantity(number=over.number / under.number, unit="1")
    return None


def observation_kind(resource: Resource, context: FhirContext) -> Kind | None:
    """Tell what an Observation states: by its code, then by its profile; None for ordinary values."""
    by_code = context.kinds.index("observation_codes", "code")
    for coding in read_concept(resource.get("code")).codings:
        for row in by_code.get(coding.code, ()):
            if coding.system in (row.system, None):
                return Kind(row.kind)
    by_loinc = context.kinds.index("gene_phenotypes", "loinc")
    if any(coding.code in by_loinc for coding in read_concept(resource.get("code")).codings):
        return Kind.GENE_PHENOTYPE
    meta = resource.get("meta")
    profiles = meta.get("profile") if isinstance(meta, Mapping) else None
    by_profile = context.kinds.index("observation_profiles", "profile")
    for profile in profiles if isinstance(profiles, list) else ():
        rows = by_profile.get(str(profile).split("|")[0].rsplit("/", 1)[-1])
        if rows:
            return Kind(rows[0].kind)
    return None


def read_procedure(resource: Resource, context: FhirContext) -> Iterator[Fact]:
    """Read a Procedure; only completed ones are done, not-done is absence, the others are unknown."""
    if _entered_in_error(resource, context):
        return
    concept = read_concept(resource.get("code"))
    row = context.terminology.procedure(concept)
    status = {"completed": Status.PRESENT, "not-done": Status.ABSENT}.get(str(resource.get("status")), Status.UNKNOWN)
    outcome = read_concept(resource.get("outcome")).display
    yield Procedure(
        **_base(resource, context, concept),
        name=row.name if row else None,
        status=status,
        when=first_date(resource, "performedDateTime", "performedPeriod"),
        detail={"outcome": outcome} if outcome else {},
    )


def read_immunisation(resource: Resource, context: FhirContext) -> Iterator[Fact]:
    """Read an Immunization; not-done is absence."""
    if _entered_in_error(resource, context):
        return
    concept = read_concept(resource.get("vaccineCode"))
    row = context.terminology.vaccine(concept)
    yield Immunisation(
        **_base(resource, context, concept),
        name=row.name if row else None,
        status=Status.ABSENT if resource.get("status") == "not-done" else Status.PRESENT,
        when=first_date(resource, "occurrenceDateTime"),
    )


def read_family_history(resource: Resource, context: FhirContext) -> Iterator[Fact]:
    """Read a FamilyMemberHistory: one fact per resource and further condition of the relative."""
    if _entered_in_error(resource, context):
        return
    codings = read_concept(resource.get("relationship")).codings
    row = next((context.terminology.relations[c.code] for c in codings if c.code in context.terminology.relations), None)
    relation = row.relation if row else read_concept(resource.get("relationship")).display.lower()
    conditions = [one for one in items(resource.get("condition")) if isinstance(one, Mapping)] or [{}]
    relative = relation if relation in PARENTS else ""
    for number, condition in enumerate(conditions):
        concept = read_concept(condition.get("code"))
        known = context.terminology.condition(concept)
        onset = read_quantity(condition.get("onsetAge"))
        base = _base(resource, context, concept, f"#{number}" if number else "")
        relative = relative or base["id"]
        yield FamilyCondition(
            **base,
            name=known.name if known else None,
            relation=relation,
            relative=relative,
            degree=row.degree if row else None,
            side=row.side if row else None,
            onset_age_years=onset.to("a").number if onset and onset.unit != "1" else onset.number if onset else None,
            deceased=resource.get("deceasedBoolean") if isinstance(resource.get("deceasedBoolean"), bool) else None,
            labels=labels_for(("family-history",)),
        )


def _plain(kind: Kind) -> Callable[[Resource, FhirContext], Iterator[Fact]]:
    def read(resource: Resource, context: FhirContext) -> Iterator[Fact]:
        if _entered_in_error(resource, context):
            return
        concept = read_concept(resource.get("code") or resource.get("type") or resource.get("class"))
        when = first_date(
            resource, "effectiveDateTime", "effectivePeriod", "period", "date", "receivedTime", "occurrenceDateTime", "issued"
        )
        yield Fact(**_base(resource, context, concept), kind=kind, when=when)

    return read


READERS: Mapping[str, Callable[[Resource, FhirContext], Iterator[Fact]]] = {
    "Condition": read_condition,
    "MedicationRequest": read_medicine,
    "MedicationStatement": read_medicine,
    "MedicationAdministration": read_medicine,
    "MedicationDispense": read_medicine,
    "AllergyIntolerance": read_allergy,
    "Observation": read_observation,
    "Procedure": read_procedure,
    "Immunization": read_immunisation,
    "FamilyMemberHistory": read_family_history,
    "Encounter": _plain(Kind.ENCOUNTER),
    "DiagnosticReport": _plain(Kind.REPORT),
    "DocumentReference": _plain(Kind.DOCUMENT),
    "Specimen": _plain(Kind.SPECIMEN),
    "RiskAssessment": _plain(Kind.RISK),
}
