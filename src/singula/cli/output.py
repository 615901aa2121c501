"""What every command prints the same way: one JSON object, aligned tables, and progress on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import orjson

from singula.errors import BadInput, WrongUsage, quoted

Item = TypeVar("Item")

BAR_WIDTH = 30


def print_json(answer: Any) -> None:
    """Print one JSON object on standard output, and nothing else."""
    print(write_json(answer))


def write_json(answer: Any) -> str:
    """Write JSON as every command prints it: indented; what JSON has no form for becomes its text."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
    return orjson.dumps(answer, option=options, default=_form).decode()


def _form(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else str(value)


def print_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows as columns that line up."""
    lines = [list(header), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def progress(items: Iterable[Item], label: str, *, total: int | None = None) -> Iterator[Item]:
    """Pass items on and draw how far the work is; silent where standard error is no terminal."""
    if total is None and isinstance(items, Sequence):
        total = len(items)
    shown = sys.stderr.isatty()
    for number, item in enumerate(items, start=1):
        yield item
        if shown:
            filled = BAR_WIDTH * number // total if total else 0
            bar = f"[{'█' * filled}{'·' * (BAR_WIDTH - filled)}] {number}/{total}" if total else str(number)
            print(f"\r{label} {bar}", end="", file=sys.stderr, flush=True)
    if shown:
        print(file=sys.stderr)


def read_lines(file: str) -> Iterator[bytes]:
    """Yield the lines of a file the user named; ``-`` is standard input."""
    if file == "-":
        yield from sys.stdin.buffer
        return
    try:
        with Path(file).open("rb") as lines:
            yield from lines
    except OSError as fault:
        raise BadInput(f"{file}: cannot be read: {fault.strerror}") from None


def read_date(text: str) -> date:
    """Read a date the user wrote; WrongUsage says how to write it."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WrongUsage(f"{quoted(text)} is no date; write YYYY-MM-DD") from None
