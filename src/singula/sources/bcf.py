"""BCF2: the binary form of VCF; its records are answered in the shape of VCF rows."""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from singula.errors import BadInput, UnsafeInput
from singula.sources.limits import VCF, Limits, open_bounded
from singula.sources.vcf import BLOCK_MARKS, VcfRow
from singula.sources.vcf_header import VcfHeader, plain_chromosome, read_header_text

MAGIC = b"BCF\x02"
SHARED = struct.Struct("<iiifII")
SIZES = {1: 1, 2: 2, 3: 4, 5: 4, 7: 1}
LETTERS = {1: "b", 2: "h", 3: "i", 5: "f"}
MISSING = {1: -128, 2: -32768, 3: -(2**31)}
VECTOR_END = {1: -127, 2: -32767, 3: -(2**31) + 1}
MISSING_FLOAT, END_FLOAT = 0x7F800001, 0x7F800002
LARGEST_RECORD = 256 << 20


def is_bcf(path: Path) -> bool:
    """Tell a BCF by its first bytes, packed or not."""
    with open_bounded(path, VCF) as stream:
        return stream.read(4) == MAGIC


class BcfFile:
    """A BCF opened for one pass.

    Parameters
    ----------
    path : Path
        Packed with bgzip or not.
    limits : Limits, optional
        The bounds of safe reading.
    """

    def __init__(self, path: Path, limits: Limits = VCF) -> None:
        self.path = path
        self.chromosomes_seen: set[str] = set()
        self.has_blocks = False
        self._stream: IO[bytes] = open_bounded(path, limits)
        try:
            self._read_header(limits)
        except (struct.error, BadInput) as fault:
            self._stream.close()
            raise fault if isinstance(fault, BadInput) else self._damaged() from None

    def __enter__(self) -> BcfFile:
        """Open the file."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._stream.close()

    def _damaged(self) -> BadInput:
        return BadInput(f"{self.path.name}: the BCF is damaged or cut short; fetch it again")

    def _read_header(self, limits: Limits) -> None:
        if self._stream.read(4) != MAGIC:
            raise BadInput(f"{self.path.name}: is no BCF of version 2")
        self._stream.read(1)
        (length,) = struct.unpack("<I", self._stream.read(4))
        if length > limits.line_bytes * 4:
            raise UnsafeInput(f"{self.path.name}: its header is longer than any real one")
        text = self._stream.read(length).rstrip(b"\0").decode("utf-8", "replace")
        self.header: VcfHeader = read_header_text(self.path.name, text)
        self._strings, self._contigs = _dictionaries(text)

    def rows_over(self, wanted: Mapping[str, Sequence[int]]) -> Iterator[VcfRow]:
        """Yield the rows at wanted positions, and those whose REF or END reaches over one."""
        number = 0
        while head := self._stream.read(8):
            number += 1
            try:
                shared_length, samples_length = struct.unpack("<II", head)
            except struct.error:
                raise self._damaged() from None
            if shared_length + samples_length > LARGEST_RECORD:
                raise UnsafeInput(f"{self.path.name}: record {number} is larger than any real one")
            shared, samples = self._stream.read(shared_length), self._stream.read(samples_length)
            if len(shared) + len(samples) < shared_length + samples_length:
                raise self._damaged()
            try:
                contig, start, length, *_ = SHARED.unpack_from(shared)
                chromosome = plain_chromosome(self._contigs[contig])
                self.chromosomes_seen.add(chromosome)
                self.has_blocks = self.has_blocks or any(mark in shared for mark in BLOCK_MARKS)
                sites = wanted.get(chromosome, ())
                at = bisect_left(sites, start + 1)
                if at < len(sites) and sites[at] <= start + max(length, 1):
                    yield self._row(number, chromosome, start + 1, shared, samples)
            except (struct.error, IndexError, KeyError):
                raise self._damaged() from None

    def _row(self, number: int, chromosome: str, position: int, shared: bytes, samples: bytes) -> VcfRow:
        *_, alleles_info, samples_formats = SHARED.unpack_from(shared)
        alleles, infos = alleles_info >> 16, alleles_info & 0xFFFF
        formats, count = samples_formats >> 24, samples_formats & 0xFFFFFF
        _, at = _read_typed(shared, SHARED.size)
        letters = []
        for _ in range(alleles):
            text, at = _read_typed(shared, at)
            letters.append(str(text))
        filters, at = _read_typed(shared, at)
        names = [self._strings[one] for one in (filters if isinstance(filters, list) else [filters]) if isinstance(one, int)]
        end = None
        for _ in range(infos):
            key, at = _read_typed(shared, at)
            value, at = _read_typed(shared, at)
            if self._strings.get(key) == "END" and isinstance(value, int):
                end = value
        keys, fields = self._read_samples(samples, formats, count)
        return VcfRow(
            where=str(number),
            chromosome=chromosome,
            position=position,
            ref=letters[0],
            alts=tuple(letters[1:]),
            filter=";".join(names) or ".",
            info=b"",
            format=tuple(keys),
            fields=fields,
            end=end,
        )

    def _read_samples(self, data: bytes, formats: int, count: int) -> tuple[list[str], list[bytes]]:
        keys: list[str] = []
        cells: list[list[str]] = [[] for _ in range(count)]
        at = 0
        for _ in range(formats):
            key, at = _read_typed(data, at)
            kind, length, at = _read_type(data, at)
            name = self._strings[key]
            keys.append(name)
            size = SIZES[kind] * length
            for sample in range(count):
                values = _values(data[at : at + size], kind, length)
                at += size
                cells[sample].append(_genotype(values) if name == "GT" else _text(values))
        return keys, [":".join(one).encode() for one in cells]


def _dictionaries(text: str) -> tuple[dict[int, str], list[str]]:
    strings: dict[int, str] = {0: "PASS"}
    contigs: list[str] = []
    following = 1
    for line in text.splitlines():
        kind, _, rest = line.partition("=<ID=")
        if not rest:
            continue
        name = rest.split(",", 1)[0].rstrip(">")
        index = rest.rpartition("IDX=")[2].rstrip(">") if "IDX=" in rest else ""
        if kind == "##contig":
            contigs.append(name)
        elif kind in ("##FILTER", "##INFO", "##FORMAT"):
            if index.isdigit():
                strings[int(index)] = name
            elif name not in strings.values():
                strings[following] = name
                following += 1
    return strings, contigs


def _read_type(data: bytes, at: int) -> tuple[int, int, int]:
    descriptor = data[at]
    kind, length = descriptor & 0xF, descriptor >> 4
    at += 1
    if length == 15:
        value, at = _read_typed(data, at)
        length = int(value)
    return kind, length, at


def _read_typed(data: bytes, at: int) -> tuple[Any, int]:
    kind, length, at = _read_type(data, at)
    if kind == 0:
        return None, at
    size = SIZES[kind] * length
    values = _values(data[at : at + size], kind, length)
    if isinstance(values, str):
        return values, at + size
    return (values[0] if length == 1 and values else values), at + size


def _values(data: bytes, kind: int, length: int) -> Any:
    if kind == 7:
        return data.rstrip(b"\0").decode("utf-8", "replace")
    if kind not in LETTERS:
        return []
    found = []
    if kind == 5:
        for (raw,) in struct.iter_unpack("<I", data):
            if raw == END_FLOAT:
                break
            found.append(None if raw == MISSING_FLOAT else struct.unpack("<f", struct.pack("<I", raw))[0])
        return found
    for value in struct.unpack(f"<{length}{LETTERS[kind]}", data):
        if value == VECTOR_END[kind]:
            break
        found.append(None if value == MISSING[kind] else value)
    return found


def _genotype(values: list[int | None]) -> str:
    parts = ["." if not value or value >> 1 == 0 else str((value >> 1) - 1) for value in values]
    phased = len(values) > 1 and all(value is not None and value & 1 for value in values[1:])
    return ("|" if phased else "/").join(parts)


def _text(values: Any) -> str:
    if isinstance(values, str):
        return values or "."
    return ",".join("." if one is None else f"{one:g}" if isinstance(one, float) else str(one) for one in values) or "."
