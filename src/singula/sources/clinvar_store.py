"""The alleles of a ClinVar release as sorted columns: a file that opens in an instant and is read only where it is asked.

A folder of ``.npy`` columns, opened as memory maps: place, length of REF, gene, whether the class is reported, and where the
words of an allele stand in one block of text. ``versions`` keeps the class and stars of every record of the release, so that
two releases can be compared.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

MAP_ABOVE_BYTES = 1 << 20
COLUMNS = ("chromosome", "position", "length", "gene", "reported", "start", "text")
VERSIONS = ("version_id", "version_class", "version_stars")
WORDS = "words.json"

Column = npt.NDArray[np.generic]


@dataclass(frozen=True)
class ClinVarEntry:
    """One allele of a release, trimmed; ``conflict`` is what the submitters say where they disagree."""

    chromosome: str
    position: int
    ref: str
    alt: str
    variation_id: str
    classification: str
    stars: int
    gene: str
    condition: str
    consequences: tuple[str, ...] = ()
    conflict: str = ""

    @property
    def name(self) -> str:
        """The allele as ``chrom-pos-ref-alt`` in the release's build."""
        return f"{self.chromosome}-{self.position}-{self.ref}-{self.alt}"


@dataclass(frozen=True)
class AlleleTable:
    """The alleles of a release by place; ``columns`` are those of the folder."""

    columns: Mapping[str, Column]
    chromosomes: tuple[str, ...]
    genes: tuple[str, ...]
    classes: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of alleles kept."""
        return len(self.columns["position"])

    def entry(self, number: int) -> ClinVarEntry:
        """Return one allele with its words."""
        start = int(self.columns["start"][number])
        size = int.from_bytes(self.columns["text"][start : start + 4].tobytes(), "little")
        cells = self.columns["text"][start + 4 : start + 4 + size].tobytes().decode("utf-8", "replace").split("\t")
        return ClinVarEntry(
            chromosome=self.chromosomes[int(self.columns["chromosome"][number])],
            position=int(self.columns["position"][number]),
            ref=cells[1],
            alt=cells[2],
            variation_id=cells[0],
            classification=cells[3],
            stars=int(cells[4]),
            gene=self.genes[int(self.columns["gene"][number])],
            condition=cells[5],
            consequences=tuple(cells[6].split(",")) if cells[6] else (),
            conflict=cells[7],
        )

    def find(self, chromosome: str, position: int, ref: str, alt: str) -> ClinVarEntry | None:
        """Return the allele of these letters, whatever its class among those kept; None where there is none."""
        if chromosome not in self.chromosomes:
            return None
        code = self.chromosomes.index(chromosome)
        first, last = np.searchsorted(self.columns["chromosome"], [code, code + 1])
        places = self.columns["position"][first:last]
        at, end = (
            int(one) + int(first) for one in (np.searchsorted(places, position), np.searchsorted(places, position, side="right"))
        )
        entries = (self.entry(number) for number in range(at, end))
        return next((one for one in entries if (one.ref, one.alt) == (ref, alt)), None)

    def chosen(self, *, with_unreported: bool = False) -> Iterator[tuple[str, npt.NDArray[np.int64]]]:
        """Yield each chromosome with the numbers of its alleles; those of classes that are not reported only when asked."""
        for code, name in enumerate(self.chromosomes):
            first, last = np.searchsorted(self.columns["chromosome"], [code, code + 1])
            numbers = np.arange(first, last, dtype=np.int64)
            yield name, numbers if with_unreported else numbers[self.columns["reported"][first:last] != 0]

    def version(self, variation_id: int) -> tuple[str, int] | None:
        """Return class and stars the release gives a record, whatever its class; None where it has no such record."""
        identifiers = self.columns["version_id"]
        at = int(np.searchsorted(identifiers, variation_id))
        if at == len(identifiers) or int(identifiers[at]) != variation_id:
            return None
        return self.classes[int(self.columns["version_class"][at])], int(self.columns["version_stars"][at])

    def save(self, folder: Path) -> None:
        """Write the columns into a folder."""
        for name, column in self.columns.items():
            np.save(folder / f"{name}.npy", column, allow_pickle=False)
        words = {"chromosomes": self.chromosomes, "genes": self.genes, "classes": self.classes}
        (folder / WORDS).write_text(json.dumps(words), encoding="utf-8")


def open_table(folder: Path) -> AlleleTable:
    """Open the columns of a folder; large ones are mapped, not read."""
    words = json.loads((folder / WORDS).read_text(encoding="utf-8"))
    columns: dict[str, Column] = {}
    for name in (*COLUMNS, *VERSIONS):
        path = folder / f"{name}.npy"
        columns[name] = np.load(path, mmap_mode="r" if path.stat().st_size > MAP_ABOVE_BYTES else None, allow_pickle=False)
    return AlleleTable(columns, tuple(words["chromosomes"]), tuple(words["genes"]), tuple(words["classes"]))


def _codes() -> dict[str, int]:
    return {}


@dataclass
class TableWriter:
    """Gathers alleles in any order and sorts them by place at the end."""

    text: bytearray = field(default_factory=bytearray)
    numbers: dict[str, array[int]] = field(
        default_factory=lambda: {
            **{name: array("q") for name in ("chromosome", "position", "length", "gene", "start", "version_id")},
            **{name: array("B") for name in ("reported", "version_class", "version_stars")},
        }
    )
    chromosomes: dict[str, int] = field(default_factory=_codes)
    genes: dict[str, int] = field(default_factory=_codes)
    classes: dict[str, int] = field(default_factory=_codes)

    def add(self, one: ClinVarEntry, *, reported: bool) -> None:
        """Keep an allele."""
        numbers = self.numbers
        numbers["chromosome"].append(self.chromosomes.setdefault(one.chromosome, len(self.chromosomes)))
        numbers["position"].append(one.position)
        numbers["length"].append(len(one.ref))
        numbers["gene"].append(self.genes.setdefault(one.gene, len(self.genes)))
        numbers["reported"].append(reported)
        numbers["start"].append(len(self.text))
        line = (
            f"{one.variation_id}\t{one.ref}\t{one.alt}\t{one.classification}\t{one.stars}\t{one.condition}\t"
            f"{','.join(one.consequences)}\t{one.conflict}"
        ).encode()
        self.text += len(line).to_bytes(4, "little") + line

    def add_version(self, variation_id: int, classification: str, stars: int) -> None:
        """Keep what the release says of a record, whatever its class."""
        self.numbers["version_id"].append(variation_id)
        self.numbers["version_class"].append(self.classes.setdefault(classification, len(self.classes)))
        self.numbers["version_stars"].append(stars)

    def finish(self) -> AlleleTable:
        """Sort and return the table."""
        columns: dict[str, Column] = {}
        order = np.lexsort((np.asarray(self.numbers["position"]), np.asarray(self.numbers["chromosome"])))
        kinds = {"chromosome": np.int16, "position": np.int64, "length": np.int64, "gene": np.int32, "reported": np.uint8}
        for name, kind in {**kinds, "start": np.int64}.items():
            columns[name] = np.asarray(self.numbers[name]).astype(kind)[order]
        by_id = np.argsort(np.asarray(self.numbers["version_id"]), kind="stable")
        for name, kind in zip(VERSIONS, (np.int64, np.uint8, np.uint8), strict=True):
            columns[name] = np.asarray(self.numbers[name]).astype(kind)[by_id]
        columns["text"] = np.frombuffer(bytes(self.text), dtype=np.uint8)
        return AlleleTable(columns, tuple(self.chromosomes), tuple(self.genes), tuple(self.classes))
