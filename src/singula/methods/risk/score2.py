"""SCORE2 and its siblings: ten-year cardiovascular disease in four European risk regions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from singula.errors import OutOfDomain
from singula.methods.registry import Coefficients, Outputs
from singula.methods.risk.arithmetic import PERCENT, any_true, choose, exponential, logarithm, over_columns

YOUNGER_BELOW, OLDER_FROM = 50, 70
DIABETES_FLAG = "with diabetes this equation is not the one to go by: use score2-diabetes-2023"


@over_columns
def estimate_score2(*, table: Coefficients, **person: Any) -> Outputs:
    """Estimate 10-year cardiovascular disease in percent (SCORE2, or SCORE2-OP from 70 years), lipids in mmol/L.

    Notes
    -----
    The diabetes coefficient exists for recalibration only: people with type 2 diabetes belong to SCORE2-Diabetes, and an answer
    for one of them says so in ``flags``.

    References
    ----------
    SCORE2 working group. Eur Heart J 2021;42:2439-2454. doi:10.1093/eurheartj/ehab309; SCORE2-OP: doi:10.1093/eurheartj/ehab312
    """
    values = _terms(person, table["centres"])
    risk = _risk(values, person, table)
    flags = [DIABETES_FLAG] if any_true(person["diabetes"] > 0) else []
    return {"cvd_risk_percent_10y": risk, "esc_2021_category": _category(risk, person["age_years"], table), "flags": flags}


@over_columns
def estimate_score2_diabetes(*, table: Coefficients, **person: Any) -> Outputs:
    """Estimate 10-year cardiovascular disease in percent with type 2 diabetes (SCORE2-Diabetes 2023), HbA1c in mmol/mol.

    References
    ----------
    SCORE2-Diabetes working group. Eur Heart J 2023;44:2544-2556. doi:10.1093/eurheartj/ehad260
    """
    if any_true(person["age_at_diabetes_diagnosis_years"] > person["age_years"]):
        raise OutOfDomain(f"age_at_diabetes_diagnosis_years {person['age_at_diabetes_diagnosis_years']} is above age_years")
    centres = table["centres"]
    values = _terms({**person, "diabetes": True}, centres)
    filtration = _centre(logarithm(person["egfr_ml_per_min_per_1_73m2"]), centres["ln_egfr"])
    hba1c = _centre(person["hba1c_mmol_per_mol"], centres["hba1c"])
    values.update(
        {
            "cdmage": _centre(person["age_at_diabetes_diagnosis_years"], centres["diagnosis"]),
            "ca1c": hba1c,
            "cegfr": filtration,
            "cegfr2": filtration * filtration,
            "ca1c_cage": hba1c * values["cage"],
            "cegfr_cage": filtration * values["cage"],
        }
    )
    return {"cvd_risk_percent_10y": _risk(values, person, table)}


def _terms(person: Mapping[str, Any], centres: Mapping[str, Any]) -> dict[str, Any]:
    age = _centre(person["age_years"], centres["age"])
    values = {
        "smoker": 1.0 * person["smoker_current"],
        "csbp": _centre(person["sbp_mmhg"], centres["sbp"]),
        "ctc": _centre(person["total_cholesterol_mmol_per_l"], centres["tc"]),
        "chdl": _centre(person["hdl_mmol_per_l"], centres["hdl"]),
        "diabetes": 1.0 * person["diabetes"],
    }
    return {**values, "cage": age, **{f"cage_{name}": age * value for name, value in values.items()}}


def _centre(value: Any, centre: tuple[float, float]) -> Any:
    return (value - centre[0]) / centre[1]


def _risk(values: Mapping[str, Any], person: Mapping[str, Any], table: Coefficients) -> Any:
    sex = person["sex"]
    predictor = sum(beta * values[name] for name, beta in table[sex].items()) - table.get("mean", {}).get(sex, 0.0)
    # the uncalibrated risk 1 - S0^exp(lp) has the cumulative hazard -ln(S0)*exp(lp)
    hazard = -math.log(table["S0"][sex]) * exponential(predictor)
    low, slope = table["scales"][person["region"]][sex]
    return PERCENT * (1.0 - exponential(-exponential(low + slope * logarithm(hazard))))


def _category(risk: Any, age_years: Any, table: Coefficients) -> Any:
    bands = table["esc_2021_categories_percent"]
    high, very_high = (
        choose(age_years < YOUNGER_BELOW, young, choose(age_years >= OLDER_FROM, old, middle))
        for young, old, middle in zip(bands["<50"], bands[">=70"], bands["50-69"], strict=True)
    )
    low_label, high_label, very_label = bands["labels"]
    return choose(risk >= very_high, very_label, choose(risk >= high, high_label, low_label))
