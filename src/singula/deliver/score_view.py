"""The answer of ``singula prs score``: the sum always, its place among people only where it can be told honestly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist, median
from typing import Any

from singula.errors import OutOfDomain
from singula.methods.genome.polygenic_risk import estimate_score_risk
from singula.sources.polygenic import SampleSum, ScoreSums
from singula.sources.score_risks import ScoreRisk

BASIS = ("called", "hom_ref_block", "hom_ref_regions", "hom_ref_assumed", "imputed", "missing")
MOST_UNSUPPORTED = 0.05
LOWEST_VARIANCE_SHARE = 0.75
FIFTHS = (20.0, 80.0)
NORMAL = NormalDist()
EQUITY = (
    "A score predicts best in people whose ancestry is that of the people it was made from; "
    "adjusting its distribution does not repair that."
)


@dataclass(frozen=True)
class Placing:
    """What a sum may be compared with."""

    references: Mapping[tuple[str, str], tuple[float, float]] | None
    population: str | None
    min_match: float
    risks: Mapping[str, ScoreRisk] = field(default_factory=dict)
    ages: tuple[float, float] | None = None


def show_score(found: ScoreSums, column: int, placing: Placing) -> dict[str, Any]:
    """Describe one sample's score.

    Parameters
    ----------
    found : ScoreSums
        The score and its sums.
    column : int
        The sample's column.
    placing : Placing
        References by population, the person's population, lowest share of matched rows.
    """
    one = found.sums[column]
    total = found.score.total
    reason, place = _judge(found, one, placing)
    mean, spread = place or (0.0, 1.0)
    z = (one.total - mean) / spread if place and reason is None else None
    basis = {name: one.basis[name] for name in BASIS}
    return {
        "score_id": found.score.score_id,
        "trait": found.score.trait,
        "sum": one.total,
        "average": one.total / (2 * one.counted) if one.counted and found.is_additive else None,
        "z": z,
        "percentile": None if z is None else 100 * NORMAL.cdf(z),
        "matched": one.matched,
        "total": total,
        "match_share": one.matched / total if total else 0.0,
        "variance_share": found.variance_share,
        "missing": one.missing,
        "basis": {**basis, "unmatched": total - one.matched},
        "abstained": reason is not None,
        "reason": reason,
        "risk": _risk(found.score.score_id, z, placing),
        "equity": EQUITY,
    }


def compare_traits(scores: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Say, trait by trait, whether the scores of one person agree.

    Parameters
    ----------
    scores : sequence of mapping
        As :func:`show_score` gives them, of one sample.

    Returns
    -------
    list of dict
        One entry for each trait with two scores or more: the middle percentile, or none where one score puts the person in the
        top fifth and another in the bottom fifth, or fewer than two could be placed.
    """
    by_trait: dict[str, list[Mapping[str, Any]]] = {}
    for one in scores:
        if one["trait"]:
            by_trait.setdefault(one["trait"], []).append(one)
    return [_compare(trait, group) for trait, group in sorted(by_trait.items()) if len(group) > 1]


def _compare(trait: str, group: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    placed = {one["score_id"]: one["percentile"] for one in group if one["percentile"] is not None}
    reason = None
    if len(placed) < 2:
        reason = f"{len(placed)} of {len(group)} scores could be placed; agreement cannot be told"
    elif min(placed.values()) <= FIFTHS[0] and max(placed.values()) >= FIFTHS[1]:
        shown = ", ".join(f"{name} {place:.0f}" for name, place in sorted(placed.items()))
        reason = f"the scores contradict each other (percentiles: {shown})"
    return {
        "trait": trait,
        "scores": [one["score_id"] for one in group],
        "percentile": None if reason else median(placed.values()),
        "abstained": reason is not None,
        "reason": reason,
    }


def _risk(score_id: str, z: float | None, placing: Placing) -> dict[str, Any] | None:
    known = placing.risks.get(score_id)
    if z is None or known is None or placing.ages is None:
        return None
    start, end = placing.ages
    try:
        found = estimate_score_risk(
            start, end, known.hazard_ratio_per_sd, z, incidence=known.incidence, mortality=known.mortality, table={}
        )
    except OutOfDomain as fault:
        return {
            "age_years": start,
            "to_age_years": end,
            "risk_percent": None,
            "population_risk_percent": None,
            "reason": str(fault),
        }
    return {"age_years": start, "to_age_years": end, **found, "reason": None}


def _judge(found: ScoreSums, one: SampleSum, placing: Placing) -> tuple[str | None, tuple[float, float] | None]:
    total = found.score.total
    share = one.matched / total if total else 0.0
    if share < placing.min_match:
        return f"only {one.matched} of {total} variants could be matched ({share:.0%}); {placing.min_match:.0%} are needed", None
    weight = found.score.total_weight
    if weight and found.score.unsupported_weight / weight > MOST_UNSUPPORTED:
        return "variants that cannot be summed (HLA types, interactions, no position) carry over 5 % of the weight", None
    if found.variance_share is not None and found.variance_share < LOWEST_VARIANCE_SHARE:
        return f"the matched variants carry {found.variance_share:.0%} of the score's variance; 75 % are needed", None
    if placing.references is None:
        return None, None
    if placing.population is None:
        return "no population is stated, so there is nobody to compare with", None
    place = placing.references.get((found.score.score_id, placing.population))
    if place is None:
        return f"the reference has no row for {found.score.score_id} in {placing.population}", None
    return None, place
