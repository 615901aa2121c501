"""Beat-to-beat series: time-domain variability, and nights in which the resting heart runs too fast."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

from singula.errors import InvalidInput, OutOfDomain, quoted
from singula.methods.registry import Coefficients, Outputs
from singula.methods.signals.series import match_lengths, mean, read_positive, sample_sd

PERCENT = 100
MS_PER_MIN = 60_000
NIGHT = timedelta(days=1)


def describe_variability(rr_ms: Sequence[Any], *, table: Coefficients) -> Outputs:
    """Describe heart rate variability in the time domain from intervals between normal beats (ms).

    Returns
    -------
    dict
        Mean, SD, RMSSD and median in ms; shares of steps above 50 and 20 ms, counted over all intervals; mean heart rate.

    Notes
    -----
    An interval far from its neighbours is an artefact or an ectopic beat and distorts every figure: clean first.

    References
    ----------
    Task Force of ESC and NASPE. Circulation 1996;93:1043-1065. doi:10.1161/01.CIR.93.5.1043
    """
    intervals = read_positive("hrv-time-domain", "rr_ms", rr_ms, least=2)
    steps = [later - earlier for earlier, later in pairwise(intervals)]
    wide, narrow = table["steps_ms"]
    centre = mean(intervals)
    return {
        "mean_nn_ms": centre,
        "sdnn_ms": sample_sd(intervals),
        "rmssd_ms": math.sqrt(mean([step**2 for step in steps])),
        "pnn50_percent": sum(abs(step) > wide for step in steps) / len(intervals) * PERCENT,
        "pnn20_percent": sum(abs(step) > narrow for step in steps) / len(intervals) * PERCENT,
        "median_nn_ms": median(intervals),
        "mean_heart_rate_per_min": MS_PER_MIN / centre,
    }


def judge_nights(dates: Sequence[Any], night_heart_rate_per_min: Sequence[Any], *, table: Coefficients) -> Outputs:
    """Judge each night's resting heart rate against the person's own past: 0 green, 1 yellow, 2 red (NightSignal).

    A single missing night is filled with the mean of its neighbours where one of them has a neighbour of its own. The second
    of two nights in a row above the running median alerts; red needs both to be red.

    References
    ----------
    Alavi A et al. Nat Med 2022;28:175-184. doi:10.1038/s41591-021-01593-2
    """
    match_lengths("nightsignal-2022", dates=dates, night_heart_rate_per_min=night_heart_rate_per_min)
    rates = read_positive("nightsignal-2022", "night_heart_rate_per_min", night_heart_rate_per_min)
    measured = dict(zip(map(_read_day, dates), map(int, rates), strict=True))
    if len(measured) < len(dates):
        raise OutOfDomain("nightsignal-2022: dates holds a night twice; give one value for each night")
    nights = _fill_gaps(measured)
    above: dict[date, int] = {}
    states: list[int] = []
    so_far: list[int] = []
    for night in sorted(nights):
        so_far.append(nights[night])
        above[night] = nights[night] - int(median(so_far))
        lasting = min(above[night], above.get(night - NIGHT, 0))
        states.append(2 if lasting >= table["red_above"] else 1 if lasting >= table["yellow_above"] else 0)
    return {"dates": [night.isoformat() for night in sorted(nights)], "states": states}


def _fill_gaps(measured: Mapping[date, int]) -> dict[date, int]:
    filled = dict(measured)
    for night in measured:
        gap, beyond = night + NIGHT, night + 2 * NIGHT
        is_single = gap not in measured and beyond in measured
        if is_single and (night - NIGHT in measured or beyond + NIGHT in measured):
            filled[gap] = int((measured[night] + measured[beyond]) / 2)
    return filled


def _read_day(text: Any) -> date:
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        raise InvalidInput(f"nightsignal-2022: dates holds {quoted(text)}; write YYYY-MM-DD") from None
