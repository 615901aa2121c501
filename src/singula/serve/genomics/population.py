"""Answers about many people: how many carry it, never so few that one of them can be singled out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from singula.serve.genomics.questions import Question, tokens
from singula.serve.genomics.sightings import PRESENT, Resource, Sighting, see
from singula.serve.genomics.subject import carries, haplotypes_of, implications_of, variants_of, wanted_variants

SMALLEST_CELL = 11
Test = Callable[[Sequence[Sighting]], bool]


def answer_population(question: Question, people: Mapping[str, Sequence[Resource]], *, is_for_rows: bool) -> dict[str, Any]:
    """Count the people who carry what is asked.

    Parameters
    ----------
    question : Question
        What is asked; parameters that repeat have to hold together, commas ask one after another.
    people : mapping of str to sequence of dict
        The genomic resources of each person the reader may see.
    is_for_rows : bool
        Whether the reader may see the persons themselves; otherwise small cells are not published.

    Returns
    -------
    dict
        A Parameters resource.
    """
    seen = {person: see(resources, question) for person, resources in people.items()}
    lists_people = is_for_rows and "includePatientList" in question.flags
    parts = []
    for word, item, is_asked in _items(question):
        found = sorted(person for person, one in seen.items() if is_asked(one))
        hides = not is_for_rows and 0 < len(found) < SMALLEST_CELL
        inside: list[dict[str, Any]] = [{"name": word, "valueString": item}] if word else []
        value = {"value": SMALLEST_CELL, "comparator": "<"} if hides else {"value": len(found)}
        inside.append({"name": "numerator", "valueQuantity": value})
        if not hides:
            inside.append({"name": "denominator", "valueQuantity": {"value": len(seen)}})
        if lists_people:
            inside += [{"name": "subject", "valueString": person} for person in found]
        parts.append({"name": _answer_name(question), "part": inside})
    return {"resourceType": "Parameters", "parameter": parts}


def _answer_name(question: Question) -> str:
    name = question.operation.name
    if "implications" in name:
        return "implications"
    if "consequences" in name:
        return "consequences"
    return "haplotypes" if "haplotypes" in name else "variants"


def _items(question: Question) -> list[tuple[str, str, Test]]:
    name = question.operation.name
    if "implications" in name or "consequences" in name:
        return [("", "", lambda one: bool(implications_of(question, one)))]
    key = next(iter(question.operation.needs))
    word = {"variants": "variantItem", "ranges": "rangeItem", "haplotypes": "haplotypeItem"}[key]
    if key == "haplotypes":
        single = [(code, _has_haplotype(code)) for _, code in tokens(question.lists[key])]
    else:
        single = [(item, _has_variant(is_asked)) for item, is_asked, _ in wanted_variants(question)]
    if question.repeats.get(key, 0) > 1:
        tests = [test for _, test in single]
        return [(word, " AND ".join(item for item, _ in single), lambda one: all(test(one) for test in tests))]
    return [(word, item, test) for item, test in single]


def _has_haplotype(code: str) -> Test:
    return lambda seen: any(carries(one, code) for one in haplotypes_of(seen))


def _has_variant(is_asked: Callable[[Sighting], bool]) -> Test:
    return lambda seen: any(is_asked(one) for one in variants_of(seen) if PRESENT in one.answers or not one.answers)
