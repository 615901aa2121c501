"""One pass over a person's genome file for everything a plan asks of it: genes to call, and whose sex the X chromosome shows."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence

from singula.knowledge import Knowledge
from singula.methods.genome.sample_checks import SampleTally, infer_sex
from singula.sources.pgx_genotypes import GenotypeCollector
from singula.sources.sample_checks import check_limits, is_plain, read_calls
from singula.sources.vcf import VcfRow, blocks_over
from singula.sources.vcf_lines import SitesWithStretch

X = "X"
Wanted = Mapping[str, Sequence[int]]


class SexWatch:
    """Counts what a stretch of X outside the pseudo-autosomal regions shows of each sample.

    Parameters
    ----------
    knowledge : Knowledge
        Pack ``germline``: the stretch, and from how many variants sex is told.
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self._limits = check_limits(knowledge)
        self.stretch = range(int(self._limits["x_first"]), int(self._limits["x_last"]) + 1)
        self._tallies: list[SampleTally] = []

    def take(self, row: VcfRow) -> None:
        """Count one row."""
        if row.chromosome != X or row.position not in self.stretch or not is_plain(row):
            return
        if not self._tallies:
            self._tallies = [SampleTally() for _ in row.fields]
        for tally, (alleles, _) in zip(self._tallies, read_calls(row), strict=True):
            if alleles is not None:
                tally.take_sex(X, alleles)

    def sex(self, sample: int) -> str | None:
        """Return ``female``, ``male``, or None where too little was seen or it lies between."""
        return infer_sex(self._tallies[sample], self._limits)[0] if sample < len(self._tallies) else None


class GenomeWatch:
    """Lets the rows through that were wanted, after the gene collector and the sex watch had a look at all.

    Parameters
    ----------
    collector : GenotypeCollector
        Gets the rows at its positions, and the reference blocks over them.
    sexes : SexWatch
        Gets the rows of its stretch.
    """

    def __init__(self, collector: GenotypeCollector, sexes: SexWatch) -> None:
        self.collector, self.sexes = collector, sexes

    def widen(self, wanted: Wanted) -> Wanted:
        """Add the collector's positions and the stretch of X."""
        both: dict[str, Sequence[int]] = {
            name: sorted({*wanted.get(name, ()), *places}) for name, places in self.collector.wanted.items()
        }
        return {**wanted, **both, X: SitesWithStretch(both.get(X, wanted.get(X, ())), self.sexes.stretch)}

    def keep(self, rows: Iterable[VcfRow], wanted: Wanted) -> Iterator[VcfRow]:
        """Yield the rows that were wanted."""
        genes = {name: frozenset(places) for name, places in self.collector.wanted.items()}
        for row in rows:
            self.sexes.take(row)
            if row.position in genes.get(row.chromosome, ()):
                self.collector.take(row)
            else:
                for block in blocks_over(row, self.collector.wanted.get(row.chromosome, ())):
                    self.collector.take(block)
            sites = wanted.get(row.chromosome, ())
            at = bisect_left(sites, row.position)
            if at < len(sites) and sites[at] <= max(row.end or 0, row.position + len(row.ref) - 1):
                yield row
