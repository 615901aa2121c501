"""Several reasons to change one dose become one change.

Changes on one pathway are the same change seen twice (a gene and an inhibitor of its enzyme): the larger one counts, once.
Changes on different pathways are independent and multiply. Caps and targets are kept at the lowest. Reasons that pull in opposite
directions are not averaged: the protective one (less) decides and the disagreement is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from singula.finding import DoseChange, Effect, Finding
from singula.plan.model import Conflict, Target
from singula.plan.precedence import strongest

PERCENT = 100.0


@dataclass(frozen=True)
class CombinedDose:
    """One dose change out of several, the findings it carries out, and the disagreements on the way."""

    change: DoseChange | None
    effect: Effect
    carried: tuple[Finding, ...]
    conflicts: tuple[Conflict, ...]


def combine_doses(target: Target, findings: Sequence[Finding]) -> CombinedDose:
    """Combine the dose findings of one medicine.

    Parameters
    ----------
    target : Target
        The medicine.
    findings : sequence of Finding
        Findings with effect reduce or increase; at least one.

    Returns
    -------
    CombinedDose
        The combined change; its percentages are None where no finding states one.
    """
    less = [finding for finding in findings if finding.effect is Effect.REDUCE]
    more = [finding for finding in findings if finding.effect is Effect.INCREASE]
    conflicts: list[Conflict] = []
    if less and more:
        conflicts.append(
            Conflict(
                target=target,
                kind="direction",
                rule="of opposite dose changes the protective one decides",
                winner=strongest(less).summary,
                losers=tuple(finding.summary for finding in sorted(more, key=lambda one: one.id)),
                findings=tuple(sorted(finding.id for finding in findings)),
            )
        )
    chosen = less or more
    by_pathway: dict[str, list[Finding]] = {}
    for finding in sorted(chosen, key=lambda one: one.id):
        by_pathway.setdefault(_pathway(finding), []).append(finding)
    leading = []
    for pathway, group in sorted(by_pathway.items()):
        lead = max(group, key=lambda one: (_size(one), one.id))
        leading.append(lead)
        if len(group) > 1:
            conflicts.append(_same_pathway(target, pathway, lead, group))
    effect = Effect.REDUCE if less else Effect.INCREASE
    return CombinedDose(_multiply(leading), effect, tuple(sorted(chosen, key=lambda one: one.id)), tuple(conflicts))


def _pathway(finding: Finding) -> str:
    return finding.pathway or (finding.dose.pathway if finding.dose else finding.id)


def _size(finding: Finding) -> float:
    if finding.dose is None or finding.dose.percent_low is None:
        return 0.0
    return max(abs(finding.dose.percent_low), abs(finding.dose.percent_high or finding.dose.percent_low))


def _same_pathway(target: Target, pathway: str, lead: Finding, group: Sequence[Finding]) -> Conflict:
    return Conflict(
        target=target,
        kind="same-pathway",
        rule=f"both act through {pathway}: the larger change counts, once",
        winner=lead.summary,
        losers=tuple(finding.summary for finding in group if finding is not lead),
        findings=tuple(sorted(finding.id for finding in group)),
    )


def _multiply(leading: Sequence[Finding]) -> DoseChange | None:
    doses = [finding.dose for finding in leading if finding.dose is not None]
    if not doses:
        return None
    ranges = [(dose.percent_low, dose.percent_high if dose.percent_high is not None else dose.percent_low) for dose in doses]
    stated = [(low, high) for low, high in ranges if low is not None and high is not None]
    caps = [dose.max_mg_per_day for dose in doses if dose.max_mg_per_day is not None]
    targets = [dose.target_mg_per_day for dose in doses if dose.target_mg_per_day is not None]
    return DoseChange(
        pathway=" + ".join(dose.pathway for dose in doses),
        percent_low=_product([low for low, _ in stated]),
        percent_high=_product([high for _, high in stated]),
        max_mg_per_day=min(caps, default=None),
        target_mg_per_day=min(targets, default=None),
    )


def _product(percents: Sequence[float]) -> float | None:
    if not percents:
        return None
    factor = 1.0
    for percent in percents:
        factor *= 1.0 + percent / PERCENT
    return round((factor - 1.0) * PERCENT, 1)
