"""Facts that contradict each other are decided by the stated rule of their kind; the loser is kept and marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from singula.record import Allergy, Condition, Fact, Genotype, Medicine, Observation, Problem, Status

RELATIVE_DIFFERENCE = 0.01

Rule = Callable[[Sequence[Fact]], Fact]


def _newest(facts: Sequence[Fact]) -> Fact:
    return max(facts, key=lambda fact: (fact.when.sort_key if fact.when else (), _trust(fact), fact.id))


def _most_trusted(facts: Sequence[Fact]) -> Fact:
    return max(facts, key=lambda fact: (_trust(fact), fact.when.sort_key if fact.when else (), fact.id))


def _worst_case(facts: Sequence[Fact]) -> Fact:
    present = [fact for fact in facts if fact.status is Status.PRESENT]
    return _newest(present or facts)


def _trust(fact: Fact) -> int:
    return max((source.trust for source in fact.sources), default=0)


def decide_contradictions(facts: list[Fact], problems: list[Problem]) -> list[Fact]:
    """Find facts that contradict each other, decide by the rule of their kind, and mark the losers.

    Allergies: the worst case, a stated allergy outweighs a denial. Diagnoses and medicines: the newest statement. Values of one
    moment and genotypes of one gene: the most trusted source, then the newest.
    """
    groups: dict[tuple[Any, ...], list[Fact]] = {}
    for fact in facts:
        key = _contradiction_key(fact)
        if key is not None:
            groups.setdefault(key, []).append(fact)
    losers: dict[str, str] = {}
    for key, group in groups.items():
        rule, words = _RULES[key[0]]
        if len(group) > 1 and _disagree(group):
            winner = rule(group)
            for fact in group:
                if fact.id != winner.id and _stated(fact) != _stated(winner):
                    losers[fact.id] = winner.id
            place = winner.sources[0] if winner.sources else None
            shown = "; ".join(_shown(fact) for fact in group)
            message = f"{winner.display}: sources disagree ({shown}); {words} counts, the others are kept"
            problems.append(Problem(severity="warning", input=place.input if place else "", where=winner.id, message=message))
    return [fact.model_copy(update={"superseded_by": losers[fact.id]}) if fact.id in losers else fact for fact in facts]


_RULES: dict[str, tuple[Rule, str]] = {
    "allergy": (_worst_case, "the worst case"),
    "condition": (_newest, "the newest statement"),
    "medicine": (_newest, "the newest statement"),
    "value": (_most_trusted, "the most trusted source"),
    "genotype": (_most_trusted, "the most trusted source, then the newest,"),
}


def _contradiction_key(fact: Fact) -> tuple[Any, ...] | None:
    if isinstance(fact, Genotype):
        return ("genotype", fact.gene)
    if fact.name is None or not fact.usable:
        return None
    if isinstance(fact, Allergy):
        return ("allergy", fact.name)
    if isinstance(fact, Condition):
        return ("condition", fact.name)
    if isinstance(fact, Medicine) and fact.use in ("active", "stopped"):
        return ("medicine", fact.name)
    if isinstance(fact, Observation) and fact.canonical is not None and fact.when is not None:
        return ("value", fact.name, fact.when.text)
    return None


def _stated(fact: Fact) -> Any:
    if isinstance(fact, Genotype):
        return tuple(sorted((fact.diplotype or "").split("/")))
    if isinstance(fact, Observation) and fact.canonical is not None:
        return fact.canonical.number
    if isinstance(fact, Medicine):
        return fact.use == "active" and fact.status is Status.PRESENT
    return fact.status


def _disagree(group: Sequence[Fact]) -> bool:
    if isinstance(group[0], Medicine) and len({source.input for fact in group for source in fact.sources}) < 2:
        return False  # one source that tells of a start and a stop tells a history, no contradiction
    first, *rest = (_stated(fact) for fact in group)
    if isinstance(first, float):
        return any(abs(other - first) > RELATIVE_DIFFERENCE * max(abs(first), abs(other)) for other in rest)
    return any(other != first for other in rest)


def _shown(fact: Fact) -> str:
    stated = _stated(fact)
    words = (
        "/".join(stated)
        if isinstance(stated, tuple)
        else "taken"
        if stated is True
        else "not taken"
        if stated is False
        else str(stated)
    )
    return f"{words} on {fact.when.text}" if fact.when else words
