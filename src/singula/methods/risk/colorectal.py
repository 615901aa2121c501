"""Colorectal cancer: the NCI tool and CRC-PRO."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from singula.errors import OutOfDomain
from singula.methods.registry import Coefficients, Outputs
from singula.methods.risk.arithmetic import (
    PERCENT,
    any_true,
    count_reached,
    cubic_sum,
    exponential,
    floored,
    larger,
    look_up,
    over_columns_and_words,
    smaller,
    survival_risk,
)
from singula.methods.risk.competing import split_into_bands, sum_competing

SITES = ("proximal", "distal", "rectal")
BAND_YEARS = 5
CM_PER_M = 100.0
CIGARETTES = {"0": 0, "1-10": 1, "11-20": 2, "21+": 3}
EXERCISE = {"5+": 0, "3-4": 1, "1-2": 2, "none": 3}


@over_columns_and_words(
    "prior_endoscopy", "smoking_years_band", "cigarettes_per_day_band", "vigorous_exercise_hours_per_week_band"
)
def estimate_ccrat(*, table: Coefficients, **person: Any) -> Outputs:
    """Estimate colorectal cancer up to an age in percent, and the average person's (NCI tool 2009).

    Notes
    -----
    Not for inflammatory bowel disease, inherited syndromes or earlier colorectal cancer.

    References
    ----------
    Freedman AN et al. J Clin Oncol 2009;27:686-693. doi:10.1200/JCO.2008.17.4797
    """
    if any_true(person["projection_age_years"] <= person["age_years"]):
        raise OutOfDomain(f"ccrat-2009: projection_age_years {person['projection_age_years']} is not above age_years")
    if any_true((1 - person["aspirin_or_nsaid_regular"]) * person["non_aspirin_nsaid_regular"] > 0):
        raise OutOfDomain(
            "ccrat-2009: non_aspirin_nsaid_regular is true while aspirin_or_nsaid_regular is false; they contradict each other"
        )
    sex = person["sex"]
    covariates = _ccrat_covariates(person, table)
    relative = {}
    for site in SITES:
        weights = table["log_relative_risk"][sex][site]
        relative[site] = sum(weight * covariates[name] for name, weight in weights.items())
    own = _ccrat_risk(person, table, relative)
    return {"colorectal_cancer_risk_percent": own, "average_risk_percent": _ccrat_risk(person, table, None)}


def _ccrat_risk(person: Mapping[str, Any], table: Coefficients, relative: Mapping[str, Any] | None) -> Any:
    sex, race = person["sex"], person["race"]
    incidence, mortality = (
        table["incidence_per_year_by_5y_from_45"][sex][race],
        table["competing_mortality_per_year_by_5y_from_45"][sex][race],
    )
    shares = table["one_minus_attributable_risk"][sex]
    start, end = floored(person["age_years"]), floored(person["projection_age_years"])
    older_from = (table["distal_age"] - table["bands_from"]) // BAND_YEARS
    factors = {site: 1.0 if relative is None else exponential(relative[site]) for site in SITES}
    steps = []
    for band, years in split_into_bands(start, end, table["bands_from"], BAND_YEARS, len(mortality)):
        hazard = 0.0
        for site in SITES:
            older = site == "distal" and "distalOver65" in shares and band >= older_from
            share = 1.0 if relative is None else shares["distalOver65" if older else site]
            hazard = hazard + incidence[site][band] * share * factors[site]
        steps.append((hazard, mortality[band], years))
    return PERCENT * sum_competing(steps)[0]


def _ccrat_covariates(person: Mapping[str, Any], table: Coefficients) -> dict[str, Any]:
    endoscopy = person["prior_endoscopy"]
    years, cigarettes = person.get("smoking_years_band", "never"), person.get("cigarettes_per_day_band", "0")
    never = larger(1 * (years == "never"), 1 * (cigarettes == "0"))
    exercise = look_up(EXERCISE, person["vigorous_exercise_hours_per_week_band"])
    relatives = smaller(person["first_degree_relatives_colorectal_cancer"], 2)
    bmi = count_reached(person["bmi_kg_per_m2"], table["bmi"][person["sex"]])
    hormones = 1 * person.get("hormone_therapy_last_2y", 0)
    return {
        "prior_endoscopy_negative": endoscopy == "negative",
        "prior_endoscopy_none": endoscopy == "none",
        "prior_endoscopy_polyps": endoscopy == "polyps",
        "prior_endoscopy_unknown": endoscopy == "unknown",
        "never_smoked": never,
        "smoked_15_34_years": (years == "15-34") * (1 - never),
        "smoked_35_years_or_more": (years == "35+") * (1 - never),
        "cigarettes_band_0_to_3": look_up(CIGARETTES, cigarettes) * (1 - never),
        "no_regular_aspirin_or_nsaid": 1 - person["aspirin_or_nsaid_regular"],
        "no_regular_non_aspirin_nsaid": 1 - person["non_aspirin_nsaid_regular"],
        "any_relative": relatives > 0,
        "relatives_0_to_2": relatives,
        "exercise_band_0_to_3": exercise,
        "exercise_none": exercise == 3,
        "exercise_1_2": exercise == 2,
        "exercise_3_4": exercise == 1,
        "few_vegetables": 1 - person["vegetables_5_servings_per_day"],
        "bmi_band": bmi,
        "no_hormone_therapy": 1 - hormones,
        "bmi_band_x_hormone_therapy": bmi * hormones,
    }


@over_columns_and_words("ethnicity", "oestrogen", "nsaid", "aspirin")
def estimate_crc_pro(*, table: Coefficients, **person: Any) -> Outputs:
    """Estimate colorectal cancer over 10 years in percent (CRC-PRO 2014).

    Notes
    -----
    Aspirin, red meat and activity enter for men only, oestrogen and anti-inflammatory medicines for women only.

    References
    ----------
    Wells BJ et al. J Am Board Fam Med 2014;27:42-55. doi:10.3122/jabfm.2014.01.130040
    """
    row = table[person["sex"]]
    values = {**person, "bmi_kg_per_m2": person["weight_kg"] / (person["height_cm"] / CM_PER_M) ** 2}
    predictor = row["intercept"] + sum(beta * values[name] for name, beta in row["linear"].items())
    predictor += sum(cubic_sum(values[name], knots) for name, knots in row["cubic"].items())
    for name, effect in row["category"].items():
        predictor += look_up(effect, values[name]) if isinstance(effect, Mapping) else effect * values[name]
    return {"colorectal_cancer_risk_percent_10y": survival_risk(row["S0"], predictor)}
