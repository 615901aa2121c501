"""Reads what ClinVar publishes: the release's VCF and ``variant_summary.txt``, both into one table of alleles by place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO

from singula.errors import BadInput, quoted
from singula.knowledge import Knowledge
from singula.methods.genome.normalisation import trim_alleles
from singula.sources.clinvar_store import AlleleTable, ClinVarEntry, TableWriter
from singula.sources.limits import VCF, lines_bounded, open_bounded
from singula.sources.vcf_header import plain_chromosome, read_header

ALLELE = re.compile(r"^[ACGT]+$")
FILE_DATE = re.compile(rb"##fileDate=(\d{4}-\d{2}-\d{2})\b")
KEPT_UNREPORTED = ("conflicting", "uncertain_significance", "uncertain_risk_allele")
NO_CONDITION = ("not_provided", "not_specified", "not provided", "not specified", ".", "")
SUMMARY_COLUMNS = (
    "GeneSymbol", "ClinicalSignificance", "LastEvaluated", "PhenotypeList", "Assembly", "Chromosome", "ReviewStatus",
    "VariationID", "PositionVCF", "ReferenceAlleleVCF", "AlternateAlleleVCF",
)  # fmt: skip
SUMMARY_BUILD = "GRCh38"


@dataclass
class ClinVarRelease:
    """What one release says: its alleles by place, and how many records there are by class."""

    build: str
    date: str
    table: AlleleTable
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def entries(self) -> list[ClinVarEntry]:
        """The alleles of the classes that are reported, by place."""
        return [self.table.entry(int(number)) for _, numbers in self.table.chosen() for number in numbers]


@dataclass(frozen=True)
class _Place:
    """Where a record lies, as it is written."""

    chromosome: str
    position: int
    ref: str
    alt: str


@dataclass
class _Draft:
    """A release while it is read, with ClinVar's words."""

    classes: dict[bytes, tuple[str, bool]]
    stars: dict[bytes, int]
    complete: bool
    counts: Counter[str] = field(default_factory=Counter)
    writer: TableWriter = field(default_factory=TableWriter)

    def weigh(self, identifier: bytes, significance: bytes | None, review: bytes) -> tuple[str, int, bool] | None:
        """Count a record; its class, stars and whether it is reported, or None where only its version is kept."""
        words = ("no_classification", False)
        if significance:
            words = self.classes.get(significance.split(b"|", 1)[0], ("other", False))
        classification, reported = words
        stars = self.stars.get(review, 0)
        self.counts[classification] += 1
        if self.complete and identifier.isdigit():
            self.writer.add_version(int(identifier), classification, stars)
        return (classification, stars, reported) if reported or (self.complete and classification in KEPT_UNREPORTED) else None

    def keep(self, place: _Place, entry: tuple[str, str, int, bool], words: dict[str, str]) -> None:
        """Keep an allele with identifier, class, stars and whether it is reported."""
        ref, alt = place.ref.upper(), place.alt.upper()
        if not ALLELE.match(ref) or not ALLELE.match(alt):
            return
        position, ref, alt = trim_alleles(place.position, ref, alt)
        identifier, classification, stars, reported = entry
        consequences = tuple(one.split("|")[-1] for one in words.get("consequences", "").split(",") if one)
        self.writer.add(
            ClinVarEntry(
                chromosome=plain_chromosome(place.chromosome),
                position=position,
                ref=ref,
                alt=alt,
                variation_id=identifier,
                classification=classification,
                stars=stars,
                gene=words["gene"],
                condition=_condition(words.get("condition", "")),
                consequences=consequences,
                conflict=words.get("conflict", ""),
            ),
            reported=reported,
        )

    def finish(self, build: str, date: str, name: str) -> ClinVarRelease:
        """Return the release; BadInput where the file held none."""
        if not self.counts:
            raise BadInput(f"{name}: holds no ClinVar record")
        return ClinVarRelease(build, date, self.writer.finish(), self.counts)


def read_clinvar(path: Path, knowledge: Knowledge, *, complete: bool = True) -> ClinVarRelease:
    """Read a release, told by its first line: the VCF, or ``variant_summary.txt`` (its GRCh38 rows).

    Parameters
    ----------
    path : Path
        Plain or gzip, as ClinVar distributes it.
    knowledge : Knowledge
        For ClinVar's words, pack ``germline``.
    complete : bool
        Whether uncertain and conflicting alleles and the class of every record are kept too; they are counted in any case.

    Raises
    ------
    BadInput
        Neither of them, or its build is not stated.
    """
    pack = knowledge.pack("germline")
    draft = _Draft(
        {row.clnsig.encode(): (row.classification, row.is_finding) for row in pack.table("clinvar_classes")},
        {row.clnrevstat.encode(): row.stars for row in pack.table("clinvar_stars")},
        complete,
    )
    with open_bounded(path, VCF) as stream:
        head = stream.read(16)
    with open_bounded(path, VCF) as stream:
        read = _read_summary if head.startswith(b"#AlleleID") else _read_vcf
        return read(stream, path.name, draft)


def _read_vcf(stream: IO[bytes], name: str, draft: _Draft) -> ClinVarRelease:
    lines = lines_bounded(stream, name, VCF)
    dates: list[str] = []

    def watched() -> Iterator[tuple[int, bytes]]:
        for number, line in lines:
            match = FILE_DATE.match(line)
            if match:
                dates.append(match.group(1).decode("ascii", "replace"))
            yield number, line

    build = read_header(watched(), name)[0].build
    if build is None:
        raise BadInput(f"{name}: does not say its genome build; fetch the release's VCF again")
    for number, line in lines:
        if line:
            _take_row(line, draft, name, number)
    return draft.finish(build, dates[0] if dates else "", name)


def _take_row(line: bytes, draft: _Draft, name: str, number: int) -> None:
    cells = line.split(b"\t", 8)
    if len(cells) < 8 or not cells[1].isdigit():
        raise BadInput(f"{name}:{number}: is no VCF row; fetch the release again")
    info = cells[7]
    kept = draft.weigh(cells[2], _field(info, b"CLNSIG="), _field(info, b"CLNREVSTAT=") or b"")
    if kept is None:
        return
    words = {"gene": _text(info, b"GENEINFO=").split("|", 1)[0].split(":", 1)[0]}
    if kept[2]:
        words.update(condition=_text(info, b"CLNDN=").replace("_", " "), consequences=_text(info, b"MC="))
    elif kept[0] == "conflicting":
        words["conflict"] = _text(info, b"CLNSIGCONF=").replace("_", " ")
    identifier, *place = (cells[column].decode("ascii", "replace") for column in (2, 0, 3, 4))
    draft.keep(_Place(place[0], int(cells[1]), place[1], place[2]), (identifier, *kept), words)


def _text(info: bytes, key: bytes) -> str:
    return (_field(info, key) or b"").decode("utf-8", "replace").replace("\t", " ")


def _field(info: bytes, key: bytes) -> bytes | None:
    """Return a field of INFO by its key with the equals sign; None where it has none."""
    at = info.find(key)
    while at > 0 and info[at - 1] != 59:
        at = info.find(key, at + 1)
    if at < 0:
        return None
    end = info.find(b";", at)
    return info[at + len(key) : end if end >= 0 else len(info)]


def _condition(text: str) -> str:
    return "; ".join(dict.fromkeys(one for one in text.split("|") if one not in NO_CONDITION))


def _read_summary(stream: IO[bytes], name: str, draft: _Draft) -> ClinVarRelease:
    lines = lines_bounded(stream, name, VCF)
    header = next(lines)[1].decode("utf-8", "replace").lstrip("#").split("\t")
    missing = [column for column in SUMMARY_COLUMNS if column not in header]
    if missing:
        raise BadInput(f"{name}:1: the header has no column {quoted(missing[0])}; fetch variant_summary.txt again")
    at = {column: header.index(column) for column in SUMMARY_COLUMNS}
    newest = ""
    for number, line in lines:
        cells = line.decode("utf-8", "replace").split("\t")
        if len(cells) < len(header):
            raise BadInput(f"{name}:{number}: has {len(cells)} columns, the header has {len(header)}; the file is damaged")
        row = {column: cells[place] for column, place in at.items()}
        if row["Assembly"] == SUMMARY_BUILD:
            newest = max(newest, _iso(row["LastEvaluated"]))
            _take_summary(row, draft)
    return draft.finish(SUMMARY_BUILD, newest, name)


def _take_summary(row: dict[str, str], draft: _Draft) -> None:
    significance, review = (row[key].replace(" ", "_").encode() for key in ("ClinicalSignificance", "ReviewStatus"))
    kept = draft.weigh(row["VariationID"].encode(), significance.replace(b";_", b"|").replace(b";", b"|"), review)
    if kept is None or not row["PositionVCF"].isdigit():
        return
    place = _Place(row["Chromosome"], int(row["PositionVCF"]), row["ReferenceAlleleVCF"], row["AlternateAlleleVCF"])
    words = {"gene": row["GeneSymbol"].split(";")[0], "condition": row["PhenotypeList"].replace(";", "|") if kept[2] else ""}
    draft.keep(place, (row["VariationID"], *kept), words)


def _iso(text: str) -> str:
    try:
        return datetime.strptime(text, "%b %d, %Y").date().isoformat()
    except ValueError:
        return ""
