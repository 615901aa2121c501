"""Recurrence told by a marker in blood after curative treatment: PSA, CEA."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from singula.errors import OutOfDomain
from singula.methods.registry import Coefficients, Outputs
from singula.methods.tumour.marker_course import Course, read_course


def judge_biochemical_recurrence(measurements: Sequence[Mapping[str, Any]], treatment: str, *, table: Coefficients) -> Outputs:
    """Judge whether PSA tells a recurrence after curative treatment.

    Parameters
    ----------
    measurements : sequence of mapping
        ``day`` since treatment and ``value`` in ng/mL.
    treatment : str
        ``prostatectomy``: two values in a row at or above 0.2 ng/mL. ``radiotherapy``: 2 ng/mL above the lowest value so far.

    Returns
    -------
    dict
        ``recurrence`` (yes, no, unconfirmed), its day or None, the lowest value in ng/mL.

    References
    ----------
    Cookson MS et al. J Urol 2007;177:540-5. PMID 17222629
    Roach M et al. Int J Radiat Oncol Biol Phys 2006;65:965-74. PMID 16798415
    """
    course = [(day, value) for day, value in read_course("psa-biochemical-recurrence", measurements) if day > 0]
    if not course or any(value < 0 for _, value in course):
        raise OutOfDomain("psa-biochemical-recurrence: measurements need a value of 0 or more after day 0, the day of treatment")
    nadir = min(value for _, value in course)
    if treatment == "radiotherapy":
        day = _first_over_nadir(course, table["rise_over_nadir_ng_per_ml"])
        return {"recurrence": "no" if day is None else "yes", "recurrence_day": day, "nadir_ng_per_ml": nadir}
    verdict, day = _first_twice(course, table["surgery_ng_per_ml"])
    return {"recurrence": verdict, "recurrence_day": day, "nadir_ng_per_ml": nadir}


def judge_cea_course(measurements: Sequence[Mapping[str, Any]], *, table: Coefficients) -> Outputs:
    """Judge whether CEA in follow-up of colorectal cancer asks for imaging: two values in a row at the recommended threshold.

    Parameters
    ----------
    measurements : sequence of mapping
        ``day`` since the end of treatment and ``value`` in ug/L.

    Returns
    -------
    dict
        ``rise`` (yes, no, unconfirmed) and its day or None. A value below the threshold leaves half of the recurrences unseen.

    References
    ----------
    Shinkins B et al. PLoS One 2017;12:e0171810. PMID 28282381
    """
    course = [(day, value) for day, value in read_course("cea-follow-up", measurements) if day > 0]
    if not course or any(value < 0 for _, value in course):
        raise OutOfDomain("cea-follow-up: measurements need a value of 0 or more after day 0, the end of treatment")
    verdict, day = _first_twice(course, table["threshold_ug_per_l"])
    return {"rise": verdict, "rise_day": day}


def _first_over_nadir(course: Course, rise: float) -> float | None:
    nadir = course[0][1]
    for day, value in course:
        if value >= nadir + rise:
            return day
        nadir = min(nadir, value)
    return None


def _first_twice(course: Course, threshold: float) -> tuple[str, float | None]:
    """Return the first of two values in a row at or above a threshold; a last value alone waits for its second."""
    for (day, value), (_, following) in pairwise(course):
        if value >= threshold and following >= threshold:
            return "yes", day
    day, value = course[-1]
    return ("unconfirmed", day) if value >= threshold else ("no", None)
