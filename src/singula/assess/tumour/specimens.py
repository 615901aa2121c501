"""The tumour samples of a record, ready to match: specimens as laboratories sent them, or what FHIR states piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from singula.knowledge import Knowledge
from singula.methods.tumour.alteration_text import expand_list
from singula.methods.tumour.sample import Fusion, GeneEvent, TumourSample, TumourVariant
from singula.methods.tumour.tables import TumourTables
from singula.record import Concept, Condition, Observation, Record, TumourSpecimen, Unknown, Variant

PACK = "tumour_plan"
Origin = Literal["somatic", "germline", "unknown"]
UNSTATED = "TISSUE"
SIGNS = {"positive": "positive", "negative": "negative", "detected": "positive", "not detected": "negative"}
MICROSATELLITES = (("high", "high"), ("msi-h", "high"), ("stable", "stable"), ("mss", "stable"), ("low", "low"))


@dataclass(frozen=True)
class Specimen:
    """One sample with the facts it rests on."""

    sample: TumourSample
    inputs: tuple[str, ...]
    type_is_known: bool


def find_specimens(record: Record, tables: TumourTables, knowledge: Knowledge) -> Iterator[Specimen]:
    """Yield every tumour sample of a record.

    Parameters
    ----------
    record : Record
        With specimens, or with somatic variants and a cancer among its conditions.
    tables : TumourTables
        Reads alterations.
    knowledge : Knowledge
        Pack ``tumour_plan``: which condition is which tumour type, which result is which marker.
    """
    stated = [one for one in record.of_shape(TumourSpecimen) if one.is_present]
    code, condition = _type_by_condition(record, knowledge)
    for one in stated:
        yield _of_specimen(one, tables, (code, condition))
    somatic = [one for one in record.of_shape(Variant) if one.is_present and one.source_class == "somatic" and one.gene]
    if not stated and (somatic or condition is not None):
        found = _of_facts(record, somatic, tables, knowledge)
        if somatic or found.sample.biomarkers:
            inputs = (*found.inputs, *((condition.id,) if condition else ()))
            sample = _with_type(found.sample, code)
            yield Specimen(sample, tuple(dict.fromkeys(inputs)), code is not None)


def _with_type(sample: TumourSample, code: str | None) -> TumourSample:
    return replace(sample, tumour_type=code or sample.tumour_type)


def _of_specimen(one: TumourSpecimen, tables: TumourTables, by_condition: tuple[str | None, Condition | None]) -> Specimen:
    code, condition = by_condition
    known = one.tumour_type or code
    variants = tuple(
        variant
        for change in one.changes
        for variant in build_variants(
            tables, (change.gene, change.text), change.origin, change.model_dump(exclude={"gene", "text", "origin"}), (one.id,)
        )
    )
    sample = TumourSample(
        sample_id=one.id,
        tumour_type=known or UNSTATED,
        build=one.build,
        variants=variants,
        fusions=tuple(Fusion(first, second, (one.id,)) for first, second in one.fusions),
        copy_number=tuple(GeneEvent(call.gene, call.event, (one.id,)) for call in one.copy_number),
        structural=tuple(GeneEvent(call.gene, call.event, (one.id,)) for call in one.structural),
        biomarkers=dict(one.biomarkers),
        tested_genes=frozenset(one.tested_genes),
        prior_therapies=one.prior_therapies,
        pathology=dict(one.pathology),
    )
    inputs = (one.id, *((condition.id,) if condition and not one.tumour_type else ()))
    return Specimen(sample, inputs, known is not None)


def build_variants(
    tables: TumourTables, named: tuple[str, str], origin: Origin, more: Mapping[str, Any], inputs: tuple[str, ...]
) -> Iterator[TumourVariant]:
    """Read a gene's change as written; a list in one text gives several variants."""
    gene, text = named
    alteration, check = tables.read(text, gene)
    flags = ("reference_mismatch",) if check == "mismatch" else ()
    for one in expand_list(alteration):
        yield TumourVariant(gene=gene, text=text, alteration=one, origin=origin, flags=flags, inputs=inputs, **more)


def _of_facts(record: Record, somatic: list[Variant], tables: TumourTables, knowledge: Knowledge) -> Specimen:
    variants: list[TumourVariant] = []
    for one in somatic:
        text = (one.hgvs_p or one.hgvs_c or "").rpartition(":")[2]
        more = {"vaf": one.vaf, "consequence": one.consequence, "classification": _classification(one.significance)}
        variants.extend(build_variants(tables, (str(one.gene), text), "somatic", more, (one.id,)))
    markers, inputs = _markers(record, knowledge)
    facts = (*(one.id for one in somatic), *inputs)
    return Specimen(TumourSample(record.person.id, UNSTATED, variants=tuple(variants), biomarkers=markers), facts, False)


def _classification(significance: str | None) -> str | None:
    word = (significance or "").lower().replace(" ", "_").replace("/", "_or_")
    known = ("pathogenic", "likely_pathogenic", "uncertain_significance", "likely_benign", "benign")
    return word if word in known else None


def _markers(record: Record, knowledge: Knowledge) -> tuple[dict[str, Any], tuple[str, ...]]:
    found: dict[str, Any] = {}
    inputs: list[str] = []
    for row in knowledge.pack(PACK).table("markers"):
        latest = record.latest(row.name)
        if isinstance(latest, Unknown):
            continue
        value = _read_marker(latest, row.reading)
        if value is not None:
            found[row.marker] = value
            inputs.append(latest.id)
    return found, tuple(inputs)


def _read_marker(fact: Observation, reading: str) -> Any:
    words = str(fact.value.display if isinstance(fact.value, Concept) else fact.value or "").lower()
    if reading == "number":
        return fact.canonical.number if fact.canonical else None
    if reading == "sign":
        return next((value for word, value in sorted(SIGNS.items(), key=lambda one: -len(one[0])) if word in words), None)
    if reading == "msi":
        return next((value for word, value in MICROSATELLITES if word in words), None)
    return words or None


def _type_by_condition(record: Record, knowledge: Knowledge) -> tuple[str | None, Condition | None]:
    pack = knowledge.pack(PACK)
    found = record.has_condition(*(row.condition for row in pack.table("conditions")))
    if not isinstance(found, Condition):
        return None, None
    words = f"{found.display} {found.name or ''}".lower()
    row = next((row for row in pack.table("condition_words") if row.words in words), None)
    return (str(row.tumour_type) if row else None), found
