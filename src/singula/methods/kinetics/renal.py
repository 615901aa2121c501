"""How much do the kidneys filter? Published estimates from creatinine, cystatin C, age, sex and size."""

from __future__ import annotations

from singula.errors import OutOfDomain
from singula.methods.registry import Coefficients, Outputs
from singula.methods.risk.arithmetic import larger, over_columns, smaller


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


def estimate_gfr_mdrd(age_years: float, sex: str, creatinine_mg_per_dl: float, *, table: Coefficients) -> Outputs:
    """Estimate how much the kidneys filter (four-variable MDRD 2006 without its race term).

    Notes
    -----
    Kept for comparison with old reports; CKD-EPI 2021 replaces it. Values above 60 are too low.

    References
    ----------
    Levey AS et al. Ann Intern Med 2006;145:247-254. doi:10.7326/0003-4819-145-4-200608150-00004
    """
    factor = table["female"] if sex == "female" else 1.0
    filtration = table["scale"] * creatinine_mg_per_dl ** table["creatinine"] * age_years ** table["age"] * factor
    return {"egfr_ml_per_min_per_1_73m2": filtration}


@over_columns
def estimate_gfr_cystatin(
    age_years: float, sex: str, creatinine_mg_per_dl: float, cystatin_c_mg_per_l: float | None = None, *, table: Coefficients
) -> Outputs:
    """Estimate how much the kidneys filter from creatinine, and cystatin C where it was measured (CKD-EPI 2021).

    Notes
    -----
    The best estimate where muscle mass is unusual. Steroids, thyroid disease and inflammation shift cystatin C.

    References
    ----------
    Inker LA et al. N Engl J Med 2021;385:1737-1749. doi:10.1056/NEJMoa2102953
    """
    row = table["cr_2021"] if cystatin_c_mg_per_l is None else table["cr_cys_2021"]
    ratio = creatinine_mg_per_dl / row["k"][sex]
    filtration = (
        row["base"] * smaller(ratio, 1.0) ** row["a"][sex] * larger(ratio, 1.0) ** row["max_exponent"] * row["age"] ** age_years
    )
    if cystatin_c_mg_per_l is not None:
        cystatin = cystatin_c_mg_per_l / row["cys_k"]
        filtration *= smaller(cystatin, 1.0) ** row["cys_min_exponent"] * larger(cystatin, 1.0) ** row["cys_max_exponent"]
    return {"egfr_ml_per_min_per_1_73m2": filtration * (row["female"] if sex == "female" else 1.0)}


def deindex_gfr(egfr_ml_per_min_per_1_73m2: float, bsa_m2: float, *, table: Coefficients) -> Outputs:
    """Turn indexed filtration into that of this body, in mL/min, as doses of unusual bodies need it.

    References
    ----------
    KDIGO 2024 CKD guideline. doi:10.1016/j.kint.2023.10.018
    """
    return {"gfr_ml_per_min": egfr_ml_per_min_per_1_73m2 * bsa_m2 / table["standard_surface_m2"]}
