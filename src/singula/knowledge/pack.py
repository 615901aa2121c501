"""One knowledge pack: a manifest, its citations, and tables whose every row says where it comes from.

A pack is a folder: ``manifest.toml``, ``citations.tsv``, tables ``*.tsv``, documents ``*.json`` and methods ``methods/*.json``.
Nothing is read before it is asked for; what was read is kept.
"""

from __future__ import annotations

import csv
import hashlib
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from singula.errors import BadInput, KnowledgeMissing, either, quoted

REVIEWS = ("checked", "unchecked")
MANIFEST_FIELDS = ("title", "version", "date", "licence", "checked")


class Row(dict[str, Any]):
    """One row of a table; its columns are also attributes (``row.gene``)."""

    def __getattr__(self, column: str) -> Any:
        """Return the value of a column, or None where the cell is empty."""
        try:
            return self[column]
        except KeyError:
            raise AttributeError(f"no column {column!r}; there are {either(list(self))}") from None


@dataclass(frozen=True)
class Citation:
    """Where a fact was published."""

    key: str
    citation: str
    doi: str | None = None
    pmid: str | None = None
    url: str | None = None


@dataclass(frozen=True, eq=False)
class Pack:
    """A folder of curated facts, read on demand.

    Parameters
    ----------
    folder : Path
        The pack's folder; its name is the pack's name.
    """

    folder: Path
    _kept: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def name(self) -> str:
        """The pack's name: that of its folder."""
        return self.folder.name

    @cached_property
    def manifest(self) -> Mapping[str, Any]:
        """The manifest's fields."""
        path = self.folder / "manifest.toml"
        try:
            manifest = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise KnowledgeMissing(f"knowledge pack {quoted(self.name)}: no manifest.toml in its folder") from None
        except tomllib.TOMLDecodeError as fault:
            raise BadInput(f"knowledge pack {quoted(self.name)}: manifest.toml is no TOML: {fault}") from None
        absent = [name for name in MANIFEST_FIELDS if not manifest.get(name)]
        if absent:
            raise BadInput(f"knowledge pack {quoted(self.name)}: manifest.toml lacks {either(absent)}")
        return manifest

    @property
    def version(self) -> str:
        """The pack's version."""
        return str(self.manifest["version"])

    @property
    def date(self) -> str:
        """The ISO date the pack's facts were last held against their sources."""
        return str(self.manifest["date"])

    @property
    def table_names(self) -> tuple[str, ...]:
        """Names of the pack's tables, citations left out."""
        return tuple(sorted(path.stem for path in self.folder.glob("*.tsv") if path.stem != "citations"))

    @property
    def document_names(self) -> tuple[str, ...]:
        """Names of the pack's documents."""
        return tuple(sorted(path.stem for path in self.folder.glob("*.json")))

    @cached_property
    def method_ids(self) -> frozenset[str]:
        """Ids of the methods whose specification and coefficients lie in this pack."""
        return frozenset(path.name.removesuffix(".json") for path in (self.folder / "methods").glob("*.json"))

    def table(self, name: str) -> tuple[Row, ...]:
        """Return the rows of a table; cells are typed as the manifest declares, empty cells are None."""
        key = f"table {name}"
        if key not in self._kept:
            self._kept[key] = tuple(self._read_table(name))
        rows: tuple[Row, ...] = self._kept[key]
        return rows

    def document(self, name: str) -> Any:
        """Return a JSON document of the pack, parsed."""
        return self._kept_json(f"{name}.json")

    def method(self, method_id: str) -> Any:
        """Return the specification and coefficients of a method, parsed."""
        return self._kept_json(f"methods/{method_id}.json")

    def index(self, name: str, *columns: str) -> Mapping[Any, tuple[Row, ...]]:
        """Group the rows of a table by the value (or tuple of values) of columns; made once and kept."""
        key = f"index {name} {columns}"
        if key not in self._kept:
            groups: dict[Any, list[Row]] = {}
            for row in self.table(name):
                value = row[columns[0]] if len(columns) == 1 else tuple(row[column] for column in columns)
                groups.setdefault(value, []).append(row)
            self._kept[key] = {value: tuple(rows) for value, rows in groups.items()}
        grouped: Mapping[Any, tuple[Row, ...]] = self._kept[key]
        return grouped

    @cached_property
    def citations(self) -> Mapping[str, Citation]:
        """The pack's citations by key."""
        if not (self.folder / "citations.tsv").exists():
            return {}
        return {
            row["key"]: Citation(**{k: v for k, v in row.items() if k in Citation.__annotations__})
            for row in self._read_table("citations")
        }

    def citation(self, keys: str | None) -> str:
        """Return the citation text of one key, or of several joined by ``;``."""
        if not keys:
            return ""
        return "; ".join(self._citation_text(key.strip()) for key in keys.split(";") if key.strip())

    def _citation_text(self, key: str) -> str:
        entry = self.citations.get(key)
        if entry is None:
            return key
        tail = f" doi:{entry.doi}" if entry.doi else f" PMID {entry.pmid}" if entry.pmid else ""
        return f"{entry.citation}{tail}"

    @cached_property
    def sha256(self) -> str:
        """Digest over every file of the pack, in name order."""
        digest = hashlib.sha256()
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(path.relative_to(self.folder).as_posix().encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()

    def _kept_json(self, relative: str) -> Any:
        if relative not in self._kept:
            import orjson

            path = self.folder / relative
            try:
                self._kept[relative] = orjson.loads(path.read_bytes())
            except FileNotFoundError:
                raise KnowledgeMissing(f"knowledge pack {quoted(self.name)} has no {relative}") from None
            except orjson.JSONDecodeError as fault:
                raise BadInput(f"knowledge pack {quoted(self.name)}: {relative} is no JSON: {fault}") from None
        return self._kept[relative]

    def _read_table(self, name: str) -> Iterator[Row]:
        path = self.folder / f"{name}.tsv"
        if not path.exists():
            raise KnowledgeMissing(
                f"knowledge pack {quoted(self.name)} has no table {quoted(name)}; it has {either(self.table_names)}"
            )
        types = self.manifest.get("tables", {}).get(name, {}).get("types", {})
        with path.open(encoding="utf-8", newline="") as lines:
            reader = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            header = next(reader, [])
            readers = [_cell_reader(types.get(column, "text")) for column in header]
            for number, cells in enumerate(reader, start=2):
                if len(cells) != len(header):
                    raise BadInput(f"{self.name}/{name}.tsv:{number}: {len(cells)} cells, the header has {len(header)} columns")
                try:
                    yield Row(
                        {column: read(cell) if cell else None for column, read, cell in zip(header, readers, cells, strict=True)}
                    )
                except ValueError as fault:
                    raise BadInput(f"{self.name}/{name}.tsv:{number}: {fault}") from None


def _cell_reader(kind: str) -> Callable[[str], Any]:
    readers: dict[str, Callable[[str], Any]] = {
        "text": str,
        "number": float,
        "integer": int,
        "boolean": _read_boolean,
        "list": lambda cell: tuple(part.strip() for part in cell.split(";") if part.strip()),
    }
    return readers[kind]


def _read_boolean(cell: str) -> bool:
    if cell in ("true", "yes", "1"):
        return True
    if cell in ("false", "no", "0"):
        return False
    raise ValueError(f"{quoted(cell)} is neither true nor false")
