"""Scars of failed homologous recombination in allele-specific copy numbers: LOH, telomeric imbalance, large-scale transitions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Any

from singula.errors import InvalidInput
from singula.methods.registry import Coefficients, Outputs

AUTOSOMES = frozenset(str(number) for number in range(1, 23))


@dataclass(frozen=True)
class Segment:
    """A stretch of one chromosome with the copies of its two alleles, the larger first."""

    chromosome: str
    start: int
    end: int
    major: int
    minor: int

    @property
    def length(self) -> int:
        """Bases between start and end; below 0 where a caller's last segment runs past its end, as in the published example."""
        return self.end - self.start


def count_scars(segments: Sequence[Sequence[Any]], build: str, *, table: Coefficients) -> Outputs:
    """Count the scars of one tumour.

    Parameters
    ----------
    segments : sequence
        ``[chromosome, start, end, major, minor]`` in order; sex chromosomes are left out.
    build : str
        The genome build of the places.

    Returns
    -------
    dict
        Counts of LOH, telomeric allelic imbalance, large-scale transitions, their sum, and whether it is high.

    References
    ----------
    Abkevich V et al. 2012 PMID 23047548; Birkbak NJ et al. 2012 PMID 22576213; Popova T et al. 2012 PMID 22933060;
    Telli ML et al. 2016 PMID 26957554
    """
    read = [_read(number, one) for number, one in enumerate(segments)]
    by_chromosome = [
        merge_equal(group) for chromosome, group in groupby(read, key=lambda one: one.chromosome) if chromosome in AUTOSOMES
    ]
    centromeres = table["centromeres"][build]
    loh = sum(_count_loh(group, table) for group in by_chromosome)
    imbalance = sum(_count_imbalance(group, centromeres[group[0].chromosome], table) for group in by_chromosome)
    transitions = sum(_count_transitions(group, centromeres[group[0].chromosome], table) for group in by_chromosome)
    total = loh + imbalance + transitions
    return {
        "hrd_loh": loh,
        "telomeric_ai": imbalance,
        "lst": transitions,
        "hrd_sum": total,
        "hrd_high": total >= table["high_from"],
    }


def _read(number: int, cells: Sequence[Any]) -> Segment:
    try:
        chromosome, start, end, one, other = cells
        copies = sorted((int(one), int(other)))
        segment = Segment(str(chromosome).removeprefix("chr"), int(start), int(end), copies[1], copies[0])
    except (TypeError, ValueError):
        raise InvalidInput(f"hrd-scar: segments[{number}] has to be [chromosome, start, end, major, minor]") from None
    if segment.minor < 0:
        raise InvalidInput(f"hrd-scar: segments[{number}] has copies below 0")
    return segment


def merge_equal(segments: Iterable[Segment]) -> list[Segment]:
    """Join neighbours with the same copies; the first one's start and the largest end stay."""
    merged: list[Segment] = []
    for one in segments:
        if merged and (merged[-1].major, merged[-1].minor) == (one.major, one.minor):
            merged[-1] = replace(merged[-1], end=max(merged[-1].end, one.end))
        else:
            merged.append(one)
    return merged


def _count_loh(segments: list[Segment], table: Coefficients) -> int:
    if all(one.minor == 0 for one in segments):
        return 0
    capped = merge_equal(replace(one, major=min(one.major, 1)) for one in segments)
    return sum(one.minor == 0 and one.major != 0 and one.length > table["loh_longer_than"] for one in capped)


def _count_imbalance(segments: list[Segment], centromere: Sequence[int], table: Coefficients) -> int:
    kept = merge_equal(one for one in segments if one.length >= table["imbalance_shortest"])
    if len(kept) < 2:
        return 0
    bases: dict[int, int] = {}
    for one in kept:
        bases[one.major + one.minor] = bases.get(one.major + one.minor, 0) + one.length
    bases.pop(0, None)
    ploidy = max(bases, key=lambda copies: bases[copies], default=2)
    first, last = kept[0], kept[-1]
    return (_is_imbalanced(first, ploidy) and first.end < centromere[0]) + (
        _is_imbalanced(last, ploidy) and last.start > centromere[1]
    )


def _is_imbalanced(segment: Segment, ploidy: int) -> bool:
    if ploidy == 1 or ploidy % 2 == 0:
        return segment.major != segment.minor
    return not (segment.major + segment.minor == ploidy and segment.minor != 0)


def _count_transitions(segments: list[Segment], centromere: Sequence[int], table: Coefficients) -> int:
    if len(segments) < 2:
        return 0
    begin, end = centromere
    short = merge_equal(one for one in segments if one.start <= begin)
    long = merge_equal(one for one in segments if one.end >= end)
    arms = []
    if short:
        arms.append([*short[:-1], replace(short[-1], end=begin)])
    if long:
        arms.append([replace(long[0], start=end), *long[1:]])
    return sum(_count_in_arm(arm, table) for arm in arms)


def _count_in_arm(arm: list[Segment], table: Coefficients) -> int:
    while any(one.length < table["transition_noise"] for one in arm):
        at = next(number for number, one in enumerate(arm) if one.length < table["transition_noise"])
        arm = merge_equal([*arm[:at], *arm[at + 1 :]])
    return sum(
        one.length >= table["transition_shortest"]
        and other.length >= table["transition_shortest"]
        and other.start - one.end < table["transition_gap"]
        for one, other in pairwise(arm)
    )
