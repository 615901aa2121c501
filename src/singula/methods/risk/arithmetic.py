"""The few shapes most risk equations share: a linear predictor, a survival or logistic link, a cubic spline.

What a formula marked ``over_columns`` uses takes a number or a numpy array alike, so that one formula serves one person and
a million; numpy is loaded by the second only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

PERCENT = 100.0
ONE = (int, float)
Formula = TypeVar("Formula", bound=Callable[..., Any])


def over_columns(formula: Formula) -> Formula:
    """Mark a formula that takes arrays for its numbers and yes-or-no inputs; words stay words."""
    formula.takes_columns = True  # type: ignore[attr-defined]
    return formula


def exponential(value: Any) -> Any:
    """Return e to the value."""
    if isinstance(value, ONE):
        return math.exp(value)
    import numpy as np

    return np.exp(value)


def logarithm(value: Any) -> Any:
    """Return the natural logarithm."""
    if isinstance(value, ONE):
        return math.log(value)
    import numpy as np

    return np.log(value)


def larger(value: Any, bound: float) -> Any:
    """Return the value, or the bound where that is larger."""
    if isinstance(value, ONE):
        return max(value, bound)
    import numpy as np

    return np.maximum(value, bound)


def smaller(value: Any, bound: float) -> Any:
    """Return the value, or the bound where that is smaller."""
    if isinstance(value, ONE):
        return min(value, bound)
    import numpy as np

    return np.minimum(value, bound)


def choose(condition: Any, then: Any, otherwise: Any) -> Any:
    """Return the one or the other by a condition; None becomes NaN in an array."""
    if isinstance(condition, ONE):
        return then if condition else otherwise
    import numpy as np

    return np.where(condition, then, np.nan if otherwise is None else otherwise)


def survival_risk(baseline_survival: float, linear_predictor: Any) -> Any:
    """Return the risk in percent of a proportional-hazards model."""
    return PERCENT * (1.0 - baseline_survival ** exponential(linear_predictor))


def logistic_risk(linear_predictor: Any) -> Any:
    """Return the risk in percent of a logistic model."""
    return PERCENT / (1.0 + exponential(-linear_predictor))


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
