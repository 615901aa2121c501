"""How much warfarin does this person need? Published dosing equations."""

from __future__ import annotations

import math
from typing import Any

from singula.methods.registry import Coefficients, Outputs

DAYS_PER_WEEK = 7
HOURS_PER_DAY = 24


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


def estimate_iwpc_clinical_dose(
    age_years: float,
    height_cm: float,
    weight_kg: float,
    race: str,
    amiodarone: bool,
    enzyme_inducer: bool,
    *,
    table: Coefficients,
) -> Outputs:
    """Estimate the maintenance dose of warfarin without genotype (IWPC 2009); inputs and outputs as :func:`estimate_iwpc_dose`.

    References
    ----------
    International Warfarin Pharmacogenetics Consortium. N Engl J Med 2009;360:753-764. doi:10.1056/NEJMoa0809329
    """
    root = (
        table["intercept"]
        + table["per_decade"] * (age_years // 10)
        + table["per_cm"] * height_cm
        + table["per_kg"] * weight_kg
        + table["race"][race]
        + table["enzyme_inducer"] * enzyme_inducer
        + table["amiodarone"] * amiodarone
    )
    weekly = root * root
    return {"dose_mg_per_week": weekly, "dose_mg_per_day": weekly / DAYS_PER_WEEK}


def estimate_gage_dose(vkorc1_genotype: str, cyp2c9_diplotype: str, *, table: Coefficients, **clinical: Any) -> Outputs:
    """Estimate the maintenance dose of warfarin from genes and clinical factors (Gage 2008).

    Parameters
    ----------
    vkorc1_genotype : str
        VKORC1 -1639 on the gene strand; each A counts.
    cyp2c9_diplotype : str
        Such as ``*1/*3``; each ``*2`` and ``*3`` counts.
    table : Coefficients
        Coefficients of method ``warfarin-gage-2008``.
    **clinical
        As :func:`estimate_gage_clinical_dose` takes them.

    Returns
    -------
    dict
        ``dose_mg_per_day``.

    References
    ----------
    Gage BF et al. Clin Pharmacol Ther 2008;84:326-331. doi:10.1038/clpt.2008.10
    """
    alleles = cyp2c9_diplotype.split("/")
    genes = (
        table["vkorc1_a"] * vkorc1_genotype.count("A")
        + table["cyp2c9_2"] * alleles.count("*2")
        + table["cyp2c9_3"] * alleles.count("*3")
    )
    without = estimate_gage_clinical_dose(**clinical, table=table)["dose_mg_per_day"]
    return {"dose_mg_per_day": float(without) * math.exp(genes)}


def estimate_gage_clinical_dose(
    age_years: float,
    bsa_m2: float,
    race: str,
    amiodarone: bool,
    smoker_current: bool,
    target_inr: float,
    venous_thromboembolism: bool,
    *,
    table: Coefficients,
) -> Outputs:
    """Estimate the maintenance dose of warfarin without genotype (Gage 2008).

    Parameters
    ----------
    age_years, bsa_m2, target_inr : float
        Age in years, body surface area in square metres, INR aimed at.
    race : str
        ``black`` or ``other``, as the publication groups people.
    amiodarone, smoker_current, venous_thromboembolism : bool
        Whether amiodarone is taken, the person smokes now, and the reason is deep vein thrombosis or pulmonary embolism.
    table : Coefficients
        Coefficients of the method.

    Returns
    -------
    dict
        ``dose_mg_per_day``.

    References
    ----------
    Gage BF et al. Clin Pharmacol Ther 2008;84:326-331. doi:10.1038/clpt.2008.10
    """
    logarithm = (
        table["intercept"]
        + table["per_m2"] * bsa_m2
        + table["per_year"] * age_years
        + table["race"][race]
        + table["per_inr"] * target_inr
        + table["amiodarone"] * amiodarone
        + table["smoker"] * smoker_current
        + table["thrombosis"] * venous_thromboembolism
    )
    return {"dose_mg_per_day": math.exp(logarithm)}


def estimate_eu_pact_doses(
    age_years: float,
    height_cm: float,
    weight_kg: float,
    vkorc1_genotype: str,
    cyp2c9_diplotype: str,
    amiodarone: bool,
    *,
    table: Coefficients,
) -> Outputs:
    """Estimate maintenance and three loading doses of warfarin without race terms (EU-PACT 2013).

    Parameters
    ----------
    age_years, height_cm, weight_kg : float
        Age in years, height in cm, weight in kg.
    vkorc1_genotype, cyp2c9_diplotype : str
        As :func:`estimate_iwpc_dose` takes them; both must be known.
    amiodarone : bool
        Whether amiodarone is taken.
    table : Coefficients
        Coefficients of method ``warfarin-eu-pact-2013``.

    Returns
    -------
    dict
        ``dose_mg_per_day`` and ``loading_day_1_mg`` to ``loading_day_3_mg``.

    References
    ----------
    Pirmohamed M et al. N Engl J Med 2013;369:2294-2303. doi:10.1056/NEJMoa1311386
    """
    root = (
        table["intercept"]
        + table["per_year"] * age_years
        + table["per_cm"] * height_cm
        + table["per_kg"] * weight_kg
        + table["vkorc1"][vkorc1_genotype]
        + table["cyp2c9"][cyp2c9_diplotype]
        + table["amiodarone"] * amiodarone
    )
    daily = root * root / DAYS_PER_WEEK
    left = math.exp(-HOURS_PER_DAY * table["elimination_per_h"][cyp2c9_diplotype])
    loading = daily / ((1 - left) * (1 + left + left * left))
    steps = {name: daily + share * (loading - daily) for name, share in table["loading"].items()}
    return {"dose_mg_per_day": daily, **steps}
