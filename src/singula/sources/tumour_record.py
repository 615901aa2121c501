"""The samples of a tumour file as specimens of a record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from singula.errors import BadInput
from singula.knowledge import Knowledge
from singula.methods.tumour.sample import TumourSample
from singula.methods.tumour.tables import TumourTables, load_tumour_tables
from singula.record import Concept, GeneCall, Person, Source, TumourChange, TumourSpecimen
from singula.sources.draft import Draft
from singula.sources.labels import GENETICS
from singula.sources.maf import read_maf
from singula.sources.phenopacket import is_phenopacket, read_phenopacket
from singula.sources.tumour_samples import TumourContext, TumourReading, read_sample_file
from singula.sources.tumour_vcf import read_tumour_vcf

UNSTATED = "TISSUE"
PLAIN = (str, int, float, bool)


def read_specimens(path: Path, draft: Draft, knowledge: Knowledge) -> None:
    """Read every sample into the draft; a file that names no tumour type leaves it to the person's conditions."""
    tables = load_tumour_tables(knowledge)
    reading = _read(path, tables)
    for message in reading.refused:
        draft.note("warning", "", message)
    if not reading.samples:
        raise BadInput(reading.refused[0] if reading.refused else f"{path.name}: holds no tumour sample")
    several = len(reading.samples) > 1
    for sample in reading.samples:
        key = sample.sample_id if several else ""
        if several:
            draft.persons[key] = Person(id=key)
        for note in reading.notes.get(sample.sample_id, ()):
            draft.note("warning", sample.sample_id, note)
        draft.facts.append(_specimen(sample, key, draft, tables))


def _read(path: Path, tables: TumourTables) -> TumourReading:
    context = TumourContext(tables, tumour_type=UNSTATED)
    with path.open("rb") as file:
        head = file.read(2)
    name = path.name.removesuffix(".gz")
    if name.endswith((".json", ".jsonl")) or head[:1] in (b"{", b"["):
        document = is_phenopacket(path.read_bytes()) if name.endswith(".json") else False
        return read_phenopacket(path, TumourContext(tables)) if document else read_sample_file(path, context)
    return read_tumour_vcf(path, context) if ".vcf" in path.name else read_maf(path, context)


def _specimen(sample: TumourSample, key: str, draft: Draft, tables: TumourTables) -> TumourSpecimen:
    stated = None if sample.tumour_type == UNSTATED else sample.tumour_type
    return TumourSpecimen(
        id=f"{Path(draft.input).name}#{sample.sample_id}",
        person=key,
        concept=Concept(text=f"Tumour sample, {tables.tree.names.get(stated, stated) if stated else 'type not stated'}"),
        name="tumour-specimen",
        sources=(Source(input=draft.input, where=sample.sample_id, reader="tumour", trust=3),),
        labels=(GENETICS,),
        tumour_type=stated,
        build=sample.build,
        changes=tuple(dict.fromkeys(_changes(sample))),
        fusions=tuple((one.five_prime, one.three_prime) for one in sample.fusions),
        copy_number=tuple(GeneCall(gene=one.gene, event=one.event) for one in sample.copy_number),
        structural=tuple(GeneCall(gene=one.gene, event=one.event) for one in sample.structural),
        biomarkers=_plain(sample.biomarkers),
        tested_genes=tuple(sorted(sample.tested_genes)),
        prior_therapies=sample.prior_therapies,
        pathology=_plain(sample.pathology),
    )


def _changes(sample: TumourSample) -> Iterator[TumourChange]:
    for one in sample.variants:
        yield TumourChange(
            gene=one.gene,
            text=one.text,
            origin=one.origin,
            classification=one.classification,
            vaf=one.vaf,
            depth=one.depth,
            consequence=one.consequence,
        )


def _plain(values: Mapping[str, object]) -> dict[str, str | float | bool]:
    return {name: value for name, value in values.items() if isinstance(value, PLAIN)}
