"""VCF and gVCF as text: header, build, and the rows at the positions somebody asks about.

Reading streams; only rows at wanted positions, and gVCF blocks that cover one, are taken apart.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from singula.errors import BadInput, quoted
from singula.sources.limits import VCF, Limits, decode_utf8, lines_bounded, open_bounded

FIXED_COLUMNS = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO")
CONTIG = re.compile(r"##contig=<(.*)>")
CONTIG_FIELD = re.compile(r'(\w+)=("[^"]*"|[^,]*)')
BUILD_WORDS = (("GRCh38", ("grch38", "hg38", "b38")), ("GRCh37", ("grch37", "hg19", "b37", "hs37d5")))
BUILD_LENGTHS = {("1", 248956422): "GRCh38", ("1", 249250621): "GRCh37", ("10", 133797422): "GRCh38", ("10", 135534747): "GRCh37",
                 ("20", 64444167): "GRCh38", ("20", 63025520): "GRCh37", ("22", 50818468): "GRCh38", ("22", 51304566): "GRCh37",
                 ("X", 156040895): "GRCh38", ("X", 155270560): "GRCh37"}  # fmt: skip
MOST_SAMPLES, MOST_ALTS, HIGHEST_POSITION = 1_000_000, 1_000, 2**31 - 1
END = re.compile(rb"(?:^|;)END=(\d+)")


@dataclass(frozen=True)
class VcfHeader:
    """What a VCF says about itself; ``build`` is None where neither contigs nor words tell."""

    samples: tuple[str, ...]
    build: str | None
    contigs: Mapping[str, int] = field(default_factory=dict)
    contradiction: str | None = None


@dataclass(frozen=True)
class VcfRow:
    """One data line, taken apart as far as the fixed columns."""

    line: int
    chromosome: str
    position: int
    ref: str
    alts: tuple[str, ...]
    filter: str
    info: bytes
    format: tuple[str, ...]
    fields: Sequence[bytes]
    end: int | None = None
    covers: int | None = None


def plain_chromosome(name: str) -> str:
    """Return a chromosome's name without ``chr``; the mitochondrion is ``MT``."""
    bare = name[3:] if name[:3].lower() == "chr" else name
    return "MT" if bare.upper() in ("M", "MT") else bare


class VcfFile:
    """A VCF opened for one pass.

    Parameters
    ----------
    path : Path
        Plain, gzip or bgzip, told by content.
    limits : Limits, optional
        The bounds of safe reading.
    """

    def __init__(self, path: Path, limits: Limits = VCF) -> None:
        self.path, self.limits = path, limits
        self._stream: IO[bytes] = open_bounded(path, limits)
        self._lines = lines_bounded(self._stream, path.name, limits)
        try:
            self.header = self._read_header()
        except BadInput:
            self._stream.close()
            raise

    def __enter__(self) -> VcfFile:
        """Open the file."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._stream.close()

    def _read_header(self) -> VcfHeader:
        contigs: dict[str, int] = {}
        words: set[str] = set()
        for number, line in self._lines:
            if number == 1 and not line.removeprefix(b"\xef\xbb\xbf").startswith(b"##fileformat=VCF"):
                raise BadInput(f"{self.path.name}:1: is no VCF: the first line has to be ##fileformat=VCFv4.x")
            if line.startswith(b"##"):
                self._read_meta(decode_utf8(line, f"{self.path.name}:{number}"), contigs, words)
                continue
            if line.startswith(b"#CHROM"):
                return self._finish_header(number, decode_utf8(line, f"{self.path.name}:{number}"), contigs, words)
            break
        raise BadInput(f"{self.path.name}: has no #CHROM line; the file is cut short or no VCF")

    def _read_meta(self, text: str, contigs: dict[str, int], words: set[str]) -> None:
        match = CONTIG.match(text)
        lowered = text.lower()
        if match:
            fields = dict(CONTIG_FIELD.findall(match.group(1)))
            length = fields.get("length", "")
            contigs[plain_chromosome(fields.get("ID", ""))] = int(length) if length.isdigit() else 0
        if match or lowered.startswith(("##reference", "##assembly", "##genome")):
            words.update(build for build, names in BUILD_WORDS if any(name in lowered for name in names))

    def _finish_header(self, number: int, text: str, contigs: dict[str, int], words: set[str]) -> VcfHeader:
        columns = text.split("\t")
        if tuple(columns[:8]) != FIXED_COLUMNS:
            wanted = " ".join(FIXED_COLUMNS)
            raise BadInput(f"{self.path.name}:{number}: the column line is damaged: {quoted(text)}; it has to begin {wanted}")
        samples = tuple(columns[9:])
        if len(samples) > MOST_SAMPLES:
            raise BadInput(f"{self.path.name}:{number}: names {len(samples)} samples, over the limit of {MOST_SAMPLES}; split it")
        if len(set(samples)) != len(samples):
            twice = next(name for name in samples if samples.count(name) > 1)
            raise BadInput(f"{self.path.name}:{number}: the sample {quoted(twice)} is named twice; rename one")
        by_length = {BUILD_LENGTHS[item] for item in contigs.items() if item in BUILD_LENGTHS}
        builds = by_length or words
        contradiction = (
            f"contigs and header words name several builds: {', '.join(sorted(by_length | words))}" if len(builds) > 1 else None
        )
        return VcfHeader(samples, next(iter(builds)) if len(builds) == 1 else None, contigs, contradiction)

    def rows_at(self, wanted: Mapping[str, Sequence[int]]) -> Iterator[VcfRow]:
        """Yield the rows at wanted positions, and the gVCF blocks that cover one.

        Parameters
        ----------
        wanted : mapping
            Sorted positions by plain chromosome name.

        Yields
        ------
        VcfRow
            In file order; a block that covers several wanted positions comes once for each, with ``covers`` set.
        """
        columns = len(FIXED_COLUMNS) + (1 + len(self.header.samples) if self.header.samples else 0)
        chromosome, sites, members = b"", [], frozenset[int]()
        for number, line in self._lines:
            if not line or line.startswith(b"#"):
                continue
            try:
                name, place, rest = line.split(b"\t", 2)
                position = int(place)
            except ValueError:
                raise self._damaged(number, line) from None
            if name != chromosome:
                chromosome = name
                sites = list(wanted.get(plain_chromosome(name.decode("utf-8", "replace")), ()))
                members = frozenset(sites)
            if not sites:
                continue
            if position in members:
                yield self._row(number, line, columns)
            elif b"END=" in rest:
                yield from self._block(number, line, columns, sites, position)

    def _block(self, number: int, line: bytes, columns: int, sites: list[int], position: int) -> Iterator[VcfRow]:
        match = END.search(line.split(b"\t", 8)[7])
        if match is None:
            return
        end = int(match.group(1))
        at = bisect_left(sites, position)
        if at < len(sites) and sites[at] <= end:
            row = self._row(number, line, columns)
            while at < len(sites) and sites[at] <= end:
                yield VcfRow(**{**row.__dict__, "covers": sites[at]})
                at += 1

    def _row(self, number: int, line: bytes, columns: int) -> VcfRow:
        cells = line.split(b"\t")
        if len(cells) != columns:
            raise BadInput(f"{self.path.name}:{number}: has {len(cells)} columns, the header has {columns}; the file is damaged")
        try:
            name, ref, alt, passed = (cells[index].decode() for index in (0, 3, 4, 6))
            position = int(cells[1])
        except ValueError:
            raise self._damaged(number, line) from None
        if not 0 <= position <= HIGHEST_POSITION or not ref:
            raise self._damaged(number, line)
        alts = () if alt == "." else tuple(alt.split(","))
        if len(alts) > MOST_ALTS:
            raise BadInput(f"{self.path.name}:{number}: names {len(alts)} alternative alleles, over the limit of {MOST_ALTS}")
        end = END.search(cells[7])
        return VcfRow(
            line=number,
            chromosome=plain_chromosome(name),
            position=position,
            ref=ref,
            alts=alts,
            filter=passed,
            info=cells[7],
            format=tuple(cells[8].decode("utf-8", "replace").split(":")) if columns > len(FIXED_COLUMNS) else (),
            fields=cells[9:],
            end=int(end.group(1)) if end else None,
        )

    def _damaged(self, number: int, line: bytes) -> BadInput:
        return BadInput(
            f"{self.path.name}:{number}: is no VCF row: {quoted(line[:40].decode('utf-8', 'replace'))}; the file is damaged"
        )
