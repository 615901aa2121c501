"""From VCF rows to what each person carries at the positions of each gene.

The rules are those of the reference sheet: a row counts only where its REF is the definition's, the first row of a position wins,
missing is never reference, a half call is told, phase sets hold their own order only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from singula.errors import BadInput
from singula.methods.genome.definitions import GeneDefinition, Position
from singula.methods.genome.observed import UNREAD, WHOLE_CHROMOSOME, Observed
from singula.sources.vcf import VcfFile, VcfRow
from singula.sources.vcf_header import VcfHeader, plain_chromosome

MISSING = -1
SEX_CHROMOSOMES = ("X", "Y", "MT")


Codes = npt.NDArray[np.int32]


class _ReadOnce(dict[bytes, int]):
    """Codes by text; a text not met before is read."""

    def __init__(self, read: Callable[[bytes], int]) -> None:
        super().__init__()
        self.read = read

    def __missing__(self, text: bytes) -> int:
        code = self[text] = self.read(text)
        return code


@dataclass
class GeneColumns:
    """One gene's genotypes for every sample: codes by position and sample, and what the codes mean."""

    definition: GeneDefinition
    codes: Codes
    notes: list[str] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)


@dataclass
class PgxGenotypes:
    """What one VCF says at the positions of all genes."""

    header: VcfHeader
    genes: dict[str, GeneColumns]
    meanings: list[Observed]


def read_pgx_genotypes(path: Path, definitions: Mapping[str, GeneDefinition], *, build: str | None = None) -> PgxGenotypes:
    """Read the genotypes at the positions of all definitions.

    Parameters
    ----------
    path : Path
        The VCF.
    definitions : mapping
        Gene definitions by gene, in the file's build.
    build : str, optional
        What the definitions' build is; a file that says otherwise is refused.

    Returns
    -------
    PgxGenotypes
        Codes per gene; a position without a usable row is missing for everyone.

    Raises
    ------
    BadInput
        No VCF, a damaged row, no sample, or another build.
    """
    with VcfFile(path) as vcf:
        if not vcf.header.samples:
            raise BadInput(f"{path.name}: names no sample; give a VCF with genotypes")
        if build and vcf.header.build and vcf.header.build != build:
            raise BadInput(
                f"{path.name}: contigs are those of {vcf.header.build}, the definitions of {build}; lift the file over"
            )
        collector = GenotypeCollector(vcf.header, definitions)
        for row in vcf.rows_at(collector.wanted):
            collector.take(row)
    return collector.genotypes()


class GenotypeCollector:
    """Gathers the rows at the positions of gene definitions into gene columns.

    Parameters
    ----------
    header : VcfHeader
        Of the file the rows come from.
    definitions : mapping
        Gene definitions by gene, in the file's build.
    """

    def __init__(self, header: VcfHeader, definitions: Mapping[str, GeneDefinition]) -> None:
        self.header, self.count = header, len(header.samples)
        self.genes = {gene: GeneColumns(one, self._blank(len(one.positions))) for gene, one in definitions.items()}
        self.meanings: list[Observed] = []
        self.code_of: dict[Observed, int] = {}
        self.at: dict[tuple[str, int], list[tuple[GeneColumns, int, Position]]] = {}
        for columns in self.genes.values():
            for index, position in enumerate(columns.definition.positions):
                self.at.setdefault((plain_chromosome(position.chromosome), position.position), []).append(
                    (columns, index, position)
                )
        places: dict[str, list[int]] = {}
        for chromosome, place in self.at:
            places.setdefault(chromosome, []).append(place)
        self.wanted: Mapping[str, Sequence[int]] = {chromosome: sorted(one) for chromosome, one in places.items()}

    def genotypes(self) -> PgxGenotypes:
        """Return what was gathered."""
        return PgxGenotypes(self.header, self.genes, self.meanings)

    def take(self, row: VcfRow) -> None:
        """Put one row's genotypes where they belong."""
        for columns, index, position in self.at.get((row.chromosome, row.covers or row.position), ()):
            if row.covers is not None:
                if index not in columns.seen:
                    columns.seen.add(index)
                    self._fill(columns, index, row, (position.ref,))
                continue
            if row.ref != position.ref:
                columns.notes.append(
                    f"{position.label}: REF is {row.ref}, the definition has {position.ref}; the row is not used"
                )
                continue
            if index in columns.seen:
                columns.notes.append(f"{position.label}: row {row.where} repeats the position; the first row is used")
                continue
            columns.seen.add(index)
            if row.filter not in ("PASS", "."):
                columns.notes.append(f"{position.label}: FILTER is {row.filter}; it is used all the same")
            if (
                any(len(alt) != len(position.ref) for alt in position.alts)
                and all(len(alt) == 1 for alt in (row.ref, *row.alts))
                and row.alts
            ):
                columns.notes.append(f"{position.label}: alleles here are insertions or deletions, the row has single bases only")
            self._fill(columns, index, row, (row.ref, *row.alts))

    def _blank(self, positions: int) -> Codes:
        return np.full((positions, self.count), MISSING, dtype=np.int32)

    def _fill(self, columns: GeneColumns, index: int, row: VcfRow, alleles: tuple[str, ...]) -> None:
        columns.codes[index] = self.codes_of(row, alleles)

    def codes_of(self, row: VcfRow, alleles: tuple[str, ...]) -> Codes:
        """Return the code of each sample's genotype in a row; each distinct text is read once."""

        def read(text: bytes) -> int:
            seen = read_genotype(text, row.format, alleles, row.chromosome)
            return MISSING if seen is None else self._code(seen)

        return np.fromiter(map(_ReadOnce(read).__getitem__, row.fields), dtype=np.int32, count=self.count)

    def _code(self, seen: Observed) -> int:
        code = self.code_of.get(seen)
        if code is None:
            code = self.code_of[seen] = len(self.meanings)
            self.meanings.append(seen)
        return code


def read_genotype(text: bytes, names: Sequence[str], alleles: Sequence[str], chromosome: str) -> Observed | None:
    """Read one sample's field.

    Parameters
    ----------
    text : bytes
        The field, such as ``0|1:15,15:97078987``.
    names : sequence of str
        The row's FORMAT.
    alleles : sequence of str
        REF and ALTs; symbolic ones cannot be carried.
    chromosome : str
        Without ``chr``; on X, Y and MT a half call counts as one strand.

    Returns
    -------
    Observed or None
        None is missing.
    """
    values = dict(zip(names, text.decode("utf-8", "replace").split(":"), strict=False))
    genotype = values.get("GT", ".")
    parts = genotype.replace("|", "/").split("/")[:2]
    called = [part for part in parts if part.isdigit()]
    if not called or any(int(part) >= len(alleles) for part in called):
        return None
    bases = tuple(alleles[int(part)] for part in called)
    if any(base.startswith("<") or base == "*" for base in bases):
        return None
    if len(called) < len(parts):
        return _half_call(parts, bases, chromosome)
    if len(bases) == 1 or bases[0] == bases[1]:
        return Observed(bases, WHOLE_CHROMOSOME)
    if _reads_contradict(values.get("AD", ""), called):
        return None
    if "|" not in genotype:
        return Observed(bases)
    phase_set = values.get("PS", ".")
    return Observed(bases, WHOLE_CHROMOSOME if phase_set in (".", "") else phase_set)


def _half_call(parts: Sequence[str], bases: tuple[str, ...], chromosome: str) -> Observed | None:
    if chromosome in SEX_CHROMOSOMES:
        return Observed(bases, WHOLE_CHROMOSOME)
    if "0" in parts:
        return None
    return Observed((bases[0], UNREAD) if parts[0].isdigit() else (UNREAD, bases[0]), WHOLE_CHROMOSOME, is_half=True)


def _reads_contradict(depths: str, called: Sequence[str]) -> bool:
    counts = depths.split(",")
    if len(counts) < 2 or not all(count.isdigit() for count in counts) or any(int(one) >= len(counts) for one in called):
        return False
    return sum(int(count) > 0 for count in counts) == 1
