"""What would a prostate biopsy find? The PCPT risk calculator 2.0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from singula.methods.registry import Coefficients, Outputs
from singula.methods.risk.arithmetic import PERCENT, exponential, logarithm, over_columns, weighted_sum

LN_2 = logarithm(2)
CLASSES = ("no_cancer", "low_grade", "high_grade")
OPTIONAL = (("biopsy", "prior_negative_biopsy"), ("dre", "abnormal_dre"), ("family", "family_history_prostate_cancer"))


@over_columns
def estimate_pcptrc(*, table: Coefficients, free_psa_percent: float | None = None, **person: Any) -> Outputs:
    """Estimate no, low-grade and high-grade cancer on biopsy in percent (PCPTRC 2.0).

    Notes
    -----
    The coefficient set follows from which of biopsy history, rectal examination and family history are known.

    References
    ----------
    Ankerst DP et al. Urology 2014;83:1362-1367. doi:10.1016/j.urology.2014.02.035
    """
    known = [word for word, name in OPTIONAL if person.get(name) is not None]
    sets = table["sets_by_known_inputs"]["+".join(known) or "none"]
    values = {
        "intercept": 1.0,
        "log2_psa": logarithm(person["psa_ng_per_ml"]) / LN_2,
        "age_years": person["age_years"],
        "african_ancestry": person["african_ancestry"],
        "prior_negative_biopsy": person.get("prior_negative_biopsy"),
        "abnormal_dre": person.get("abnormal_dre"),
        "family_history": person.get("family_history_prostate_cancer"),
    }
    low, high = (exponential(weighted_sum(sets[grade], values)) for grade in CLASSES[1:])
    total = 1.0 + low + high
    shares = (1.0 / total, low / total, high / total)
    if free_psa_percent is not None:
        shares = _with_free_psa(shares, values["log2_psa"], free_psa_percent, table["percent_free_psa"])
    return {
        f"{name}{'_cancer' if name != CLASSES[0] else ''}_percent": PERCENT * share
        for name, share in zip(CLASSES, shares, strict=True)
    }


def _with_free_psa(
    shares: Sequence[Any], log2_psa: Any, free_psa_percent: Any, rows: Mapping[str, Sequence[float]]
) -> tuple[Any, Any, Any]:
    measured = logarithm(free_psa_percent) / LN_2
    weighted = []
    for name, share in zip(CLASSES, shares, strict=True):
        mean, slope, deviation = rows[name]
        distance = (measured - mean - slope * log2_psa) / deviation
        weighted.append(share * exponential(-distance * distance / 2.0) / deviation)
    odds = [weighted[number] / (sum(weighted) - weighted[number]) for number in (0, 1)]
    none, low = (one / (1.0 + one) for one in odds)
    return none, low, 1.0 - none - low
