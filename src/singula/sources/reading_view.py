"""What was read, as the object of ``singula record show`` (schema ``singula.record/1``)."""

from __future__ import annotations

from collections import Counter
from typing import Any

from singula.record import (
    Concept,
    Fact,
    GenePhenotype,
    Genotype,
    Medicine,
    Quantity,
    Variant,
)
from singula.sources.draft import Draft
from singula.sources.reading import Reading

SCHEMA = "singula.record/1"


def show_reading(reading: Reading, *, with_facts: bool) -> dict[str, Any]:
    """Describe a reading.

    Parameters
    ----------
    reading : Reading
        What was read.
    with_facts : bool
        Whether every joined fact is listed.

    Returns
    -------
    dict
        The object of the command contract; facts are counted per input as stated there, and once after joining.
    """
    facts = [fact for record in reading.records for fact in record.facts]
    resources: Counter[str] = Counter()
    for draft in reading.inputs:
        resources.update(draft.resources)
    shown: dict[str, Any] = {
        "schema": SCHEMA,
        "inputs": [_show_input(draft) for draft in reading.inputs],
        "persons": [
            {
                "id": record.person.id,
                "identifiers": [{"system": one.system, "value": one.value} for one in record.person.identifiers],
                "sex": record.person.sex_at_birth,
                "birth_date": record.person.birth_date.text if record.person.birth_date else None,
            }
            for record in reading.records
        ],
        "resources": dict(sorted(resources.items())),
        "facts": _count(facts),
        "problems": [problem.model_dump() for problem in reading.problems],
    }
    if with_facts:
        shown["fact_list"] = [show_fact(fact) for fact in facts]
    return shown


def _show_input(draft: Draft) -> dict[str, Any]:
    return {
        "path": draft.input,
        "format": draft.format or None,
        "read": draft.is_read,
        "bytes": draft.size,
        "persons": len(draft.persons),
        "resources": dict(sorted(draft.resources.items())),
        "facts": _count(draft.facts),
    }


def _count(facts: list[Fact]) -> dict[str, int]:
    return dict(sorted(Counter(fact.kind.value for fact in facts).items()))


def show_fact(fact: Fact) -> dict[str, Any]:
    """Describe one fact."""
    codings = [{"system": one.system, "code": one.code, "display": one.display} for one in fact.concept.codings]
    return {
        "id": fact.id,
        "person": fact.person,
        "kind": fact.kind.value,
        "status": fact.status.value,
        "name": fact.name,
        "code": codings[0] if codings else {"system": None, "code": None, "display": fact.concept.text},
        "codes": codings,
        "value": _show_value(fact.value),
        "when": fact.when.text if fact.when else None,
        "labels": list(fact.labels),
        "flags": list(fact.flags),
        "superseded_by": fact.superseded_by,
        "sources": [{"input": one.input, "where": one.where} for one in fact.sources],
        "detail": _detail(fact),
    }


def _show_value(value: Any) -> dict[str, Any] | None:
    if isinstance(value, Quantity):
        return {"number": value.number, "unit": value.unit}
    if isinstance(value, Concept):
        return {"code": value.first.code, "display": value.display}
    return None if value is None else {"text": str(value).lower() if isinstance(value, bool) else value}


def _detail(fact: Fact) -> dict[str, Any]:
    detail: dict[str, Any] = {key: value for key, value in fact.detail.items() if value is not None}
    if isinstance(fact, Medicine):
        detail["active"] = fact.use == "active" and fact.is_present
    elif isinstance(fact, Variant):
        names = (
            "gene",
            "hgvs_c",
            "hgvs_p",
            "hgvs_g",
            "zygosity",
            "source_class",
            "vaf",
            "copy_number",
            "ref",
            "alt",
            "chromosome",
            "assembly",
        )
        detail.update({name: getattr(fact, name) for name in names if getattr(fact, name) is not None})
    elif isinstance(fact, Genotype):
        detail.update({"gene": fact.gene, "diplotype": fact.diplotype})
    elif isinstance(fact, GenePhenotype):
        detail.update({"gene": fact.gene, "phenotype": detail.pop("phenotype_code", None) or fact.phenotype})
    return detail
