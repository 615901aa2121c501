"""Call every gene of every sample of a VCF, with outside calls beside it: patterns are called, not people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from singula.knowledge import Knowledge, Pack
from singula.knowledge.pgx_release import read_release
from singula.methods.genome.core_definitions import (
    DESIGNED_FOR_READS,
    GRCH38,
    PACK,
    activity_cuts,
    core_definitions,
    core_phenotypes,
    gene_policies,
)
from singula.methods.genome.definitions import GeneDefinition, PhenotypeTable, read_release_definition, read_release_phenotypes
from singula.methods.genome.gene_call import GeneCall, Options, call_gene
from singula.methods.genome.observed import Genotypes
from singula.sources.outside_calls import OutsideCall, call_from_outside, tables_by_gene
from singula.sources.pgx_genotypes import MISSING, GeneColumns, PgxGenotypes, read_pgx_genotypes
from singula.sources.vcf import VcfFile

IMPORTED = "pharmcat"


@dataclass(frozen=True, eq=False)
class PgxTables:
    """The definitions and phenotype tables of one run, in one genome build."""

    definitions: Mapping[str, GeneDefinition]
    phenotypes: Mapping[str, PhenotypeTable]
    hla_alleles: Mapping[str, Mapping[str, bool]]
    pack: str
    version: str
    build: str = GRCH38


def load_tables(knowledge: Knowledge, folder: Path | None = None, build: str = GRCH38) -> PgxTables:
    """Load the packaged core tables, or those of a release folder in their place.

    An imported release that is as new as the packaged definitions, or newer, replaces them gene by gene.

    Parameters
    ----------
    knowledge : Knowledge
        Holds pack ``pgx``.
    folder : Path, optional
        An unpacked official release.
    build : str
        Genome build wanted; a release is GRCh38.

    Returns
    -------
    PgxTables
        Definitions by gene, phenotype tables by gene.
    """
    pack = knowledge.pack(PACK)
    hla = {gene: {row.allele: row.told == "always" for row in rows} for gene, rows in pack.index("hla_alleles", "gene").items()}
    release = _imported(knowledge) if folder is None and build == GRCH38 else None
    if release is not None:
        definitions, phenotypes, version = _release_tables(release.folder, knowledge)
        core = core_definitions(knowledge, build)
        merged = dict(sorted({**core, **definitions}.items()))
        return PgxTables(merged, {**core_phenotypes(knowledge), **phenotypes}, hla, release.name, version)
    if folder is None:
        return PgxTables(core_definitions(knowledge, build), core_phenotypes(knowledge), hla, PACK, pack.version, build)
    definitions, phenotypes, version = _release_tables(folder, knowledge)
    return PgxTables(definitions, phenotypes, hla, str(folder.name), version)


def _imported(knowledge: Knowledge) -> Pack | None:
    if not knowledge.has(IMPORTED):
        return None
    release = knowledge.pack(IMPORTED)
    is_new = release.date >= str(knowledge.pack(PACK).manifest["definitions_date"])
    return release if is_new and (release.folder / "alleles").is_dir() else None


@lru_cache(maxsize=2)
def _release_tables(folder: Path, knowledge: Knowledge) -> tuple[dict[str, GeneDefinition], dict[str, PhenotypeTable], str]:
    documents, exemptions, tables = read_release(folder)
    policies = gene_policies(knowledge)
    definitions = {
        gene: read_release_definition(one, exemptions.get(gene, {}), policies) for gene, one in sorted(documents.items())
    }
    phenotypes = {gene: read_release_phenotypes(one, activity_cuts(knowledge, gene)) for gene, one in tables.items()}
    return definitions, phenotypes, max((one.version for one in definitions.values()), default="")


@dataclass
class SampleCalls:
    """One sample's calls, by gene."""

    sample: str
    file: str
    genes: list[tuple[GeneDefinition | None, GeneCall]] = field(default_factory=list)


def call_file(
    path: Path, tables: PgxTables, options: Options, outside: Sequence[OutsideCall] = (), *, cyp2d6_from_vcf: bool = False
) -> Iterator[SampleCalls]:
    """Call every sample of a VCF.

    Parameters
    ----------
    path : Path
        The VCF.
    tables : PgxTables
        Definitions and phenotype tables.
    options : Options
        All candidates, combination calls.
    outside : sequence of OutsideCall
        Calls made elsewhere; they replace those from the VCF.
    cyp2d6_from_vcf : bool
        Call CYP2D6 from its short variants, which shows neither copies nor hybrids.

    Yields
    ------
    SampleCalls
        In file order, genes in alphabetical order.
    """
    definitions = callable_definitions(tables, cyp2d6_from_vcf=cyp2d6_from_vcf)
    yield from call_genotypes(read_pgx_genotypes(path, definitions, build=tables.build), path.name, tables, options, outside)


def callable_definitions(tables: PgxTables, *, cyp2d6_from_vcf: bool = False) -> dict[str, GeneDefinition]:
    """Return the definitions of the genes that short variants show."""
    return {gene: one for gene, one in tables.definitions.items() if cyp2d6_from_vcf or gene not in DESIGNED_FOR_READS}


def call_genotypes(
    genotypes: PgxGenotypes, file: str, tables: PgxTables, options: Options, outside: Sequence[OutsideCall] = ()
) -> Iterator[SampleCalls]:
    """Call every sample of genotypes that were read; see :func:`call_file`."""
    by_gene = {
        gene: call_patterns(columns, genotypes, tables_by_gene(tables.phenotypes, gene), options)
        for gene, columns in genotypes.genes.items()
    }
    for number, sample in enumerate(genotypes.header.samples):
        given = call_outside(tuple(one for one in outside if one.sample in (None, sample)), tables)
        calls: list[tuple[GeneDefinition | None, GeneCall]] = [
            (genotypes.genes[gene].definition, one[number]) for gene, one in by_gene.items() if gene not in given
        ]
        calls.extend((None, _against_vcf(call, by_gene, number)) for call in given.values())
        yield SampleCalls(sample, file, sorted(calls, key=lambda one: one[1].gene))


def call_given(file: str, outside: Sequence[OutsideCall], tables: PgxTables, person: str | None = None) -> Iterator[SampleCalls]:
    """Call the genes of a file that brings results instead of positions, sample by sample.

    Parameters
    ----------
    file : str
        The file's name.
    outside : sequence of OutsideCall
        What it says.
    tables : PgxTables
        Phenotype tables.
    person : str, optional
        Whom it is about, where the calls do not say; else the file's name stands for them.

    Yields
    ------
    SampleCalls
        One per sample, in the order they are first named.
    """
    whose = {one: one.sample or person or file.partition(".")[0] for one in outside}
    for sample in dict.fromkeys(whose.values()):
        calls = call_outside(tuple(one for one in outside if whose[one] == sample), tables)
        yield SampleCalls(sample, file, [(None, calls[gene]) for gene in sorted(calls)])


def _against_vcf(given: GeneCall, by_gene: Mapping[str, Sequence[GeneCall]], number: int) -> GeneCall:
    """Say in a given call's reasons where the VCF calls another diplotype."""
    own = by_gene[given.gene][number] if given.gene in by_gene else None
    if own is None or own.status != "called" or not given.diplotypes or _same_pair(own.diplotypes, given.diplotypes):
        return given
    told = f"the VCF says {own.diplotypes[0]}, the outside call {' or '.join(given.diplotypes)}; the outside call is used"
    return replace(given, reasons=(*given.reasons, told))


def _same_pair(one: Sequence[str], two: Sequence[str]) -> bool:
    return {tuple(sorted(pair.split("/"))) for pair in one} == {tuple(sorted(pair.split("/"))) for pair in two}


def call_patterns(
    columns: GeneColumns, genotypes: PgxGenotypes, table: PhenotypeTable | None, options: Options
) -> Sequence[GeneCall]:
    """Call each distinct pattern of genotypes once and hand the call to every sample that shows it."""
    patterns, which = np.unique(columns.codes, axis=1, return_inverse=True)
    calls = []
    for number in range(patterns.shape[1]):
        seen: Genotypes = tuple(None if code == MISSING else genotypes.meanings[code] for code in patterns[:, number])
        calls.append(call_gene(columns.definition, table, seen, options, tuple(columns.notes)))
    return [calls[number] for number in which.ravel()]


@lru_cache(maxsize=64)
def call_outside(outside: tuple[OutsideCall, ...], tables: PgxTables) -> dict[str, GeneCall]:
    """Turn calls made elsewhere into calls, by gene."""
    lines: dict[str, list[OutsideCall]] = {}
    for line in outside:
        lines.setdefault(line.gene, []).append(line)
    return {
        gene: call_from_outside(gene, group, tables_by_gene(tables.phenotypes, gene), tables.hla_alleles.get(gene))
        for gene, group in lines.items()
    }


def build_of(path: Path) -> str | None:
    """Return the genome build a VCF says it is in."""
    with VcfFile(path) as vcf:
        return vcf.header.build


def show_call(definition: GeneDefinition | None, call: GeneCall) -> dict[str, Any]:
    """Describe a call as the command contract does."""
    score = call.activity_scores[0] if len(call.activity_scores) == 1 else None
    return {
        "gene": call.gene,
        "status": call.status,
        "diplotypes": list(call.diplotypes),
        "components": list(call.components),
        "lookup": list(call.lookup),
        "phenotypes": list(call.phenotypes),
        "phenotype": call.phenotypes[0] if len(call.phenotypes) == 1 else None,
        "activity_scores": list(call.activity_scores),
        "activity_score": float(score.removeprefix("≥")) if score else None,
        "scores": list(call.scores),
        "missing": [show_missing(definition, index) for index in call.missing] if definition else [],
        "undocumented": list(call.undocumented),
        "phased": call.phased,
        "reasons": list(call.reasons),
    }


@lru_cache(maxsize=8192)
def show_missing(definition: GeneDefinition, index: int) -> dict[str, Any]:
    """Describe a position that was not read, and the alleles it would tell."""
    position = definition.positions[index]
    alleles = [allele.name for allele in definition.alleles if not allele.is_reference and allele.bases[index] is not None]
    return {"rsid": position.rsid, "position": f"{position.chromosome}:{position.position}", "alleles": alleles}
