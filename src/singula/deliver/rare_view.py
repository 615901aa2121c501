"""The answer of ``singula rare rank``: diseases and genes with what speaks for each, and what to ask next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from singula.methods.genome.inheritance_fit import Fit, RareAllele, fit_inheritance
from singula.methods.genome.phenotype_ranking import (
    Phenotypes,
    explain,
    genes_of,
    modes_of,
    next_question,
    rank_candidates,
    read_terms,
    score_catalogue,
)

BEST_TO_DIVIDE = 10
BEST_TO_FIT = 500


@dataclass(frozen=True)
class GenomeSide:
    """The person's rare alleles by gene, and the weights they are judged by (table ``rare_fit`` of pack ``germline``)."""

    by_gene: Mapping[str, Sequence[RareAllele]]
    weights: Mapping[str, float]


def rank_rare(
    observed: Sequence[str], excluded: Sequence[str], phenotypes: Phenotypes, most: int, genome: GenomeSide | None = None
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
    genome : GenomeSide, optional
        The person's rare alleles; a gene or disease moves up by how well they fit its inheritance.

    Raises
    ------
    BadInput
        A code is no term, or none is observed.
    """
    person = (read_terms(observed, phenotypes), read_terms(excluded, phenotypes))
    diseases, genes = phenotypes.diseases, phenotypes.genes
    disease_scores = score_catalogue(diseases, person[0], phenotypes)
    gene_scores = score_catalogue(genes, person[0], phenotypes)
    gene_fits = _fit_genes(gene_scores, phenotypes, genome) if genome else {}
    disease_fits = _fit_diseases(disease_scores, phenotypes, genome) if genome else {}
    best = rank_candidates(diseases, disease_scores, *person, most)
    shown = []
    for rank, place in best:
        one = explain(diseases, place, rank, float(disease_scores[place]), person, phenotypes)
        fit = disease_fits.get(place)
        modes = sorted(modes_of(diseases, place, phenotypes))
        shown.append({**one.__dict__, "inheritance": modes, "genes": genes_of(place, phenotypes), "genotype": _show(fit)})
    return {
        "diseases": shown,
        "genes": [
            {
                "rank": rank,
                "gene": genes.ids[place],
                "score": float(gene_scores[place]),
                "variants": [one.name for one in (genome.by_gene.get(genes.ids[place], ()) if genome else ())],
                "genotype": _show(gene_fits.get(place)),
            }
            for rank, place in rank_candidates(genes, gene_scores, *person, most)
        ],
        "next_question": next_question(
            diseases, [place for _, place in best[:BEST_TO_DIVIDE]], [*person[0], *person[1]], phenotypes
        ),
        "next_test": _next_test(shown[:BEST_TO_DIVIDE], genome),
    }


def _fit_genes(scores: npt.NDArray[np.float64], phenotypes: Phenotypes, genome: GenomeSide) -> dict[int, Fit]:
    fits = {}
    for place, gene in enumerate(phenotypes.genes.ids):
        if gene in genome.by_gene:
            fit = fit_inheritance(modes_of(phenotypes.genes, place, phenotypes), genome.by_gene[gene], genome.weights)
            if fit is not None:
                scores[place] += fit.score
                fits[place] = fit
    return fits


def _fit_diseases(scores: npt.NDArray[np.float64], phenotypes: Phenotypes, genome: GenomeSide) -> dict[int, Fit]:
    fits = {}
    for place in np.argsort(-scores, kind="stable")[:BEST_TO_FIT].tolist():
        modes = modes_of(phenotypes.diseases, place, phenotypes)
        found = [
            fit
            for gene in genes_of(place, phenotypes)
            if gene in genome.by_gene and (fit := fit_inheritance(modes, genome.by_gene[gene], genome.weights))
        ]
        if found:
            fits[place] = max(found, key=lambda one: (one.score, one.alleles))
            scores[place] += fits[place].score
    return fits


def _show(fit: Fit | None) -> dict[str, Any] | None:
    return None if fit is None else {"mode": fit.mode, "score": fit.score, "alleles": list(fit.alleles), "why": fit.why}


def _next_test(best: Sequence[Mapping[str, Any]], genome: GenomeSide | None) -> str | None:
    """Name the test that would tell most: sequencing where there is none, the parents for an open phase, a second allele."""
    if genome is None:
        genes = list(dict.fromkeys(gene for one in best for gene in one["genes"]))
        return f"sequencing that covers {', '.join(genes[:BEST_TO_DIVIDE])}" if genes else None
    for one in best:
        fit = one["genotype"]
        if fit and fit["why"].startswith("one of the two"):
            return f"a second allele that short reads miss (deletion, deep intron) for {one['name']}: beside {fit['alleles'][0]}"
        if fit and "is not known" in fit["why"]:
            return f"the parents, to tell whether {' and '.join(fit['alleles'])} lie on one copy ({one['name']})"
    return None
