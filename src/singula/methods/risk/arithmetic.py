"""The few shapes most risk equations share: a linear predictor, a survival or logistic link, a cubic spline.

What a formula marked ``over_columns`` uses takes a number or a numpy array alike, so that one formula serves one person and
a million; numpy is loaded by the second only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import mul
from typing import Any, TypeVar

PERCENT = 100.0
ONE = (int, float)
Formula = TypeVar("Formula", bound=Callable[..., Any])


def over_columns(formula: Formula) -> Formula:
    """Mark a formula that takes arrays for its numbers and yes-or-no inputs; words stay words."""
    return over_columns_and_words()(formula)


def over_columns_and_words(*words: str) -> Callable[[Formula], Formula]:
    """Mark a formula that takes arrays, also for the named words; the other words stay one word for all people."""

    def mark(formula: Formula) -> Formula:
        formula.takes_columns = True  # type: ignore[attr-defined]
        formula.takes_words = frozenset(words)  # type: ignore[attr-defined]
        return formula

    return mark


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


def any_true(condition: Any) -> bool:
    """Tell whether a condition holds, for anyone where there are many people."""
    return bool(condition) if isinstance(condition, ONE) else bool(condition.any())


def square_root(value: Any) -> Any:
    """Return the square root."""
    if isinstance(value, ONE):
        return math.sqrt(value)
    import numpy as np

    return np.sqrt(value)


def floored(value: Any) -> Any:
    """Return the largest whole number at or below the value."""
    if isinstance(value, ONE):
        return math.floor(value)
    import numpy as np

    return np.floor(value)


def bounded(value: Any, bounds: Sequence[float | None]) -> Any:
    """Return the value, moved to the nearer of two bounds where it lies outside; None is no bound."""
    low, high = bounds
    value = value if low is None else larger(value, low)
    return value if high is None else smaller(value, high)


def look_up(carried: Mapping[str, Any], word: Any) -> Any:
    """Return what a word carries, for each person where there are many words."""
    if isinstance(word, str):
        return carried[word]
    import numpy as np

    found = np.zeros(len(word))
    for known, value in carried.items():
        found[word == known] = value
    return found


def weighted_sum(weights: Mapping[str, float], values: Mapping[str, Any]) -> Any:
    """Sum weight times value over the names of the weights."""
    return sum(map(mul, weights.values(), map(values.__getitem__, weights)))


def cubic_sum(value: Any, knots: Iterable[Sequence[float]]) -> Any:
    """Sum ``coefficient * max(value - knot, 0)^3`` over knots given as (coefficient, knot)."""
    return sum(coefficient * larger(value - knot, 0.0) ** 3 for coefficient, knot in knots)


def count_reached(value: Any, cuts: Iterable[float]) -> Any:
    """Count the cuts the value reaches."""
    return sum((value >= cut) * 1 for cut in cuts)


def band_points(value: Any, bands: Sequence[Sequence[Any]]) -> Any:
    """Return what the last band that begins at or below the value carries; the first band begins at None."""
    if isinstance(value, ONE):
        found: Any = None
        for start, carried in bands:
            if start is None or value >= start:
                found = carried
        return found
    import numpy as np

    cuts = [start for start, _ in bands if start is not None]
    carried = [None] * (len(cuts) + 1 - len(bands)) + [one for _, one in bands]
    return np.array(carried)[np.searchsorted(cuts, value, side="right")]
