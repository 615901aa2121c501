"""Star alleles as laboratories write them: ``CYP2C19 *2/*3``, ``CYP2C19*2/*17``, ``HLA-B*57:01/HLA-B*08:01``, ``*1/*2x2``."""

from __future__ import annotations

import re

GENE_PREFIX = re.compile(r"^([A-Z][A-Z0-9]+(?:-[A-Z0-9]+)?)\s*(?=[*\s:])")


def read_diplotype(text: str, gene: str | None) -> tuple[str | None, str | None]:
    """Read a gene and a diplotype (or a single allele) from a laboratory's text.

    Parameters
    ----------
    text : str
        As written, with or without the gene's name before each allele.
    gene : str or None
        The gene stated elsewhere, which wins over the text's.

    Returns
    -------
    tuple
        Gene and diplotype ``A/B``; None for what the text does not say.
    """
    words = text.strip()
    match = GENE_PREFIX.match(words)
    if match and (gene is None or match.group(1) == gene):
        gene = gene or match.group(1)
        words = words[match.end() :].strip()
    if gene:
        words = re.sub(rf"\b{re.escape(gene)}\s*(?=\*|:)", "", words).lstrip(": ").strip()
    return gene, words or None
