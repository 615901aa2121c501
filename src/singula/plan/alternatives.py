"""Other medicines for the same end, each put to every assessor before it is offered.

The person's wishes move the ranking and are named in the reason; they never lift a safety rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from singula.finding import Alternative, Effect, Finding
from singula.plan.model import RankedAlternative
from singula.plan.precedence import STEPS, precedence, step_of, strongest
from singula.record import Preference

Judge = Callable[[str, str], Sequence[Finding]]
"""Asks every assessor about a candidate taken instead of another medicine: ``judge(candidate, instead_of)``."""

RULED_OUT = frozenset({"contraindication", "avoidance"})
CLEAN = len(STEPS)


@dataclass(frozen=True)
class Wishes:
    """What the person prefers and declines, which medicines fit which wish, and which did harm when they were tried."""

    preferences: tuple[Preference, ...] = ()
    fitting: Mapping[str, frozenset[str]] | None = None
    harmed_by: frozenset[str] = frozenset()

    def declines(self, name: str) -> bool:
        """Tell whether the person does not want this medicine."""
        return any(wish.name == f"declines:{name}" for wish in self.preferences)

    def met_by(self, name: str) -> tuple[Preference, ...]:
        """List the wishes this medicine meets."""
        fitting = self.fitting or {}
        return tuple(wish for wish in self.preferences if wish.name == f"prefers:{name}" or name in fitting.get(wish.name, ()))


def rank_alternatives(
    instead_of: str, named: Sequence[Alternative], judge: Judge, wishes: Wishes
) -> tuple[RankedAlternative, ...]:
    """Judge every alternative and order those that remain.

    Parameters
    ----------
    instead_of : str
        The medicine to be replaced.
    named : sequence of Alternative
        Candidates, in the order guidance names them.
    judge : Judge
        Puts a candidate to every assessor.
    wishes : Wishes
        The person's preferences.

    Returns
    -------
    tuple of RankedAlternative
        Open ones first (rank 1 is best), then those ruled out (rank None) with the finding that rules them out.
    """
    seen: dict[str, Alternative] = {}
    for alternative in named:
        seen.setdefault(alternative.name, alternative)
    open_ones: list[tuple[tuple[float, float, int], Alternative, str, tuple[str, ...]]] = []
    closed: list[RankedAlternative] = []
    for position, (name, alternative) in enumerate(seen.items()):
        findings = sorted((one for one in judge(name, instead_of) if one.topic.name == name), key=precedence)
        worst = strongest(findings) if findings else None
        ids = tuple(finding.id for finding in findings)
        if worst is not None and step_of(worst) in RULED_OUT:
            closed.append(_ruled_out(alternative, worst.summary, ids))
        elif name in wishes.harmed_by:
            closed.append(_ruled_out(alternative, "it did harm when this person tried it", ids))
        elif wishes.declines(name):
            closed.append(_ruled_out(alternative, "declined by the person", ids))
        else:
            met = wishes.met_by(name)
            step = STEPS.index(step_of(worst)) if worst and worst.effect is not Effect.INFORM else CLEAN
            key = (-float(step), -sum(wish.weight for wish in met), position)
            open_ones.append((key, alternative, _reason(alternative, worst, met), ids))
    ranked = [
        RankedAlternative(name=one.name, display=one.display, rank=rank, reason=reason, finding_ids=ids)
        for rank, (_, one, reason, ids) in enumerate(sorted(open_ones, key=lambda entry: entry[0]), start=1)
    ]
    return (*ranked, *closed)


def _ruled_out(alternative: Alternative, why: str, ids: tuple[str, ...]) -> RankedAlternative:
    return RankedAlternative(
        name=alternative.name, display=alternative.display, rank=None, reason=f"not offered: {why}", finding_ids=ids
    )


def _reason(alternative: Alternative, worst: Finding | None, met: Sequence[Preference]) -> str:
    parts = [alternative.reason] if alternative.reason else []
    if worst is not None and worst.effect is not Effect.INFORM:
        parts.append(worst.summary)
    parts.extend(f"meets the wish: {wish.text or wish.name.replace('-', ' ')}" for wish in met)
    return "; ".join(parts) or "no finding against it"
