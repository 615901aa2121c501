"""Survival after surgery for early breast cancer, and what each adjuvant treatment adds (PREDICT Breast)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Any

from singula.errors import MissingInput
from singula.methods.registry import Coefficients, Outputs
from singula.methods.tumour.competing_deaths import Deaths, follow_deaths

HORIZONS = (5, 10, 15)
TREATMENTS = ("radiotherapy", "endocrine", "chemotherapy", "trastuzumab", "bisphosphonate")


@dataclass(frozen=True)
class Course:
    """What one set of treatments does: the log hazard ratio of breast death by year, and what it adds to other deaths."""

    breast: Callable[[int], float]
    other: float = 0.0


def estimate_predict_breast_3(
    *,
    age_years: float,
    tumour_size_mm: float,
    positive_nodes: int,
    er_positive: bool,
    chemotherapy_generation: int,
    endocrine_therapy_years: int,
    trastuzumab: bool,
    bisphosphonate: bool,
    radiotherapy: bool,
    heart_dose_gy: float,
    smoker_current: bool,
    screen_detected: bool | None = None,
    grade: int | None = None,
    her2_positive: bool | None = None,
    ki67_positive: bool | None = None,
    pr_positive: bool | None = None,
    table: Coefficients,
) -> Outputs:
    """Estimate survival at 5, 10 and 15 years with surgery only and with treatment, and each treatment's gain (PREDICT 3.2).

    Returns
    -------
    dict
        Percentages; gains at 10 years are differences in the order radiotherapy, endocrine, chemotherapy, trastuzumab,
        bisphosphonate, and can be negative where harm outweighs benefit.

    References
    ----------
    Grootes I et al. npj Breast Cancer 2024;10:6. doi:10.1038/s41523-024-00612-y
    """
    part = table["er_positive" if er_positive else "er_negative"]
    age = (age_years - table["age_centre"]) / 100
    index = (
        part["age"][0] * (age ** part["age_power"] if "age_power" in part else age)
        + part["age"][1] * (age**2 if er_positive else age * log(age))
        + part["size"] * (1 - exp(-tumour_size_mm / part["size_scale"]) if er_positive else log(tumour_size_mm))
        + part["nodes"] * log(positive_nodes + 1)
        + part["grade"] * (table["unknown_grade"] if grade is None else grade)
        + part["screen"] * (table["unknown_screen"] if screen_detected is None else screen_detected)
        + part["year"] * table["year"]
        + _marker(part["pr"], pr_positive)
        + part["constant"]
        + (_marker(part["ki67"], ki67_positive) if er_positive else 0.0)
    )

    def her2(year: int) -> float:
        return _marker_by_year(part["her2"], her2_positive, year)

    other = table["other"]
    mortality = (
        other["age_cubed"] * age**3
        + other["age_cubed_ln"] * age**3 * log(age)
        + other["year"] * table["year"]
        + other["constant"]
        + log((table["smoking_ratio"] if smoker_current else 1) / table["smoking_mean"])
    )
    rx = table["log_hazard_ratios"]
    heart = log(table["heart_ratio_per_gy"]) * heart_dose_gy
    given: Mapping[str, Course | None] = {
        "radiotherapy": Course(lambda _: log(table["radiotherapy_ratio"]), heart) if radiotherapy else None,
        "endocrine": _endocrine(rx, endocrine_therapy_years if er_positive else 0),
        "chemotherapy": _chemotherapy(rx, chemotherapy_generation, log(table["chemotherapy_other_ratio"])),
        "trastuzumab": Course(lambda _: rx["trastuzumab"]) if trastuzumab and her2_positive else None,
        "bisphosphonate": Course(lambda _: rx["bisphosphonate"]) if bisphosphonate else None,
    }

    def follow(courses: Sequence[Course]) -> Deaths:
        return follow_deaths(
            lambda year: _power_hazard(part["baseline"], year),
            lambda year: exp(other["baseline"][0] + other["baseline"][1] * log(year / 10) + other["baseline"][2] * year / 10),
            lambda year: exp(index + her2(year) + sum(course.breast(year) for course in courses)),
            lambda _: exp(mortality + sum(course.other for course in courses)),
            HORIZONS[-1],
        )

    untreated = follow(())
    answer, treated = _successive(untreated, given, follow)
    answer["other_death_surgery_only_percent_10y"] = 100 * untreated.other[10]
    return answer | _survivals(untreated, treated)


def estimate_predict_breast_2(
    *,
    age_years: float,
    tumour_size_mm: float,
    positive_nodes: int,
    er_positive: bool,
    chemotherapy_generation: int,
    endocrine_therapy: bool,
    trastuzumab: bool,
    bisphosphonate: bool,
    screen_detected: bool | None = None,
    grade: int | None = None,
    her2_positive: bool | None = None,
    ki67_positive: bool | None = None,
    table: Coefficients,
) -> Outputs:
    """Estimate survival at 5, 10 and 15 years with surgery only and with treatment (PREDICT 2.2, in use 2017-2024).

    References
    ----------
    Candido dos Reis FJ et al. Breast Cancer Res 2017;19:58. doi:10.1186/s13058-017-0852-3
    """
    if grade is None and not er_positive:
        raise MissingInput("predict-breast-2.2: grade is missing; it can be unknown in ER-positive disease only")
    part = table["er_positive" if er_positive else "er_negative"]
    index = (_index_er_positive if er_positive else _index_er_negative)(
        part, age_years, tumour_size_mm, positive_nodes, table["unknown_grade"] if grade is None else grade
    )
    if er_positive:
        index += part["screen"] * (table["unknown_screen"] if screen_detected is None else screen_detected)
        index += _marker(part["ki67"], ki67_positive)
    index += _marker(part["her2"], her2_positive)
    other = table["other"]
    mortality = other["age"] * ((age_years / 10) ** 2 - other["age_centre"])
    rx = table["log_hazard_ratios"]
    given: Mapping[str, Course | None] = {
        "endocrine": Course(lambda _: rx["endocrine"]) if endocrine_therapy and er_positive else None,
        "chemotherapy": _chemotherapy(rx, chemotherapy_generation, 0.0),
        "trastuzumab": Course(lambda _: rx["trastuzumab"]) if trastuzumab and her2_positive else None,
        "bisphosphonate": Course(lambda _: rx["bisphosphonate"]) if bisphosphonate else None,
    }
    shape = _shape_er_positive if er_positive else _shape_er_negative

    def follow(courses: Sequence[Course]) -> Deaths:
        return follow_deaths(
            lambda year: exp(shape(part["baseline"], year)),
            lambda year: exp(other["baseline"][0] + other["baseline"][1] * log(year) + other["baseline"][2] * sqrt(year)),
            lambda year: exp(index + sum(course.breast(year) for course in courses)),
            lambda _: exp(mortality),
            HORIZONS[-1],
        )

    untreated = follow(())
    return _survivals(untreated, follow([course for course in given.values() if course]))


def _successive(
    untreated: Deaths, given: Mapping[str, Course | None], follow: Callable[[Sequence[Course]], Deaths]
) -> tuple[dict[str, Any], Deaths]:
    courses: list[Course] = []
    before = untreated
    answer: dict[str, Any] = {}
    for name in TREATMENTS:
        course = given[name]
        after = before
        if course is not None:
            courses.append(course)
            after = follow(courses)
        answer[f"benefit_{name}_percent_10y"] = 100 * (after.survival(10) - before.survival(10))
        before = after
    return answer, before


def _survivals(untreated: Deaths, treated: Deaths) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    for year in HORIZONS:
        answer[f"survival_surgery_only_percent_{year}y"] = 100 * untreated.survival(year)
        answer[f"survival_treated_percent_{year}y"] = 100 * treated.survival(year)
    answer["breast_death_surgery_only_percent_10y"] = 100 * untreated.disease[10]
    return answer


def _marker(effects: Sequence[float], positive: bool | None) -> float:
    return 0.0 if positive is None else effects[0 if positive else 1]


def _marker_by_year(effects: Any, positive: bool | None, year: int) -> float:
    if isinstance(effects[0], int | float):
        return _marker(effects, positive)
    if positive is None:
        return 0.0
    by_year = effects[0 if positive else 1]
    return float(by_year[year - 1]) if year <= len(by_year) else 0.0


def _endocrine(rx: Mapping[str, Any], years: int) -> Course | None:
    if not years:
        return None
    extended = rx["endocrine_extended"] if years == rx["endocrine_long"] else 0.0
    return Course(lambda year: rx["endocrine"] + (extended if year > rx["endocrine_long"] else 0.0))


def _chemotherapy(rx: Mapping[str, Any], generation: int, other: float) -> Course | None:
    return Course(lambda _: rx["chemotherapy"][str(generation)], other) if generation else None


def _power_hazard(baseline: Mapping[str, float], year: int) -> float:
    power = (year / 10) ** baseline["power"]
    return exp(baseline["constant"] + baseline["slope"] * power + baseline["slope_ln"] * power * log(year / 10))


def _index_er_positive(part: Mapping[str, Any], age: float, size_mm: float, nodes: int, grade: float) -> float:
    power = (age / 10) ** -2
    return float(
        part["age"][0] * (power - part["age_centres"][0])
        + part["age"][1] * (power * log(age / 10) - part["age_centres"][1])
        + part["size"] * (log(size_mm / 100) + part["size_centre"])
        + part["nodes"] * (log((nodes + 1) / 10) + part["nodes_centre"])
        + part["grade"] * grade
    )


def _index_er_negative(part: Mapping[str, Any], age: float, size_mm: float, nodes: int, grade: float) -> float:
    return float(
        part["age"][0] * (age - part["age_centres"][0])
        + part["size"] * (sqrt(size_mm / 100) - part["size_centre"])
        + part["nodes"] * (log((nodes + 1) / 10) + part["nodes_centre"])
        + part["grade"] * (grade >= part["grade_from"])
    )


def _shape_er_positive(baseline: Sequence[float], year: int) -> float:
    return baseline[0] + baseline[1] / sqrt(year) + baseline[2] * log(year) / sqrt(year)


def _shape_er_negative(baseline: Sequence[float], year: int) -> float:
    return baseline[0] + baseline[1] / year**2 + baseline[2] / year
