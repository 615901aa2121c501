"""A pack made of a release: its day, its checksum, and its place in the knowledge folder."""

from __future__ import annotations

import hashlib
import re
import shutil
import tomllib
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path

from singula.errors import BadInput

DATE_IN_NAME = re.compile(r"(?<!\d)(?P<year>20\d\d)[-_]?(?P<month>\d\d)[-_]?(?P<day>\d\d)(?!\d)")
MONTH_IN_NAME = re.compile(r"(?<!\d)(?P<day>\d\d)-(?P<month>[A-Z][a-z]{2})-(?P<year>20\d\d)(?!\d)")


def release_date(file: Path, stated: str | None, how: str) -> str:
    """Return a release's ISO date: the one stated inside, else the one in the file's name.

    Raises
    ------
    BadInput
        There is neither; a release without a date takes no precedence.
    """
    if stated:
        return stated
    plain = DATE_IN_NAME.search(file.name)
    named = MONTH_IN_NAME.search(file.name)
    try:
        if plain:
            return date(int(plain["year"]), int(plain["month"]), int(plain["day"])).isoformat()
        if named:
            return datetime.strptime(named[0], "%d-%b-%Y").date().isoformat()
    except ValueError:
        pass
    raise BadInput(f"{file.name}: no release date is known, and without one it takes no precedence; {how}")


def put_in_place(made: Path, target: Path) -> Path:
    """Replace a pack's folder by one that was made beside it."""
    if target.exists():
        shutil.rmtree(target)
    return made.rename(target)


def refuse_older(file: Path, target: Path, day: str) -> None:
    """Refuse a release that is older than the one already imported."""
    manifest = target / "manifest.toml"
    if manifest.is_file():
        there = str(tomllib.loads(manifest.read_text(encoding="utf-8"))["date"])
        if there > day:
            raise BadInput(f"{file.name}: is of {day}, older than the release of {there} in {target}; the newer one stays")


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file as fetched."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_table(path: Path, rows: Iterable[Sequence[str]]) -> None:
    """Write a table; what would break a line or a cell becomes a blank."""
    lines = ("\t".join(" ".join(cell.split()) for cell in row) for row in rows)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
