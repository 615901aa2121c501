"""Counts genotypes on X while a genome file is read for something else, so that a swapped sample is noticed before it speaks."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence

from singula.knowledge import Knowledge
from singula.methods.genome.sample_checks import SampleTally, infer_sex
from singula.sources.sample_checks import check_limits, is_plain, read_calls
from singula.sources.vcf import HIGHEST_POSITION, VcfRow

X = "X"


class SexWatch:
    """Lets rows through and counts what those on X, outside the pseudo-autosomal regions, show of each sample.

    Parameters
    ----------
    knowledge : Knowledge
        Pack ``germline``: limits, pseudo-autosomal regions.
    build : str
        Of the file.
    """

    def __init__(self, knowledge: Knowledge, build: str) -> None:
        self._limits = check_limits(knowledge)
        rows = knowledge.pack("germline").table("pseudo_autosomal")
        self._shared = [(row.start, row.end) for row in rows if row.build == build]
        self._tallies: list[SampleTally] = []

    def widen(self, wanted: Mapping[str, Sequence[int]]) -> dict[str, Sequence[int]]:
        """Ask for every row on X too."""
        return {**wanted, X: range(1, HIGHEST_POSITION)}

    def keep(self, rows: Iterable[VcfRow], wanted: Mapping[str, Sequence[int]]) -> Iterator[VcfRow]:
        """Yield the rows that were wanted; those on X are counted on the way."""
        sites = wanted.get(X, ())
        for row in rows:
            if row.chromosome != X:
                yield row
                continue
            self._count(row)
            at = bisect_left(sites, row.position)
            if at < len(sites) and sites[at] <= max(row.end or 0, row.position + len(row.ref) - 1):
                yield row

    def sex(self, sample: int) -> str | None:
        """Return ``female``, ``male``, or None where too little was seen or it lies between."""
        return infer_sex(self._tallies[sample], self._limits)[0] if sample < len(self._tallies) else None

    def _count(self, row: VcfRow) -> None:
        if not is_plain(row) or any(start <= row.position <= end for start, end in self._shared):
            return
        if not self._tallies:
            self._tallies = [SampleTally() for _ in row.fields]
        for tally, (alleles, _) in zip(self._tallies, read_calls(row), strict=True):
            if alleles is not None:
                tally.take_sex(X, alleles)
