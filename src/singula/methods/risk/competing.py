"""Absolute risk where other deaths compete: yearly rates, piecewise constant, summed exactly."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

from singula.errors import InvalidInput, OutOfDomain
from singula.methods.registry import Coefficients, Outputs
from singula.methods.risk.arithmetic import PERCENT

Bands = Sequence[Sequence[float]]


def estimate_absolute_risk(
    age_years: float,
    horizon_years: float,
    relative_risk: float,
    incidence_per_year: Sequence[Any],
    competing_mortality_per_year: Sequence[Any],
    *,
    table: Coefficients,
) -> Outputs:
    """Sum a person's yearly risk over a horizon while other deaths remove people (Gail 1989).

    Parameters
    ----------
    age_years, horizon_years : float
        Start and length in years; a fraction of a year counts by its length.
    relative_risk : float
        Multiplies the incidence.
    incidence_per_year, competing_mortality_per_year : sequence
        Rates per year as pairs (from age, rate), in order of age.
    table : Coefficients
        Holds nothing: the rates are inputs.

    Returns
    -------
    dict
        ``risk_percent``, and ``alive_event_free_percent`` at the end.

    Raises
    ------
    InvalidInput, OutOfDomain
        Bands that are no pairs of numbers in order, or a negative rate.

    References
    ----------
    Gail MH et al. J Natl Cancer Inst 1989;81:1879-1886
    """
    incidence = _check_bands("incidence_per_year", incidence_per_year)
    mortality = _check_bands("competing_mortality_per_year", competing_mortality_per_year)
    years = [min(1.0, horizon_years - passed) for passed in range(math.ceil(horizon_years))]
    steps = [
        (relative_risk * _rate(incidence, age_years + number), _rate(mortality, age_years + number), length)
        for number, length in enumerate(years)
    ]
    risk, alive = sum_competing(steps)
    return {"risk_percent": PERCENT * risk, "alive_event_free_percent": PERCENT * alive}


def sum_competing(steps: Sequence[tuple[float, float, float]]) -> tuple[float, float]:
    """Sum risk over steps of (hazard, competing hazard, length in years).

    Returns
    -------
    tuple of float
        Probability of the event, and of being alive without it at the end.
    """
    risk, alive = 0.0, 1.0
    for hazard, other, length in steps:
        total = hazard + other
        leaving = 1.0 - math.exp(-total * length)
        if total > 0:
            risk += hazard / total * alive * leaving
        alive *= 1.0 - leaving
    return risk, alive


def _rate(bands: Bands, age: float) -> float:
    position = bisect_right([band[0] for band in bands], age) - 1
    return bands[position][1] if position >= 0 else 0.0


def _check_bands(name: str, bands: Sequence[Any]) -> Bands:
    for band in bands:
        numbers = isinstance(band, Sequence) and len(band) == 2 and all(isinstance(one, int | float) for one in band)
        if not numbers:
            raise InvalidInput(f"absolute-risk-competing-1: {name} holds {band!r}; write pairs [from_age, rate]")
        if band[1] < 0:
            raise OutOfDomain(f"absolute-risk-competing-1: {name} holds the negative rate {band[1]}")
    if [band[0] for band in bands] != sorted(band[0] for band in bands):
        raise InvalidInput(f"absolute-risk-competing-1: {name} is not in order of age")
    return bands
