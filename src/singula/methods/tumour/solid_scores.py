"""Point scores of lung, kidney and immunotherapy patients from a few laboratory values."""

from __future__ import annotations

from singula.errors import OutOfDomain
from singula.methods.registry import Coefficients, Outputs
from singula.methods.risk.arithmetic import band_points


def score_lung_molgpa(
    histology: str,
    age_years: float,
    karnofsky_percent: float,
    extracranial_metastases: bool,
    brain_metastases: int,
    egfr_or_alk_altered: bool | None = None,
    *,
    table: Coefficients,
) -> Outputs:
    """Score survival with brain metastases of lung cancer (Lung-molGPA, 0 to 4); a gene not tested counts as not altered.

    References
    ----------
    Sperduto PW et al. JAMA Oncol 2017;3:827-31. PMID 27892978
    """
    score = (
        table["young"] * (age_years < table["age"])
        + next((points for low, points in table["karnofsky"] if karnofsky_percent >= low), 0)
        + table["no_extracranial"] * (not extracranial_metastases)
        + table["few"] * (brain_metastases <= table["few_at_most"])
        + table["altered"] * (histology == "adenocarcinoma" and bool(egfr_or_alk_altered))
    )
    return {"molgpa_score": score}


def score_grim(
    neutrophils_1e9_per_l: float,
    lymphocytes_1e9_per_l: float,
    ldh_u_per_l: float,
    ldh_uln_u_per_l: float,
    albumin_g_per_dl: float,
    *,
    table: Coefficients,
) -> Outputs:
    """Score who may not live long enough to benefit from an early-phase immunotherapy trial (GRIm).

    References
    ----------
    Bigot F et al. Eur J Cancer 2017;84:212-8. PMID 28826078
    """
    score = (
        (neutrophils_1e9_per_l / lymphocytes_1e9_per_l > table["ratio"])
        + (ldh_u_per_l > ldh_uln_u_per_l)
        + (albumin_g_per_dl < table["albumin"])
    )
    return {"grim_score": score, "risk_group": band_points(score, table["bands"])}


def score_lipi(
    leucocytes_1e9_per_l: float,
    neutrophils_1e9_per_l: float,
    ldh_u_per_l: float,
    ldh_uln_u_per_l: float,
    *,
    table: Coefficients,
) -> Outputs:
    """Score lung cancer under checkpoint inhibitors from neutrophils and LDH (LIPI).

    References
    ----------
    Mezquita L et al. JAMA Oncol 2018;4:351-7. PMID 29327044
    """
    if neutrophils_1e9_per_l >= leucocytes_1e9_per_l:
        raise OutOfDomain("lipi: neutrophils_1e9_per_l has to be below leucocytes_1e9_per_l; the ratio has no other meaning")
    ratio = neutrophils_1e9_per_l / (leucocytes_1e9_per_l - neutrophils_1e9_per_l)
    score = (ratio > table["ratio"]) + (ldh_u_per_l > ldh_uln_u_per_l)
    return {"dnlr": ratio, "lipi_score": score, "risk_group": band_points(score, table["bands"])}


def score_imdc(
    karnofsky_percent: float,
    months_from_diagnosis_to_treatment: float,
    haemoglobin_g_per_dl: float,
    haemoglobin_lln_g_per_dl: float,
    corrected_calcium_mg_per_dl: float,
    calcium_uln_mg_per_dl: float,
    neutrophils_1e9_per_l: float,
    neutrophils_uln_1e9_per_l: float,
    platelets_1e9_per_l: float,
    platelets_uln_1e9_per_l: float,
    *,
    table: Coefficients,
) -> Outputs:
    """Score metastatic renal-cell carcinoma (IMDC, Heng), one point for each of six findings.

    References
    ----------
    Heng DYC et al. J Clin Oncol 2009;27:5794-9. PMID 19826129
    """
    score = (
        (karnofsky_percent < table["karnofsky"])
        + (months_from_diagnosis_to_treatment < table["months"])
        + (haemoglobin_g_per_dl < haemoglobin_lln_g_per_dl)
        + (corrected_calcium_mg_per_dl > calcium_uln_mg_per_dl)
        + (neutrophils_1e9_per_l > neutrophils_uln_1e9_per_l)
        + (platelets_1e9_per_l > platelets_uln_1e9_per_l)
    )
    return {"imdc_score": score, "risk_group": band_points(score, table["bands"])}
