"""Where is a laboratory series or a home series going: slopes, certain drops, and the step at a change of therapy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from singula.errors import OutOfDomain
from singula.methods.registry import Coefficients, Outputs
from singula.methods.signals.series import find_band, fit_slope, match_lengths, read_numbers, read_positive, read_times

PERCENT = 100
DAYS_PER_YEAR = 365.25
FREE_PARAMETERS = 4


def follow_egfr(
    days: Sequence[Any],
    egfr_ml_per_min_per_1_73m2: Sequence[Any],
    haemodynamic_therapy_started: bool,
    *,
    table: Coefficients,
) -> Outputs:
    """Follow kidney function: slope per year, rapid progression, certain drop, and change that asks for an evaluation.

    Returns
    -------
    dict
        Slope in mL/min/1.73 m2 per year (negative is loss), change from first to last in percent, KDIGO categories, verdicts.

    Notes
    -----
    After the start of a RAS or SGLT2 inhibitor a fall up to 30 % is haemodynamic and expected; the wider limit then holds.

    References
    ----------
    KDIGO 2024. Kidney Int 2024;105(4S):S117-S314. doi:10.1016/j.kint.2023.10.018
    """
    match_lengths("egfr-trend", days=days, egfr_ml_per_min_per_1_73m2=egfr_ml_per_min_per_1_73m2)
    times = read_times("egfr-trend", "days", days, least=2)
    values = read_positive("egfr-trend", "egfr_ml_per_min_per_1_73m2", egfr_ml_per_min_per_1_73m2, least=2)
    slope = fit_slope("egfr-trend", times, values) * DAYS_PER_YEAR
    change = (values[-1] / values[0] - 1) * PERCENT
    names = [name for _, name in table["categories"]]
    first, last = (find_band(value, table["categories"]) for value in (values[0], values[-1]))
    if haemodynamic_therapy_started:
        warrants = change < -table["fall_after_therapy_percent"]
    else:
        warrants = abs(change) > table["change_percent"]
    return {
        "slope_per_year": slope,
        "rapid_progression": slope < -table["rapid_loss_per_year"],
        "change_percent": change,
        "category_first": first,
        "category_last": last,
        "certain_drop": names.index(last) < names.index(first) and change <= -table["certain_drop_percent"],
        "change_warrants_evaluation": warrants,
    }


def follow_psa(times_days: Sequence[Any], psa_ng_per_ml: Sequence[Any], *, table: Coefficients) -> Outputs:
    """Tell how fast PSA rises: least-squares slope in ng/mL per year, rise from first to last, days between.

    References
    ----------
    Carter HB et al. JAMA 1992;267:2215-2220. doi:10.1001/jama.1992.03480160073037
    """
    del table
    match_lengths("psa-velocity", times_days=times_days, psa_ng_per_ml=psa_ng_per_ml)
    times = read_times("psa-velocity", "times_days", times_days, least=2)
    values = read_numbers("psa-velocity", "psa_ng_per_ml", psa_ng_per_ml, least=2)
    if min(values) < 0:
        raise OutOfDomain(f"psa-velocity: psa_ng_per_ml holds {min(values):g}; it can be 0 or more")
    return {
        "velocity_ng_per_ml_per_year": fit_slope("psa-velocity", times, values) * DAYS_PER_YEAR,
        "rise_percent_first_to_last": (values[-1] / values[0] - 1) * PERCENT if values[0] > 0 else None,
        "span_days": times[-1] - times[0],
    }


def fit_interrupted_series(days: Sequence[Any], values: Sequence[Any], change_day: float, *, table: Coefficients) -> Outputs:
    """Measure the step and the new slope at a change of therapy by segmented regression (time counted from the change).

    Returns
    -------
    dict
        Level change and its standard error, change of slope per day, residual standard deviation, first-order
        autocorrelation of the residuals, and the standard error widened for it.

    Raises
    ------
    OutOfDomain
        Too few values on either side to tell a step from noise.

    Notes
    -----
    ``level_change_se`` is the plain least-squares one; readings of neighbouring days resemble each other, so where the
    autocorrelation passes the table's limit ``level_change_se_widened`` is the one to use.

    References
    ----------
    Bernal JL, Cummins S, Gasparrini A. Int J Epidemiol 2017;46:348-355. doi:10.1093/ije/dyw098
    """
    match_lengths("interrupted-series", days=days, values=values)
    since = np.array(read_times("interrupted-series", "days", days)) - change_day
    measured = np.array(read_numbers("interrupted-series", "values", values))
    after = (since >= 0).astype(float)
    least = table["least_on_each_side"]
    if min(after.sum(), len(after) - after.sum()) < least:
        raise OutOfDomain(
            f"interrupted-series: {int(after.sum())} of {len(after)} values after the change; give {least} on each side"
        )
    design = np.column_stack([np.ones_like(since), since, after, after * since])
    if np.linalg.matrix_rank(design) < FREE_PARAMETERS or len(since) <= FREE_PARAMETERS:
        raise OutOfDomain("interrupted-series: the days of one side coincide, or too few values are left; no slope can be told")
    fitted, *_ = np.linalg.lstsq(design, measured, rcond=None)
    residuals = measured - design @ fitted
    variance = float(residuals @ residuals) / (len(since) - FREE_PARAMETERS)
    error = math.sqrt(variance * float(np.linalg.inv(design.T @ design)[2, 2]))
    alike = _autocorrelation(residuals)
    widening = math.sqrt((1 + alike) / (1 - alike)) if alike is not None and table["widen_from"] < alike < 1 else 1.0
    return {
        "level_change": float(fitted[2]),
        "slope_change_per_day": float(fitted[3]),
        "level_change_se": error,
        "residual_sd": math.sqrt(variance),
        "autocorrelation": alike,
        "level_change_se_widened": error * widening,
    }


def _autocorrelation(residuals: np.ndarray[Any, np.dtype[np.float64]]) -> float | None:
    total = float(residuals @ residuals)
    return float(residuals[:-1] @ residuals[1:]) / total if total > 0 else None
