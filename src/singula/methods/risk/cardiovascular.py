"""Ten-year cardiovascular risk: pooled cohorts 2013 and 2018, Framingham, MESA, SMART."""

from __future__ import annotations

import math
from typing import Any

from singula.methods.registry import Coefficients, Outputs
from singula.methods.risk.arithmetic import (
    PERCENT,
    choose,
    exponential,
    larger,
    logarithm,
    logistic_risk,
    over_columns,
    survival_risk,
)


@over_columns
def estimate_pce(
    age_years: float,
    sex: str,
    total_cholesterol_mg_per_dl: float,
    hdl_mg_per_dl: float,
    sbp_mmhg: float,
    bp_treated: bool,
    diabetes: bool,
    smoker_current: bool,
    race: str,
    *,
    table: Coefficients,
) -> Outputs:
    """Estimate the 10-year risk of hard atherosclerotic events in percent (pooled cohort equations 2013).

    Notes
    -----
    Race is an input of this equation; people who are neither black nor white get the white coefficients with a caution.
    The four-decimal group means are used: the printed two-decimal ones shift the answer by up to 0.1 percentage point.

    References
    ----------
    Goff DC et al. Circulation 2014;129:S49-S73. doi:10.1161/01.cir.0000437741.48606.98
    """
    row = table[f"{sex} {race}"]
    age, total, hdl, sbp = (logarithm(value) for value in (age_years, total_cholesterol_mg_per_dl, hdl_mg_per_dl, sbp_mmhg))
    pressure, by_age = (choose(bp_treated, row[f"{term}_treated_sbp"], row[f"{term}_untreated_sbp"]) for term in ("ln", "ln_age"))
    predictor = (
        row["ln_age"] * age
        + row["ln_age_squared"] * age * age
        + row["ln_totchol"] * total
        + row["ln_age_totchol"] * age * total
        + row["ln_hdl"] * hdl
        + row["ln_age_hdl"] * age * hdl
        + pressure * sbp
        + by_age * age * sbp
        + smoker_current * (row["smoker"] + row["ln_age_smoker"] * age)
        + row["diabetes"] * diabetes
    )
    return {"ascvd_risk_percent_10y": survival_risk(row["baseline_survival"], predictor - row["group_mean"])}


@over_columns
def estimate_pce_revised(
    age_years: float,
    sex: str,
    total_cholesterol_mg_per_dl: float,
    hdl_mg_per_dl: float,
    sbp_mmhg: float,
    bp_treated: bool,
    diabetes: bool,
    smoker_current: bool,
    race: str,
    *,
    table: Coefficients,
) -> Outputs:
    """Estimate the 10-year risk of hard atherosclerotic events in percent (2018 revision, logistic).

    References
    ----------
    Yadlowsky S et al. Ann Intern Med 2018;169:20-29. doi:10.7326/M17-3011
    """
    values: dict[str, float] = {
        "age": age_years,
        "black": race == "black",
        "sbp": sbp_mmhg,
        "sbp2": sbp_mmhg * sbp_mmhg,
        "bp_tx": bp_treated,
        "dm": diabetes,
        "smoking": smoker_current,
        "tc_hdl": total_cholesterol_mg_per_dl / hdl_mg_per_dl,
        "intercept": 1.0,
    }
    predictor = sum(beta * math.prod(values[name] for name in term.split("*")) for term, beta in table[sex].items())
    return {"ascvd_risk_percent_10y": logistic_risk(predictor)}


@over_columns
def estimate_framingham(
    age_years: float,
    sex: str,
    total_cholesterol_mg_per_dl: float,
    hdl_mg_per_dl: float,
    sbp_mmhg: float,
    bp_treated: bool,
    diabetes: bool,
    smoker_current: bool,
    *,
    table: Coefficients,
) -> Outputs:
    """Estimate the 10-year risk of general cardiovascular disease in percent (Framingham 2008).

    References
    ----------
    D'Agostino RB et al. Circulation 2008;117:743-753. doi:10.1161/CIRCULATIONAHA.107.699579
    """
    row = table[sex]
    predictor = (
        row["ln_age"] * logarithm(age_years)
        + row["ln_totchol"] * logarithm(total_cholesterol_mg_per_dl)
        + row["ln_hdl"] * logarithm(hdl_mg_per_dl)
        + choose(bp_treated, row["ln_treated_sbp"], row["ln_untreated_sbp"]) * logarithm(sbp_mmhg)
        + row["smoker"] * smoker_current
        + row["diabetes"] * diabetes
    )
    return {"cvd_risk_percent_10y": survival_risk(row["baseline_survival"], predictor - row["group_mean"])}


@over_columns
def estimate_mesa(*, table: Coefficients, cac_agatston: float | None = None, **person: Any) -> Outputs:
    """Estimate the 10-year risk of coronary disease in percent, without and with coronary calcium (MESA 2015).

    References
    ----------
    McClelland RL et al. J Am Coll Cardiol 2015;66:1643-1653. doi:10.1016/j.jacc.2015.08.035
    """
    values = {
        "age": person["age_years"],
        "gender_male": person["sex"] == "male",
        "race_chinese": person["race"] == "chinese",
        "race_aa": person["race"] == "black",
        "race_hispanic": person["race"] == "hispanic",
        "diabetes": person["diabetes"],
        "smoker": person["smoker_current"],
        "totchol": person["total_cholesterol_mg_per_dl"],
        "hdl": person["hdl_mg_per_dl"],
        "hld_med": person["lipid_treated"],
        "sbp": person["sbp_mmhg"],
        "bp_med": person["bp_treated"],
        "fh_heartattack": person["family_history_heart_attack"],
    }
    with_calcium = None
    if cac_agatston is not None:
        with_calcium = _mesa(table["with_cac"], {**values, "log1p_cac": logarithm(1 + cac_agatston)})
    return {"chd_risk_percent_10y": _mesa(table["without_cac"], values), "chd_risk_percent_10y_with_cac": with_calcium}


def _mesa(row: Coefficients, values: dict[str, Any]) -> Any:
    predictor = sum(beta * values[name] for name, beta in row.items() if name != "baseline_survival")
    return survival_risk(row["baseline_survival"], predictor)


@over_columns
def estimate_smart(*, table: Coefficients, **person: Any) -> Outputs:
    """Estimate the 10-year risk of another event with vascular disease in percent (SMART 2013).

    Notes
    -----
    The highest of up to three baselines counts: all, cerebrovascular, peripheral.

    References
    ----------
    Dorresteijn JAN et al. Heart 2013;99:866-872. doi:10.1136/heartjnl-2013-303640
    """
    terms = table["terms"]
    values = {
        **person,
        "age_squared": person["age_years"] ** 2,
        "male": person["sex"] == "male",
        "egfr": person["egfr_ml_per_min_per_1_73m2"],
        "egfr_squared": person["egfr_ml_per_min_per_1_73m2"] ** 2,
        "ln_hs_crp_mg_per_l": logarithm(person["hs_crp_mg_per_l"]),
    }
    predictor = sum(beta * values[name] for name, beta in terms.items())
    risk: Any = 0.0
    for name, (survival, shift) in table["baselines"].items():
        by_place = 1.0 - survival ** exponential(predictor + shift)
        risk = larger(by_place if name == "all" else by_place * person[name], risk)
    untreated = 1.0 - (1.0 - risk) ** (1.0 / table["antithrombotic"])
    return {"vascular_event_risk_percent_10y": PERCENT * choose(person["antithrombotic"], risk, untreated)}
