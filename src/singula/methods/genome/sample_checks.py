"""Whether a sample is whose it is said to be: sex, kinship, contamination, runs of homozygosity.

References
----------
Manichaikul A et al. Bioinformatics 2010;26:2867, doi:10.1093/bioinformatics/btq559 (kinship that is robust to structure).
McQuillan R et al. Am J Hum Genet 2008;83:359, doi:10.1016/j.ajhg.2008.08.007 (inbreeding by runs of homozygosity).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Limits = Mapping[str, float]


@dataclass
class SampleTally:
    """What was counted of one sample."""

    het: int = 0
    hom: int = 0
    missing: int = 0
    x_het: int = 0
    x_hom: int = 0
    y_called: int = 0
    balanced: int = 0
    unbalanced: int = 0
    runs: list[tuple[str, int, int, int]] = field(default_factory=list)
    _run: tuple[str, int, int, int] | None = None

    def take(self, place: tuple[str, int], alleles: Sequence[int], balance: float | None, limits: Limits) -> None:
        """Count one called genotype of an autosome; ``balance`` is the share of reads with the alternative allele."""
        if not any(alleles):
            return
        if len(set(alleles)) > 1:
            self.het += 1
            self._end_run(limits)
            if balance is not None:
                off = limits["balance_low"] <= balance <= limits["balance_high"]
                self.unbalanced += off
                self.balanced += not off
            return
        self.hom += 1
        chromosome, position = place
        run = self._run
        if run is None or run[0] != chromosome or position - run[2] > limits["roh_gap_bases"]:
            self._end_run(limits)
            self._run = (chromosome, position, position, 1)
        else:
            self._run = (chromosome, run[1], position, run[3] + 1)

    def take_sex(self, chromosome: str, alleles: Sequence[int]) -> None:
        """Count one called genotype of X outside the pseudo-autosomal regions, or of Y."""
        if chromosome == "Y":
            self.y_called += 1
        elif any(alleles):
            het = len(set(alleles)) > 1
            self.x_het += het
            self.x_hom += not het

    def finish(self, limits: Limits) -> None:
        """Close the last run."""
        self._end_run(limits)

    def _end_run(self, limits: Limits) -> None:
        run, self._run = self._run, None
        if run and run[2] - run[1] >= limits["roh_bases"] and run[3] >= limits["roh_variants"]:
            self.runs.append(run)


@dataclass(frozen=True)
class SampleChecks:
    """What the counts say of one sample; None where too little was counted to say."""

    inferred_sex: str | None
    x_het_share: float | None
    het_hom_ratio: float | None
    unbalanced_share: float | None
    contamination_hint: bool | None
    roh_megabases: float
    longest_roh_megabases: float
    inbreeding: float | None
    warnings: tuple[str, ...]


def judge_sample(tally: SampleTally, limits: Limits, *, stated_sex: str | None = None, whole_genome: bool = True) -> SampleChecks:
    """Judge the counts of one sample.

    Parameters
    ----------
    tally : SampleTally
        The counts, finished.
    limits : mapping
        Table ``sample_checks`` of the pack ``germline``.
    stated_sex : str, optional
        ``female`` or ``male``.
    whole_genome : bool
        Whether enough autosomes were read for an inbreeding coefficient.
    """
    sex, share = infer_sex(tally, limits)
    hets = tally.balanced + tally.unbalanced
    unbalanced = tally.unbalanced / hets if hets >= limits["fewest_hets"] else None
    ratio = tally.het / tally.hom if tally.hom >= limits["fewest_hets"] else None
    total = sum(last - first for _, first, last, _ in tally.runs)
    warnings = []
    if stated_sex and sex and stated_sex != sex:
        warnings.append(f"the sex in the genome ({sex}) is not the stated one ({stated_sex}): the sample may be swapped")
    if unbalanced is not None and unbalanced > limits["unbalanced_share"]:
        warnings.append("many heterozygous calls lie off the middle: the sample may be contaminated")
    if ratio is not None and not limits["het_hom_low"] <= ratio <= limits["het_hom_high"]:
        warnings.append(f"heterozygous to homozygous calls are {ratio:.2f}: outside what one person's genome shows")
    inbreeding = total / limits["autosome_bases"] if whole_genome else None
    if inbreeding is not None and inbreeding > limits["inbreeding_share"]:
        warnings.append("long homozygous stretches: the parents may be related; think of recessive conditions")
    return SampleChecks(
        inferred_sex=sex,
        x_het_share=share,
        het_hom_ratio=ratio,
        unbalanced_share=unbalanced,
        contamination_hint=None if unbalanced is None else unbalanced > limits["unbalanced_share"],
        roh_megabases=total / 1e6,
        longest_roh_megabases=max((last - first for _, first, last, _ in tally.runs), default=0) / 1e6,
        inbreeding=inbreeding,
        warnings=tuple(warnings),
    )


def infer_sex(tally: SampleTally, limits: Limits) -> tuple[str | None, float | None]:
    """Infer the sex from the heterozygous share on X; None, and no share, where too few variants were counted."""
    counted = tally.x_het + tally.x_hom
    if counted < limits["fewest_x"]:
        return None, None
    share = tally.x_het / counted
    if share <= limits["x_het_male"]:
        return "male", share
    return ("female" if share >= limits["x_het_female"] else None), share


@dataclass
class PairTally:
    """Genotypes of two samples at biallelic sites where both are called."""

    both_het: int = 0
    opposite: int = 0
    first_het: int = 0
    second_het: int = 0

    def take(self, first: int, second: int) -> None:
        """Count one site by how many alternative alleles each has."""
        self.first_het += first == 1
        self.second_het += second == 1
        self.both_het += first == second == 1
        self.opposite += abs(first - second) > 1


def estimate_kinship(pair: PairTally, limits: Limits) -> tuple[float | None, str | None]:
    """Estimate the kinship of two samples: 0.5 the same person, 0.25 first degree; with the degree in words."""
    fewer = min(pair.first_het, pair.second_het)
    if fewer < limits["fewest_hets"]:
        return None, None
    larger = max(pair.first_het, pair.second_het)
    kinship = (pair.both_het - 2 * pair.opposite) / (2 * fewer) + 0.5 - (fewer + larger) / (4 * fewer)
    steps = (("kinship_same", "same person or identical twin"), ("kinship_first", "first degree"),
             ("kinship_second", "second degree"), ("kinship_third", "third degree"))  # fmt: skip
    return kinship, next((words for name, words in steps if kinship >= limits[name]), "not related")
