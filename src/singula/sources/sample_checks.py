"""Reads a whole VCF once for the checks that come before anything is said of a sample."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

from singula.errors import BadInput
from singula.knowledge import Knowledge
from singula.methods.genome.sample_checks import Limits, PairTally, SampleTally
from singula.sources.site_calls import agree_on_build
from singula.sources.vcf import VcfFile, VcfRow

AUTOSOMES = frozenset(str(number) for number in range(1, 23))
MOST_PAIRED = 12
BASES = frozenset("ACGT")
Call = tuple[tuple[int, ...] | None, float | None]


@dataclass
class CheckedFile:
    """The counts of every sample and, in a joint file of few samples, of every pair."""

    samples: tuple[str, ...]
    build: str | None
    tallies: list[SampleTally]
    pairs: dict[tuple[int, int], PairTally] = field(default_factory=dict)
    chromosomes: set[str] = field(default_factory=set)


def check_limits(knowledge: Knowledge) -> dict[str, float]:
    """Read the limits of the checks by name."""
    return {row.name: row.value for row in knowledge.pack("germline").table("sample_checks")}


def count_file(path: Path, build: str | None, knowledge: Knowledge) -> CheckedFile:
    """Count the genotypes of every sample of a VCF.

    Parameters
    ----------
    path : Path
        A VCF with genotypes.
    build : str, optional
        Where the file does not say; without one, X is not used.
    knowledge : Knowledge
        Pack ``germline``: limits, pseudo-autosomal regions.
    """
    limits = check_limits(knowledge)
    with VcfFile(path) as vcf:
        if not vcf.header.samples:
            raise BadInput(f"{path.name}: names no sample; give a VCF with genotypes")
        samples = vcf.header.samples
        known = agree_on_build(vcf.header, build, path.name)
        shared = [(row.start, row.end) for row in knowledge.pack("germline").table("pseudo_autosomal") if row.build == known]
        checked = CheckedFile(samples, known, [SampleTally() for _ in samples])
        if len(samples) <= MOST_PAIRED:
            checked.pairs = {pair: PairTally() for pair in combinations(range(len(samples)), 2)}
        for row in vcf.rows():
            if is_plain(row):
                _take(checked, row, shared, limits)
    for tally in checked.tallies:
        tally.finish(limits)
    return checked


def is_plain(row: VcfRow) -> bool:
    """Tell a row that passed and exchanges one base for one other."""
    return row.filter in ("PASS", ".") and len(row.ref) == 1 and len(row.alts) == 1 and row.alts[0].upper() in BASES


def _take(checked: CheckedFile, row: VcfRow, shared: Sequence[tuple[int, int]], limits: Limits) -> None:
    checked.chromosomes.add(row.chromosome)
    calls = list(read_calls(row))
    if row.chromosome in AUTOSOMES:
        _take_autosome(checked, (row.chromosome, row.position), calls, limits)
    elif row.chromosome in ("X", "Y") and shared and not any(start <= row.position <= end for start, end in shared):
        for tally, (alleles, _) in zip(checked.tallies, calls, strict=True):
            if alleles is not None:
                tally.take_sex(row.chromosome, alleles)


def _take_autosome(checked: CheckedFile, place: tuple[str, int], calls: Sequence[Call], limits: Limits) -> None:
    for tally, (alleles, balance) in zip(checked.tallies, calls, strict=True):
        if alleles is None:
            tally.missing += 1
        else:
            tally.take(place, alleles, balance, limits)
    for (first, second), pair in checked.pairs.items():
        one, other = calls[first][0], calls[second][0]
        if one is not None and other is not None:
            pair.take(sum(one), sum(other))


def read_calls(row: VcfRow) -> Iterator[Call]:
    """Yield each sample's alleles, and the share of reads with the other allele; None where they are not known."""
    at_reads = row.format.index("AD") if "AD" in row.format else None
    for sample in row.fields:
        values = sample.split(b":")
        parts = values[0].replace(b"|", b"/").split(b"/")
        if not all(part.isdigit() for part in parts):
            yield None, None
            continue
        reads = values[at_reads].split(b",") if at_reads is not None and at_reads < len(values) else []
        yield tuple(int(part) for part in parts), _share(reads)


def _share(reads: Sequence[bytes]) -> float | None:
    if len(reads) != 2 or not all(one.isdigit() for one in reads):
        return None
    total = int(reads[0]) + int(reads[1])
    return int(reads[1]) / total if total else None
