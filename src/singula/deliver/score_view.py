"""The answer of ``singula prs score``: the sum always, its place among people only where it can be told honestly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

from singula.sources.polygenic import SampleSum, ScoreSums

BASIS = ("called", "hom_ref_block", "hom_ref_regions", "hom_ref_assumed", "imputed", "missing")
MOST_UNSUPPORTED = 0.05
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
        "sum": one.total,
        "average": one.total / (2 * one.counted) if one.counted and found.is_additive else None,
        "z": z,
        "percentile": None if z is None else 100 * NORMAL.cdf(z),
        "matched": one.matched,
        "total": total,
        "match_share": one.matched / total if total else 0.0,
        "missing": one.missing,
        "basis": {**basis, "unmatched": total - one.matched},
        "abstained": reason is not None,
        "reason": reason,
        "equity": EQUITY,
    }


def _judge(found: ScoreSums, one: SampleSum, placing: Placing) -> tuple[str | None, tuple[float, float] | None]:
    total = found.score.total
    share = one.matched / total if total else 0.0
    if share < placing.min_match:
        return f"only {one.matched} of {total} variants could be matched ({share:.0%}); {placing.min_match:.0%} are needed", None
    weight = found.score.total_weight
    if weight and found.score.unsupported_weight / weight > MOST_UNSUPPORTED:
        return "variants that cannot be summed (HLA types, interactions, no position) carry over 5 % of the weight", None
    if placing.references is None:
        return None, None
    if placing.population is None:
        return "no population is stated, so there is nobody to compare with", None
    place = placing.references.get((found.score.score_id, placing.population))
    if place is None:
        return f"the reference has no row for {found.score.score_id} in {placing.population}", None
    return None, place
