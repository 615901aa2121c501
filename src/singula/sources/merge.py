"""Several inputs about the same people become one record each: persons joined, repeats joined, contradictions decided.

Persons are one where an identifier is the same and sex and birth date do not disagree. A fact stated twice (same kind, code or
gene, value and day) is one fact with several sources.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from singula.record import (
    Condition,
    EarlierPlan,
    Fact,
    FamilyCondition,
    GenePhenotype,
    GenomeAssay,
    Genotype,
    Medicine,
    Observation,
    Person,
    Problem,
    Quantity,
    TumourSpecimen,
    Variant,
)
from singula.sources.contradictions import decide_contradictions
from singula.sources.draft import Draft
from singula.sources.sample_identity import set_aside_swapped

OID = "urn:oid:"
NOBODY = ""


@dataclass
class Joined:
    """One person with everything the inputs stated about them."""

    person: Person
    facts: list[Fact] = field(default_factory=list)
    assays: list[GenomeAssay] = field(default_factory=list)
    earlier_plans: list[EarlierPlan] = field(default_factory=list)


def join_drafts(drafts: Sequence[Draft], problems: list[Problem]) -> list[Joined]:
    """Join the statements of all inputs by person.

    Parameters
    ----------
    drafts : sequence of Draft
        One per input, in the order given.
    problems : list of Problem
        Gets a line for every person not joined and every contradiction decided.

    Returns
    -------
    list of Joined
        In the order persons were first met; facts that name nobody belong to the only person, where there is one.
    """
    joined, owners = _join_persons(drafts, problems)
    if not joined and any(draft.facts or draft.assays for draft in drafts):
        joined.append(Joined(Person(id="person-1")))
    only = joined[0] if len(joined) == 1 else None
    for number, draft in enumerate(drafts):
        _hand_out(draft, number, owners, only, problems)
    for one in joined:
        one.facts, one.assays = set_aside_swapped(one.person, one.facts, one.assays, problems)
        one.facts = decide_contradictions(join_repeats(one.facts, one.person.id), problems)
    return joined


def _join_persons(drafts: Sequence[Draft], problems: list[Problem]) -> tuple[list[Joined], dict[tuple[int, str], Joined]]:
    """Find who is the same person; also tell by (draft, key) whose facts are whose."""
    joined: list[Joined] = []
    owners: dict[tuple[int, str], Joined] = {}
    marked: dict[tuple[str, str], dict[int, Joined]] = {}
    for number, draft in enumerate(drafts):
        for key, person in draft.persons.items():
            near = [one for mark in _marks(person) for one in marked.get(mark, {}).values()]
            match = next((one for one in near if _same_person(one.person, person, draft, problems)), None)
            if match is None:
                match = Joined(person)
                joined.append(match)
            else:
                match.person = _fuller(match.person, person)
            owners[(number, key)] = match
            for mark in _marks(person):
                marked.setdefault(mark, {})[id(match)] = match
    return joined, owners


def _hand_out(
    draft: Draft, number: int, owners: dict[tuple[int, str], Joined], only: Joined | None, problems: list[Problem]
) -> None:
    for fact in draft.facts:
        owner = owners.get((number, fact.person), only)
        if owner is not None:
            owner.facts.append(fact)
    for key, plan in draft.earlier_plans:
        owners[(number, key)].earlier_plans.append(plan)
    for key, assay in draft.assays:
        owner = owners.get((number, key), only)
        if owner is not None:
            owner.assays.append(assay)
        else:
            message = "the sample belongs to no person that was read; name the person's identifier as the sample"
            problems.append(Problem(severity="warning", input=draft.input, where=assay.sample, message=message))


def _same_person(known: Person, other: Person, draft: Draft, problems: list[Problem]) -> bool:
    shared = {_identifier(one) for one in known.identifiers} & {_identifier(one) for one in other.identifiers}
    bare = _is_bare(known) or _is_bare(other)
    if not shared and not (known.id == other.id and (bare or known.birth_date == other.birth_date)):
        return False
    for name, one, two in (("sex", known.sex_at_birth, other.sex_at_birth), ("birth date", known.birth_date, other.birth_date)):
        if one is not None and two is not None and one != two:
            message = f"has the identifier of {known.id} but another {name}; the two are not joined, check the identity"
            problems.append(Problem(severity="error", input=draft.input, where=other.id, message=message))
            return False
    return True


def _marks(person: Person) -> list[tuple[str, str]]:
    """List what a person can be recognised by: their key, and every identifier."""
    return list(dict.fromkeys([("key", person.id), *(_identifier(one) for one in person.identifiers)]))


def _identifier(identifier: Any) -> tuple[str, str]:
    return ((identifier.system or "").removeprefix(OID), identifier.value)


def _is_bare(person: Person) -> bool:
    return not person.identifiers and person.birth_date is None and person.sex_at_birth is None


def _fuller(known: Person, other: Person) -> Person:
    news = {name: getattr(other, name) for name in Person.model_fields if not getattr(known, name) and getattr(other, name)}
    identifiers = tuple(dict.fromkeys((*known.identifiers, *other.identifiers)))
    return known.model_copy(update={**news, "identifiers": identifiers})


def join_repeats(facts: Iterable[Fact], person_id: str) -> list[Fact]:
    """Join facts that state the same; the first stays and gets the sources of the others."""
    first: dict[tuple[Any, ...], int] = {}
    kept: list[Fact] = []
    relatives: dict[tuple[Any, ...], list[str]] = {}
    used_ids: set[str] = set()
    for fact in facts:
        key = _sameness(fact)
        if isinstance(fact, FamilyCondition):
            key = (*key, _which_relative(fact, relatives.setdefault((fact.sources[0].input if fact.sources else "", key), [])))
        if key in first:
            known = kept[first[key]]
            sources = tuple(dict.fromkeys((*known.sources, *fact.sources)))
            kept[first[key]] = known.model_copy(update={"sources": sources})
            continue
        first[key] = len(kept)
        unique, number = fact.id, 2
        while unique in used_ids:
            unique, number = f"{fact.id}~{number}", number + 1
        used_ids.add(unique)
        kept.append(
            fact.model_copy(update={"person": person_id, "id": unique}) if fact.person != person_id or unique != fact.id else fact
        )
    return kept


def _which_relative(fact: FamilyCondition, met: list[str]) -> int:
    """Number the relatives of which one input states the same, so that two sisters stay two and one told twice stays one."""
    if fact.relative not in met:
        met.append(fact.relative)
    return met.index(fact.relative)


def _sameness(fact: Fact) -> tuple[Any, ...]:
    day = fact.when.text[:10] if fact.when else ""
    if isinstance(fact, Genotype):
        return (fact.kind, fact.gene, tuple(sorted((fact.diplotype or "").split("/"))), day)
    if isinstance(fact, GenePhenotype):
        return (fact.kind, fact.gene, fact.phenotype, day)
    if isinstance(fact, Variant):
        change = fact.hgvs_c or fact.hgvs_g or fact.hgvs_p or (fact.chromosome, fact.position, fact.ref, fact.alt)
        if change == (None, None, None, None):
            return (fact.id,)
        return (fact.kind, fact.gene, change, fact.status, fact.source_class, day)
    if isinstance(fact, TumourSpecimen):
        return (fact.id,)
    codes = frozenset((coding.system, coding.code) for coding in fact.concept.codings)
    about = fact.name or codes or fact.concept.text
    if not about:
        return (fact.id,)
    value = (fact.value.number, fact.value.unit) if isinstance(fact.value, Quantity) else fact.value
    extra = tuple(sorted((key, str(item)) for key, item in fact.detail.items()))
    own: tuple[Any, ...] = (
        (fact.active,) if isinstance(fact, Condition) else (fact.use, fact.dose) if isinstance(fact, Medicine) else ()
    )
    instant = fact.when.text if fact.when and isinstance(fact, Observation) else day
    relative = (getattr(fact, "relation", None), getattr(fact, "onset_age_years", None))
    return (
        fact.kind,
        about if isinstance(about, str) else tuple(sorted(map(str, about))),
        value,
        fact.status,
        instant,
        extra,
        own,
        relative,
    )
