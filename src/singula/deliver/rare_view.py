"""The answer of ``singula rare rank``: diseases and genes with what speaks for each, and what to ask next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from singula.methods.genome.phenotype_ranking import (
    Phenotypes,
    explain,
    genes_of,
    next_question,
    rank_candidates,
    read_terms,
    score_catalogue,
)
from singula.sources.rare_variants import RareVariants

BEST_TO_DIVIDE = 10
VARIANT_BONUS = 1.0


def rank_rare(
    observed: Sequence[str], excluded: Sequence[str], phenotypes: Phenotypes, most: int, variants: RareVariants | None = None
) -> dict[str, Any]:
    """Rank diseases and genes for one person.

    Parameters
    ----------
    observed, excluded : sequence of str
        Terms of the Human Phenotype Ontology.
    phenotypes : Phenotypes
        The ontology.
    most : int
        How many of each to tell.
    variants : RareVariants, optional
        The person's rare variants; a gene with one moves up.

    Raises
    ------
    BadInput
        A code is no term, or none is observed.
    """
    person = (read_terms(observed, phenotypes), read_terms(excluded, phenotypes))
    diseases, genes = phenotypes.diseases, phenotypes.genes
    disease_scores = score_catalogue(diseases, person[0], phenotypes)
    gene_scores = score_catalogue(genes, person[0], phenotypes)
    if variants is not None:
        for place, gene in enumerate(genes.ids):
            if gene in variants.by_gene:
                gene_scores[place] += VARIANT_BONUS
    best = rank_candidates(diseases, disease_scores, *person, most)
    shown = []
    for rank, place in best:
        one = explain(diseases, place, rank, float(disease_scores[place]), person, phenotypes)
        shown.append({**one.__dict__, "genes": genes_of(place, phenotypes)})
    found = variants.by_gene if variants else {}
    return {
        "diseases": shown,
        "genes": [
            {
                "rank": rank,
                "gene": genes.ids[place],
                "score": float(gene_scores[place]),
                "variants": [name for name, _ in found.get(genes.ids[place], ())],
            }
            for rank, place in rank_candidates(genes, gene_scores, *person, most)
        ],
        "next_question": next_question(
            diseases, [place for _, place in best[:BEST_TO_DIVIDE]], [*person[0], *person[1]], phenotypes
        ),
    }
