"""What would a prostate biopsy find? The PCPT risk calculator 2.0."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from singula.methods.registry import Coefficients, Outputs
from singula.methods.risk.arithmetic import PERCENT, weighted_sum

CLASSES = ("no_cancer", "low_grade", "high_grade")
OPTIONAL = (("biopsy", "prior_negative_biopsy"), ("dre", "abnormal_dre"), ("family", "family_history_prostate_cancer"))


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
        "log2_psa": math.log2(person["psa_ng_per_ml"]),
        "age_years": person["age_years"],
        "african_ancestry": person["african_ancestry"],
        "prior_negative_biopsy": person.get("prior_negative_biopsy"),
        "abnormal_dre": person.get("abnormal_dre"),
        "family_history": person.get("family_history_prostate_cancer"),
    }
    low, high = (math.exp(weighted_sum(sets[grade], values)) for grade in CLASSES[1:])
    total = 1.0 + low + high
    shares = (1.0 / total, low / total, high / total)
    if free_psa_percent is not None:
        shares = _with_free_psa(shares, values["log2_psa"], free_psa_percent, table["percent_free_psa"])
    return {
        f"{name}{'_cancer' if name != CLASSES[0] else ''}_percent": PERCENT * share
        for name, share in zip(CLASSES, shares, strict=True)
    }


def _with_free_psa(
    shares: Sequence[float], log2_psa: float, free_psa_percent: float, rows: Mapping[str, Sequence[float]]
) -> tuple[float, float, float]:
    measured = math.log2(free_psa_percent)
    weighted = []
    for name, share in zip(CLASSES, shares, strict=True):
        mean, slope, deviation = rows[name]
        distance = (measured - mean - slope * log2_psa) / deviation
        weighted.append(share * math.exp(-distance * distance / 2.0) / deviation)
    odds = [weighted[number] / (sum(weighted) - weighted[number]) for number in (0, 1)]
    none, low = (one / (1.0 + one) for one in odds)
    return none, low, 1.0 - none - low
