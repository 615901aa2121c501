"""What a record answers, and that what it does not know it says so."""

from __future__ import annotations

from datetime import date

from singula.record import (
    Concept,
    Condition,
    Genotype,
    Kind,
    Medicine,
    Observation,
    Person,
    Quantity,
    Record,
    Status,
    Unknown,
    When,
)

DAY = date(2026, 11, 26)


def creatinine(key: str, day: str, number: float, *, usable: bool = True) -> Observation:
    value = Quantity(number=number, unit="mg/dL")
    return Observation(
        id=key, person="p", name="creatinine", concept=Concept(text="Creatinine"), when=When(text=day), value=value,
        canonical=value, usable=usable, status=Status.PRESENT,
    )  # fmt: skip


def condition(name: str, status: Status, *, active: bool = True) -> Condition:
    return Condition(
        id=f"{name}-{status.value}-{active}", person="p", name=name, concept=Concept(text=name), status=status, active=active
    )


def record(*facts: Observation | Condition | Medicine | Genotype) -> Record:
    return Record(person=Person(id="p", birth_date=When(text="1962-11-27")), as_of=DAY, facts=facts)


def reason(answer: object) -> str:
    assert isinstance(answer, Unknown)
    assert not answer
    return answer.reason


def test_age_is_in_completed_years() -> None:
    assert record().age_years == 63


def test_the_newest_value_that_can_be_trusted_is_used() -> None:
    one = record(
        creatinine("old", "2026-01-01", 1.0),
        creatinine("new", "2026-11-01", 1.4),
        creatinine("odd", "2026-11-20", 80, usable=False),
    )
    assert one.number("creatinine") == 1.4
    assert [fact.id for fact in one.named("creatinine")] == ["odd", "new", "old"]


def test_a_value_from_after_the_day_of_the_plan_is_not_used() -> None:
    assert record(creatinine("now", "2026-11-01", 1.0), creatinine("later", "2026-12-24", 2.0)).number("creatinine") == 1.0


def test_a_missing_value_is_unknown_with_its_reason() -> None:
    assert reason(record().number("creatinine")) == "not measured"
    assert (
        reason(record(creatinine("odd", "2026-11-20", 80, usable=False)).latest("creatinine"))
        == "only values that cannot be trusted"
    )
    aged = record(creatinine("old", "2025-01-01", 1.0)).latest("creatinine", within_days=90)
    assert reason(aged) == "last measured 2025-01-01, too long ago"


def test_a_denied_condition_is_told_from_one_nobody_spoke_of() -> None:
    one = record(
        condition("stroke", Status.ABSENT), condition("gout", Status.PRESENT), condition("asthma", Status.PRESENT, active=False)
    )
    assert reason(one.has_condition("stroke")) == "stated absent"
    assert reason(one.has_condition("heart-failure")) == "not on record"
    assert reason(one.has_condition("asthma")) == "not on record"
    found = one.has_condition("heart-failure", "gout")
    assert isinstance(found, Condition)
    assert found.name == "gout"
    assert len(one.of_kind(Kind.CONDITION)) == 3


def test_what_if_replaces_a_medicine_and_leaves_the_record_alone() -> None:
    taken = Medicine(id="m", person="p", name="clopidogrel", ingredients=("clopidogrel",), use="active")
    one = record(taken)
    supposed = one.proposing("prasugrel", instead_of="clopidogrel")
    assert [(fact.name, fact.use) for fact in supposed.medicines()] == [("prasugrel", "proposed")]
    assert [fact.name for fact in one.medicines()] == ["clopidogrel"]
    assert one.without("m").medicines() == ()


def test_a_gene_nobody_looked_at_is_not_normal() -> None:
    tested = Genotype(id="g", person="p", gene="CYP2C19", diplotype="*1/*2")
    one = record(tested)
    assert one.genotype("CYP2C19") == tested
    assert isinstance(one.genotype("CYP2D6"), Unknown)
