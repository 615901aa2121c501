"""Safe reading: every outside byte passes here, so that a hostile file ends in one line and not in a full disk or memory.

Bounds follow the project's threat model (docs/security.md): line length, unpacked size and ratio, JSON depth, keys and numbers,
XML without document types. A refusal is ``UnsafeInput``; a file that is merely broken is ``BadInput``.
"""

from __future__ import annotations

import gzip
import io
import json
import math
import re
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from singula.errors import BadInput, UnsafeInput, quoted

MIB = 1 << 20
GZIP_MAGIC = b"\x1f\x8b"
STRING = re.compile(rb'"(?:[^"\\]+|\\.)*"')
NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


@dataclass(frozen=True)
class Limits:
    """How much of a file is read before reading is refused."""

    line_bytes: int = 16 * MIB
    unpacked_bytes: int = 2048 * MIB
    ratio: float = 200.0
    ratio_after_bytes: int = 16 * MIB
    json_depth: int = 100
    json_items: int = 200_000
    json_keys: int = 10_000
    number_digits: int = 40
    xml_depth: int = 200
    records: int = 5_000_000
    seconds: float = 10.0
    seconds_per_byte: float = 1.0 / (10 * MIB)


DEFAULT = Limits()
VCF = Limits(unpacked_bytes=65536 * MIB, seconds=3600.0)


class _Watched(io.RawIOBase):
    """Decompressed bytes of a gzip stream, counted against the packed ones across all members."""

    def __init__(self, packed: IO[bytes], name: str, limits: Limits) -> None:
        self._packed = packed
        self._unpacked = gzip.GzipFile(fileobj=packed)
        self._name, self._limits, self._out = name, limits, 0

    def readable(self) -> bool:
        """Tell that bytes can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read bytes into a buffer, refusing once a bound is passed."""
        try:
            chunk = self._unpacked.read(len(buffer))
        except (EOFError, gzip.BadGzipFile, zlib.error) as fault:
            raise BadInput(
                f"{self._name}: the compressed data are damaged or cut short ({fault}); fetch the file again"
            ) from None
        self._out += len(chunk)
        limits = self._limits
        if self._out > limits.unpacked_bytes:
            raise UnsafeInput(f"{self._name}: unpacks to more than {limits.unpacked_bytes // MIB} MiB; split it")
        if self._out > limits.ratio_after_bytes and self._out > limits.ratio * max(self._packed.tell(), 1):
            raise UnsafeInput(
                f"{self._name}: unpacks to over {limits.ratio:g} times its size; this looks like a decompression bomb"
            )
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        """Close the stream and the file under it."""
        self._unpacked.close()
        self._packed.close()
        super().close()


def open_bounded(path: Path, limits: Limits = DEFAULT) -> IO[bytes]:
    """Open a file for reading bytes, plain or gzip (told by content), with the bounds watched.

    Parameters
    ----------
    path : Path
        The file.
    limits : Limits, optional
        The bounds.

    Returns
    -------
    binary stream
        Its reads raise UnsafeInput beyond a bound and BadInput on damaged data.

    Raises
    ------
    BadInput
        The file cannot be opened.
    """
    try:
        file = path.open("rb")
    except OSError as fault:
        raise BadInput(f"{path.name}: cannot be read: {fault.strerror or fault}") from None
    if file.peek(2)[:2] == GZIP_MAGIC:
        return io.BufferedReader(_Watched(file, path.name, limits), buffer_size=1 << 18)
    return file


def read_bounded(path: Path, limits: Limits = DEFAULT) -> bytes:
    """Read a whole file, plain or gzip, up to the bound on unpacked bytes."""
    with open_bounded(path, limits) as stream:
        data = stream.read(limits.unpacked_bytes + 1)
    if len(data) > limits.unpacked_bytes:
        raise UnsafeInput(f"{path.name}: holds more than {limits.unpacked_bytes // MIB} MiB; split it")
    return data


def lines_bounded(stream: IO[bytes], name: str, limits: Limits = DEFAULT) -> Iterator[tuple[int, bytes]]:
    """Yield numbered lines without their ends; a line over the bound, or too many lines, is refused."""
    number = 0
    while line := stream.readline(limits.line_bytes + 1):
        number += 1
        if len(line) > limits.line_bytes:
            raise UnsafeInput(
                f"{name}:{number}: the line is longer than {limits.line_bytes // MIB} MiB; this is not a clinical document"
            )
        yield number, line.rstrip(b"\r\n")


def blocks_bounded(stream: IO[bytes], name: str, limits: Limits = DEFAULT) -> Iterator[bytes]:
    """Yield blocks of whole lines, each about a mebibyte and ended by a newline; a line over the bound is refused."""
    rest = b""
    while chunk := stream.read(MIB):
        cut = chunk.rfind(b"\n") + 1
        if cut:
            yield rest + chunk[:cut]
            rest = chunk[cut:]
        else:
            rest += chunk
        if len(rest) > limits.line_bytes:
            raise UnsafeInput(f"{name}: a line is longer than {limits.line_bytes // MIB} MiB; this is not a clinical document")
    if rest:
        yield rest + b"\n"


def parse_json(data: bytes, name: str, limits: Limits = DEFAULT) -> Any:
    """Parse JSON strictly.

    Parameters
    ----------
    data : bytes
        One JSON document, UTF-8.
    name : str
        How messages name it.
    limits : Limits, optional
        The bounds on depth, items, keys and digits.

    Returns
    -------
    object
        The parsed document.

    Raises
    ------
    UnsafeInput
        Nested too deep, too many items or keys, numbers too long.
    BadInput
        Not UTF-8, not JSON, a key twice in one object, NaN or infinity.
    """
    text = decode_utf8(data, name)
    _check_depth(data, name, limits)
    parser = _StrictParser(name, limits)
    try:
        return json.loads(
            text,
            object_pairs_hook=parser.read_object,
            parse_float=parser.read_float,
            parse_int=parser.read_int,
            parse_constant=parser.refuse_constant,
        )
    except json.JSONDecodeError as fault:
        raise BadInput(f"{name}:{fault.lineno}: is no JSON: {fault.msg} at column {fault.colno}") from None
    except RecursionError:
        raise UnsafeInput(f"{name}: nested deeper than {limits.json_depth} levels; this is not a clinical document") from None


class _StrictParser:
    """The hooks of a strict JSON parse."""

    def __init__(self, name: str, limits: Limits) -> None:
        self.name, self.limits = name, limits
        self.ends_at = time.monotonic() + limits.seconds * 10

    def read_object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """Make an object; a key twice is refused, because parsers disagree on which one counts."""
        made = dict(pairs)
        if len(made) != len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise BadInput(f"{self.name}: the key {quoted(twice)} stands twice in one object; keep one")
        if len(pairs) > self.limits.json_keys:
            raise UnsafeInput(f"{self.name}: an object has over {self.limits.json_keys} keys; this is not a clinical document")
        for value in made.values():
            if type(value) is list and len(value) > self.limits.json_items:
                raise UnsafeInput(f"{self.name}: a list has over {self.limits.json_items} items; split the file or send NDJSON")
        return made

    def read_float(self, text: str) -> float:
        """Read a number with a fraction or exponent; it has to be finite and short."""
        number = float(text) if len(text) <= self.limits.number_digits else math.inf
        if not math.isfinite(number):
            raise BadInput(f"{self.name}: the number {quoted(text)} is out of range; give a finite number of at most 40 digits")
        return number

    def read_int(self, text: str) -> int:
        """Read a whole number; it has to be short."""
        if len(text) > self.limits.number_digits:
            raise BadInput(f"{self.name}: the number {quoted(text)} is out of range; give a finite number of at most 40 digits")
        return int(text)

    def refuse_constant(self, text: str) -> float:
        """Refuse NaN and the infinities, which JSON does not have."""
        raise BadInput(f"{self.name}: {text} is no JSON number; leave the value out where it is not known")


def decode_utf8(data: bytes, name: str) -> str:
    """Decode UTF-8 strictly, without a byte-order mark; the message names the place of the first bad byte."""
    try:
        return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        raise BadInput(f"{name}:{line}: is not UTF-8 at byte {fault.start}; save it as UTF-8") from None


def _check_depth(data: bytes, name: str, limits: Limits) -> None:
    brackets = STRING.sub(b"", data).translate(None, NOT_BRACKETS)
    for _ in range(limits.json_depth):
        shorter = brackets.replace(b"{}", b"").replace(b"[]", b"")
        if shorter == brackets:
            return
        brackets = shorter
    if brackets:
        raise UnsafeInput(f"{name}: nested deeper than {limits.json_depth} levels; this is not a clinical document")


def parse_xml(data: bytes, name: str, limits: Limits = DEFAULT) -> Any:
    """Parse XML without document types, entities or network, and return the root element."""
    from lxml import etree

    if b"<!DOCTYPE" in data[: 1 << 16].upper() or b"<!ENTITY" in data.upper():
        raise UnsafeInput(f"{name}: declares a document type; clinical documents have none, remove it")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as fault:
        raise BadInput(f"{name}: is no well-formed XML: {quoted(fault.msg)}") from None
    for event_depth in _depths(root):
        if event_depth > limits.xml_depth:
            raise UnsafeInput(f"{name}: nested deeper than {limits.xml_depth} levels; this is not a clinical document")
    return root


def _depths(root: Any) -> Iterator[int]:
    stack = [(root, 1)]
    while stack:
        element, depth = stack.pop()
        yield depth
        stack.extend((child, depth + 1) for child in element)
