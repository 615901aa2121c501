"""VCF and gVCF as text: header, build, and the rows at the positions somebody asks about.

Reading streams, or reads the needed regions only where an index lies beside the file; rows at wanted positions, and gVCF blocks
that cover one, are taken apart, the others are not.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from singula.errors import BadInput, quoted
from singula.sources.limits import VCF, Limits, blocks_bounded, decode_utf8, lines_bounded, open_bounded
from singula.sources.tabix import RegionIndex, find_index, read_part
from singula.sources.vcf_lines import DamagedLineError, find_lines

FIXED_COLUMNS = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO")
CONTIG = re.compile(r"##contig=<(.*)>")
ANNOTATION = re.compile(r"##INFO=<ID=(?P<key>CSQ|ANN),.*?(?:Format: |annotations: ')(?P<fields>[^'\">]+)")
CONTIG_FIELD = re.compile(r'(\w+)=("[^"]*"|[^,]*)')
BUILD_WORDS = (("GRCh38", ("grch38", "hg38", "b38")), ("GRCh37", ("grch37", "hg19", "b37", "hs37d5")))
BUILD_LENGTHS = {("1", 248956422): "GRCh38", ("1", 249250621): "GRCh37", ("10", 133797422): "GRCh38", ("10", 135534747): "GRCh37",
                 ("20", 64444167): "GRCh38", ("20", 63025520): "GRCh37", ("22", 50818468): "GRCh38", ("22", 51304566): "GRCh37",
                 ("X", 156040895): "GRCh38", ("X", 155270560): "GRCh37"}  # fmt: skip
REGION_GAP = 1 << 16
MOST_SAMPLES, MOST_ALTS, HIGHEST_POSITION = 1_000_000, 1_000, 2**31 - 1
END = re.compile(rb"(?:^|;)END=(\d+)")


@dataclass(frozen=True)
class VcfHeader:
    """What a VCF says about itself; ``build`` is None where neither contigs nor words tell.

    ``annotation`` names the INFO key of VEP's or SnpEff's annotations and their fields, where there are some.
    """

    samples: tuple[str, ...]
    build: str | None
    contigs: Mapping[str, int] = field(default_factory=dict)
    contradiction: str | None = None
    annotation: tuple[str, tuple[str, ...]] | None = None


@dataclass(frozen=True)
class VcfRow:
    """One data line, taken apart as far as the fixed columns."""

    where: str
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
        self._annotation: tuple[str, tuple[str, ...]] | None = None
        for number, line in self._lines:
            if number == 1 and not line.removeprefix(b"\xef\xbb\xbf").startswith(b"##fileformat=VCF"):
                raise BadInput(f"{self.path.name}:1: is no VCF: the first line has to be ##fileformat=VCFv4.x")
            if line.startswith(b"##"):
                self._read_meta(decode_utf8(line, f"{self.path.name}:{number}"), contigs, words)
                continue
            if line.startswith(b"#CHROM"):
                self._header_lines = number
                return self._finish_header(number, decode_utf8(line, f"{self.path.name}:{number}"), contigs, words)
            break
        raise BadInput(f"{self.path.name}: has no #CHROM line; the file is cut short or no VCF")

    def _read_meta(self, text: str, contigs: dict[str, int], words: set[str]) -> None:
        match = CONTIG.match(text)
        annotated = ANNOTATION.match(text)
        if annotated:
            self._annotation = (annotated["key"], tuple(one.strip() for one in annotated["fields"].split("|")))
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
        return VcfHeader(samples, next(iter(builds)) if len(builds) == 1 else None, contigs, contradiction, self._annotation)

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

        def sites_of(name: bytes) -> Sequence[int]:
            return wanted.get(plain_chromosome(name.decode("utf-8", "replace")), ())

        for before, block in self._blocks(wanted):
            try:
                for found in find_lines(block, sites_of):
                    row = self._row(_place(before, found.index, found.text), found.text, columns)
                    yield from [row] if found.at_position else _covering(row, wanted[row.chromosome])
            except DamagedLineError as fault:
                raise self._damaged(_place(before, fault.index, fault.text), fault.text) from None

    def rows(self) -> Iterator[VcfRow]:
        """Yield every row, in file order."""
        columns = len(FIXED_COLUMNS) + (1 + len(self.header.samples) if self.header.samples else 0)
        for number, line in self._lines:
            if line and not line.startswith(b"#"):
                yield self._row(str(number), line, columns)

    def _blocks(self, wanted: Mapping[str, Sequence[int]]) -> Iterator[tuple[int | None, bytes]]:
        index = find_index(self.path)
        if index is not None:
            yield from ((None, block) for block in self._indexed_blocks(RegionIndex(index), wanted))
            return
        before = self._header_lines
        for block in blocks_bounded(self._stream, self.path.name, self.limits):
            yield before, block
            before += block.count(b"\n")

    def _indexed_blocks(self, index: RegionIndex, wanted: Mapping[str, Sequence[int]]) -> Iterator[bytes]:
        with self.path.open("rb") as packed:
            for name in index.names:
                regions = _regions(wanted.get(plain_chromosome(name), ()))
                for part in index.parts(name, regions):
                    yield from read_part(packed, self.path.name, part)

    def _row(self, where: str, line: bytes, columns: int) -> VcfRow:
        cells = line.split(b"\t")
        if len(cells) != columns:
            raise BadInput(f"{self.path.name}:{where}: has {len(cells)} columns, the header has {columns}; the file is damaged")
        try:
            name, ref, alt, passed = (cells[index].decode() for index in (0, 3, 4, 6))
            position = int(cells[1])
        except ValueError:
            raise self._damaged(where, line) from None
        if not 0 <= position <= HIGHEST_POSITION or not ref:
            raise self._damaged(where, line)
        alts = () if alt == "." else tuple(alt.split(","))
        if len(alts) > MOST_ALTS:
            raise BadInput(f"{self.path.name}:{where}: names {len(alts)} alternative alleles, over the limit of {MOST_ALTS}")
        end = END.search(cells[7])
        return VcfRow(
            where=where,
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

    def _damaged(self, where: str, line: bytes) -> BadInput:
        return BadInput(
            f"{self.path.name}:{where}: is no VCF row: {quoted(line[:40].decode('utf-8', 'replace'))}; the file is damaged"
        )


def _place(before: int | None, index: int, text: bytes) -> str:
    if before is None:
        return ":".join(quoted(cell.decode("utf-8", "replace")) for cell in text.split(b"\t", 2)[:2])
    return str(before + index + 1)


def _covering(row: VcfRow, sites: Sequence[int]) -> Iterator[VcfRow]:
    if row.end is not None:
        for site in sites[bisect_left(sites, row.position) : bisect_right(sites, row.end)]:
            yield replace(row, covers=site)


def _regions(sites: Sequence[int]) -> list[tuple[int, int]]:
    regions: list[tuple[int, int]] = []
    for site in sites:
        if regions and site - regions[-1][1] <= REGION_GAP:
            regions[-1] = (regions[-1][0], site)
        else:
            regions.append((site, site))
    return regions
