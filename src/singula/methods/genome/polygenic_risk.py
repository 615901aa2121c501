"""What a polygenic score means as a risk, and what its reference would be without a panel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import exp, log, sqrt
from statistics import NormalDist
from typing import Any

from singula.errors import InvalidInput, OutOfDomain
from singula.methods.registry import Coefficients, Outputs

NORMAL = NormalDist()
PERCENT = 100


def estimate_liability_risk(lifetime_prevalence: float, r2_liability: float, z: float, *, table: Coefficients) -> Outputs:
    """Estimate lifetime risk from a z-score under the liability threshold model.

    References
    ----------
    So HC et al. Am J Hum Genet 2011;88:548-65. doi:10.1016/j.ajhg.2011.04.001
    """
    threshold = NORMAL.inv_cdf(1 - lifetime_prevalence)
    return {"risk_percent": PERCENT * NORMAL.cdf((sqrt(r2_liability) * z - threshold) / sqrt(1 - r2_liability))}


def estimate_score_risk(
    age_years: float,
    to_age_years: float,
    hazard_ratio_per_sd: float,
    z: float,
    incidence: Sequence[Mapping[str, Any]],
    mortality: Sequence[Mapping[str, Any]],
    *,
    table: Coefficients,
) -> Outputs:
    """Estimate the risk between two ages from a z-score; the shift keeps the population's mean, other deaths compete.

    References
    ----------
    Pharoah PDP et al. Nat Genet 2002;31:33-6; Chatterjee N et al. Nat Rev Genet 2016;17:392-406. doi:10.1038/nrg.2016.27
    """
    if to_age_years <= age_years:
        raise OutOfDomain(f"prs-absolute-risk: to_age_years {to_age_years:g} has to be above age_years {age_years:g}")
    beta = log(hazard_ratio_per_sd)
    ratio = exp(beta * z - beta**2 / 2)
    bands = [_read_bands(name, rows) for name, rows in (("incidence", incidence), ("mortality", mortality))]
    return {
        "risk_percent": PERCENT * _risk(age_years, to_age_years, bands, ratio),
        "population_risk_percent": PERCENT * _risk(age_years, to_age_years, bands, 1.0),
    }


Bands = list[tuple[float, float, float]]


def _read_bands(name: str, rows: Sequence[Mapping[str, Any]]) -> Bands:
    try:
        read = sorted((float(row["from_years"]), float(row["to_years"]), float(row["rate_per_100000"])) for row in rows)
    except (KeyError, TypeError, ValueError):
        raise InvalidInput(f"prs-absolute-risk: {name} needs from_years, to_years and rate_per_100000 in every band") from None
    if any(rate < 0 or end <= start for start, end, rate in read):
        raise OutOfDomain(f"prs-absolute-risk: {name} has a band that ends before it starts, or a rate below 0")
    return read


def _risk(start: float, end: float, bands: Sequence[Bands], ratio: float) -> float:
    edges = {start, end, *(edge for rows in bands for low, high, _ in rows for edge in (low, high) if start < edge < end)}
    ordered = sorted(edges)
    alive, risk = 1.0, 0.0
    for low, high in pairwise(ordered):
        hazard, other = (_rate(name, rows, low, high) for name, rows in zip(("incidence", "mortality"), bands, strict=True))
        hazard *= ratio
        together = hazard + other
        if together > 0:
            gone = 1 - exp(-together * (high - low))
            risk += alive * gone * hazard / together
            alive *= 1 - gone
    return risk


def _rate(name: str, rows: Bands, low: float, high: float) -> float:
    for start, end, rate in rows:
        if start <= low and high <= end:
            return rate / 100_000
    raise OutOfDomain(f"prs-absolute-risk: {name} has no band for the ages {low:g} to {high:g}")


def estimate_analytic_reference(
    weights: Sequence[float], effect_allele_frequencies: Sequence[float], score_sum: float, *, table: Coefficients
) -> Outputs:
    """Estimate mean and spread of an additive score from allele frequencies; linkage between variants is ignored."""
    if len(weights) != len(effect_allele_frequencies) or not weights:
        raise OutOfDomain("prs-analytic-reference: weights and effect_allele_frequencies need the same length, at least one")
    if any(not 0 <= frequency <= 1 for frequency in effect_allele_frequencies):
        raise OutOfDomain("prs-analytic-reference: effect_allele_frequencies lie between 0 and 1")
    pairs = list(zip(weights, effect_allele_frequencies, strict=True))
    mean = sum(2 * frequency * weight for weight, frequency in pairs)
    variance = sum(2 * frequency * (1 - frequency) * weight**2 for weight, frequency in pairs)
    if variance <= 0:
        raise OutOfDomain("prs-analytic-reference: the score does not vary at these frequencies; there is no z")
    return {"mean": mean, "sd": sqrt(variance), "z": (score_sum - mean) / sqrt(variance)}
