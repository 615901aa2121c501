"""What was decided about one criterion of a trial, or about several together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

State = Literal["met", "not_met", "unknown", "could_be_met"]


@dataclass(frozen=True)
class Criterion:
    """One criterion: ``condition`` would make it met, ``fact`` is missing to judge it, ``gene`` is what it is about."""

    text: str
    state: State
    condition: str = ""
    fact: str = ""
    gene: str = ""


@dataclass
class Verdict:
    """Three-valued, with the words for what is met, failed and not known."""

    value: bool | None
    met: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    criteria: list[Criterion] = field(default_factory=list)


def by_hand(words: str) -> Verdict:
    """Return the verdict on what software cannot judge."""
    told = f"{words}: to be checked by a person"
    return Verdict(None, unknown=[told], criteria=[Criterion(words, "unknown", "a person has checked it")])


def leaf(
    value: bool | None, words: str, why_unknown: str = "", *, condition: str = "", fact: str = "", gene: str = ""
) -> Verdict:
    """Return the verdict on one criterion.

    Parameters
    ----------
    value : bool or None
        Whether it is met; None is not known.
    words : str
        The criterion.
    why_unknown : str
        Why it is not known.
    condition : str
        What would make an unmet criterion met: such criteria are told as ``could_be_met``.
    fact : str
        What is missing to judge it.
    gene : str
        The gene it is about.
    """
    if value is None:
        told = f"{words}: {why_unknown or 'not known'}"
        return Verdict(None, unknown=[told], criteria=[Criterion(words, "unknown", condition, fact, gene)])
    if value:
        return Verdict(True, met=[words], criteria=[Criterion(words, "met", gene=gene)])
    return Verdict(
        False, failed=[words], criteria=[Criterion(words, "could_be_met" if condition else "not_met", condition, "", gene)]
    )


def join(verdicts: Sequence[Verdict], *, all_of_them: bool) -> Verdict:
    """Join verdicts by ``and`` (``all_of_them``) or ``or``; of a met ``or`` only the alternatives that hold are told."""
    if len(verdicts) == 1:
        return verdicts[0]
    values = [one.value for one in verdicts]
    decisive, other = (False, True) if all_of_them else (True, False)
    value = decisive if decisive in values else None if None in values else other
    told = [one for one in verdicts if one.value is True] if value and not all_of_them else verdicts
    return Verdict(
        value,
        [word for one in told for word in one.met],
        [word for one in told for word in one.failed],
        [word for one in told for word in one.unknown],
        [criterion for one in told for criterion in one.criteria],
    )


def negate(verdict: Verdict) -> Verdict:
    """Return the verdict on the opposite; what could be met by its opposite is not met."""
    swapped: dict[State, State] = {"met": "not_met", "not_met": "met", "could_be_met": "met", "unknown": "unknown"}
    return Verdict(
        None if verdict.value is None else not verdict.value,
        [f"not: {words}" for words in verdict.failed],
        [f"not: {words}" for words in verdict.met],
        [f"not: {words}" for words in verdict.unknown],
        [Criterion(f"not: {one.text}", swapped[one.state], "", one.fact, one.gene) for one in verdict.criteria],
    )
