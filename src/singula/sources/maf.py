"""Mutation Annotation Format: one row per variant, headers in any of their dialects, samples told by their barcode."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from singula.errors import BadInput, quoted
from singula.methods.tumour.alteration import UNPARSED
from singula.methods.tumour.sample import TumourSample, TumourVariant
from singula.sources.limits import decode_utf8, lines_bounded, open_bounded
from singula.sources.tumour_samples import BUILDS, TumourContext, TumourReading, read_variants

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "gene": ("hugo_symbol",),
    "sample": ("tumor_sample_barcode",),
    "build": ("ncbi_build",),
    "class": ("variant_classification",),
    "change": ("hgvsp_short", "protein_change", "amino_acid_change", "hgvsp", "aachange"),
    "depth": ("t_depth",),
    "alt": ("t_alt_count",),
    "ref": ("t_ref_count",),
    "vaf": ("i_tumorvaf_wu", "tumor_vaf", "t_vaf", "vaf"),
    "status": ("mutation_status",),
}
CONSEQUENCES = {
    "missense_mutation": "missense_variant", "nonsense_mutation": "stop_gained", "nonstop_mutation": "stop_lost",
    "frame_shift_del": "frameshift_variant", "frame_shift_ins": "frameshift_variant", "in_frame_del": "inframe_deletion",
    "in_frame_ins": "inframe_insertion", "splice_site": "splice_region_variant", "silent": "synonymous_variant",
    "translation_start_site": "start_lost",
}  # fmt: skip
NO_CHANGE = ("", ".", "-", "NA", "p.=")


@dataclass
class _Sample:
    variants: list[TumourVariant] = field(default_factory=list)
    builds: set[str] = field(default_factory=set)


def read_maf(path: Path, context: TumourContext) -> TumourReading:
    """Read a MAF.

    Parameters
    ----------
    path : Path
        Plain or gzip.
    context : TumourContext
        Tables, tumour types and biomarkers by sample.

    Returns
    -------
    TumourReading
        A bad row is told by its line, and the rest is read.

    Raises
    ------
    BadInput
        No header with ``Hugo_Symbol``, or no row at all.
    """
    samples: dict[str, _Sample] = {}
    with open_bounded(path) as stream:
        for where, row in _rows(stream, path.name, context.reading):
            _take_row(samples, row, where, context)
    if not samples and not context.reading.refused:
        raise BadInput(f"{path.name}: holds no variant; a MAF has one row per variant below its header")
    for name, one in samples.items():
        _finish(name, one, context)
    return context.reading


def _rows(stream: IO[bytes], name: str, reading: TumourReading) -> Iterator[tuple[str, dict[str, str]]]:
    places: dict[str, int] | None = None
    for number, line in lines_bounded(stream, name):
        if not line or line.startswith(b"#"):
            continue
        cells = decode_utf8(line, f"{name}:{number}").split("\t")
        if places is None:
            places = _find_columns(cells, name)
            width = len(cells)
            continue
        if len(cells) < max(places.values()) + 1:
            reading.refused.append(f"{name}:{number}: has {len(cells)} columns, the header has {width}; the row is left out")
            continue
        yield f"{name}:{number}", {column: cells[at].strip() for column, at in places.items()}
    if places is None:
        raise BadInput(f"{name}: holds no header line; a MAF begins with Hugo_Symbol and its other columns")


def _find_columns(header: list[str], name: str) -> dict[str, int]:
    at = {column.strip().lower(): number for number, column in reversed(list(enumerate(header)))}
    places = {}
    for column, spellings in COLUMNS.items():
        found = next((at[one] for one in spellings if one in at), None)
        if found is not None:
            places[column] = found
    if "gene" not in places or "sample" not in places:
        raise BadInput(
            f"{name}: the header names no Hugo_Symbol and Tumor_Sample_Barcode; is this a MAF? It begins {quoted(header[0])}"
        )
    return places


def _take_row(samples: dict[str, _Sample], row: dict[str, str], where: str, context: TumourContext) -> None:
    gene, name = row["gene"], row["sample"]
    if not gene or not name:
        empty = "Tumor_Sample_Barcode" if gene else "Hugo_Symbol"
        context.reading.refused.append(f"{where}: {empty} is empty; the row is left out")
        return
    sample = samples.setdefault(name, _Sample())
    build = row.get("build", "").lower()
    if build:
        sample.builds.add(BUILDS.get(build, build))
    change = row.get("change", "")
    kind = row.get("class", "").lower()
    if change in NO_CHANGE and kind != "splice_site":
        silent = CONSEQUENCES.get(kind)
        sample.variants.append(TumourVariant(gene, change, UNPARSED, "somatic", consequence=silent, flags=("no_protein_change",)))
        return
    entry = {
        "origin": "germline" if row.get("status", "").lower() == "germline" else "somatic",
        "vaf": _fraction(row),
        "depth": _count(row.get("depth")),
        "consequence": CONSEQUENCES.get(kind),
    }
    sample.variants.extend(read_variants(context.tables, gene, change, entry, context.noter(name, where)))


def _fraction(row: Mapping[str, str]) -> float | None:
    alt, depth, ref = (_count(row.get(name)) for name in ("alt", "depth", "ref"))
    total = depth or ((alt or 0) + (ref or 0) if alt is not None and ref is not None else None)
    if alt is not None and total:
        return alt / total
    stated = _count(row.get("vaf"))
    return None if stated is None else stated / 100 if stated > 1 else stated


def _count(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _finish(name: str, sample: _Sample, context: TumourContext) -> None:
    if len(sample.builds) > 1:
        both = " and ".join(sorted(sample.builds))
        context.reading.refused.append(f"{name}: its rows are in {both}; lift one over, a sample has one build")
        return
    try:
        code = context.tumour_type_of(name, name)
    except BadInput as fault:
        context.reading.refused.append(str(fault))
        return
    build = next(iter(sample.builds), context.build)
    made = TumourSample(name, code, build, tuple(sample.variants), biomarkers=context.markers_of(name))
    context.reading.samples.append(made)


def read_clinical(path: Path) -> dict[str, dict[str, str]]:
    """Read a clinical table: ``SAMPLE_ID``, ``ONCOTREE_CODE``, and biomarkers as further columns, by sample."""
    rows: dict[str, dict[str, str]] = {}
    header: list[str] | None = None
    with open_bounded(path) as stream:
        for number, line in lines_bounded(stream, path.name):
            if not line or line.startswith(b"#"):
                continue
            cells = decode_utf8(line, f"{path.name}:{number}").split("\t")
            if header is None:
                header = [cell.strip() for cell in cells]
                if "SAMPLE_ID" not in header:
                    raise BadInput(f"{path.name}:{number}: names no column SAMPLE_ID; it begins {quoted(header[0])}")
                continue
            row = dict(zip(header, cells, strict=False))
            rows[row.get("SAMPLE_ID", "").strip()] = row
    return rows
