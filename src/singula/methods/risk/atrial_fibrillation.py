"""Atrial fibrillation: who gets it (CHARGE-AF), and what it brings (ABC stroke, bleeding, death)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from singula.methods.registry import Coefficients, Outputs
from singula.methods.risk.arithmetic import cubic_sum, larger, logarithm, over_columns, survival_risk, weighted_sum


@over_columns
def estimate_charge_af(*, table: Coefficients, **person: Any) -> Outputs:
    """Estimate the 5-year risk of atrial fibrillation in percent (CHARGE-AF).

    References
    ----------
    Alonso A et al. J Am Heart Assoc 2013;2:e000102. doi:10.1161/JAHA.112.000102
    """
    predictor = sum(beta * person[name] / scale for name, (beta, scale) in table["terms"].items())
    return {"atrial_fibrillation_risk_percent_5y": survival_risk(table["S0"], predictor - table["centre"])}


@over_columns
def estimate_abc_stroke(
    age_years: float,
    troponin_t_ng_per_l: float,
    prior_stroke_or_tia: bool,
    nt_probnp_ng_per_l: float,
    therapy: str,
    *,
    table: Coefficients,
) -> Outputs:
    """Estimate the 1-year risk of stroke with atrial fibrillation in percent (ABC).

    References
    ----------
    Hijazi Z et al. Eur Heart J 2016;37:1582-1590. doi:10.1093/eurheartj/ehw054
    """
    values = {
        "prior_stroke_or_tia": prior_stroke_or_tia,
        "age_years": age_years,
        "ln_troponin_t": logarithm(troponin_t_ng_per_l),
        "ln_nt_probnp": logarithm(nt_probnp_ng_per_l),
    }
    return {"stroke_risk_percent_1y": _by_therapy(values, therapy, table)}


@over_columns
def estimate_abc_bleeding(
    age_years: float,
    troponin_t_ng_per_l: float,
    prior_bleeding: bool,
    gdf_15_ng_per_l: float,
    haemoglobin_g_per_dl: float,
    therapy: str,
    *,
    table: Coefficients,
) -> Outputs:
    """Estimate the 1-year risk of major bleeding on anticoagulation in percent (ABC).

    References
    ----------
    Hijazi Z et al. Lancet 2016;387:2302-2311. doi:10.1016/S0140-6736(16)00741-8
    """
    values = {
        "prior_bleeding": prior_bleeding,
        "age_years": age_years,
        "ln_troponin_t": logarithm(troponin_t_ng_per_l),
        "ln_gdf_15": logarithm(gdf_15_ng_per_l),
        "haemoglobin_g_per_dl": haemoglobin_g_per_dl,
    }
    return {"major_bleeding_risk_percent_1y": _by_therapy(values, therapy, table)}


def _by_therapy(values: Mapping[str, Any], therapy: str, table: Coefficients) -> Any:
    predictor = weighted_sum(table["terms"], values) - table["centre"]
    if therapy == "aspirin":
        aspirin = table["aspirin"]
        return survival_risk(aspirin["S0"], aspirin["offset"] + aspirin["slope"] * predictor)
    return survival_risk(table["S0"], predictor)


@over_columns
def estimate_abc_death(
    age_years: float,
    troponin_t_ng_per_l: float,
    heart_failure: bool,
    nt_probnp_ng_per_l: float,
    gdf_15_ng_per_l: float,
    *,
    table: Coefficients,
) -> Outputs:
    """Estimate the 1-year risk of death, and of cardiovascular death, with atrial fibrillation in percent (ABC).

    Notes
    -----
    Age and NT-proBNP are moved up to the publication's floors.

    References
    ----------
    Hijazi Z et al. Eur Heart J 2018;39:477-485. doi:10.1093/eurheartj/ehx584
    """
    markers = {
        "ln_nt_probnp": logarithm(larger(nt_probnp_ng_per_l, table["nt_probnp_floor"])),
        "ln_gdf_15": logarithm(gdf_15_ng_per_l),
        "ln_troponin_t": logarithm(troponin_t_ng_per_l),
    }
    risks = []
    for outcome in ("all_cause", "cardiovascular"):
        terms = table[outcome]
        values = {**markers, "age_years": larger(age_years, terms["age_floor"])}
        splined = sum(
            terms[name]["linear"] * value + cubic_sum(value, [(beta, knot) for knot, beta in terms[name]["knots"]])
            for name, value in values.items()
        )
        risks.append(survival_risk(terms["S0"], terms["heart_failure"] * heart_failure + splined - terms["shift"]))
    return {"death_risk_percent_1y": risks[0], "cardiovascular_death_risk_percent_1y": risks[1]}
