"""What may be asked of each genomics operation, and how a question is read from an address or a Parameters resource."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from singula.errors import BadInput, quoted
from singula.serve.genomics.places import Region, Spelling, read_region, read_variant

LISTS = ("variants", "ranges", "genes", "haplotypes", "treatments", "conditions", "featureConsequences")
FILTERS = ("testIdentifiers", "testDateRange", "specimenIdentifiers", "genomicSourceClass")
FLAGS = ("includeVariants", "includePhasing", "includePatientList")
TOKEN = re.compile(r"^[^\s|][^|]*\|[^\s|][^|]*$|^[^|]+$")
LONGEST_ITEM = 500
MOST_ITEMS = 200


@dataclass(frozen=True)
class Operation:
    """One operation: which lists it needs, and whether one of them or all."""

    name: str
    needs: tuple[str, ...]
    takes: tuple[str, ...] = ()
    is_for_subject: bool = True

    @property
    def inputs(self) -> tuple[str, ...]:
        """Every list it knows."""
        return (*self.needs, *self.takes)


_ANY_TX = ("variants", "ranges", "haplotypes", "treatments", "conditions")
OPERATIONS: Mapping[str, Operation] = {
    one.name: one
    for one in (
        Operation("find-subject-variants", ("ranges",)),
        Operation("find-subject-specific-variants", ("variants",)),
        Operation("find-subject-structural-intersecting-variants", ("ranges",)),
        Operation("find-subject-structural-subsuming-variants", ("ranges",)),
        Operation("find-subject-haplotypes", ("genes",)),
        Operation("find-subject-specific-haplotypes", ("haplotypes",)),
        Operation("find-subject-tx-implications", (), _ANY_TX),
        Operation("find-subject-dx-implications", (), ("variants", "ranges", "haplotypes", "conditions")),
        Operation("find-subject-molecular-consequences", (), ("variants", "ranges", "featureConsequences")),
        Operation("find-study-metadata", ()),
        Operation("find-population-specific-variants", ("variants",), is_for_subject=False),
        Operation("find-population-structural-intersecting-variants", ("ranges",), is_for_subject=False),
        Operation("find-population-structural-subsuming-variants", ("ranges",), is_for_subject=False),
        Operation("find-population-specific-haplotypes", ("haplotypes",), is_for_subject=False),
        Operation("find-population-tx-implications", (), _ANY_TX, is_for_subject=False),
        Operation("find-population-dx-implications", (), ("variants", "haplotypes", "conditions"), is_for_subject=False),
        Operation("find-population-molecular-consequences", (), ("variants", "featureConsequences"), is_for_subject=False),
    )
}


@dataclass(frozen=True)
class Question:
    """One question: the lists as given, each read; ``groups`` keeps what stood together in one repetition."""

    operation: Operation
    subject: str | None = None
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    flags: frozenset[str] = frozenset()
    repeats: Mapping[str, int] = field(default_factory=dict)

    @property
    def variants(self) -> tuple[tuple[str, Spelling], ...]:
        """The variants asked for, with their spelling as given."""
        return tuple((one, read_variant(one)) for one in self.lists.get("variants", ()))

    @property
    def ranges(self) -> tuple[tuple[str, Region], ...]:
        """The regions asked for, with their spelling as given."""
        return tuple((one, read_region(one)) for one in self.lists.get("ranges", ()))


def read_question(operation: Operation, values: Iterable[tuple[str, str]]) -> Question:
    """Read a question from pairs of name and value.

    Parameters
    ----------
    operation : Operation
        What is asked.
    values : iterable of (str, str)
        As in the address: names may repeat, lists may hold commas.

    Returns
    -------
    Question
        Every item of it can be understood.

    Raises
    ------
    BadInput
        A required parameter is missing, or an item is malformed.
    """
    lists: dict[str, list[str]] = {}
    filters: dict[str, list[str]] = {}
    repeats: dict[str, int] = {}
    flags: set[str] = set()
    subject: str | None = None
    for name, value in values:
        if name == "subject":
            subject = value.removeprefix("Patient/") or subject
        elif name in LISTS:
            lists.setdefault(name, []).extend(part.strip() for part in value.split(",") if part.strip())
            repeats[name] = repeats.get(name, 0) + 1
        elif name in FILTERS:
            filters.setdefault(name, []).extend(part.strip() for part in value.split(",") if part.strip())
        elif name in FLAGS and _is_true(name, value):
            flags.add(name)
    question = Question(
        operation=operation,
        subject=subject,
        lists={name: tuple(dict.fromkeys(items)) for name, items in lists.items()},
        filters={name: tuple(items) for name, items in filters.items()},
        flags=frozenset(flags),
        repeats=repeats,
    )
    _check(question)
    return question


def read_parameters(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Read a Parameters resource into pairs of name and value."""
    parameters = body.get("parameter", [])
    if body.get("resourceType") != "Parameters" or not isinstance(parameters, list):
        raise BadInput("the body is no Parameters resource; send one, or use the address")
    pairs: list[tuple[str, str]] = []
    for one in parameters:
        if isinstance(one, Mapping) and isinstance(one.get("name"), str):
            value = next((one[key] for key in one if key.startswith("value")), None)
            pairs.extend((one["name"], text) for text in _texts(value))
    return pairs


def _texts(value: Any) -> list[str]:
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if isinstance(value, Mapping):
        if "start" in value or "end" in value:
            return [f"{sign}{value[key]}" for key, sign in (("start", "ge"), ("end", "le")) if isinstance(value.get(key), str)]
        found = value.get("reference") or value.get("value") or value.get("code")
        system = value.get("system")
        coding = next((one for one in value.get("coding") or () if isinstance(one, Mapping)), None)
        if coding is not None:
            return _texts(coding)
        return [f"{system}|{found}" if isinstance(system, str) else str(found)] if found is not None else []
    return [] if value is None else [str(value)]


def _is_true(name: str, value: str) -> bool:
    if value not in ("true", "false"):
        raise BadInput(f"{name} is {quoted(value)}; give 'true' or 'false'")
    return value == "true"


def _check(question: Question) -> None:
    operation = question.operation
    if operation.is_for_subject and not question.subject:
        raise BadInput(f"${operation.name}: subject is missing; name the person")
    for name in operation.needs:
        if not question.lists.get(name):
            raise BadInput(f"${operation.name}: {name} is missing; give at least one")
    if operation.takes and not operation.needs and not any(question.lists.get(name) for name in operation.takes):
        raise BadInput(f"${operation.name}: give at least one of {', '.join(operation.takes)}")
    for name, items in question.lists.items():
        if len(items) > MOST_ITEMS or any(len(one) > LONGEST_ITEM for one in items):
            raise BadInput(f"{name}: give at most {MOST_ITEMS} items of at most {LONGEST_ITEM} characters")
        if name not in ("variants", "ranges") and not all(TOKEN.match(one) for one in items):
            raise BadInput(f"{name}: a token is written code, or system|code")
    _check_items(question)


def _check_items(question: Question) -> None:
    for _ in (*question.variants, *question.ranges):
        pass
    for value in question.filters.get("testDateRange", ()):
        if not re.match(r"^(eq|ge|le|gt|lt)?\d{4}(-\d\d(-\d\d(T[0-9:.+Z-]+)?)?)?$", value):
            raise BadInput(f"testDateRange is {quoted(value)}; give a date with ge or le before it")
    for value in question.filters.get("genomicSourceClass", ()):
        if value.rsplit("|", 1)[-1].lower() not in ("germline", "somatic", "la6683-2", "la6684-0"):
            raise BadInput(f"genomicSourceClass is {quoted(value)}; give 'germline' or 'somatic'")


def tokens(items: Sequence[str]) -> list[tuple[str | None, str]]:
    """Split ``system|code`` tokens."""
    return [(system or None, code) for system, bar, code in (_split(one) for one in items)]


def _split(item: str) -> tuple[str, str, str]:
    system, bar, code = item.rpartition("|")
    return system, bar, code
