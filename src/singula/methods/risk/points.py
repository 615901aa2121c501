"""Scores that add points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from singula.methods.registry import Coefficients, Outputs
from singula.methods.risk.arithmetic import (
    band_points,
    choose,
    count_reached,
    larger,
    look_up,
    over_columns,
    over_columns_and_words,
)


@over_columns
def score_cha2ds2_vasc(
    age_years: float,
    sex: str,
    heart_failure: bool,
    hypertension: bool,
    diabetes: bool,
    stroke_tia_thromboembolism: bool,
    vascular_disease: bool,
    *,
    table: Coefficients,
) -> Outputs:
    """Score the stroke risk of atrial fibrillation: CHA2DS2-VASc, and CHA2DS2-VA without the sex point (ESC 2024).

    References
    ----------
    Lip GYH et al. Chest 2010;137:263-272. doi:10.1378/chest.09-1584
    """
    older, oldest = table["ages"]
    by_age = choose(age_years >= oldest, table["age_75"], choose(age_years >= older, table["age_65_74"], 0))
    score = (
        by_age
        + table["heart_failure"] * heart_failure
        + table["hypertension"] * hypertension
        + table["diabetes"] * diabetes
        + table["stroke_tia_thromboembolism"] * stroke_tia_thromboembolism
        + table["vascular_disease"] * vascular_disease
    )
    return {"cha2ds2_vasc_score": score + table["female"] * (sex == "female"), "cha2ds2_va_score": score}


@over_columns
def score_has_bled(*, table: Coefficients, **findings: bool) -> Outputs:
    """Score the bleeding risk of anticoagulation, one point for each of nine findings (HAS-BLED).

    Notes
    -----
    A high score asks to mend what can be mended, not to withhold the anticoagulant.

    References
    ----------
    Pisters R et al. Chest 2010;138:1093-1100. doi:10.1378/chest.10-0134
    """
    score = sum(findings.values())
    return {"has_bled_score": score, "high_risk": score >= table["high_at"]}


@over_columns_and_words("cancer_site")
def score_khorana(
    cancer_site: str,
    platelets_1e9_per_l: float,
    haemoglobin_g_per_dl: float,
    erythropoiesis_stimulating_agent: bool,
    leukocytes_1e9_per_l: float,
    bmi_kg_per_m2: float,
    *,
    table: Coefficients,
) -> Outputs:
    """Score the risk of thrombosis before outpatient chemotherapy (Khorana 2008).

    References
    ----------
    Khorana AA et al. Blood 2008;111:4902-4907. doi:10.1182/blood-2007-10-116327
    """
    score = (
        look_up(table["site"], cancer_site)
        + (platelets_1e9_per_l >= table["platelets"])
        + larger(1 * (haemoglobin_g_per_dl < table["haemoglobin"]), erythropoiesis_stimulating_agent)
        + (leukocytes_1e9_per_l > table["leukocytes"])
        + (bmi_kg_per_m2 >= table["bmi"])
    )
    return {"khorana_score": score, "category": band_points(score, table["bands"])}


@over_columns_and_words("family_history_diabetes")
def score_findrisc(
    age_years: float,
    sex: str,
    bmi_kg_per_m2: float,
    waist_cm: float,
    physically_active: bool,
    daily_vegetables_or_fruit: bool,
    bp_treated: bool,
    high_glucose_ever: bool,
    family_history_diabetes: str,
    *,
    table: Coefficients,
) -> Outputs:
    """Score the 10-year risk of type 2 diabetes without a blood test (FINDRISC); 7 points is already slightly elevated.

    References
    ----------
    Lindström J, Tuomilehto J. Diabetes Care 2003;26:725-731. doi:10.2337/diacare.26.3.725
    """
    score = (
        band_points(age_years, table["age"])
        + _between(bmi_kg_per_m2, table["bmi"])
        + _between(waist_cm, table["waist"][sex])
        + table["inactive"] * (1 - physically_active)
        + table["no_vegetables"] * (1 - daily_vegetables_or_fruit)
        + table["bp_treated"] * bp_treated
        + table["high_glucose_ever"] * high_glucose_ever
        + look_up(table["family"], family_history_diabetes)
    )
    return {"findrisc_score": score, "category": band_points(score, table["bands"])}


def _between(value: Any, cuts: Sequence[Any]) -> Any:
    low, high, points = cuts
    return choose(value < low, points[0], choose(value <= high, points[1], points[2]))


@over_columns
def score_maggic(*, table: Coefficients, **person: Any) -> Outputs:
    """Score survival with heart failure (MAGGIC integer score, 0 to 50; higher is worse).

    References
    ----------
    Pocock SJ et al. Eur Heart J 2013;34:1404-1413. doi:10.1093/eurheartj/ehs337
    """
    fraction = person["left_ventricular_ejection_fraction_percent"]
    column = count_reached(fraction, table["ef_columns"])
    score = (
        band_points(fraction, table["ef"])
        + _by_fraction(table["age_points"], column, count_reached(person["age_years"], table["age"]))
        + _by_fraction(table["sbp_points"], column, count_reached(person["sbp_mmhg"], table["sbp"]))
        + band_points(person["bmi_kg_per_m2"], table["bmi"])
        + band_points(person["creatinine_umol_per_l"], table["creatinine"])
        + band_points(person["nyha_class"], [[number, points] for number, points in enumerate(table["nyha"], 1)])
        + table["male"] * (person["sex"] == "male")
        + table["smoker"] * person["smoker_current"]
        + table["diabetes"] * person["diabetes"]
        + table["copd"] * person["copd"]
        + table["late"] * (1 - person["heart_failure_diagnosed_within_18_months"])
        + table["no_beta_blocker"] * (1 - person["beta_blocker"])
        + table["no_acei"] * (1 - person["acei_or_arb"])
    )
    return {"maggic_score": score}


def _by_fraction(rows: Sequence[Sequence[int]], column: Any, band: Any) -> Any:
    if isinstance(column, int):
        return rows[column][band]
    import numpy as np

    return np.array(rows)[column, band]
