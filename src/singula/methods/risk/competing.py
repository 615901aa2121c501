"""Absolute risk where other deaths compete: yearly rates, piecewise constant, summed exactly."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Any

from singula.errors import InvalidInput, OutOfDomain
from singula.methods.registry import Coefficients, Outputs
from singula.methods.risk.arithmetic import PERCENT, any_true, choose, exponential, larger, over_columns, smaller

Bands = Sequence[Sequence[float]]


@over_columns
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
    risk, alive = sum_competing(
        (relative_risk * _rate(incidence, age_years + number), _rate(mortality, age_years + number), length)
        for number, length in _years(horizon_years)
    )
    return {"risk_percent": PERCENT * risk, "alive_event_free_percent": PERCENT * alive}


def sum_competing(steps: Iterable[tuple[Any, Any, Any]]) -> tuple[Any, Any]:
    """Sum risk over steps of (hazard, competing hazard, length in years).

    Returns
    -------
    tuple of float
        Probability of the event, and of being alive without it at the end.
    """
    risk: Any = 0.0
    alive: Any = 1.0
    for hazard, other, length in steps:
        total = hazard + other
        leaving = 1.0 - exponential(-total * length)
        risk = risk + hazard / choose(total > 0, total, 1.0) * alive * leaving
        alive = alive * (1.0 - leaving)
    return risk, alive


def split_into_bands(start: Any, end: Any, first: float, width: float, count: int) -> Iterable[tuple[int, Any]]:
    """Say how many years between two ages fall into each band of ages, bands nobody passes left out; the last has no end."""
    for band in range(count):
        until = end if band == count - 1 else smaller(end, first + width * (band + 1))
        length = larger(until - larger(start, first + width * band), 0.0)
        if any_true(length > 0):
            yield band, length


def _years(horizon: Any) -> Iterable[tuple[int, Any]]:
    passed = 0
    while any_true(horizon > passed):
        yield passed, larger(smaller(horizon - passed, 1.0), 0.0)
        passed += 1


def _rate(bands: Bands, age: Any) -> Any:
    starts = [band[0] for band in bands]
    if isinstance(age, int | float):
        position = bisect_right(starts, age) - 1
        return bands[position][1] if position >= 0 else 0.0
    import numpy as np

    return np.array([0.0, *(band[1] for band in bands)])[np.searchsorted(starts, age, side="right")]


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
