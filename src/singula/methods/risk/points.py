"""Scores that add points."""

from __future__ import annotations

from singula.methods.registry import Coefficients, Outputs


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
