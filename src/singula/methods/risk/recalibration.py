"""How far an equation is off in one's own people, and the intercept and slope that mend it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from singula.errors import InvalidInput, OutOfDomain, quoted
from singula.methods.registry import Coefficients, Outputs

PERCENT = 100
Array = np.ndarray[Any, np.dtype[np.float64]]


def recalibrate_locally(predicted_percent: Sequence[Any], observed: Sequence[Any], *, table: Coefficients) -> Outputs:
    """Fit logistic recalibration: observed on the log odds of the prediction, for outcomes known in every person.

    Parameters
    ----------
    predicted_percent : sequence of float
        Predicted risk of each person, above 0 and below 100 %.
    observed : sequence of int
        1 where the event happened within the horizon, 0 where it did not; people lost earlier do not belong here.
    table : Mapping
        Fewest events and fewest non-events.

    Returns
    -------
    dict
        Slope and intercept of the joint fit, calibration in the large (intercept at slope 1), observed over expected, and the
        Brier score before and after.

    Raises
    ------
    OutOfDomain
        Too few events, predictions that are all alike, or a fit that does not settle (events and non-events fully apart).

    References
    ----------
    Cox DR. Biometrika 1958;45:562-565. doi:10.1093/biomet/45.3-4.562
    """
    risk, event = _read(predicted_percent, observed, table)
    odds = np.log(risk / (1 - risk))
    if float(odds.max() - odds.min()) <= 0:
        raise OutOfDomain("local-recalibration: predicted_percent is the same for everybody; no slope can be told")
    intercept, slope = _fit(np.column_stack([np.ones_like(odds), odds]), np.zeros_like(odds), event, table)
    (shift,) = _fit(np.ones((len(odds), 1)), odds, event, table)
    mended = 1 / (1 + np.exp(-(intercept + slope * odds)))
    return {
        "intercept": intercept,
        "slope": slope,
        "calibration_in_the_large": shift,
        "observed_over_expected": float(event.sum() / risk.sum()),
        "brier_before": float(np.mean((risk - event) ** 2)),
        "brier_after": float(np.mean((mended - event) ** 2)),
        "events": int(event.sum()),
    }


def _read(predicted: Sequence[Any], observed: Sequence[Any], table: Coefficients) -> tuple[Array, Array]:
    if len(predicted) != len(observed):
        raise OutOfDomain(f"local-recalibration: {len(predicted)} predictions, {len(observed)} outcomes; give one for each")
    for value in predicted:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InvalidInput(f"local-recalibration: predicted_percent holds {quoted(value)}; write numbers")
        if not 0 < value < PERCENT:
            raise OutOfDomain(f"local-recalibration: predicted_percent holds {value:g}; it can be above 0 and below 100")
    strange = [value for value in observed if value not in (0, 1)]
    if strange:
        raise OutOfDomain(f"local-recalibration: observed holds {quoted(strange[0])}; it can be 0 or 1")
    events = sum(observed)
    least = table["least_events"]
    if min(events, len(observed) - events) < least:
        raise OutOfDomain(f"local-recalibration: {events} events in {len(observed)} people; give at least {least} of each kind")
    return np.array(predicted, dtype=float) / PERCENT, np.array(observed, dtype=float)


def _fit(design: Array, offset: Array, event: Array, table: Coefficients) -> list[float]:
    """Maximise the logistic likelihood by Newton steps."""
    weights = np.zeros(design.shape[1])
    for _ in range(table["most_steps"]):
        mean = 1 / (1 + np.exp(-np.clip(design @ weights + offset, -table["widest"], table["widest"])))
        information = (design * (mean * (1 - mean))[:, None]).T @ design
        if np.linalg.cond(information) > table["worst_condition"]:
            break
        step = np.linalg.solve(information, design.T @ (event - mean))
        weights = weights + step
        if float(np.abs(step).max()) < table["tolerance"]:
            return [float(weight) for weight in weights]
    raise OutOfDomain("local-recalibration: the fit does not settle; events and non-events lie fully apart")
