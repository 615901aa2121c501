"""The record: one person and every fact known about them, asked in clinical words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cached_property
from typing import Literal, TypeVar

from singula.record.facts import Condition, Fact, FamilyCondition, GenePhenotype, Genotype, Kind, Medicine, Observation, Status
from singula.record.frozen import Frozen
from singula.record.genome import GenomeAssay
from singula.record.history import EarlierPlan, Outcome, Relative
from singula.record.person import Person
from singula.record.unknown import Unknown

Shape = TypeVar("Shape", bound=Fact)
IN_USE = ("active", "proposed")


class Problem(Frozen):
    """Something a reader met that the reader of the plan should know."""

    severity: Literal["error", "warning", "information"]
    input: str
    where: str
    message: str


class Record(Frozen):
    """Everything known about one person on one day.

    ``as_of`` is the day the questions are asked; nothing below the pipeline looks at a clock.
    """

    person: Person
    as_of: date
    facts: tuple[Fact, ...] = ()
    assays: tuple[GenomeAssay, ...] = ()
    problems: tuple[Problem, ...] = ()
    earlier_plans: tuple[EarlierPlan, ...] = ()

    @property
    def age_years(self) -> int | None:
        """Completed years of age on ``as_of``; None where the birth date is not known."""
        return self.person.age_years(self.as_of)

    @cached_property
    def _by_kind(self) -> dict[Kind, tuple[Fact, ...]]:
        groups: dict[Kind, list[Fact]] = {}
        for fact in self.facts:
            groups.setdefault(fact.kind, []).append(fact)
        return {kind: tuple(facts) for kind, facts in groups.items()}

    @cached_property
    def _by_name(self) -> dict[str, tuple[Fact, ...]]:
        groups: dict[str, list[Fact]] = {}
        for fact in self.facts:
            if fact.name:
                groups.setdefault(fact.name, []).append(fact)
        return {name: tuple(sorted(facts, key=_latest_first)) for name, facts in groups.items()}

    @cached_property
    def fact_index(self) -> dict[str, Fact]:
        """Every fact by its id."""
        return {fact.id: fact for fact in self.facts}

    def of_kind(self, kind: Kind) -> tuple[Fact, ...]:
        """All facts of a kind, whatever their status."""
        return self._by_kind.get(kind, ())

    def of_shape(self, shape: type[Shape]) -> Iterator[Shape]:
        """All facts of a shape, such as ``Variant``, whatever their status."""
        return (fact for fact in self.facts if isinstance(fact, shape))

    def named(self, name: str) -> tuple[Fact, ...]:
        """All facts about something by Singula's own word, newest first, whatever their status."""
        return self._by_name.get(name, ())

    def has_condition(self, *names: str) -> Condition | Unknown:
        """Return the first active condition of these names; Unknown says whether it was denied or never stated."""
        for name in names:
            for fact in self.named(name):
                if isinstance(fact, Condition) and fact.is_present and fact.active:
                    return fact
        denied = any(fact.status is Status.ABSENT for name in names for fact in self.named(name))
        return Unknown(reason="stated absent" if denied else "not on record")

    def medicines(self, *uses: str) -> tuple[Medicine, ...]:
        """Medicines in these uses (``active``, ``proposed``, ``stopped``, ``planned``); default is those in use or proposed."""
        wanted = uses or IN_USE
        return tuple(
            fact
            for fact in self._by_kind.get(Kind.MEDICINE, ())
            if isinstance(fact, Medicine) and fact.is_present and fact.use in wanted
        )

    def latest(self, name: str, *, within_days: int | None = None) -> Observation | Unknown:
        """Return the newest usable observation of a name.

        Parameters
        ----------
        name : str
            Singula's word, such as ``creatinine``.
        within_days : int, optional
            How old it may be on ``as_of``.

        Returns
        -------
        Observation or Unknown
            Unknown gives the reason: not measured, too old, or only unusable values.
        """
        candidates = [fact for fact in self.named(name) if isinstance(fact, Observation)]
        usable = [fact for fact in candidates if fact.is_present and (fact.when is None or fact.when.first_day <= self.as_of)]
        if not usable:
            return Unknown(reason="only values that cannot be trusted" if candidates else "not measured")
        newest = usable[0]
        if within_days is not None and newest.when and (self.as_of - newest.when.last_day).days > within_days:
            return Unknown(reason=f"last measured {newest.when.text}, too long ago")
        return newest

    def number(self, name: str, *, within_days: int | None = None) -> float | Unknown:
        """Return the newest usable value of a name as a number in its canonical unit."""
        observation = self.latest(name, within_days=within_days)
        if isinstance(observation, Unknown):
            return observation
        if observation.canonical is None:
            return Unknown(reason="no number in a unit that can be converted")
        return observation.canonical.number

    def genotype(self, gene: str) -> Genotype | GenePhenotype | Unknown:
        """Return what is known of a gene: its diplotype, else its phenotype; Unknown means not tested."""
        phenotype: GenePhenotype | None = None
        for fact in self.facts:
            if isinstance(fact, Genotype) and fact.gene == gene and fact.is_present:
                return fact
            if isinstance(fact, GenePhenotype) and fact.gene == gene and fact.is_present:
                phenotype = phenotype or fact
        return phenotype or Unknown(reason="not tested")

    @cached_property
    def harmed_by(self) -> frozenset[str]:
        """Names of what did harm when it was tried, as the person or their clinician reports it."""
        return frozenset(one.name for one in self.of_shape(Outcome) if one.name and one.result == "harmed" and one.is_present)

    @cached_property
    def pedigree(self) -> tuple[Relative, ...]:
        """The relatives spoken of, nearest first, each with every disease reported of them; nothing is said of the others."""
        members: dict[str, list[FamilyCondition]] = {}
        for fact in self.of_shape(FamilyCondition):
            if fact.is_present:
                members.setdefault(fact.relative or fact.id, []).append(fact)
        relatives = [
            Relative(
                relation=facts[0].relation,
                degree=facts[0].degree,
                side=facts[0].side,
                deceased=next((one.deceased for one in facts if one.deceased is not None), None),
                conditions=tuple(facts),
            )
            for facts in members.values()
        ]
        return tuple(sorted(relatives, key=lambda one: (one.degree is None, one.degree or 0, one.relation, one.side or "")))

    def without(self, *fact_ids: str) -> Record:
        """Return the record as if these facts were not known."""
        gone = frozenset(fact_ids)
        return self.with_facts(tuple(fact for fact in self.facts if fact.id not in gone))

    def proposing(self, name: str, *, instead_of: str | None = None) -> Record:
        """Return the record with a medicine proposed, and another one taken away: the question 'what if'."""
        kept = tuple(
            fact
            for fact in self.facts
            if not (instead_of and isinstance(fact, Medicine) and instead_of in (fact.name, *fact.ingredients))
        )
        proposed = Medicine(id=f"proposed-{name}", person=self.person.id, name=name, ingredients=(name,), use="proposed")
        return self.with_facts((*kept, proposed))

    def with_facts(self, facts: tuple[Fact, ...]) -> Record:
        """Return the record with other facts; made anew, because a copy would keep the old look-up tables."""
        return Record.model_construct(
            person=self.person,
            as_of=self.as_of,
            facts=facts,
            assays=self.assays,
            problems=self.problems,
            earlier_plans=self.earlier_plans,
        )


def _latest_first(fact: Fact) -> tuple[int, float, str]:
    if fact.when is None:
        return (1, 0.0, fact.id)
    return (0, -fact.when.last_day.toordinal() - (fact.when.instant or 0.0) % 86400 / 86400, fact.id)
