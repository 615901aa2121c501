"""How healthy are heart and vessels? Life's Essential 8."""

from __future__ import annotations

from singula.errors import MissingInput
from singula.methods.registry import Coefficients, Outputs
from singula.methods.signals.series import find_band, mean


def score_essential_eight(
    activity_min_per_week: float,
    nicotine: str,
    indoor_smoker_at_home: bool,
    sleep_h_per_night: float,
    bmi_kg_per_m2: float,
    non_hdl_mg_per_dl: float,
    lipid_treated: bool,
    diabetes: bool,
    sbp_mmhg: float,
    dbp_mmhg: float,
    bp_treated: bool,
    mepa_score: int | None = None,
    dash_percentile: float | None = None,
    hba1c_percent: float | None = None,
    fasting_glucose_mg_per_dl: float | None = None,
    *,
    table: Coefficients,
) -> Outputs:
    """Score eight parts of cardiovascular health, each 0 to 100, and their mean with its band (low, moderate, high).

    Raises
    ------
    MissingInput
        Neither diet score is given, or neither HbA1c nor fasting glucose (with diabetes: HbA1c).

    References
    ----------
    Lloyd-Jones DM et al. Circulation 2022;146:e18-e43. doi:10.1161/CIR.0000000000001078
    """
    points = {
        "diet_points": _diet(mepa_score, dash_percentile, table),
        "activity_points": find_band(activity_min_per_week, table["activity"]),
        "nicotine_points": max(0, table["nicotine"][nicotine] - (table["indoor_smoker"] if indoor_smoker_at_home else 0)),
        "sleep_points": find_band(sleep_h_per_night, table["sleep"]),
        "bmi_points": find_band(bmi_kg_per_m2, table["bmi"]),
        "lipid_points": _treated(find_band(non_hdl_mg_per_dl, table["non_hdl"]), lipid_treated, table),
        "glucose_points": _glucose(diabetes, hba1c_percent, fasting_glucose_mg_per_dl, table),
        "bp_points": _treated(min(find_band(sbp_mmhg, table["sbp"]), find_band(dbp_mmhg, table["dbp"])), bp_treated, table),
    }
    score = mean(list(points.values()))
    return {**points, "le8_score": score, "category": find_band(score, table["overall"])}


def _treated(points: float, is_treated: bool, table: Coefficients) -> float:
    return max(0, points - table["treated"]) if is_treated else points


def _diet(mepa_score: int | None, dash_percentile: float | None, table: Coefficients) -> float:
    if mepa_score is not None:
        return float(find_band(mepa_score, table["mepa"]))
    if dash_percentile is not None:
        return float(find_band(dash_percentile, table["dash"]))
    raise MissingInput("le8-2022: diet is missing; give mepa_score (0 to 16) or dash_percentile (1 to 100)")


def _glucose(diabetes: bool, hba1c_percent: float | None, fasting_mg_per_dl: float | None, table: Coefficients) -> float:
    if diabetes:
        if hba1c_percent is None:
            raise MissingInput("le8-2022: hba1c_percent is missing (%; with diabetes glucose is judged by it)")
        return float(find_band(hba1c_percent, table["hba1c_diabetes"]))
    if hba1c_percent is not None:
        return float(find_band(hba1c_percent, table["hba1c"]))
    if fasting_mg_per_dl is not None:
        return float(find_band(fasting_mg_per_dl, table["fasting_glucose"]))
    raise MissingInput("le8-2022: glucose is missing; give hba1c_percent or fasting_glucose_mg_per_dl")
