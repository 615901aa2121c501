"""Small made people for the preventive rules."""

from __future__ import annotations

from datetime import date

from singula.assess.prevention.assessor import PREVENTION
from singula.finding import Considered, Finding
from singula.knowledge import load_knowledge
from singula.record import (
    Concept,
    Condition,
    Fact,
    FamilyCondition,
    Observation,
    Person,
    Procedure,
    Quantity,
    Record,
    Variant,
    When,
)
from singula.record.coding import Coding
from singula.record.person import Ancestry, Preference

DAY = date(2026, 11, 1)
KNOWLEDGE = load_knowledge()
SMOKING = {"current": "449868002", "former": "8517006", "never": "266919005"}


def person(
    sex: str | None, age: int, *facts: Fact, ancestry: str = "", wishes: tuple[str, ...] = (), as_of: date = DAY
) -> Record:
    """A person whose birthday was in May."""
    who = Person(
        id="p",
        sex_at_birth=sex,  # type: ignore[arg-type]
        birth_date=When(text=f"{as_of.year - age}-05-10"),
        ancestry=Ancestry(self_reported=(ancestry,) if ancestry else ()),
        preferences=tuple(Preference(name=wish) for wish in wishes),
    )
    return Record(person=who, as_of=as_of, facts=facts)


def done(name: str, day: str, outcome: str = "") -> Procedure:
    detail = {"outcome": outcome} if outcome else {}
    return Procedure(id=f"{name}-{day}", name=name, when=When(text=day), detail=detail)


def result_of(name: str, day: str, result: str) -> Observation:
    code = {"negative": "LA6577-6", "positive": "LA6576-8"}[result]
    value = Concept(codings=(Coding(system="http://loinc.org", code=code),))
    return Observation(id=f"{name}-{day}", name=name, value=value, when=When(text=day))


def measured(name: str, number: float, unit: str = "1", day: str = "2026-09-01") -> Observation:
    quantity = Quantity(number=number, unit=unit)
    return Observation(id=f"{name}-{day}", name=name, value=quantity, canonical=quantity, when=When(text=day))


def smoking(status: str) -> Observation:
    value = Concept(codings=(Coding(system="http://snomed.info/sct", code=SMOKING[status]),))
    return Observation(id="smoking", name="smoking-status", value=value, when=When(text="2026-09-01"))


def quit_on(day: str) -> Observation:
    return Observation(id="quit", name="date-quit-smoking", value=day, when=When(text="2026-09-01"))


def has(name: str) -> Condition:
    return Condition(id=name, name=name)


def relative(name: str, relation: str, onset: float | None = None, degree: int = 1) -> FamilyCondition:
    return FamilyCondition(
        id=f"{relation}-{name}", name=name, relation=relation, relative=relation, degree=degree, onset_age_years=onset
    )


def variant(gene: str, significance: str = "Pathogenic", **more: object) -> Variant:
    fields = {"source_class": "germline", "zygosity": "heterozygous", **more}
    return Variant(id=f"variant-{gene}-{significance}", gene=gene, significance=significance, **fields)  # type: ignore[arg-type]


def said(record: Record) -> tuple[dict[str, Finding], dict[str, Considered]]:
    """What is advised and what was weighed, by service."""
    statements = list(PREVENTION.assess(record, KNOWLEDGE))
    findings = [one for one in statements if isinstance(one, Finding)]
    weighed = [one for one in statements if isinstance(one, Considered)]
    assert len({one.topic.name for one in findings}) == len(findings), "one service is due twice"
    return {one.topic.name: one for one in findings}, {one.topic.name: one for one in weighed}
