"""What a week of home blood pressure says."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from singula.errors import OutOfDomain
from singula.methods.registry import Coefficients, Outputs
from singula.methods.signals.series import match_lengths, mean, read_positive, read_times, sample_sd

PERCENT = 100
METHOD = "home-bp-summary"


def summarise_home_pressure(
    day: Sequence[Any],
    session: Sequence[Any],
    sbp_mmhg: Sequence[Any],
    dbp_mmhg: Sequence[Any],
    *,
    table: Coefficients,
) -> Outputs:
    """Summarise home readings without the first day, which runs high.

    Returns
    -------
    dict
        Mean pressures, standard deviation, CV and average real variability of the systolic, morning minus evening (mmHg; null
        where undefined), readings used, whether they are enough to judge, and whether the mean is hypertensive at home.

    Raises
    ------
    OutOfDomain
        Nothing is left without the first day, a session is neither morning nor evening, or lists differ in length.

    References
    ----------
    Stergiou GS et al. J Hypertens 2021;39:1293-1302. doi:10.1097/HJH.0000000000002922
    """
    match_lengths(METHOD, day=day, session=session, sbp_mmhg=sbp_mmhg, dbp_mmhg=dbp_mmhg)
    days = read_times(METHOD, "day", day)
    odd = [word for word in session if word not in table["sessions"]]
    if odd:
        raise OutOfDomain(f"{METHOD}: session holds {odd[0]!r}; it can be {' or '.join(table['sessions'])}")
    upper, lower = read_positive(METHOD, "sbp_mmhg", sbp_mmhg), read_positive(METHOD, "dbp_mmhg", dbp_mmhg)
    # the first day of the series, whatever number it bears
    used = [place for place, number in enumerate(days) if number >= min(days) + table["days_dropped"]]
    if not used:
        raise OutOfDomain(f"{METHOD}: every reading is of day {min(days):g}, the first, which is not used; give a later day")
    systolic, diastolic = [upper[place] for place in used], [lower[place] for place in used]
    top, bottom, spread = mean(systolic), mean(diastolic), sample_sd(systolic)
    steps = [abs(later - earlier) for earlier, later in pairwise(systolic)]
    halves = [[upper[place] for place in used if session[place] == word] for word in table["sessions"]]
    return {
        "mean_sbp_mmhg": top,
        "mean_dbp_mmhg": bottom,
        "sd_sbp_mmhg": spread,
        "cv_sbp_percent": spread / top * PERCENT if spread is not None else None,
        "arv_sbp_mmhg": mean(steps) if steps else None,
        "morning_minus_evening_sbp_mmhg": mean(halves[0]) - mean(halves[1]) if all(halves) else None,
        "n_used": len(used),
        "adequate": len({days[place] for place in used}) >= table["least_days"] and len(used) >= table["least_readings"],
        "hypertensive_at_home": top >= table["sbp_mmhg"] or bottom >= table["dbp_mmhg"],
    }
