"""The genotypes of a whole cohort as patterns: memory grows with what differs between people, hardly with their number."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from singula.errors import BadInput
from singula.methods.genome.definitions import GeneDefinition
from singula.methods.genome.gene_call import GeneCall, Options, call_gene
from singula.methods.genome.observed import Observed
from singula.sources.outside_calls import tables_by_gene
from singula.sources.pgx_calls import PgxTables, callable_definitions
from singula.sources.pgx_genotypes import MISSING, Codes, GeneColumns, GenotypeCollector
from singula.sources.vcf import VcfFile, VcfRow
from singula.sources.vcf_header import VcfHeader

LARGEST_TABLE = 1 << 24

Watch = Callable[[Iterator[VcfRow]], Iterator[VcfRow]]


@dataclass
class GenePatterns:
    """The distinct genotype patterns of one gene, and which of them each sample shows.

    ``constant`` holds positions at which all samples are alike; a pattern lists position and code of the others.
    """

    which: Codes
    patterns: list[tuple[tuple[int, int], ...]] = field(default_factory=lambda: [()])
    constant: dict[int, int] = field(default_factory=dict)

    def extend(self, index: int, codes: Codes) -> None:
        """Add one position: ``codes`` are the samples' genotypes there."""
        if (codes == codes[0]).all():
            self.constant[index] = int(codes[0])
            return
        span = int(codes.max()) + 2
        joined = self.which.astype(np.int64) * span + codes + 1
        found, self.which = _number_anew(joined, len(self.patterns) * span)
        self.patterns = [(*self.patterns[one // span], (index, one % span - 1)) for one in found.tolist()]


def _number_anew(values: npt.NDArray[np.int64], size: int) -> tuple[npt.NDArray[np.int64], Codes]:
    """Return the distinct values, sorted, and each value's place among them."""
    if size > LARGEST_TABLE:
        found, which = np.unique(values, return_inverse=True)
        return found, which.astype(np.int32).ravel()
    used = np.zeros(size, dtype=bool)
    used[values] = True
    distinct = np.flatnonzero(used).astype(np.int64)
    place = np.zeros(size, dtype=np.int32)
    place[distinct] = np.arange(len(distinct), dtype=np.int32)
    return distinct, place[values]


class PatternCollector(GenotypeCollector):
    """Gathers rows into patterns instead of columns of every sample."""

    def __init__(self, header: VcfHeader, definitions: Mapping[str, GeneDefinition]) -> None:
        super().__init__(header, definitions)
        self.patterns = {gene: GenePatterns(np.zeros(self.count, dtype=np.int32)) for gene in definitions}

    def _blank(self, positions: int) -> Codes:
        return np.empty((positions, 0), dtype=np.int32)

    def _fill(self, columns: GeneColumns, index: int, row: VcfRow, alleles: tuple[str, ...]) -> None:
        self.patterns[columns.definition.gene].extend(index, self.codes_of(row, alleles))


@dataclass(frozen=True)
class CohortCalls:
    """The calls of a cohort: per gene the distinct calls, and which of them each sample has."""

    samples: tuple[str, ...]
    calls: Mapping[str, tuple[GeneCall, ...]]
    which: Mapping[str, Codes]


def call_cohort(path: Path, tables: PgxTables, options: Options, watch: Watch = iter) -> CohortCalls:
    """Call every gene of every sample of a multi-sample VCF, each distinct pattern once.

    Parameters
    ----------
    path : Path
        The VCF.
    tables : PgxTables
        Definitions and phenotype tables, in the file's build.
    options : Options
        All candidates, combination calls.
    watch : callable, optional
        Sees the rows pass, to show how far the reading is.

    Returns
    -------
    CohortCalls
        Equal, sample for sample, to what :func:`singula.sources.pgx_calls.call_file` answers.

    Raises
    ------
    BadInput
        The file names no sample, or is in another build.
    """
    with VcfFile(path) as vcf:
        if not vcf.header.samples:
            raise BadInput(f"{path.name}: names no sample; give a VCF with genotypes")
        if vcf.header.build and vcf.header.build != tables.build:
            raise BadInput(
                f"{path.name}: contigs are those of {vcf.header.build}, the definitions of {tables.build}; lift the file over"
            )
        collector = PatternCollector(vcf.header, callable_definitions(tables))
        for row in watch(vcf.rows_at(collector.wanted)):
            collector.take(row)
        samples = tuple(vcf.header.samples)
    calls = {gene: tuple(_call_patterns(collector, gene, tables, options)) for gene in sorted(collector.genes)}
    return CohortCalls(samples, calls, {gene: collector.patterns[gene].which for gene in calls})


def _call_patterns(collector: PatternCollector, gene: str, tables: PgxTables, options: Options) -> Iterator[GeneCall]:
    columns, found = collector.genes[gene], collector.patterns[gene]
    table = tables_by_gene(tables.phenotypes, gene)
    for pattern in found.patterns:
        seen: list[Observed | None] = [None] * len(columns.definition.positions)
        for index, code in (*found.constant.items(), *pattern):
            seen[index] = None if code == MISSING else collector.meanings[code]
        yield call_gene(columns.definition, table, tuple(seen), options, tuple(columns.notes))
