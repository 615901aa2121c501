"""Places and changes in a genome, in the spellings laboratories use: regions, SPDI and HGVS, made comparable."""

from __future__ import annotations

import re
from dataclasses import dataclass

from singula.errors import BadInput, quoted

REGION = re.compile(r"^(N[CTWG]_\d{4,9}\.\d{1,3}):(\d{1,12})-(\d{1,12})$")
SPDI = re.compile(r"^([A-Z]{2}_\d{4,9}\.\d{1,3}):(\d{1,12}):([ACGTN]*|\d{1,9}):([ACGTN]*)$")
HGVS = re.compile(
    r"^([A-Z]{2}_\d{4,9}(?:\.\d{1,3})?)(?:\([\w.-]{1,30}\))?:([cgnmrp])\.(\(?[A-Za-z0-9_*=>?+\-\[\]();:^/]{1,300}\)?)$"
)
GENOMIC = re.compile(r"^(\d{1,12})(?:_(\d{1,12}))?(?:([ACGT]+)>([ACGT]+)|(delins|del|dup|ins|inv)([ACGT]*)|(=))$")
DELETED_BASES = re.compile(r"(del|dup)[ACGTacgt]+(?=$|ins)")


@dataclass(frozen=True)
class Region:
    """A stretch of a sequence, zero-based and half-open."""

    sequence: str
    start: int
    end: int

    def meets(self, other: Region) -> bool:
        """Tell whether the two share a base; a place between two bases meets what it lies in."""
        if self.sequence != other.sequence:
            return False
        return self.start < max(other.end, other.start + 1) and other.start < max(self.end, self.start + 1)

    def holds(self, other: Region) -> bool:
        """Tell whether the other lies wholly inside."""
        return self.sequence == other.sequence and self.start <= other.start and other.end <= self.end


@dataclass(frozen=True)
class Spelling:
    """A variant as written: its words made comparable, and its place where the genome is named."""

    words: str
    region: Region | None = None
    alternative: str | None = None

    def is_same(self, other: Spelling) -> bool:
        """Tell whether two spellings mean the same change."""
        if self.words == other.words:
            return True
        placed = self.region is not None and self.alternative is not None
        return placed and (self.region, self.alternative) == (other.region, other.alternative)


def read_region(text: str) -> Region:
    """Read ``NC_000010.11:94761900-94761901``, zero-based and half-open."""
    match = REGION.match(text.strip())
    if match is None or int(match[2]) >= int(match[3]):
        raise BadInput(f"ranges: {quoted(text)} is no region; write NC_000010.11:94761900-94761901, zero-based and half-open")
    return Region(match[1], int(match[2]), int(match[3]))


def read_variant(text: str) -> Spelling:
    """Read a variant in SPDI or HGVS."""
    spelling = try_variant(text)
    if spelling is None:
        raise BadInput(
            f"variants: {quoted(text)} is neither HGVS nor SPDI; write NM_000769.4:c.681G>A or NC_000010.11:94781858:G:A"
        )
    return spelling


def try_variant(text: str) -> Spelling | None:
    """Read a variant in SPDI or HGVS; None where it is neither."""
    text = text.strip()
    match = SPDI.match(text)
    if match:
        length = int(match[3]) if match[3].isdigit() else len(match[3])
        start = int(match[2])
        if match[3].isdigit():
            return Spelling(text, Region(match[1], start, start + length), match[4])
        return Spelling(text, *_trim(match[1], start, match[3], match[4]))
    match = HGVS.match(text)
    if not match:
        return None
    accession, kind, change = match.groups()
    change = DELETED_BASES.sub(r"\1", change)
    if kind in "gm" and "." in accession:
        place = _place(accession, match[3])
        return Spelling(f"{accession}:{kind}.{change}", *place)
    if kind == "p":
        change = change.replace("(", "").replace(")", "")
    return Spelling(f"{accession.split('.')[0]}:{kind}.{change}")


def _place(accession: str, change: str) -> tuple[Region | None, str | None]:
    match = GENOMIC.match(change)
    if match is None:
        return None, None
    first = int(match[1]) - 1
    last = int(match[2] or match[1])
    if match[3]:
        return _trim(accession, first, match[3], match[4])
    region = Region(accession, first, last)
    kind, bases = match[5], match[6]
    if kind == "del":
        return region, ""
    if kind == "ins":
        return Region(accession, first + 1, first + 1), bases
    if kind == "delins":
        return region, bases
    return region, None


def trimmed(sequence: str, start: int, reference: str, alternative: str) -> tuple[Region, str]:
    """Return the region and the new bases once what both share at the ends is gone."""
    return _trim(sequence, start, reference, alternative)


def _trim(sequence: str, start: int, reference: str, alternative: str) -> tuple[Region, str]:
    while reference and alternative and reference[-1] == alternative[-1]:
        reference, alternative = reference[:-1], alternative[:-1]
    while reference and alternative and reference[0] == alternative[0]:
        reference, alternative, start = reference[1:], alternative[1:], start + 1
    return Region(sequence, start, start + len(reference)), alternative
