"""AHA PREVENT 2023: cardiovascular disease, its parts and heart failure over 10 and 30 years, without race."""

from __future__ import annotations

from typing import Any

from singula.methods.registry import Coefficients, Outputs
from singula.methods.risk.arithmetic import choose, larger, logarithm, logistic_risk, over_columns, smaller, weighted_sum

OUTCOMES = ("total_cvd", "ascvd", "heart_failure", "chd", "stroke")
HORIZONS = (10, 30)
DEPRIVED, MOST_DEPRIVED = (4, 6), (7, 10)


@over_columns
def estimate_prevent(*, table: Coefficients, **person: Any) -> Outputs:
    """Estimate five outcomes over 10 and 30 years in percent (PREVENT 2023).

    Notes
    -----
    Absent HbA1c, albuminuria or deprivation enter by the models' own missing indicators, not by imputation. The 30-year
    figures are null above 59 years. PREVENT runs lower than the pooled cohort equations, for which the USPSTF threshold was set.

    References
    ----------
    Khan SS et al. Circulation 2024;149:430-449. doi:10.1161/CIRCULATIONAHA.123.067626
    """
    values = prevent_terms(table["mmol_per_mg"], person)
    outputs: Outputs = {}
    for horizon in HORIZONS:
        rows = table["tables"][f"{person['model']}_{horizon}yr"]
        applies = True if horizon == HORIZONS[0] else person["age_years"] <= table["oldest_for_30_years"]
        for outcome in OUTCOMES:
            row = rows[f"{person['sex']}_{outcome}"]
            risk = None if applies is False else logistic_risk(weighted_sum(row, values))
            outputs[f"{outcome}_risk_percent_{horizon}y"] = choose(applies, risk, None)
    return outputs


def prevent_terms(mmol_per_mg: float, person: dict[str, Any]) -> dict[str, Any]:
    """Transform a person's values into the terms of the equations."""
    age = (person["age_years"] - 55) / 10
    non_hdl = (person["total_cholesterol_mg_per_dl"] - person["hdl_mg_per_dl"]) * mmol_per_mg - 3.5
    hdl = (person["hdl_mg_per_dl"] * mmol_per_mg - 1.3) / 0.3
    sbp, bmi, egfr = person["sbp_mmhg"], person["bmi_kg_per_m2"], person["egfr_ml_per_min_per_1_73m2"]
    high_pressure = (larger(sbp, 110) - 130) / 20
    diabetes, smoking, treated = person["diabetes"], person["smoker_current"], person["bp_treated"]
    low_filtration = (smaller(egfr, 60) - 60) / -15
    heavy = (larger(bmi, 30) - 30) / 5
    terms = {
        "constant": 1.0,
        "age": age,
        "age_squared": age * age,
        "non_hdl_c": non_hdl,
        "hdl_c": hdl,
        "sbp_lt_110": (smaller(sbp, 110) - 110) / 20,
        "sbp_gte_110": high_pressure,
        "dm": diabetes,
        "smoking": smoking,
        "bmi_lt_30": (smaller(bmi, 30) - 25) / 5,
        "bmi_gte_30": heavy,
        "egfr_lt_60": low_filtration,
        "egfr_gte_60": (larger(egfr, 60) - 90) / -15,
        "bp_tx": treated,
        "statin": person["statin"],
        "bp_tx_sbp_gte_110": treated * high_pressure,
        "statin_non_hdl_c": person["statin"] * non_hdl,
        "age_non_hdl_c": age * non_hdl,
        "age_hdl_c": age * hdl,
        "age_sbp_gte_110": age * high_pressure,
        "age_dm": age * diabetes,
        "age_smoking": age * smoking,
        "age_bmi_gte_30": age * heavy,
        "age_egfr_lt_60": age * low_filtration,
    }
    return {**terms, **_optional_terms(person)}


def _optional_terms(person: dict[str, Any]) -> dict[str, Any]:
    hba1c, uacr, deprivation = person.get("hba1c_percent"), person.get("uacr_mg_per_g"), person.get("sdi_decile")
    above = 0.0 if hba1c is None else hba1c - 5.3
    return {
        "hba1c_dm": above * person["diabetes"],
        "hba1c_no_dm": above * (1 - person["diabetes"]),
        "missing_hba1c": hba1c is None,
        "ln_uacr": 0.0 if uacr is None else logarithm(uacr),
        "missing_uacr": uacr is None,
        "sdi_4_to_6": _within(deprivation, DEPRIVED),
        "sdi_7_to_10": _within(deprivation, MOST_DEPRIVED),
        "missing_sdi": deprivation is None,
    }


def _within(decile: Any, band: tuple[int, int]) -> Any:
    return 0 if decile is None else (decile >= band[0]) * (decile <= band[1])
