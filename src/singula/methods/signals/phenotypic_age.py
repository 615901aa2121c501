"""How old does the blood look? Phenotypic age from nine laboratory values."""

from __future__ import annotations

import math

from singula.errors import OutOfDomain
from singula.methods.registry import Coefficients, Outputs

PERCENT = 100


def estimate_phenotypic_age(
    age_years: float,
    albumin_g_per_l: float,
    creatinine_umol_per_l: float,
    glucose_mmol_per_l: float,
    crp_mg_per_dl: float,
    lymphocytes_percent: float,
    mcv_fl: float,
    rdw_percent: float,
    alp_u_per_l: float,
    wbc_1e9_per_l: float,
    *,
    table: Coefficients,
) -> Outputs:
    """Estimate phenotypic age: the age at which this blood's ten-year mortality is the average one.

    Returns
    -------
    dict
        Phenotypic age and its distance from calendar age (years, positive is older), ten-year mortality in percent.

    Raises
    ------
    OutOfDomain
        CRP 0 under the variant that takes its plain logarithm.

    Notes
    -----
    CRP is in mg/dL, not mg/L. The paper prints ln(CRP), the widely used package takes ln(1 + CRP); the choice moves the answer
    by about two years, so a report has to name the variant. Investigational: context, never a reason to treat.

    References
    ----------
    Levine ME et al. Aging 2018;10:573-591. doi:10.18632/aging.101414
    """
    crp = crp_mg_per_dl + table["added_to_crp"]
    if crp <= 0:
        raise OutOfDomain(
            "phenoage-2018: crp_mg_per_dl 0 is outside above 0; this variant takes its logarithm (phenoage-2018-bioage does not)"
        )
    measured = {
        "age": age_years,
        "albumin": albumin_g_per_l,
        "creatinine": creatinine_umol_per_l,
        "glucose": glucose_mmol_per_l,
        "ln_crp": math.log(crp),
        "lymphocytes": lymphocytes_percent,
        "mcv": mcv_fl,
        "rdw": rdw_percent,
        "alp": alp_u_per_l,
        "wbc": wbc_1e9_per_l,
    }
    predictor = table["intercept"] + math.fsum(table["weights"][name] * value for name, value in measured.items())
    hazard = table["months_factor"] * math.exp(predictor) / table["gamma"]
    age = table["age_at_zero"] + math.log(table["age_scale"] * hazard) / table["age_slope"]
    return {
        "phenotypic_age_years": age,
        "phenotypic_age_minus_age_years": age - age_years,
        "mortality_risk_percent_10y": -math.expm1(-hazard) * PERCENT,
    }
