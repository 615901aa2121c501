"""Point scores and formulae of lymphoma, myeloma, leukaemia and myelodysplasia."""

from __future__ import annotations

from math import exp

from singula.methods.registry import Coefficients, Outputs
from singula.methods.risk.arithmetic import band_points


def score_ipi(
    age_years: float,
    ldh_u_per_l: float,
    ldh_uln_u_per_l: float,
    ecog: int,
    ann_arbor_stage: int,
    extranodal_sites: int,
    *,
    table: Coefficients,
) -> Outputs:
    """Score aggressive lymphoma, one point for each of five findings (IPI).

    References
    ----------
    Shipp MA et al. N Engl J Med 1993;329:987-94. PMID 8141877
    """
    score = (
        (age_years > table["age"])
        + (ldh_u_per_l > ldh_uln_u_per_l)
        + (ecog >= table["ecog"])
        + (ann_arbor_stage >= table["stage"])
        + (extranodal_sites > 1)
    )
    return {"ipi_score": score, "risk_group": band_points(score, table["bands"])}


def score_nccn_ipi(
    age_years: float,
    ldh_u_per_l: float,
    ldh_uln_u_per_l: float,
    ecog: int,
    ann_arbor_stage: int,
    extranodal_marrow_cns_liver_gi_or_lung: bool,
    *,
    table: Coefficients,
) -> Outputs:
    """Score aggressive lymphoma with age and LDH in steps (NCCN-IPI).

    References
    ----------
    Zhou Z et al. Blood 2014;123:837-42. PMID 24264230
    """
    ratio = ldh_u_per_l / ldh_uln_u_per_l
    score = (
        sum(age_years > cut for cut in table["ages_above"])
        + sum(ratio > cut for cut in table["ldh_ratios_above"])
        + (ecog >= table["ecog"])
        + (ann_arbor_stage >= table["stage"])
        + extranodal_marrow_cns_liver_gi_or_lung
    )
    return {"nccn_ipi_score": score, "risk_group": band_points(score, table["bands"])}


def stage_myeloma(
    beta2_microglobulin_mg_per_l: float,
    albumin_g_per_dl: float,
    ldh_u_per_l: float,
    ldh_uln_u_per_l: float,
    del17p: bool | None = None,
    t_4_14: bool | None = None,
    t_14_16: bool | None = None,
    *,
    table: Coefficients,
) -> Outputs:
    """Stage myeloma by the ISS and the revised ISS; the latter is None where an abnormality not tested could change it.

    References
    ----------
    Palumbo A et al. J Clin Oncol 2015;33:2863-9. PMID 26240224
    """
    low, high = table["beta2_microglobulin"]
    iss = 2
    if beta2_microglobulin_mg_per_l < low and albumin_g_per_dl >= table["albumin"]:
        iss = 1
    elif beta2_microglobulin_mg_per_l >= high:
        iss = 3
    abnormal = (del17p, t_4_14, t_14_16)
    high_ldh = ldh_u_per_l > ldh_uln_u_per_l
    if any(abnormal):
        readings = {_revised(iss, True, high_ldh)}
    elif None in abnormal:
        readings = {_revised(iss, True, high_ldh), _revised(iss, False, high_ldh)}
    else:
        readings = {_revised(iss, False, high_ldh)}
    return {"iss_stage": iss, "r_iss_stage": readings.pop() if len(readings) == 1 else None}


def _revised(iss: int, high_risk: bool, high_ldh: bool) -> int:
    if iss == 1 and not high_risk and not high_ldh:
        return 1
    return 3 if iss == 3 and (high_risk or high_ldh) else 2


def score_ipss_r(
    cytogenetic_group: str,
    bm_blast_percent: float,
    haemoglobin_g_per_dl: float,
    platelets_1e9_per_l: float,
    neutrophils_1e9_per_l: float,
    *,
    table: Coefficients,
) -> Outputs:
    """Score myelodysplasia without mutations (IPSS-R).

    References
    ----------
    Greenberg PL et al. Blood 2012;120:2454-65. PMID 22740453
    """
    some, five, many = table["blasts"]
    blasts = (bm_blast_percent > some) + (bm_blast_percent >= five) + (bm_blast_percent > many)
    score = (
        table["cytogenetics"][cytogenetic_group]
        + blasts
        + next((points for below, points in table["haemoglobin"] if haemoglobin_g_per_dl < below), 0)
        + next((points for below, points in table["platelets"] if platelets_1e9_per_l < below), 0)
        + next((points for below, points in table["neutrophils"] if neutrophils_1e9_per_l < below), 0)
    )
    group = next((name for high, name in table["groups"] if score <= high), table["worst"])
    return {"ipss_r_score": score, "risk_group": group}


def score_elts(
    age_years: float,
    spleen_cm_below_costal_margin: float,
    blood_blasts_percent: float,
    platelets_1e9_per_l: float,
    *,
    table: Coefficients,
) -> Outputs:
    """Score death of chronic myeloid leukaemia under tyrosine-kinase inhibitors (ELTS).

    References
    ----------
    Pfirrmann M et al. Leukemia 2016;30:48-56. PMID 26416462
    """
    score = (
        table["age_cubed"] * (age_years / 10) ** 3
        + table["spleen"] * spleen_cm_below_costal_margin
        + table["blasts"] * blood_blasts_percent
        + table["platelets"] * (platelets_1e9_per_l / 1000) ** table["platelets_power"]
    )
    low, intermediate = table["cuts"]
    return {"elts_score": score, "risk_group": "low" if score <= low else "intermediate" if score <= intermediate else "high"}


def score_sokal(
    age_years: float,
    spleen_cm_below_costal_margin: float,
    blood_blasts_percent: float,
    platelets_1e9_per_l: float,
    *,
    table: Coefficients,
) -> Outputs:
    """Score chronic myeloid leukaemia at diagnosis (Sokal).

    References
    ----------
    Sokal JE et al. Blood 1984;63:789-99. PMID 6584184
    """
    age, spleen, blasts, platelets = table["age"], table["spleen"], table["blasts"], table["platelets"]
    score = exp(
        age[0] * (age_years - age[1])
        + spleen[0] * (spleen_cm_below_costal_margin - spleen[1])
        + platelets[0] * ((platelets_1e9_per_l / platelets[2]) ** 2 - platelets[1])
        + blasts[0] * (blood_blasts_percent - blasts[1])
    )
    low, high = table["cuts"]
    return {"sokal_score": score, "risk_group": "low" if score < low else "high" if score > high else "intermediate"}
