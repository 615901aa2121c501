"""Lung cancer in people who have smoked."""

from __future__ import annotations

from singula.methods.registry import Coefficients, Outputs
from singula.methods.risk.arithmetic import choose, logistic_risk, look_up, over_columns_and_words


@over_columns_and_words("ethnicity", "smoking_status")
def estimate_plco(
    age_years: float,
    ethnicity: str,
    education_level: float,
    bmi_kg_per_m2: float,
    copd: bool,
    personal_history_cancer: bool,
    family_history_lung_cancer: bool,
    smoking_status: str,
    cigarettes_per_day: float,
    smoking_duration_years: float,
    years_since_quit: float,
    *,
    table: Coefficients,
) -> Outputs:
    """Estimate lung cancer over 6 years in percent in people who have ever smoked (PLCOm2012).

    Notes
    -----
    Programmes invite from 1.5 percent on; people who never smoked are outside its domain.

    References
    ----------
    Tammemägi MC et al. N Engl J Med 2013;368:728-736. doi:10.1056/NEJMoa1211776
    """
    centres, intensity = table["centres"], table["intensity"]
    quit_years = choose(smoking_status == "current", 0.0, years_since_quit)
    predictor = (
        table["intercept"]
        + table["age_minus_62"] * (age_years - centres["age"])
        + table["education_level_minus_4"] * (education_level - centres["education"])
        + table["bmi_minus_27"] * (bmi_kg_per_m2 - centres["bmi"])
        + table["copd"] * copd
        + table["personal_history_cancer"] * personal_history_cancer
        + table["family_history_lung_cancer"] * family_history_lung_cancer
        + table["current_smoker"] * (smoking_status == "current")
        + intensity["beta"] * (10.0 / cigarettes_per_day - intensity["centre"])
        + table["smoking_duration_minus_27"] * (smoking_duration_years - centres["duration"])
        + table["quit_years_minus_10"] * (quit_years - centres["quit"])
        + look_up(table["ethnicity"], ethnicity)
    )
    return {"lung_cancer_risk_percent_6y": logistic_risk(predictor)}
