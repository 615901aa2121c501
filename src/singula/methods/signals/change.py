"""Has a value really changed? Reference change values and control charts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from singula.errors import OutOfDomain
from singula.methods.registry import Coefficients, Outputs
from singula.methods.signals.series import read_numbers

PERCENT = 100


def judge_change(
    cv_analytical_percent: float,
    cv_within_subject_percent: float,
    z: float,
    model: str,
    first_value: float,
    second_value: float,
    *,
    table: Coefficients,
) -> Outputs:
    """Tell whether two results of one person differ by more than analysis and biology explain.

    Returns
    -------
    dict
        Reference change values up and down, the change (all percent of the first value), whether it is significant.

    Raises
    ------
    OutOfDomain
        A first value that is not above zero, or a second one that is not under the log-normal model.

    Notes
    -----
    The log-normal band is not symmetric: a rise has to be larger than a fall. After an extreme first value the second one
    tends back towards the mean, so a significant fall from an outlier is weak evidence.

    References
    ----------
    Fraser CG, Harris EK. Crit Rev Clin Lab Sci 1989;27:409-437. doi:10.3109/10408368909106595
    """
    if first_value <= 0 or (model == "lognormal" and second_value <= 0):
        raise OutOfDomain(f"reference-change-value: values {first_value:g} and {second_value:g}; both can be above 0")
    analytical, within = cv_analytical_percent / PERCENT, cv_within_subject_percent / PERCENT
    if model == "normal":
        up = table["two_results"] ** 0.5 * z * math.hypot(analytical, within)
        down = -up
    else:
        width = math.sqrt(math.log1p(analytical**2) + math.log1p(within**2))
        up = math.expm1(table["two_results"] ** 0.5 * z * width)
        down = math.expm1(-(table["two_results"] ** 0.5) * z * width)
    change = second_value / first_value - 1
    return {
        "rcv_up_percent": up * PERCENT,
        "rcv_down_percent": down * PERCENT,
        "change_percent": change * PERCENT,
        "significant": change > up or change < down,
    }


def watch_cusum(values: Sequence[Any], target: float, sd: float, k_sd: float, h_sd: float, *, table: Coefficients) -> Outputs:
    """Watch a series for a small lasting shift with the two-sided tabular CUSUM; both sums restart after an alarm.

    Returns
    -------
    dict
        Upper and lower sums in standard deviations, and alarms with index from 0 and side (up, down).

    References
    ----------
    Page ES. Biometrika 1954;41:100-115. doi:10.1093/biomet/41.1-2.100
    """
    del table
    uppers, lowers, alarms = [], [], []
    upper = lower = 0.0
    for index, value in enumerate(read_numbers("cusum-tabular", "values", values)):
        away = (value - target) / sd
        upper, lower = max(0.0, upper + away - k_sd), max(0.0, lower - away - k_sd)
        uppers.append(upper)
        lowers.append(lower)
        if upper > h_sd or lower > h_sd:
            alarms.append({"index": index, "side": "up" if upper > h_sd else "down"})
            upper = lower = 0.0
    return {"upper": uppers, "lower": lowers, "alarms": alarms}


def watch_ewma(
    values: Sequence[Any], target: float, sd: float, weight: float, limit_sd: float, *, table: Coefficients
) -> Outputs:
    """Watch a series with an exponentially weighted mean and its exact, widening limits.

    Returns
    -------
    dict
        The weighted mean after each value, and the indices (from 0) at which it lies outside the limits.

    References
    ----------
    Lucas JM, Saccucci MS. Technometrics 1990;32:1-12. doi:10.1080/00401706.1990.10484583
    """
    del table
    means, alarms = [], []
    current = target
    for index, value in enumerate(read_numbers("ewma-chart", "values", values)):
        current = weight * value + (1 - weight) * current
        means.append(current)
        share = weight / (2 - weight) * (1 - (1 - weight) ** (2 * (index + 1)))
        if abs(current - target) > limit_sd * sd * math.sqrt(share):
            alarms.append(index)
    return {"ewma": means, "alarm_indices": alarms}
