"""The index beside a bgzip file (``.tbi`` or ``.csi``): which parts of the file hold which regions, and reading just those.

Formats: SAMv1 and tabix specifications of hts-specs, BGZF of the SAM specification section 4.1.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from singula.errors import BadInput
from singula.sources.limits import MIB, read_bounded

TBI, CSI = b"TBI\x01", b"CSI\x01"
TBI_SHIFT, TBI_DEPTH = 14, 5
CSI_HEAD, TABIX_HEAD = struct.Struct("<iii"), struct.Struct("<6i")
BGZF_HEAD = struct.Struct("<4BI2BH")
BGZF_MARK = (0x1F, 0x8B, 8, 4)
HIGHEST_VIRTUAL = 2**64 - 1

Part = tuple[int, int]
"""Two virtual offsets: 48 bits of place in the file, 16 bits of place in the unpacked block there."""


@dataclass(frozen=True)
class _Sequence:
    """One chromosome's index: parts by bin, the first offset of each bin (CSI) or of each window (TBI)."""

    bins: dict[int, list[Part]]
    bin_offsets: dict[int, int]
    windows: tuple[int, ...]


class RegionIndex:
    """Tells where in a bgzip file the rows of a region lie.

    Parameters
    ----------
    path : Path
        The index.

    Raises
    ------
    BadInput
        No tabix index, or a damaged one.
    """

    def __init__(self, path: Path) -> None:
        data = read_bounded(path)
        try:
            self._read(data)
        except (struct.error, ValueError, IndexError, UnicodeDecodeError):
            raise BadInput(f"{path.name}: the index is damaged; make it anew with tabix -p vcf, or remove it") from None

    def _read(self, data: bytes) -> None:
        if data[:4] == TBI:
            self.shift, self.depth = TBI_SHIFT, TBI_DEPTH
            (count,) = struct.unpack_from("<i", data, 4)
            at = 8
        elif data[:4] == CSI:
            self.shift, self.depth, extra = CSI_HEAD.unpack_from(data, 4)
            at = 16
        else:
            raise ValueError("magic")
        names_length = struct.unpack_from("<7i", data, at)[6]
        self.names = tuple(name.decode() for name in data[at + 28 : at + 28 + names_length].split(b"\0")[:-1])
        at += 28 + names_length if data[:4] == TBI else extra
        if data[:4] == CSI:
            (count,) = struct.unpack_from("<i", data, at)
            at += 4
        self._sequences = []
        for _ in range(count):
            sequence, at = _read_sequence(data, at, is_csi=data[:4] == CSI)
            self._sequences.append(sequence)
        if len(self._sequences) < len(self.names):
            raise ValueError("sequences")

    def parts(self, name: str, regions: Sequence[tuple[int, int]]) -> list[Part]:
        """Return the parts of the file that hold every row overlapping the regions, merged and in file order.

        Parameters
        ----------
        name : str
            Chromosome as the file spells it.
        regions : sequence of (int, int)
            First and last position, 1-based, both included.

        Returns
        -------
        list of Part
            Empty where the file has no such row.
        """
        sequence = self._sequences[self.names.index(name)]
        found = [part for first, last in regions for part in self._parts(sequence, first - 1, last)]
        merged: list[Part] = []
        for begin, end in sorted(found):
            if merged and begin <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((begin, end))
        return merged

    def _parts(self, sequence: _Sequence, begin: int, end: int) -> Iterator[Part]:
        lowest = self._lowest_offset(sequence, begin)
        first_bin, shift = 0, self.shift + 3 * self.depth
        for level in range(self.depth + 1):
            for number in range(first_bin + (begin >> shift), first_bin + ((end - 1) >> shift) + 1):
                for start, stop in sequence.bins.get(number, ()):
                    if stop > lowest:
                        yield max(start, lowest), stop
            first_bin += 1 << (3 * level)
            shift -= 3

    def _lowest_offset(self, sequence: _Sequence, begin: int) -> int:
        if sequence.windows:
            return sequence.windows[min(begin >> self.shift, len(sequence.windows) - 1)]
        number = ((1 << (3 * self.depth)) - 1) // 7 + (begin >> self.shift)
        while number and number not in sequence.bin_offsets:
            number = (number - 1) >> 3
        return sequence.bin_offsets.get(number, 0)


def _read_sequence(data: bytes, at: int, *, is_csi: bool) -> tuple[_Sequence, int]:
    bins: dict[int, list[Part]] = {}
    offsets: dict[int, int] = {}
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    for _ in range(count):
        (number,) = struct.unpack_from("<I", data, at)
        at += 4
        if is_csi:
            (offsets[number],) = struct.unpack_from("<Q", data, at)
            at += 8
        (parts,) = struct.unpack_from("<i", data, at)
        flat = struct.unpack_from(f"<{2 * parts}Q", data, at + 4)
        bins[number] = list(zip(flat[::2], flat[1::2], strict=True))
        at += 4 + 16 * parts
    windows: tuple[int, ...] = ()
    if not is_csi:
        (length,) = struct.unpack_from("<i", data, at)
        windows = struct.unpack_from(f"<{length}Q", data, at + 4)
        at += 4 + 8 * length
    return _Sequence(bins, offsets, windows), at


def find_index(path: Path) -> Path | None:
    """Return the index beside a file; None where there is none, or where it is older than the file and may be wrong."""
    for suffix in (".tbi", ".csi"):
        index = path.with_name(path.name + suffix)
        if index.is_file() and index.stat().st_mtime >= path.stat().st_mtime:
            return index
    return None


def read_part(file: IO[bytes], name: str, part: Part) -> Iterator[bytes]:
    """Yield the whole lines of one part of a bgzip file, in blocks of about a mebibyte.

    Parameters
    ----------
    file : binary stream
        The packed file, which can seek.
    name : str
        How messages name it.
    part : Part
        From the index of this file.

    Raises
    ------
    BadInput
        The part does not begin or end where blocks do: the index is of another file.
    """
    begin, end = part
    place, skip = begin >> 16, begin & 0xFFFF
    text = b""
    while place < end >> 16 or (place == end >> 16 and end & 0xFFFF):
        block, size = _read_block(file, name, place)
        if place == end >> 16:
            block = block[: end & 0xFFFF]
        text += block[skip:]
        skip, place = 0, place + size
        if len(text) >= MIB:
            cut = text.rfind(b"\n") + 1
            if cut:
                yield text[:cut]
                text = text[cut:]
    if text:
        yield text if text.endswith(b"\n") else text + b"\n"


def _read_block(file: IO[bytes], name: str, place: int) -> tuple[bytes, int]:
    file.seek(place)
    head = file.read(BGZF_HEAD.size)
    try:
        *mark, _, _, _, extra_length = BGZF_HEAD.unpack(head)
        extra = file.read(extra_length)
        at = extra.index(b"BC\x02\x00")
        (size,) = struct.unpack_from("<H", extra, at + 4)
        if tuple(mark) != BGZF_MARK:
            raise ValueError("mark")
        packed = file.read(size + 1 - BGZF_HEAD.size - extra_length - 8)
        return zlib.decompress(packed, wbits=-15), size + 1
    except (struct.error, ValueError, zlib.error):
        raise BadInput(f"{name}: the index beside it is of another file; make it anew with tabix -p vcf, or remove it") from None
