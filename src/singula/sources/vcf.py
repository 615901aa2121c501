"""VCF and gVCF as text: header, build, and the rows at the positions somebody asks about.

Reading streams, or reads the needed regions only where an index lies beside the file; rows at wanted positions, and gVCF blocks
that cover one, are taken apart, the others are not.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from singula.errors import BadInput, quoted
from singula.sources.limits import VCF, Limits, blocks_bounded, lines_bounded, open_bounded
from singula.sources.tabix import RegionIndex, find_index, read_part
from singula.sources.vcf_header import FIXED_COLUMNS, plain_chromosome, read_header
from singula.sources.vcf_lines import DamagedLineError, find_lines, stretch_of

REGION_GAP = 1 << 16
BLOCK_MARKS = (b"<NON_REF>", b"<*>")
MOST_ALTS, HIGHEST_POSITION = 1_000, 2**31 - 1
END = re.compile(rb"(?:^|;)END=(\d+)")


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
    id: str = "."
    covers: int | None = None


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
        self.chromosomes_seen: set[str] = set()
        self.has_blocks = False
        try:
            self.header, self._header_lines = read_header(self._lines, path.name)
        except BadInput:
            self._stream.close()
            raise

    def __enter__(self) -> VcfFile:
        """Open the file."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._stream.close()

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
        for row, at_position in self._found(wanted, over_reference=False):
            yield from [row] if at_position else blocks_over(row, wanted[row.chromosome])

    def _found(self, wanted: Mapping[str, Sequence[int]], *, over_reference: bool) -> Iterator[tuple[VcfRow, bool]]:
        columns = len(FIXED_COLUMNS) + (1 + len(self.header.samples) if self.header.samples else 0)

        def sites_of(name: bytes) -> Sequence[int]:
            plain = plain_chromosome(name.decode("utf-8", "replace"))
            self.chromosomes_seen.add(plain)
            return wanted.get(plain, ())

        for before, block in self._blocks(wanted):
            try:
                for found in find_lines(block, sites_of, over_reference=over_reference):
                    row = self._row(_place(before, found.index, found.text), found.text, columns)
                    yield row, found.at_position
            except DamagedLineError as fault:
                raise self._damaged(_place(before, fault.index, fault.text), fault.text) from None

    def rows_over(self, wanted: Mapping[str, Sequence[int]]) -> Iterator[VcfRow]:
        """Yield the rows at wanted positions, and those whose REF or END reaches over one; each row once, in file order.

        The chromosomes of which the file has any row are then in ``chromosomes_seen``; ``has_blocks`` tells a gVCF by its rows,
        because headers keep the words of files they were made from.
        """
        for row, _ in self._found(wanted, over_reference=True):
            yield row

    def rows(self) -> Iterator[VcfRow]:
        """Yield every row, in file order."""
        columns = len(FIXED_COLUMNS) + (1 + len(self.header.samples) if self.header.samples else 0)
        for number, line in self._lines:
            if line and not line.startswith(b"#"):
                yield self._row(str(number), line, columns)

    def _blocks(self, wanted: Mapping[str, Sequence[int]]) -> Iterator[tuple[int | None, bytes]]:
        index = find_index(self.path)
        if index is not None:
            first = next(blocks_bounded(self._stream, self.path.name, self.limits), b"")
            self.has_blocks = any(mark in first for mark in BLOCK_MARKS)
            yield from ((None, block) for block in self._indexed_blocks(RegionIndex(index), wanted))
            return
        before = self._header_lines
        for block in blocks_bounded(self._stream, self.path.name, self.limits):
            self.has_blocks = self.has_blocks or any(mark in block for mark in BLOCK_MARKS)
            yield before, block
            before += block.count(b"\n")

    def _indexed_blocks(self, index: RegionIndex, wanted: Mapping[str, Sequence[int]]) -> Iterator[bytes]:
        with self.path.open("rb") as packed:
            self.chromosomes_seen.update(plain_chromosome(name) for name in index.names)
            for name in index.names:
                regions = _regions(wanted.get(plain_chromosome(name), ()))
                for part in index.parts(name, regions):
                    yield from read_part(packed, self.path.name, part)

    def _row(self, where: str, line: bytes, columns: int) -> VcfRow:
        cells = line.split(b"\t")
        if len(cells) != columns:
            raise BadInput(f"{self.path.name}:{where}: has {len(cells)} columns, the header has {columns}; the file is damaged")
        try:
            name, identifier, ref, alt, passed = (cells[index].decode() for index in (0, 2, 3, 4, 6))
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
            id=identifier,
        )

    def _damaged(self, where: str, line: bytes) -> BadInput:
        return BadInput(
            f"{self.path.name}:{where}: is no VCF row: {quoted(line[:40].decode('utf-8', 'replace'))}; the file is damaged"
        )


def _place(before: int | None, index: int, text: bytes) -> str:
    if before is None:
        return ":".join(quoted(cell.decode("utf-8", "replace")) for cell in text.split(b"\t", 2)[:2])
    return str(before + index + 1)


def blocks_over(row: VcfRow, sites: Sequence[int]) -> Iterator[VcfRow]:
    """Yield a gVCF block once for each sorted site it covers, with ``covers`` set; no other row."""
    if row.end is not None:
        for site in sites[bisect_left(sites, row.position) : bisect_right(sites, row.end)]:
            yield replace(row, covers=site)


def _regions(sites: Sequence[int]) -> list[tuple[int, int]]:
    stretch = stretch_of(sites)
    outside = [site for site in sites if site not in stretch] if stretch else sites
    regions: list[tuple[int, int]] = []
    for site in outside:
        if regions and site - regions[-1][1] <= REGION_GAP:
            regions[-1] = (regions[-1][0], site)
        else:
            regions.append((site, site))
    return sorted([*regions, (stretch.start, stretch.stop - 1)]) if stretch else regions
