"""Scores that add points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from singula.methods.registry import Coefficients, Outputs
from singula.methods.risk.arithmetic import band_points


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
    by_age = table["age_75"] if age_years >= oldest else table["age_65_74"] if age_years >= older else 0
    score = (
        by_age
        + table["heart_failure"] * heart_failure
        + table["hypertension"] * hypertension
        + table["diabetes"] * diabetes
        + table["stroke_tia_thromboembolism"] * stroke_tia_thromboembolism
        + table["vascular_disease"] * vascular_disease
    )
    return {"cha2ds2_vasc_score": score + table["female"] * (sex == "female"), "cha2ds2_va_score": score}


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
        table["site"][cancer_site]
        + (platelets_1e9_per_l >= table["platelets"])
        + (haemoglobin_g_per_dl < table["haemoglobin"] or erythropoiesis_stimulating_agent)
        + (leukocytes_1e9_per_l > table["leukocytes"])
        + (bmi_kg_per_m2 >= table["bmi"])
    )
    return {"khorana_score": score, "category": band_points(score, table["bands"])}


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
        + table["inactive"] * (not physically_active)
        + table["no_vegetables"] * (not daily_vegetables_or_fruit)
        + table["bp_treated"] * bp_treated
        + table["high_glucose_ever"] * high_glucose_ever
        + table["family"][family_history_diabetes]
    )
    return {"findrisc_score": score, "category": band_points(score, table["bands"])}


def _between(value: float, cuts: Sequence[Any]) -> int:
    low, high, points = cuts
    return int(points[0] if value < low else points[1] if value <= high else points[2])


def score_maggic(*, table: Coefficients, **person: Any) -> Outputs:
    """Score survival with heart failure (MAGGIC integer score, 0 to 50; higher is worse).

    References
    ----------
    Pocock SJ et al. Eur Heart J 2013;34:1404-1413. doi:10.1093/eurheartj/ehs337
    """
    fraction = person["left_ventricular_ejection_fraction_percent"]
    column = sum(fraction >= cut for cut in table["ef_columns"])
    score = (
        band_points(fraction, table["ef"])
        + table["age_points"][column][sum(person["age_years"] >= cut for cut in table["age"])]
        + table["sbp_points"][column][sum(person["sbp_mmhg"] >= cut for cut in table["sbp"])]
        + band_points(person["bmi_kg_per_m2"], table["bmi"])
        + band_points(person["creatinine_umol_per_l"], table["creatinine"])
        + table["nyha"][person["nyha_class"] - 1]
        + table["male"] * (person["sex"] == "male")
        + table["smoker"] * person["smoker_current"]
        + table["diabetes"] * person["diabetes"]
        + table["copd"] * person["copd"]
        + table["late"] * (not person["heart_failure_diagnosed_within_18_months"])
        + table["no_beta_blocker"] * (not person["beta_blocker"])
        + table["no_acei"] * (not person["acei_or_arb"])
    )
    return {"maggic_score": score}
