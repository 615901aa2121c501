"""Copy-number and fusion tables beside a tumour's variants: discrete matrices, lists, structural variants, fusion names.

What is found is added to the sample of the same barcode; a sample only these tables know is added as one of its own.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from singula.errors import BadInput, quoted
from singula.methods.tumour.alteration_text import read_alteration
from singula.methods.tumour.sample import Fusion, GeneEvent, TumourSample
from singula.sources.limits import decode_utf8, read_bounded
from singula.sources.tumour_samples import TumourContext, TumourReading

CALLS = {"2": "amplification", "1": "gain", "0": "", "-1": "loss", "-1.5": "loss", "-2": "deletion", "": "", "na": ""}
MATRIX_LEADS = ("gene symbol", "hugo_symbol", "locus id", "entrez_gene_id", "cytoband")
SAMPLE_COLUMNS = ("tumor_sample_barcode", "sample_id")
CALL_COLUMNS = ("copy_number_alteration", "copy number alteration", "call")
FUSION_COLUMNS = ("fusion", "alteration")
GENE_COLUMNS = ("hugo_symbol", "hugo_gene_symbol", "gene symbol", "gene", "genes", "symbol")
PAIRS = (("genea", "geneb"), ("site1_hugo_symbol", "site2_hugo_symbol"), ("five_prime", "three_prime"))
KINDS_THAT_JOIN = ("", "fusion", "translocation", "inversion", "rearrangement")


@dataclass
class _Events:
    fusions: list[Fusion] = field(default_factory=list)
    copy_number: list[GeneEvent] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def add_events(reading: TumourReading, paths: Sequence[Path], context: TumourContext) -> None:
    """Add the copy-number calls and fusions of tables to the samples that were read.

    Parameters
    ----------
    reading : TumourReading
        Gets the events; a bad row is told by its line and column, and the rest is read.
    paths : sequence of Path
        Tab-separated: genes by samples with -2 … 2, or rows of sample, gene and call, or of sample and fusion or two genes.
    context : TumourContext
        Tumour types and biomarkers of samples that stand in these tables alone.

    Raises
    ------
    BadInput
        A table is none of these.
    """
    events: dict[str, _Events] = {}
    for path in paths:
        rows = list(csv.reader(io.StringIO(decode_utf8(read_bounded(path), path.name)), delimiter="\t", quoting=csv.QUOTE_NONE))
        header = [cell.strip() for cell in rows[0]] if rows else []
        for number, cells in enumerate(rows[1:], start=2):
            if any(cell.strip() for cell in cells) and not cells[0].startswith("#"):
                row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
                for message in _take(row, header, events, path.name):
                    reading.refused.append(f"{path.name}:{number}: {message}")
    for name, one in events.items():
        for words in one.notes:
            reading.note(name, words)
    known = {sample.sample_id for sample in reading.samples}
    reading.samples[:] = [_with(sample, events.get(sample.sample_id)) for sample in reading.samples]
    for name in sorted({*events} - known):
        try:
            code = context.tumour_type_of(name, name)
        except BadInput as fault:
            reading.refused.append(str(fault))
            continue
        bare = TumourSample(name, code, context.build, biomarkers=context.markers_of(name))
        reading.samples.append(_with(bare, events[name]))


def read_panel(path: Path) -> frozenset[str]:
    """Read the genes a panel covers: one a line, or a table with a column of gene symbols.

    Raises
    ------
    BadInput
        No gene is named.
    """
    lines = [line for line in decode_utf8(read_bounded(path), path.name).splitlines() if line.strip() and line[0] != "#"]
    sign = "\t" if lines and "\t" in lines[0] else ","
    rows = [[cell.strip().strip('"') for cell in line.split(sign)] for line in lines]
    header = [cell.lower() for cell in rows[0]] if rows else []
    column = next((header.index(name) for name in GENE_COLUMNS if name in header), None)
    genes = frozenset(row[column or 0] for row in rows[0 if column is None else 1 :] if len(row) > (column or 0)) - {""}
    if not genes:
        raise BadInput(f"{path.name}: names no gene; write one gene a line, or a table with a column Hugo_Symbol")
    return genes


def add_panel(reading: TumourReading, genes: frozenset[str]) -> None:
    """State which genes were read in every sample: what was not found in them is wild type."""
    reading.samples[:] = [replace(one, tested_genes=one.tested_genes | genes) for one in reading.samples]


def _with(sample: TumourSample, events: _Events | None) -> TumourSample:
    if events is None:
        return sample
    return replace(sample, fusions=(*sample.fusions, *events.fusions), copy_number=(*sample.copy_number, *events.copy_number))


def _take(row: Mapping[str, str], header: Sequence[str], events: dict[str, _Events], name: str) -> Iterator[str]:
    lower = {column.lower(): value for column, value in row.items()}
    sample = next((lower[column] for column in SAMPLE_COLUMNS if column in lower), None)
    gene = next((lower[column] for column in GENE_COLUMNS if lower.get(column)), "")
    if sample is None:
        leads = [column for column in header if column.lower() in MATRIX_LEADS]
        if not leads or len(leads) == len(header):
            raise BadInput(
                f"{name}:1: is no copy-number or fusion table: it has neither Tumor_Sample_Barcode nor genes by samples"
            )
        for column in header:
            if column not in leads:
                yield from _add_call(events, (column, gene), row.get(column, ""), column)
        return
    if not sample:
        yield "Tumor_Sample_Barcode is empty; the row is left out"
        return
    call = next((column for column in CALL_COLUMNS if column in lower), None)
    if call:
        yield from _add_call(events, (sample, gene), lower[call], call)
    else:
        yield from _add_fusion(events, sample, lower)


def _add_call(events: dict[str, _Events], where: tuple[str, str], text: str, column: str) -> Iterator[str]:
    sample, gene = where
    bare = text.lower().removesuffix(".0")
    call = CALLS.get(bare, read_alteration(text, gene).copy_number)
    if call is None or not gene:
        yield (
            f"column {column} is {quoted(text)}; expected -2 to 2 or a call such as amplification"
            if gene
            else "the gene is empty"
        )
        return
    events.setdefault(sample, _Events())
    if call:
        events[sample].copy_number.append(GeneEvent(gene, call))


def _add_fusion(events: dict[str, _Events], sample: str, row: Mapping[str, str]) -> Iterator[str]:
    pair = next((names for names in PAIRS if names[0] in row), None)
    if pair:
        partners = (row.get(pair[0]) or None, row.get(pair[1]) or None)
        kind = (row.get("sv_type") or row.get("class") or "").lower()
        if kind not in KINDS_THAT_JOIN:
            partners = (partners[0], partners[0])
    else:
        column = next((name for name in FUSION_COLUMNS if name in row), None)
        found = read_alteration(row[column]) if column else None
        if found is None or found.kind != "fusion":
            told = quoted(row[column]) if column else "missing"
            yield f"column {column or 'Fusion'} is {told}; expected two genes, such as EML4::ALK"
            return
        partners = (found.five_prime or found.gene, found.three_prime)
    if not any(partners):
        yield "neither gene of the fusion is named; the row is left out"
        return
    of_sample = events.setdefault(sample, _Events())
    if partners[0] == partners[1]:
        of_sample.notes.append(f"{partners[0]}: a structural change within the gene is reported; no fusion is concluded from it")
    else:
        of_sample.fusions.append(Fusion(*partners))
