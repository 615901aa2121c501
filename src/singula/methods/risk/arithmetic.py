"""The few shapes most risk equations share: a linear predictor, a survival or logistic link, a cubic spline."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

PERCENT = 100.0


def survival_risk(baseline_survival: float, linear_predictor: float) -> float:
    """Return the risk in percent of a proportional-hazards model."""
    survival: float = baseline_survival ** math.exp(linear_predictor)
    return PERCENT * (1.0 - survival)


def logistic_risk(linear_predictor: float) -> float:
    """Return the risk in percent of a logistic model."""
    return PERCENT / (1.0 + math.exp(-linear_predictor))


def weighted_sum(weights: Mapping[str, float], values: Mapping[str, Any]) -> float:
    """Sum weight times value over the names of the weights."""
    return float(sum(weight * values[name] for name, weight in weights.items()))


def cubic_sum(value: float, knots: Iterable[Sequence[float]]) -> float:
    """Sum ``coefficient * max(value - knot, 0)^3`` over knots given as (coefficient, knot)."""
    return float(sum(coefficient * max(value - knot, 0.0) ** 3 for coefficient, knot in knots))


def band_points(value: float, bands: Iterable[Sequence[Any]]) -> Any:
    """Return what the last band that begins at or below the value carries; the first band begins at None."""
    found: Any = None
    for start, carried in bands:
        if start is None or value >= start:
            found = carried
    return found
