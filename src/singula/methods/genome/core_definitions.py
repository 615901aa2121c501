"""The packaged core definitions: pack rows become gene definitions and phenotype tables."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from singula.knowledge import Knowledge, Pack, Row
from singula.methods.genome.definitions import GeneDefinition, NamedAllele, PhenotypeTable, Position

PACK = "pgx"
GRCH37, GRCH38 = "GRCh37", "GRCh38"
DESIGNED_FOR_READS = frozenset({"CYP2D6"})


@lru_cache(maxsize=8)
def core_definitions(knowledge: Knowledge, build: str = GRCH38) -> Mapping[str, GeneDefinition]:
    """Return the packaged definitions of every gene, with positions of one genome build.

    Parameters
    ----------
    knowledge : Knowledge
        Holds pack ``pgx``.
    build : str
        ``GRCh38`` or ``GRCh37``; a position without a place in that build is left out and counts as not read.

    Returns
    -------
    mapping
        Definitions by gene, in alphabetical order.
    """
    pack = knowledge.pack(PACK)
    return {gene: _definition(pack, gene, rows, build) for gene, rows in sorted(pack.index("positions", "gene").items())}


def _definition(pack: Pack, gene: str, rows: tuple[Row, ...], build: str) -> GeneDefinition:
    places = [(row, row.position if build == GRCH38 else row.position_grch37) for row in rows]
    kept = [(row, place) for row, place in places if place is not None]
    positions = tuple(Position(row.chromosome, place, row.ref, row.alts or (), row.rsid) for row, place in kept)
    index_of = {(row.position, row.rsid): number for number, (row, _) in enumerate(kept)}
    alleles: dict[str, list[Row]] = {}
    for row in pack.index("alleles", "gene")[gene]:
        alleles.setdefault(row.allele, []).append(row)
    policies = pack.index("policies", "policy", "gene")
    required = {row.value for row in policies.get(("required_positions", gene), ())}
    return GeneDefinition(
        gene=gene,
        chromosome=rows[0].chromosome,
        positions=positions,
        alleles=tuple(_allele(name, one, positions, index_of) for name, one in alleles.items()),
        version=pack.version,
        required=frozenset(number for number, position in enumerate(positions) if position.rsid in required),
        lowest_function=("lowest_function_genes", gene) in policies,
        undocumented_is_reference=("undocumented_alt_is_reference", gene) in policies,
        priorities=tuple((frozenset(row.members), row.pick) for row in pack.table("nat2_priorities")) if gene == "NAT2" else (),
    )


def _allele(
    name: str, rows: list[Row], positions: tuple[Position, ...], index_of: Mapping[tuple[int, str | None], int]
) -> NamedAllele:
    is_reference = rows[0].is_reference == "yes"
    bases: list[str | None] = [position.ref if is_reference else None for position in positions]
    for row in rows:
        number = index_of.get((row.position, row.rsid))
        if number is not None and row.base:
            bases[number] = row.base
    return NamedAllele(name, tuple(bases), is_reference)


@lru_cache(maxsize=8)
def core_phenotypes(knowledge: Knowledge) -> Mapping[str, PhenotypeTable]:
    """Return the packaged phenotype tables of every gene."""
    pack = knowledge.pack(PACK)
    genes = {*pack.index("function_pairs", "gene"), *pack.index("activity_cuts", "gene")}
    return {gene: _phenotype_table(pack, gene) for gene in sorted(genes)}


def _phenotype_table(pack: Pack, gene: str) -> PhenotypeTable:
    cuts = tuple((row.phenotype, row.low, row.high) for row in pack.index("activity_cuts", "gene").get(gene, ()))
    listed = [*pack.index("alleles", "gene").get(gene, ()), *pack.index("given_alleles", "gene").get(gene, ())]
    pairs = pack.index("function_pairs", "gene").get(gene, ())
    return PhenotypeTable(
        gene=gene,
        functions={row.allele: row.function for row in listed if row.function},
        activity={row.allele: row.activity_value for row in listed if row.activity_value},
        function_pairs={tuple(sorted(one for one in (row.first, row.second) if one)): row.phenotype for row in pairs},
        cuts=cuts,
        version=pack.version,
        is_activity_gene=bool(cuts),
    )


def activity_cuts(knowledge: Knowledge, gene: str) -> tuple[tuple[str, float, float | None], ...]:
    """Return the cut-offs of a gene's activity score: phenotype, lowest and highest score."""
    rows = knowledge.pack(PACK).index("activity_cuts", "gene").get(gene, ())
    return tuple((row.phenotype, row.low, row.high) for row in rows)


def gene_policies(knowledge: Knowledge) -> Mapping[str, frozenset[str]]:
    """Return the genes of each calling policy."""
    rows = knowledge.pack(PACK).index("policies", "policy")
    return {policy: frozenset(row.gene for row in group) for policy, group in rows.items()}
