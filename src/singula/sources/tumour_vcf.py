"""A tumour's VCF as annotated by VEP (``CSQ``) or SnpEff (``ANN``): genes and protein changes of one transcript each.

The field list is read out of the header, never assumed. The transcript is MANE Select, else canonical, else the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from singula.methods.tumour.sample import TumourSample, TumourVariant
from singula.sources.tumour_samples import TumourContext, TumourReading, read_variants
from singula.sources.vcf import VcfFile, VcfRow
from singula.sources.vcf_header import VcfHeader

TUMOUR_NAMES = ("tumor", "tumour", "primary")
NORMAL_NAMES = ("normal", "germline", "control")
SPLICE_C = re.compile(r"c\.(\d+)[+-]\d")
SPLICE_TERMS = ("splice_donor_variant", "splice_acceptor_variant")
PASSING = ("PASS", ".")


def read_tumour_vcf(path: Path, context: TumourContext) -> TumourReading:
    """Read the tumour column of an annotated VCF.

    Parameters
    ----------
    path : Path
        Plain, gzip or bgzip.
    context : TumourContext
        Tables, tumour type and biomarkers by sample name, build where the file does not say.

    Raises
    ------
    BadInput
        The tumour type is not known.
    """
    with VcfFile(path) as vcf:
        header = vcf.header
        column = find_tumour_column(header.samples)
        name = header.samples[column] if column is not None else path.name.removesuffix(".gz").removesuffix(".vcf")
        code = context.tumour_type_of(name, path.name)
        if header.annotation is None:
            words = "carries neither VEP (CSQ) nor SnpEff (ANN) annotations: no gene is known; annotate it first"
            context.reading.note(name, words)
        variants: list[TumourVariant] = []
        filtered = 0
        for row in vcf.rows():
            if row.filter not in PASSING:
                filtered += 1
            else:
                variants.extend(_variants(row, header, column, context, name))
    if filtered:
        context.reading.note(name, f"{filtered} rows did not pass their FILTER and are left out")
    build = header.build or context.build
    context.reading.samples.append(TumourSample(name, code, build, tuple(variants), biomarkers=context.markers_of(name)))
    return context.reading


def find_tumour_column(samples: tuple[str, ...]) -> int | None:
    """Return which sample is the tumour: by name, else the one that is not the normal, else the first."""
    if not samples:
        return None
    for number, name in enumerate(samples):
        if any(word in name.lower() for word in TUMOUR_NAMES):
            return number
    others = [number for number, name in enumerate(samples) if not any(word in name.lower() for word in NORMAL_NAMES)]
    return others[0] if others else 0


def _variants(row: VcfRow, header: VcfHeader, column: int | None, context: TumourContext, name: str) -> Iterator[TumourVariant]:
    chosen = choose_transcript(row.info.decode("utf-8", "replace"), header.annotation) if header.annotation else None
    if chosen is None:
        return
    gene = chosen.get("SYMBOL") or chosen.get("Gene_Name") or ""
    terms = (chosen.get("Consequence") or chosen.get("Annotation") or "").split("&")
    change = unquote(chosen.get("HGVSp") or chosen.get("HGVS.p") or "").rpartition(":")[2]
    coding = (chosen.get("HGVSc") or chosen.get("HGVS.c") or "").rpartition(":")[2]
    splice = SPLICE_C.search(coding)
    if not change and splice and any(term in SPLICE_TERMS for term in terms):
        change = f"X{(int(splice.group(1)) + 2) // 3}_splice"
    if not gene or not change:
        return
    depth, fraction = read_support(row, column)
    entry = {
        "origin": "somatic" if len(header.samples) > 1 else "unknown",
        "vaf": fraction,
        "depth": depth,
        "consequence": terms[0] or None,
    }
    yield from read_variants(context.tables, gene, change, entry, context.noter(name, f"row {row.where}"))


def choose_transcript(info: str, annotation: tuple[str, tuple[str, ...]]) -> dict[str, str] | None:
    """Return the fields of the transcript to speak of: MANE Select, else canonical, else the first; None without annotation."""
    key, names = annotation
    text = next((part[len(key) + 1 :] for part in info.split(";") if part.startswith(f"{key}=")), None)
    if not text:
        return None
    entries = [dict(zip(names, one.split("|"), strict=False)) for one in text.split(",")]
    for wanted in ("MANE_SELECT", "MANE"):
        found = next((one for one in entries if one.get(wanted)), None)
        if found:
            return found
    return next((one for one in entries if one.get("CANONICAL") == "YES"), entries[0])


def read_support(row: VcfRow, column: int | None) -> tuple[float | None, float | None]:
    """Return depth and allele fraction of the tumour, from AD, AF or FREQ; callers differ in which they write."""
    if column is None:
        return None, None
    values = dict(zip(row.format, row.fields[column].decode("utf-8", "replace").split(":"), strict=False))
    counts = [int(one) for one in values.get("AD", "").split(",") if one.isdigit()]
    depth = float(values["DP"]) if values.get("DP", "").isdigit() else (float(sum(counts)) or None)
    stated = values.get("AF") or values.get("FREQ", "").removesuffix("%")
    total = sum(counts)
    if len(counts) > 1 and total:
        return depth, counts[1] / total
    try:
        fraction = float(stated.split(",")[0])
    except ValueError:
        return depth, None
    return depth, fraction / 100 if "FREQ" in values and "AF" not in values else fraction
