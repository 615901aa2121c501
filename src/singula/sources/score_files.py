"""Polygenic scoring files in the formats of the PGS Catalog: rows with a position, and rows that cannot be summed, each told."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from singula.errors import BadInput
from singula.sources.limits import decode_utf8, lines_bounded, open_bounded
from singula.sources.vcf_header import plain_chromosome

BUILDS = {
    "grch37": "GRCh37", "hg19": "GRCh37", "grch38": "GRCh38", "hg38": "GRCh38", "37": "GRCh37", "38": "GRCh38",
}  # fmt: skip
TRUE = ("true", "1", "yes")
DOSAGES = ("dosage_0_weight", "dosage_1_weight", "dosage_2_weight")
UNSUPPORTED = ("is_haplotype", "is_diplotype", "is_interaction")


@dataclass(frozen=True)
class ScoreRow:
    """One variant of a score; ``dosage_weights`` stand for a single weight where the file gives one per dosage."""

    chromosome: str
    position: int
    effect_allele: str
    other_allele: str | None
    weight: float
    is_dominant: bool = False
    is_recessive: bool = False
    dosage_weights: tuple[float, float, float] | None = None
    frequency: float | None = None

    @property
    def is_additive(self) -> bool:
        """Whether it counts in proportion to the dosage."""
        return not (self.is_dominant or self.is_recessive or self.dosage_weights)

    @property
    def variance(self) -> float | None:
        """What the row adds to the score's variance, 2p(1−p)w²; None where p is not stated or the row is not additive."""
        if self.frequency is None or not self.is_additive:
            return None
        return 2 * self.frequency * (1 - self.frequency) * self.weight**2

    def contribution(self, dosage: float) -> float:
        """Return what a dosage of the effect allele adds to the sum."""
        if self.dosage_weights:
            return self.dosage_weights[round(dosage)]
        if self.is_dominant:
            return self.weight * min(dosage, 1)
        if self.is_recessive:
            return self.weight * (dosage == 2)
        return self.weight * dosage


@dataclass
class ScoreFile:
    """One score: its rows, how many the file has, and how much weight rows carry that cannot be summed."""

    score_id: str
    build: str | None
    rows: list[ScoreRow] = field(default_factory=list)
    total: int = 0
    unsupported_weight: float = 0.0
    details: dict[str, str] = field(default_factory=dict)

    @property
    def trait(self) -> str | None:
        """The trait as the catalogue maps it, else as its authors report it; None where the file does not say."""
        return self.details.get("trait_mapped") or self.details.get("trait_reported") or None

    @property
    def total_weight(self) -> float:
        """Sum of the sizes of all weights."""
        return self.unsupported_weight + sum(abs(_size(row)) for row in self.rows)


def _size(row: ScoreRow) -> float:
    return max(map(abs, row.dosage_weights)) if row.dosage_weights else abs(row.weight)


def read_score_file(path: Path) -> ScoreFile:
    """Read a scoring file.

    Parameters
    ----------
    path : Path
        Plain or gzip; harmonised columns (``hm_chr``, ``hm_pos``) win over the author's.

    Raises
    ------
    BadInput
        No column line, or a row that cannot be read; the message names it.
    """
    header: list[str] | None = None
    stem = path.name.removesuffix(".gz").rsplit(".", 1)[0]
    score = ScoreFile(stem, None)
    with open_bounded(path) as stream:
        for number, line in lines_bounded(stream, path.name):
            text = decode_utf8(line, f"{path.name}:{number}")
            if text.startswith("#"):
                name, sign, value = text.lstrip("#").partition("=")
                if sign:
                    score.details[name.strip()] = value.strip()
            elif text.strip() and header is None:
                header = [cell.strip().lower() for cell in text.split("\t")]
                _check_columns(header, f"{path.name}:{number}")
                score.score_id = score.details.get("pgs_id") or stem
                score.build = _build(score.details, "hm_pos" in header)
            elif text.strip() and header is not None:
                _take_row(
                    score, dict(zip(header, (cell.strip() for cell in text.split("\t")), strict=False)), f"{path.name}:{number}"
                )
    if header is None:
        raise BadInput(f"{path.name}: holds no column line; a scoring file names effect_allele and effect_weight")
    return score


def _check_columns(header: list[str], where: str) -> None:
    if "effect_allele" not in header and "effect_weight" not in header:
        raise BadInput(f"{where}: names no column effect_allele; is this a PGS Catalog scoring file?")


def _build(details: dict[str, str], harmonised: bool) -> str | None:
    stated = details.get("HmPOS_build") if harmonised else details.get("genome_build")
    return BUILDS.get((stated or "").strip('" ').lower())


def _take_row(score: ScoreFile, cells: dict[str, str], where: str) -> None:
    score.total += 1
    weights = tuple(_number(cells.get(name), where) for name in DOSAGES)
    weight = _number(cells.get("effect_weight"), where)
    if weight is None and None in weights:
        raise BadInput(f"{where}: has no effect_weight")
    size = abs(weight) if weight is not None else max(abs(one or 0.0) for one in weights)
    chromosome = cells.get("hm_chr") or cells.get("chr_name") or ""
    place = cells.get("hm_pos") if "hm_pos" in cells else cells.get("chr_position")
    if any(_is_true(cells.get(name)) for name in UNSUPPORTED) or not chromosome or not (place or "").isdigit():
        score.unsupported_weight += size
        return
    whole = None if None in weights else tuple(float(one or 0.0) for one in weights)
    score.rows.append(
        ScoreRow(
            chromosome=plain_chromosome(chromosome),
            position=int(place or 0),
            effect_allele=cells.get("effect_allele", "").upper(),
            other_allele=(cells.get("other_allele") or cells.get("hm_inferotherallele") or "").upper() or None,
            weight=weight or 0.0,
            is_dominant=_is_true(cells.get("is_dominant")),
            is_recessive=_is_true(cells.get("is_recessive")),
            dosage_weights=(whole[0], whole[1], whole[2]) if whole else None,
            frequency=_number(cells.get("allelefrequency_effect"), where),
        )
    )


def _is_true(text: str | None) -> bool:
    return (text or "").strip('" ').lower() in TRUE


def _number(text: str | None, where: str) -> float | None:
    if text in (None, "", "NA", "."):
        return None
    try:
        return float(text)
    except ValueError:
        raise BadInput(f"{where}: {text!r} is no number") from None
