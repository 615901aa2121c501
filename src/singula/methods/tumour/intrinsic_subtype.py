"""Which intrinsic subtype is a breast tumour nearest to? The fifty-gene centroids."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from singula.errors import InvalidInput, OutOfDomain, quoted
from singula.methods.registry import Coefficients, Outputs


def find_nearest_subtype(expression: Mapping[str, Any], *, table: Coefficients) -> Outputs:
    """Find the PAM50 centroid with the highest rank correlation to one sample.

    Parameters
    ----------
    expression : Mapping[str, float]
        Log2 ratios by gene symbol, already centred on a cohort of mixed receptor status by the caller; genes outside the
        fifty are ignored.
    table : Mapping
        Centroids by gene, subtypes in their order, and how many genes are needed.

    Returns
    -------
    dict
        Nearest subtype, and the correlation with each.

    Notes
    -----
    Centring decides: a cohort of one receptor status gives wrong subtypes. This is not the branded assay.

    References
    ----------
    Parker JS et al. J Clin Oncol 2009;27:1160-1167. doi:10.1200/JCO.2008.18.1370
    """
    centroids = table["centroids"]
    for gene, value in expression.items():
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if gene in centroids and not (is_number and math.isfinite(value)):
            raise InvalidInput(f"pam50-2009: expression of {gene} is {quoted(value)}; write a number or leave the gene out")
    genes = sorted(gene for gene in expression if gene in centroids)
    if len(genes) < table["least_genes"]:
        raise OutOfDomain(f"pam50-2009: expression holds {len(genes)} of the 50 genes; give at least {table['least_genes']}")
    sample = _ranks([float(expression[gene]) for gene in genes])
    found = {
        subtype: _correlate(sample, _ranks([centroids[gene][place] for gene in genes]))
        for place, subtype in enumerate(table["subtypes"])
    }
    return {"subtype": max(found, key=lambda subtype: found[subtype]), "correlations": found}


def _ranks(values: Sequence[float]) -> list[float]:
    """Rank values from 1; equal values share their mean rank."""
    ordered = sorted(values)
    first = {value: place for place, value in reversed(list(enumerate(ordered, start=1)))}
    last = dict(zip(ordered, range(1, len(ordered) + 1), strict=True))
    return [(first[value] + last[value]) / 2 for value in values]


def _correlate(left: Sequence[float], right: Sequence[float]) -> float:
    middle = (len(left) + 1) / 2
    together = math.fsum((a - middle) * (b - middle) for a, b in zip(left, right, strict=True))
    spread = math.fsum((a - middle) ** 2 for a in left) * math.fsum((b - middle) ** 2 for b in right)
    if spread <= 0:
        raise OutOfDomain("pam50-2009: all values of expression are the same; no rank can be told")
    return together / math.sqrt(spread)
