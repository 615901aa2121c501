"""Tumour samples as JSON (``singula.tumour-sample/1``), one document or one a line.

A bad entry is told and the rest is read; what the laboratory did not look at stays unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from singula.errors import BadInput, quoted
from singula.methods.tumour.alteration_text import expand_list
from singula.methods.tumour.sample import Fusion, GeneEvent, Origin, TumourSample, TumourVariant
from singula.methods.tumour.tables import TumourTables
from singula.sources.limits import lines_bounded, open_bounded, parse_json, read_bounded
from singula.sources.tumour_reader import SCHEMA

CLASSIFICATIONS = ("pathogenic", "likely_pathogenic", "uncertain_significance", "likely_benign", "benign")
BUILDS = {"37": "GRCh37", "38": "GRCh38", "grch37": "GRCh37", "grch38": "GRCh38", "hg19": "GRCh37", "hg38": "GRCh38"}
CLINICAL_COLUMNS = ("SAMPLE_ID", "ONCOTREE_CODE")
ORIGINS: Mapping[str, Origin] = {"somatic": "somatic", "germline": "germline", "unknown": "unknown"}
Clinical = Mapping[str, Mapping[str, str]]


@dataclass
class TumourReading:
    """What was read of one file: samples, and what could not be read and why."""

    samples: list[TumourSample] = field(default_factory=list)
    notes: dict[str, list[str]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def note(self, sample_id: str, message: str) -> None:
        """Keep a note about one sample."""
        self.notes.setdefault(sample_id, []).append(message)


@dataclass(frozen=True)
class TumourContext:
    """What is known besides the file: tables, and the tumour type, biomarkers and build given on the side."""

    tables: TumourTables
    tumour_type: str | None = None
    clinical: Clinical = field(default_factory=dict)
    build: str | None = None
    reading: TumourReading = field(default_factory=TumourReading)

    def noter(self, sample_id: str, where: str) -> Callable[[str], None]:
        """Return what keeps notes about one place of one sample."""
        return lambda message: self.reading.note(sample_id, f"{where}: {message}")

    def tumour_type_of(self, sample_id: str, where: str) -> str:
        """Return a sample's tumour type from the clinical table, else the one given; BadInput says how to give it."""
        code = self.clinical.get(sample_id, {}).get("ONCOTREE_CODE") or self.tumour_type
        if not code:
            raise BadInput(f"{where}: its tumour type is not known; give --tumour-type, or --clinical with ONCOTREE_CODE")
        return self.tables.tree.check(code, where)

    def markers_of(self, sample_id: str) -> dict[str, float | str]:
        """Return a sample's biomarkers from the clinical table."""
        cells = {one.lower(): text for one, text in self.clinical.get(sample_id, {}).items() if one not in CLINICAL_COLUMNS}
        return {name: value for name, text in cells.items() if (value := read_marker(text)) is not None}


def read_marker(text: str) -> float | str | None:
    """Read a biomarker cell: a number where it is one, lower-case words otherwise, None where it is empty."""
    bare = text.strip()
    if bare in ("", "NA", "."):
        return None
    try:
        return float(bare)
    except ValueError:
        return bare.lower()


def read_sample_file(path: Path, context: TumourContext) -> TumourReading:
    """Read ``.json`` or ``.jsonl`` samples.

    Parameters
    ----------
    path : Path
        One document, or one a line.
    context : TumourContext
        Tables, and the tumour type of samples that name none.

    Returns
    -------
    TumourReading
        A bad line of a ``.jsonl`` file is among ``refused``.

    Raises
    ------
    BadInput
        A ``.json`` file that is no sample.
    """
    if path.name.removesuffix(".gz").endswith(".jsonl"):
        with open_bounded(path) as stream:
            for number, line in lines_bounded(stream, path.name):
                if line.strip():
                    _read_line(context, line, f"{path.name}:{number}")
        return context.reading
    context.reading.samples.append(read_sample(parse_json(read_bounded(path), path.name), path.name, context))
    return context.reading


def _read_line(context: TumourContext, line: bytes, where: str) -> None:
    try:
        context.reading.samples.append(read_sample(parse_json(line, where), where, context))
    except BadInput as fault:
        context.reading.refused.append(str(fault))


def read_sample(document: Any, where: str, context: TumourContext) -> TumourSample:
    """Read one sample object; BadInput says where and what it needs."""
    if not isinstance(document, Mapping) or document.get("schema", SCHEMA) != SCHEMA or not document.get("sample_id"):
        raise BadInput(f"{where}: is no {SCHEMA} object with a sample_id; see docs/reference/formats.md")
    sample_id = str(document["sample_id"])
    stated = document.get("tumour_type")
    place = f"{where}: {sample_id}"
    code = context.tables.tree.check(str(stated), place) if stated else context.tumour_type_of(sample_id, place)
    made = _Collector(sample_id, context.tables, context.reading)
    for entry in _objects(document, "variants", where):
        made.add_variant(entry)
    for entry in _objects(document, "fusions", where):
        made.fusions.append(Fusion(entry.get("five_prime"), entry.get("three_prime")))
    for entry in _objects(document, "copy_number", where):
        made.copy_number.append(GeneEvent(str(entry.get("gene")), str(entry.get("call", "")).lower()))
    for entry in _objects(document, "structural", where):
        made.structural.append(GeneEvent(str(entry.get("gene")), str(entry.get("event", "")).lower()))
    biomarkers = document.get("biomarkers") or {}
    if not isinstance(biomarkers, Mapping):
        raise BadInput(f"{where}: biomarkers is no object; write names and values")
    pathology = document.get("pathology") or {}
    if not isinstance(pathology, Mapping):
        raise BadInput(f"{where}: pathology is no object; write names and values")
    prior = document.get("prior_therapies")
    build = document.get("build")
    return TumourSample(
        sample_id=sample_id,
        tumour_type=code,
        build=BUILDS.get(str(build).lower(), str(build)) if build else context.build,
        variants=tuple(made.variants),
        fusions=tuple(made.fusions),
        copy_number=tuple(made.copy_number),
        structural=tuple(made.structural),
        biomarkers={str(name): value for name, value in biomarkers.items()},
        tested_genes=frozenset(str(gene) for gene in document.get("tested_genes") or ()),
        prior_therapies=None if prior is None else tuple(str(one) for one in prior),
        person=document.get("person") or {},
        pathology={str(name): value for name, value in pathology.items()},
    )


def _objects(document: Mapping[str, Any], name: str, where: str) -> Iterator[Mapping[str, Any]]:
    entries = document.get(name) or ()
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        raise BadInput(f"{where}: {name} is no list; write a list of objects")
    for number, entry in enumerate(entries):
        if not isinstance(entry, Mapping):
            raise BadInput(f"{where}: {name}[{number}] is no object")
        yield entry


class _Collector:
    """Gathers what one sample states; fusions and events that stand among the variants go where they belong."""

    def __init__(self, sample_id: str, tables: TumourTables, reading: TumourReading) -> None:
        self.sample_id, self.tables, self.reading = sample_id, tables, reading
        self.variants: list[TumourVariant] = []
        self.fusions: list[Fusion] = []
        self.copy_number: list[GeneEvent] = []
        self.structural: list[GeneEvent] = []

    def add_variant(self, entry: Mapping[str, Any]) -> None:
        """Read one entry of ``variants``."""
        gene = str(entry.get("gene") or "")
        text = str(entry.get("protein_change") or "")
        if not gene:
            self.reading.note(self.sample_id, f"a variant names no gene ({quoted(text)}); it is left out")
            return
        for variant in read_variants(self.tables, gene, text, entry, lambda message: self.reading.note(self.sample_id, message)):
            alteration = variant.alteration
            if alteration.kind == "fusion":
                self.fusions.append(Fusion(alteration.five_prime or alteration.gene or gene, alteration.three_prime))
            elif alteration.kind == "copy_number" and alteration.copy_number:
                self.copy_number.append(GeneEvent(gene, alteration.copy_number))
            elif alteration.kind == "structural" and alteration.structural:
                self.structural.append(GeneEvent(gene, alteration.structural))
            self.variants.append(variant)


def read_variants(
    tables: TumourTables, gene: str, text: str, entry: Mapping[str, Any], note: Callable[[str], None]
) -> Iterator[TumourVariant]:
    """Read one stated change of a gene; a slash list gives several.

    Parameters
    ----------
    tables : TumourTables
        For exons and residues.
    gene, text : str
        The gene and the change as written.
    entry : mapping
        Origin, classification, vaf, depth and consequence, where stated.
    note : callable
        Gets a sentence about what is wrong.

    Yields
    ------
    TumourVariant
        With ``reference_mismatch`` among its flags where the residue is not the transcript's.
    """
    alteration, check = tables.read(text, gene)
    flags: tuple[str, ...] = ()
    if check == "mismatch":
        flags = ("reference_mismatch",)
        note(f"{gene} {text}: the residue is not that of the transcript in use; perhaps it was numbered on another transcript")
    if text and alteration.kind == "unparsed":
        note(f"{gene} {quoted(text)}: cannot be read as an alteration; it matches nothing")
    stated = entry.get("origin") or "unknown"
    origin = ORIGINS.get(stated, "unknown")
    if stated not in ORIGINS:
        note(f"{gene} {text}: origin is {quoted(stated)}; write somatic, germline or unknown. It is read as unknown")
    classification = _classification(entry.get("classification"), gene, text, note)
    for one in expand_list(alteration):
        yield TumourVariant(
            gene=gene,
            text=text,
            alteration=one,
            origin=origin,
            classification=classification,
            vaf=_number(entry.get("vaf")),
            depth=_number(entry.get("depth")),
            consequence=entry.get("consequence"),
            flags=flags,
        )


def _classification(stated: Any, gene: str, text: str, note: Callable[[str], None]) -> str | None:
    if stated in (None, ""):
        return None
    word = str(stated).strip().lower().replace(" ", "_").replace("-", "_")
    if word not in CLASSIFICATIONS:
        note(f"{gene} {text}: classification is {quoted(stated)}; write one of {', '.join(CLASSIFICATIONS)}. It is left out")
        return None
    return word


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
