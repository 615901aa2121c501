"""Prostate cancer: death with and without radical treatment, and the risk groups at diagnosis."""

from __future__ import annotations

from math import exp, log

from singula.methods.registry import Coefficients, Outputs
from singula.methods.risk.arithmetic import band_points
from singula.methods.tumour.competing_deaths import follow_deaths

DAYS_A_YEAR, LONGEST = "days_a_year", 15


def estimate_predict_prostate(
    age_years: float,
    psa_ng_per_ml: float,
    t_stage: int,
    grade_group: int,
    comorbidity: bool,
    treatment: str,
    positive_cores: str,
    *,
    table: Coefficients,
) -> Outputs:
    """Estimate death of prostate cancer and of other causes within 10 and 15 years of diagnosis (PREDICT Prostate).

    References
    ----------
    Thurtle DR et al. PLoS Med 2019;16:e1002758. doi:10.1371/journal.pmed.1002758
    """
    index = (
        table["age_cubed"] * ((age_years / 10) ** 3 - table["age_cubed_centre"])
        + table["psa"] * (log((psa_ng_per_ml + 1) / 100) + table["psa_centre"])
        + table["t_stage"][str(t_stage)]
        + table["grade_group"][str(grade_group)]
        + table["treatment"][treatment]
        + table["positive_cores"][positive_cores]
    )
    other = table["other"]
    mortality = other["age"] * (age_years - other["age_centre"]) + other["comorbidity"] * comorbidity

    def hazard(terms: list[float], year: int) -> float:
        day = table[DAYS_A_YEAR] * year
        return exp(terms[0] + terms[1] * log(day) + terms[2] * day**3)

    deaths = follow_deaths(
        lambda year: hazard(table["baseline"], year),
        lambda year: hazard(other["baseline"], year),
        lambda _: exp(index),
        lambda _: exp(mortality),
        LONGEST,
    )
    answer: Outputs = {}
    for year in (10, LONGEST):
        answer[f"prostate_death_percent_{year}y"] = 100 * deaths.disease[year]
        answer[f"other_death_percent_{year}y"] = 100 * deaths.other[year]
        answer[f"all_cause_death_percent_{year}y"] = 100 * (1 - deaths.survival(year))
    return answer


def score_capra(
    age_years: float,
    psa_ng_per_ml: float,
    gleason_primary: int,
    gleason_secondary: int,
    clinical_t_stage: str,
    positive_cores_percent: float,
    *,
    table: Coefficients,
) -> Outputs:
    """Score localised prostate cancer before surgery (CAPRA, 0 to 10 points).

    References
    ----------
    Cooperberg MR et al. J Urol 2005;173:1938-42. PMID 15879786
    """
    high = table["gleason_high"]
    gleason = table["gleason_primary"] if gleason_primary >= high else table["gleason_secondary"] * (gleason_secondary >= high)
    score = (
        (age_years >= table["age"])
        + sum(psa_ng_per_ml > cut for cut in table["psa"])
        + gleason
        + (clinical_t_stage in table["extracapsular"])
        + (positive_cores_percent >= table["cores_percent"])
    )
    return {"capra_score": score, "risk_group": band_points(score, table["bands"])}


def classify_damico(psa_ng_per_ml: float, gleason_sum: int, clinical_t_stage: str, *, table: Coefficients) -> Outputs:
    """Class localised prostate cancer as low, intermediate or high risk.

    References
    ----------
    D'Amico AV et al. JAMA 1998;280:969-74. PMID 9749478
    """
    for group in ("high", "intermediate"):
        rule = table[group]
        if psa_ng_per_ml > rule["psa"] or gleason_sum >= rule["gleason"] or clinical_t_stage in rule["stages"]:
            return {"risk_group": group}
    return {"risk_group": "low"}
