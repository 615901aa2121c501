"""Gene results of a record (FHIR Genomics, the small pharmacogenomic record) as calls made elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from singula.record import Fact, GenePhenotype, Genotype, Kind, Record
from singula.sources.outside_calls import OutsideCall


def calls_of_record(record: Record) -> Iterator[OutsideCall]:
    """Yield what a record says of each gene.

    Parameters
    ----------
    record : Record
        One person; genotype and phenotype of one gene are put together, so that their contradiction is told.

    Yields
    ------
    OutsideCall
        Candidates are alternatives; two haplotypes without a genotype make one, a single haplotype leaves the other side open.
    """
    present = [fact for fact in record.facts if fact.is_present]
    phenotypes = {fact.gene: fact for fact in reversed(present) if isinstance(fact, GenePhenotype) and fact.gene}
    pairs: dict[str, tuple[str, ...]] = {}
    for fact in present:
        if isinstance(fact, Genotype):
            pairs.setdefault(fact.gene, fact.candidates or ((fact.diplotype,) if fact.diplotype else ()))
    for gene, alleles in _haplotypes(present).items():
        pairs.setdefault(gene, ("/".join(alleles),))
    for gene in sorted({*phenotypes, *pairs}):
        given = phenotypes.get(gene)
        score = given.activity_score if given else None
        for pair in pairs.get(gene) or (None,):
            yield OutsideCall(gene, pair, given.phenotype if given else None, None if score is None else str(score))


def _haplotypes(facts: list[Fact]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for fact in facts:
        gene, allele = fact.detail.get("gene"), fact.detail.get("allele")
        if fact.kind is Kind.HAPLOTYPE and gene and allele:
            found.setdefault(str(gene), []).append(str(allele))
    return {gene: alleles for gene, alleles in found.items() if len(alleles) <= 2}
