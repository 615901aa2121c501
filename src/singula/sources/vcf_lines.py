"""Finds the rows somebody asks about in a block of VCF text, without taking the other rows apart.

Chromosome and position of all rows of a block are read at once as arrays; only the rows found become text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

TAB, NEWLINE, HASH, ZERO = 9, 10, 35, 48
MOST_DIGITS = 10
BLOCK_END = re.compile(rb"[\t;]END=(\d{1,10})(?=[\t;\r\n])")
FIRST_WINDOW, GROWTH = 64, 8

Places = npt.NDArray[np.int64]


class SitesWithStretch(list[int]):
    """Sorted positions wanted of a chromosome, and a stretch of which every row is wanted."""

    def __init__(self, sites: Iterable[int], stretch: range) -> None:
        super().__init__(sites)
        self.stretch = stretch


def stretch_of(wanted: Sequence[int]) -> range:
    """Return the stretch that is wanted beside the positions; empty where there is none."""
    return wanted.stretch if isinstance(wanted, SitesWithStretch) else range(0)


@dataclass(frozen=True)
class FoundLine:
    """One row that was asked about: its place among the block's lines, its text, and whether a wanted position is its own."""

    index: int
    text: bytes
    at_position: bool


class DamagedLineError(ValueError):
    """A line that is no VCF row: its place among the block's lines, and its text."""

    def __init__(self, index: int, text: bytes) -> None:
        super().__init__(index, text)
        self.index, self.text = index, text


def find_lines(block: bytes, sites_of: Callable[[bytes], Sequence[int]], *, over_reference: bool = False) -> Iterator[FoundLine]:
    """Find the rows of a block at wanted positions, and those whose INFO END reaches over one.

    Parameters
    ----------
    block : bytes
        Whole lines, the last one ended too.
    sites_of : callable
        Gives the sorted positions wanted of a chromosome, by its name as the file spells it.
    over_reference : bool
        Whether rows whose REF reaches over a wanted position are found too.

    Yields
    ------
    FoundLine
        In file order.

    Raises
    ------
    DamagedLineError
        A row has no chromosome or no position.
    """
    table = _LineTable(block)
    for name, first, last in table.runs():
        positions = table.positions(first, last, len(name) + 1)
        wanted = sites_of(name)
        sites, stretch = np.asarray(wanted, dtype=np.int64), stretch_of(wanted)
        if stretch:
            yield from table.matching(first, positions, sites, over_reference=over_reference, stretch=stretch)
        elif sites.size:
            yield from table.matching(first, positions, sites, over_reference=over_reference)


class _LineTable:
    """The lines of one block: where each begins and ends, comments and empty lines left out."""

    def __init__(self, block: bytes) -> None:
        self.block = block
        padded = np.frombuffer(block + bytes(MOST_DIGITS + 2), dtype=np.uint8)
        ends = np.flatnonzero(padded[: len(block)] == NEWLINE)
        starts = np.concatenate((np.zeros(1, dtype=np.int64), ends[:-1] + 1))
        first_byte = padded[starts]
        data = np.flatnonzero((first_byte != HASH) & (first_byte != NEWLINE) & (first_byte != 13))
        self.bytes, self.index = padded, data
        self.starts, self.ends = starts[data], ends[data]

    def text(self, row: int) -> bytes:
        """Return one row without its end."""
        return self.block[self.starts[row] : self.ends[row]].rstrip(b"\r")

    def runs(self) -> Iterator[tuple[bytes, int, int]]:
        """Yield chromosome names with the first row and the row after the last of each run."""
        first, count = 0, len(self.starts)
        while first < count:
            start, end = int(self.starts[first]), int(self.ends[first])
            tab = self.block.find(b"\t", start, end)
            if tab <= start:
                raise self._damaged(first)
            last = self._end_of_run(first, self.block[start : tab + 1])
            yield self.block[start:tab], first, last
            first = last

    def _end_of_run(self, first: int, prefix: bytes) -> int:
        wanted = np.frombuffer(prefix, dtype=np.uint8)
        window, count = FIRST_WINDOW, len(self.starts)
        while first < count:
            starts = self.starts[first : first + window]
            same = np.ones(len(starts), dtype=bool)
            for offset, byte in enumerate(wanted):
                same &= np.take(self.bytes, starts + offset, mode="clip") == byte
            if not same.all():
                return first + int(np.argmin(same))
            first += len(starts)
            window *= GROWTH
        return count

    def positions(self, first: int, last: int, prefix: int) -> Places:
        """Read POS of the rows first … last − 1, which begin ``prefix`` bytes after the line."""
        starts = self.starts[first:last] + prefix
        values = np.zeros(len(starts), dtype=np.int64)
        reading = np.ones(len(starts), dtype=bool)
        whole = np.zeros(len(starts), dtype=bool)
        for offset in range(MOST_DIGITS + 1):
            digits = np.take(self.bytes, starts + offset, mode="clip")
            if offset:
                whole |= reading & (digits == TAB)
            digits = digits - np.uint8(ZERO)
            reading &= digits < MOST_DIGITS
            if not reading.any():
                break
            values = np.where(reading, values * 10 + digits, values)
        if not whole.all():
            raise self._damaged(first + int(np.argmin(whole)))
        return values

    def matching(
        self, first: int, positions: Places, sites: Places, *, over_reference: bool, stretch: range = range(0)
    ) -> Iterator[FoundLine]:
        """Yield the rows of a run at a site or in a stretch, and those that reach over a site."""
        place = np.searchsorted(sites, positions)
        at_site = np.append(sites, -1)[np.minimum(place, len(sites))] == positions
        if stretch:
            at_site |= (positions >= stretch.start) & (positions < stretch.stop)
        reaching = self._reaching(first, positions, place, sites)
        if over_reference:
            reach = positions + self._reference_lengths(first, len(positions)) - 1
            reaching |= np.append(sites, np.iinfo(np.int64).max)[place] <= reach
        reaching &= ~at_site
        for row in np.flatnonzero(at_site | reaching):
            yield FoundLine(int(self.index[first + row]), self.text(first + int(row)), bool(at_site[row]))

    def _reaching(self, first: int, positions: Places, place: Places, sites: Places) -> npt.NDArray[np.bool_]:
        begin, end = int(self.starts[first]), int(self.ends[first + len(positions) - 1]) + 1
        found = np.zeros(len(positions), dtype=bool)
        if self.block.find(b"END=", begin, end) < 0:
            return found
        matches = [(match.start(), int(match.group(1))) for match in BLOCK_END.finditer(self.block, begin, end)]
        if not matches:
            return found
        starts = self.starts[first : first + len(positions)]
        rows = np.searchsorted(starts, np.asarray([start for start, _ in matches]), side="right") - 1
        reach = np.asarray([stop for _, stop in matches], dtype=np.int64)
        next_site = np.append(sites, np.iinfo(np.int64).max)[place[rows]]
        found[rows[next_site <= reach]] = True
        return found

    def _reference_lengths(self, first: int, count: int) -> Places:
        """Count the letters of REF, the fourth column, of each row of a run."""
        begin, end = int(self.starts[first]), int(self.ends[first + count - 1]) + 1
        tabs = np.flatnonzero(self.bytes[begin:end] == TAB) + begin
        first_tab = np.searchsorted(tabs, self.starts[first : first + count])
        whole = np.append(tabs, [end, end, end, end])
        lengths: Places = whole[first_tab + 3] - whole[first_tab + 2] - 1
        return lengths

    def _damaged(self, row: int) -> DamagedLineError:
        return DamagedLineError(int(self.index[row]), self.text(row))
