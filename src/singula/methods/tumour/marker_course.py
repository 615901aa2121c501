"""The course of a tumour marker in blood: PSA, CA-125, circulating tumour DNA."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite, log
from typing import Any

from singula.errors import InvalidInput, OutOfDomain
from singula.methods.registry import Coefficients, Outputs

Course = list[tuple[float, float]]


def estimate_psa_doubling_time(measurements: Sequence[Mapping[str, Any]], *, table: Coefficients) -> Outputs:
    """Estimate how fast PSA doubles, by least squares on its logarithm; None unless it rises.

    References
    ----------
    Pound CR et al. JAMA 1999;281:1591-7. PMID 10235151
    """
    course = read_course("psa-doubling-time", measurements)
    if len({day for day, _ in course}) < 2 or any(value <= 0 for _, value in course):
        raise OutOfDomain("psa-doubling-time: measurements need values above 0 on at least two days")
    mean_day = sum(day for day, _ in course) / len(course)
    mean_log = sum(log(value) for _, value in course) / len(course)
    spread = sum((day - mean_day) ** 2 for day, _ in course)
    slope = sum((day - mean_day) * (log(value) - mean_log) for day, value in course) / spread
    trend = "rising" if slope > 0 else "falling" if slope < 0 else "stable"
    months = log(2) / slope / table["days_a_month"] if slope > 0 else None
    return {"psa_doubling_time_months": months, "slope_ln_per_day": slope, "trend": trend}


def judge_psa_course(measurements: Sequence[Mapping[str, Any]], *, table: Coefficients) -> Outputs:
    """Judge PSA under treatment: confirmed falls by half and by nine tenths, and progression (PCWG3).

    References
    ----------
    Scher HI et al. J Clin Oncol 2016;34:1402-18. PMID 26903579
    """
    course = read_course("pcwg3-psa", measurements)
    before, after = _split("pcwg3-psa", course)
    baseline = before[-1][1]
    if baseline <= 0:
        raise OutOfDomain("pcwg3-psa: the last value before treatment has to be above 0")
    lowest = min(value for _, value in after)
    return {
        "best_change_percent": 100 * (lowest / baseline - 1),
        "psa50_confirmed": _has_fallen(after, baseline * table["half"], table),
        "psa90_confirmed": _has_fallen(after, baseline * table["tenth"], table),
        "nadir_ng_per_ml": min(lowest, baseline),
        "progression_day": _psa_progression(after, baseline, table),
    }


def _has_fallen(after: Course, limit: float, table: Coefficients) -> bool:
    low = [day for day, value in after if value <= limit]
    return bool(low) and low[-1] - low[0] >= table["confirmation_days"]


def _psa_progression(after: Course, baseline: float, table: Coefficients) -> float | None:
    def has_risen(value: float, nadir: float) -> bool:
        return bool(value >= table["rise_ratio"] * nadir and value - nadir >= table["rise_ng_per_ml"])

    if all(value >= baseline for _, value in after):
        return next((day for day, value in after if day >= table["early_days"] and has_risen(value, baseline)), None)
    nadir, fell = baseline, False
    for number, (day, value) in enumerate(after):
        if (fell or day >= table["early_days"]) and has_risen(value, nadir):
            later = next((one for when, one in after[number + 1 :] if when - day >= table["confirmation_days"]), None)
            if later is not None and has_risen(later, nadir):
                return day
        nadir, fell = min(nadir, value), fell or value < baseline
    return None


def judge_ca_125_course(measurements: Sequence[Mapping[str, Any]], uln_u_per_ml: float, *, table: Coefficients) -> Outputs:
    """Judge CA-125 under treatment: response by half that holds, progression by doubling (GCIG).

    References
    ----------
    Rustin GJS et al. Int J Gynecol Cancer 2011;21:419-23. PMID 21270624
    """
    course = read_course("gcig-ca-125", measurements)
    before = [(day, value) for day, value in course if day <= 0]
    after = [(day, value) for day, value in course if day > 0]
    recent = [value for day, value in before if day >= -table["before_days"]]
    evaluable = bool(recent) and recent[-1] >= table["high_ratio"] * uln_u_per_ml
    response_day = _held_fall(after, recent[-1] / 2, table) if evaluable else None
    return {
        "evaluable_for_response": evaluable,
        "response": "not_evaluable" if not evaluable else "no" if response_day is None else "yes",
        "response_day": response_day,
        "progression_day": _ca_125_progression(before, after, uln_u_per_ml, table),
    }


def _held_fall(after: Course, limit: float, table: Coefficients) -> float | None:
    for number, (day, value) in enumerate(after):
        if value > limit:
            continue
        for later_day, later in after[number + 1 :]:
            if later > limit:
                break
            if later_day - day >= table["response_days"]:
                return day
    return None


def _ca_125_progression(before: Course, after: Course, uln: float, table: Coefficients) -> float | None:
    seen = [value for _, value in before]
    for number, (day, value) in enumerate(after):
        if seen:
            nadir = min(seen)
            threshold = table["high_ratio"] * (uln if nadir <= uln else nadir)
            later = next((one for when, one in after[number + 1 :] if when - day >= table["progression_days"]), None)
            if value >= threshold and later is not None and later >= threshold:
                return day
        seen.append(value)
    return None


def compare_circulating_dna(baseline: Mapping[str, Any], on_treatment: Mapping[str, Any], *, table: Coefficients) -> Outputs:
    """Compare the mean allele fraction of the baseline's variants with that under treatment; new variants are listed.

    Parameters
    ----------
    baseline, on_treatment : mapping
        Variant to allele fraction, 0 to 1; a variant left out under treatment was not detected.
    """
    before, now = _fractions("baseline", baseline), _fractions("on_treatment", on_treatment)
    followed = [name for name, fraction in before.items() if fraction > 0]
    if not followed:
        raise OutOfDomain("ctdna-molecular-response: baseline holds no variant above 0; there is nothing to follow")
    first = sum(before[name] for name in followed) / len(followed)
    later = sum(now.get(name, 0.0) for name in followed) / len(followed)
    return {
        "baseline_mean_vaf": first,
        "on_treatment_mean_vaf": later,
        "ratio": later / first,
        "molecular_response": later / first <= table["response_ratio"],
        "cleared": all(now.get(name, 0.0) == 0 for name in followed),
        "new_variants": sorted(name for name, fraction in now.items() if fraction > 0 and name not in followed),
    }


def _fractions(which: str, given: Mapping[str, Any]) -> dict[str, float]:
    for name, fraction in given.items():
        if isinstance(fraction, bool) or not isinstance(fraction, int | float):
            raise InvalidInput(f"ctdna-molecular-response: {which} {name} is {fraction!r}; write a fraction")
        if not 0 <= fraction <= 1:
            raise OutOfDomain(f"ctdna-molecular-response: {which} {name} is {fraction:g}; a fraction lies between 0 and 1")
    return dict(given)


def read_course(method: str, measurements: Sequence[Mapping[str, Any]]) -> Course:
    """Read days and values, earliest first; InvalidInput says which is no number."""
    course: Course = []
    for number, one in enumerate(measurements):
        cells = (one.get("day"), one.get("value")) if isinstance(one, Mapping) else (None, None)
        if any(isinstance(cell, bool) or not isinstance(cell, int | float) or not isfinite(cell) for cell in cells):
            raise InvalidInput(f"{method}: measurements[{number}] needs day and value as numbers")
        day, value = cells
        course.append((day, value))  # type: ignore[arg-type]
    return sorted(course, key=lambda one: one[0])


def _split(method: str, course: Course) -> tuple[Course, Course]:
    before = [(day, value) for day, value in course if day <= 0]
    after = [(day, value) for day, value in course if day > 0]
    if not before or not after:
        raise OutOfDomain(f"{method}: measurements need one at or before day 0, the start of treatment, and one after it")
    return before, after
