"""GA4GH Phenopackets (v2) about a tumour: genomic interpretations as variants of a sample."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from singula.errors import BadInput
from singula.methods.tumour.sample import TumourSample, TumourVariant
from singula.methods.tumour.tables import TumourTables
from singula.sources.limits import parse_json, read_bounded
from singula.sources.tumour_samples import TumourContext, TumourReading, read_variants

MARK = re.compile(rb'"(?:phenopacketSchemaVersion|phenotypicFeatures|interpretations|metaData)"')
GERMLINE_WORDS = ("germline",)


def is_phenopacket(head: bytes) -> bool:
    """Tell whether a JSON document is a Phenopacket by the words it begins with."""
    return bool(MARK.search(head)) and b"singula.tumour-sample" not in head


def read_phenopacket(path: Path, context: TumourContext) -> TumourReading:
    """Read one Phenopacket as a tumour sample.

    Parameters
    ----------
    path : Path
        JSON.
    context : TumourContext
        Tables, and the tumour type where no disease of the packet is one.

    Raises
    ------
    BadInput
        No Phenopacket, or its tumour type is not known.
    """
    document = parse_json(read_bounded(path), path.name)
    if not isinstance(document, Mapping) or not document.get("id"):
        raise BadInput(f"{path.name}: is no Phenopacket with an id")
    sample_id = str(document["id"])
    diagnoses = [one.get("diagnosis") or {} for one in document.get("interpretations") or () if isinstance(one, Mapping)]
    diseases = [one.get("disease") or {} for one in diagnoses]
    diseases.extend((one.get("term") or {}) for one in document.get("diseases") or () if isinstance(one, Mapping))
    code = context.tumour_type or next((found for disease in diseases if (found := _tumour_type(disease, context.tables))), None)
    if code is None:
        labels = ", ".join(str(one.get("label")) for one in diseases if one.get("label")) or "none is named"
        raise BadInput(f"{path.name}: no disease is an OncoTree tumour type ({labels}); give --tumour-type")
    variants = [variant for diagnosis in diagnoses for variant in _variants(diagnosis, context, sample_id)]
    sex = str((document.get("subject") or {}).get("sex", "")).lower()
    context.reading.samples.append(
        TumourSample(sample_id, code, variants=tuple(variants), person={"sex": sex} if sex in ("female", "male") else {})
    )
    return context.reading


def _tumour_type(disease: Mapping[str, Any], tables: TumourTables) -> str | None:
    code = str(disease.get("id", ""))
    if code.startswith("NCIT:"):
        nci = code.removeprefix("NCIT:")
        return next((row.code for row in tables.pack.table("tumour_types") if nci in (row.nci or ())), None)
    if code.upper().startswith("ONCOTREE:"):
        return tables.tree.check(code.split(":", 1)[1], "disease")
    label = str(disease.get("label", "")).lower()
    return next((one for one, name in tables.tree.names.items() if name.lower() == label), None)


def _variants(diagnosis: Mapping[str, Any], context: TumourContext, sample_id: str) -> Iterator[TumourVariant]:
    for one in diagnosis.get("genomicInterpretations") or ():
        interpretation = one.get("variantInterpretation") or {}
        descriptor = interpretation.get("variationDescriptor") or {}
        gene = (descriptor.get("geneContext") or {}).get("symbol")
        protein = next((e.get("value") for e in descriptor.get("expressions") or () if e.get("syntax") == "hgvs.p"), "")
        if not gene:
            context.reading.note(sample_id, "a genomic interpretation names no gene; it is left out")
            continue
        stated = str(interpretation.get("acmgPathogenicityClassification", "")).lower()
        origin = "germline" if str(descriptor.get("moleculeContext", "")).lower() in GERMLINE_WORDS else "unknown"
        entry = {"classification": "" if stated == "not_provided" else stated, "origin": origin}
        yield from read_variants(context.tables, str(gene), str(protein or ""), entry, context.noter(sample_id, "interpretation"))
