"""How much warfarin does this person need? Published dosing equations."""

from __future__ import annotations

from singula.methods.registry import Coefficients, Outputs

DAYS_PER_WEEK = 7


def estimate_iwpc_dose(
    age_years: float,
    height_cm: float,
    weight_kg: float,
    race: str,
    amiodarone: bool,
    enzyme_inducer: bool,
    vkorc1_genotype: str,
    cyp2c9_diplotype: str,
    *,
    table: Coefficients,
) -> Outputs:
    """Estimate the maintenance dose of warfarin from genes, age, size, race and other medicines (IWPC 2009).

    Parameters
    ----------
    age_years : float
        Age in years; whole decades enter.
    height_cm, weight_kg : float
        Height in cm and weight in kg.
    race : str
        ``white``, ``asian``, ``black`` or ``mixed_or_unknown``, as the publication groups people.
    amiodarone, enzyme_inducer : bool
        Whether amiodarone, or carbamazepine, phenytoin or rifampicin, is taken.
    vkorc1_genotype : str
        VKORC1 -1639 on the gene strand: ``G/G``, ``A/G``, ``A/A`` or ``unknown``.
    cyp2c9_diplotype : str
        Such as ``*1/*3``, or ``unknown``.
    table : Coefficients
        Coefficients of method ``warfarin-iwpc-2009``.

    Returns
    -------
    dict
        ``dose_mg_per_week`` and ``dose_mg_per_day`` for a target INR of 2 to 3.

    References
    ----------
    International Warfarin Pharmacogenetics Consortium. N Engl J Med 2009;360:753-764. doi:10.1056/NEJMoa0809329
    """
    root = (
        table["intercept"]
        + table["per_decade"] * (age_years // 10)
        + table["per_cm"] * height_cm
        + table["per_kg"] * weight_kg
        + table["vkorc1"][vkorc1_genotype]
        + table["cyp2c9"][cyp2c9_diplotype]
        + table["race"][race]
        + table["enzyme_inducer"] * enzyme_inducer
        + table["amiodarone"] * amiodarone
    )
    weekly = root * root
    return {"dose_mg_per_week": weekly, "dose_mg_per_day": weekly / DAYS_PER_WEEK}
