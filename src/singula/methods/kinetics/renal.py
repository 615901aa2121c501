"""How much do the kidneys filter? Published estimates from creatinine, cystatin C, age, sex and size."""

from __future__ import annotations

from singula.errors import OutOfDomain
from singula.methods.registry import Coefficients, Outputs


def estimate_gfr_creatinine(age_years: float, sex: str, creatinine_mg_per_dl: float, *, table: Coefficients) -> Outputs:
    """Estimate how much the kidneys filter, from serum creatinine, without a race term (CKD-EPI 2021).

    Parameters
    ----------
    age_years : float
        Age at the time of the blood sample, in years.
    sex : str
        ``female`` or ``male``: the sex the laboratory's reference ranges were chosen by.
    creatinine_mg_per_dl : float
        IDMS-traceable serum creatinine in mg/dL (1 mg/dL = 88.4 µmol/L).
    table : Coefficients
        Coefficients of method ``egfr-ckd-epi-2021``.

    Returns
    -------
    dict
        ``egfr_ml_per_min_per_1_73m2``: filtration in mL/min per 1.73 m² of body surface; higher is better.

    Notes
    -----
    The result is indexed to 1.73 m². For drug doses in very small or very large people de-index it first. Not for unstable
    kidney function, pregnancy, amputation or extreme muscle mass: creatinine then does not mirror filtration.

    References
    ----------
    Inker LA et al. N Engl J Med 2021;385:1737-1749. doi:10.1056/NEJMoa2102953
    """
    ratio = creatinine_mg_per_dl / table["kappa"][sex]
    filtration = (
        table["scale"]
        * min(ratio, 1.0) ** table["alpha"][sex]
        * max(ratio, 1.0) ** table["beta"]
        * table["per_year"] ** age_years
        * table["factor"][sex]
    )
    return {"egfr_ml_per_min_per_1_73m2": filtration}


def estimate_creatinine_clearance(
    age_years: float, sex: str, weight_kg: float, creatinine_mg_per_dl: float, *, table: Coefficients
) -> Outputs:
    """Estimate creatinine clearance as most labels of medicines use it (Cockcroft-Gault 1976).

    Parameters
    ----------
    age_years : float
        Age in years, 18 and over.
    sex : str
        ``female`` or ``male``.
    weight_kg : float
        Actual body weight in kg.
    creatinine_mg_per_dl : float
        Serum creatinine in mg/dL.
    table : Coefficients
        Coefficients of method ``creatinine-clearance-cockcroft-gault``.

    Returns
    -------
    dict
        ``creatinine_clearance_ml_per_min``: clearance in mL/min, not indexed; higher is better.

    Raises
    ------
    OutOfDomain
        Age at which the formula gives nothing.

    References
    ----------
    Cockcroft DW, Gault MH. Nephron 1976;16:31-41. doi:10.1159/000180580
    """
    if age_years >= table["age_limit"]:
        raise OutOfDomain(f"creatinine-clearance-cockcroft-gault: age_years {age_years:g} is not below {table['age_limit']}")
    factor = table["female"] if sex == "female" else 1.0
    clearance = (table["age_limit"] - age_years) * weight_kg / (table["divisor"] * creatinine_mg_per_dl) * factor
    return {"creatinine_clearance_ml_per_min": clearance}
