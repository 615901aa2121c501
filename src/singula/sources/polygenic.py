"""Polygenic sums of every sample of a genome file, in one pass, with the ground each genotype stands on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from singula.errors import BadInput
from singula.methods.genome.score_matching import MatchedAlleles, match_alleles
from singula.record.genome import SiteStatus
from singula.sources.regions import Regions
from singula.sources.score_files import ScoreFile, ScoreRow
from singula.sources.site_calls import AskedSite, SiteReader, SiteRules, read_table
from singula.sources.vcf_header import plain_chromosome

KNOWN = (SiteStatus.CALLED, SiteStatus.HOM_REF_BLOCK, SiteStatus.HOM_REF_REGIONS, SiteStatus.HOM_REF_ASSUMED)
UNREAD = (SiteStatus.NOT_COVERED,)


@dataclass(frozen=True)
class ScoreOptions:
    """How a score is summed."""

    missing: Literal["zero", "mean"] = "zero"
    keep_ambiguous: bool = False
    build: str | None = None
    regions: Path | None = None
    sites: Path | None = None
    frequencies: Path | None = None


@dataclass(frozen=True)
class MatchedRow:
    """A row of a score with the site it speaks of."""

    row: ScoreRow
    site: AskedSite
    effect_is_alt: bool
    from_file: bool


@dataclass
class SampleSum:
    """One sample's sum of one score."""

    total: float = 0.0
    counted: int = 0
    matched: int = 0
    missing: int = 0
    basis: Counter[str] = field(default_factory=Counter)


@dataclass
class ScoreSums:
    """One score: matched rows, and sums by sample column."""

    score: ScoreFile
    matched: list[MatchedRow]
    sums: dict[int, SampleSum]

    @property
    def variance_share(self) -> float | None:
        """Share of the score's variance, Σ 2p(1−p)w², that the matched rows carry; None unless the file tells every p."""
        wanted = [row.variance for row in self.score.rows]
        known = [one for one in wanted if one is not None]
        if len(known) < self.score.total or not sum(known):
            return None
        return sum(one.row.variance or 0.0 for one in self.matched) / sum(known)

    @property
    def is_additive(self) -> bool:
        """Whether every matched row counts in proportion to its dosage, so that an average means something."""
        return all(one.row.is_additive for one in self.matched)


def sum_scores(
    path: Path, scores: Sequence[ScoreFile], options: ScoreOptions, samples: str | None
) -> tuple[SiteReader, list[ScoreSums]]:
    """Sum scores for the samples of a genome file.

    Parameters
    ----------
    path : Path
        VCF, gVCF or BCF.
    scores : sequence of ScoreFile
        Any number; the file is read once.
    options : ScoreOptions
        Missing genotypes, strand, build, regions, sites whose reference base is known.
    samples : str, optional
        Names joined by commas.

    Returns
    -------
    tuple
        The reader, and the sums in the order of the scores.

    Raises
    ------
    BadInput
        A score is in another build than the file.
    """
    wanted: dict[str, set[int]] = {}
    for score in scores:
        for row in score.rows:
            wanted.setdefault(row.chromosome, set()).add(row.position)
    regions = Regions(options.regions) if options.regions else None
    places = {name: sorted(found) for name, found in wanted.items()}
    reader = SiteReader(path, places, SiteRules(regions, build=options.build))
    known = _read_known_sites(options.sites) if options.sites else {}
    columns = reader.choose_samples(samples)
    frequencies = _read_frequencies(options.frequencies) if options.frequencies else {}
    found = []
    for score in scores:
        if reader.build and score.build and reader.build != score.build:
            raise BadInput(
                f"{path.name} is in {reader.build}, score {score.score_id} in {score.build}; use its file for {reader.build}"
            )
        matched = list(_match_rows(score.rows, reader, known, options))
        means = _mean_dosages(matched, reader, frequencies) if options.missing == "mean" else {}
        found.append(ScoreSums(score, matched, {column: _sum(matched, reader, column, means) for column in columns}))
    return reader, found


def _match_rows(
    rows: Iterable[ScoreRow], reader: SiteReader, known: Mapping[tuple[str, int], list[tuple[str, str]]], options: ScoreOptions
) -> Iterable[MatchedRow]:
    seen: set[tuple[str, int, str]] = set()
    for row in rows:
        key = (row.chromosome, row.position, row.effect_allele)
        if key in seen:
            continue
        found = _match_row(row, reader, known, options)
        if found is not None:
            seen.add(key)
            yield found


def _match_row(
    row: ScoreRow, reader: SiteReader, known: Mapping[tuple[str, int], list[tuple[str, str]]], options: ScoreOptions
) -> MatchedRow | None:
    here = [
        (one.ref.upper(), tuple(alt.upper() for alt in one.alts))
        for one in reader.rows.over(row.chromosome, row.position, row.position)
        if one.position == row.position and one.alts and not all(alt.startswith("<") for alt in one.alts)
    ]
    for from_file, alleles in (
        (True, here),
        (False, [(ref, (alt,)) for ref, alt in known.get((row.chromosome, row.position), ())]),
    ):
        for ref, alts in alleles:
            found: MatchedAlleles | None = match_alleles(
                row.effect_allele, row.other_allele, ref, alts, keep_ambiguous=options.keep_ambiguous
            )
            if found is not None:
                site = AskedSite("", row.chromosome, row.position, found.ref, found.alt)
                return MatchedRow(row, site, found.effect_is_alt, from_file)
    return None


def _dosage(one: MatchedRow, reader: SiteReader, column: int) -> tuple[SiteStatus, float | None]:
    found = reader.resolve(one.site, column)
    if found.status not in KNOWN or found.dosage is None:
        return found.status, None
    copies = len((found.genotype or "0/0").replace("|", "/").split("/"))
    return found.status, float(found.dosage if one.effect_is_alt else copies - found.dosage)


def _mean_dosages(
    matched: Iterable[MatchedRow], reader: SiteReader, frequencies: Mapping[tuple[str, int, str], float]
) -> dict[MatchedRow, float]:
    means = {}
    for one in matched:
        stated = frequencies.get((one.row.chromosome, one.row.position, one.row.effect_allele))
        if stated is not None:
            means[one] = 2 * stated
            continue
        patterns = [(_dosage(one, reader, column)[1], count) for column, count in reader.distinct(one.site)]
        found = [(dosage, count) for dosage, count in patterns if dosage is not None]
        if found:
            means[one] = sum(dosage * count for dosage, count in found) / sum(count for _, count in found)
    return means


def _sum(matched: Iterable[MatchedRow], reader: SiteReader, column: int, means: Mapping[MatchedRow, float]) -> SampleSum:
    answer = SampleSum()
    for one in matched:
        status, dosage = _dosage(one, reader, column)
        if dosage is None and not one.from_file and status in UNREAD:
            continue
        answer.matched += 1
        if dosage is not None:
            answer.basis[status.value] += 1
            answer.total += one.row.contribution(dosage)
            answer.counted += 1
            continue
        answer.missing += 1
        answer.basis["missing"] += 1
        if one in means:
            answer.basis["imputed"] += 1
            answer.total += one.row.weight * means[one]
            answer.counted += 1
    return answer


def _read_known_sites(path: Path) -> dict[tuple[str, int], list[tuple[str, str]]]:
    sites: dict[tuple[str, int], list[tuple[str, str]]] = {}
    for where, row in read_table(path, ("chrom", "pos", "ref", "alt")):
        if not row["pos"].isdigit():
            raise BadInput(f"{where}: pos has to be a whole number")
        key = (plain_chromosome(row["chrom"]), int(row["pos"]))
        sites.setdefault(key, []).append((row["ref"].upper(), row["alt"].upper()))
    return sites


def _read_frequencies(path: Path) -> dict[tuple[str, int, str], float]:
    found = {}
    for where, row in read_table(path, ("chrom", "pos", "effect_allele", "frequency")):
        try:
            found[(plain_chromosome(row["chrom"]), int(row["pos"]), row["effect_allele"].upper())] = float(row["frequency"])
        except ValueError:
            raise BadInput(f"{where}: pos and frequency have to be numbers") from None
    return found


def read_references(path: Path) -> dict[tuple[str, str], tuple[float, float]]:
    """Read means and spreads by score and population: columns ``score_id population mean sd``."""
    found = {}
    for where, row in read_table(path, ("score_id", "population", "mean", "sd")):
        try:
            mean, spread = float(row["mean"]), float(row["sd"])
        except ValueError:
            raise BadInput(f"{where}: mean and sd have to be numbers") from None
        if spread <= 0:
            raise BadInput(f"{where}: sd has to be above 0")
        found[(row["score_id"], row["population"])] = (mean, spread)
    return found
