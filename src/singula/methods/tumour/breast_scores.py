"""Scores of early breast cancer from expression, staining, size, grade and nodes."""

from __future__ import annotations

from math import log

from singula.methods.registry import Coefficients, Outputs


def score_recurrence_21_genes(*, table: Coefficients, **expression: float) -> Outputs:
    """Compute the arithmetic of the 21-gene recurrence score from reference-normalised expression.

    Notes
    -----
    The arithmetic is published; the assay that measures the genes, and the name it is sold under, are not ours.

    References
    ----------
    Paik S et al. N Engl J Med 2004;351:2817-26. PMID 15591335
    """
    groups = {}
    for name, rule in table["groups"].items():
        mean = sum(weight * expression[gene] for gene, weight in rule["weights"].items()) / rule["divide_by"]
        groups[name] = max(mean, rule["floor"]) if "floor" in rule else mean
    values = {**expression, **groups}
    unscaled = sum(weight * values[name] for name, weight in table["weights"].items())
    scaled = table["scale"] * (unscaled - table["offset"])
    return {"recurrence_score": min(max(scaled, 0.0), 100.0), "unscaled_score": unscaled}


def score_ihc4(er10: float, pgr10: float, her2_positive: bool, ki67_percent: float, *, table: Coefficients) -> Outputs:
    """Score residual risk from four stains (IHC4).

    References
    ----------
    Cuzick J et al. J Clin Oncol 2011;29:4273-8. PMID 21990413
    """
    total = table["er10"] * er10 + table["pgr10"] * pgr10 + table["her2"] * her2_positive
    return {"ihc4_score": table["scale"] * (total + table["ki67"] * log(1 + table["ki67_factor"] * ki67_percent))}


def score_nottingham(tumour_size_mm: float, grade: int, positive_nodes: int, *, table: Coefficients) -> Outputs:
    """Score primary breast cancer by size, grade and nodes (Nottingham Prognostic Index).

    References
    ----------
    Galea MH et al. Breast Cancer Res Treat 1992;22:207-19. PMID 1391987; groups: PMID 17371767
    """
    stage = 1 + sum(positive_nodes >= cut for cut in table["nodes"])
    score = table["per_mm"] * tumour_size_mm + grade + stage
    group = next((name for high, name in table["groups"] if round(score, 6) <= high), table["worst"])
    return {"npi_score": score, "prognostic_group": group}


def score_cts5(positive_nodes: int, tumour_size_mm: float, grade: int, age_years: float, *, table: Coefficients) -> Outputs:
    """Score late distant recurrence after five years of endocrine therapy (CTS5).

    References
    ----------
    Dowsett M et al. J Clin Oncol 2018;36:1941-8. doi:10.1200/JCO.2017.76.4258
    """
    nodes = sum(positive_nodes >= cut for cut in table["nodes_from"])
    size = min(tumour_size_mm, table["largest_mm"])
    late = table["size"] * size + table["size_squared"] * size**2 + table["grade"] * grade + table["age"] * age_years
    score = table["nodes"] * nodes + table["clinical"] * late
    low, high = table["cuts"]
    return {"cts5_score": score, "risk_group": "low" if score < low else "high" if score > high else "intermediate"}
