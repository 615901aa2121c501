"""Is every pack fit to reason with? Schema, citations, keys, review marks, methods, and the lint of single packs.

A pack may name a lint of its own in the manifest (``lint = "module:function"``), which gets the pack and yields sentences.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module

from singula.errors import BadInput, KnowledgeMissing, SingulaError, quoted
from singula.knowledge.library import Knowledge
from singula.knowledge.pack import REVIEWS, Pack, Row

METHOD_FIELDS = ("title", "citations", "review", "function", "inputs", "outputs")
INPUT_TYPES = ("number", "integer", "boolean", "category", "text", "list", "object")


@dataclass(frozen=True)
class Fault:
    """Something in a pack that has to be mended, and where."""

    pack: str
    where: str
    message: str

    def __str__(self) -> str:
        """Show as one line."""
        return f"{self.pack}/{self.where}: {self.message}"


def verify_packs(knowledge: Knowledge) -> list[Fault]:
    """Check every installed pack.

    Parameters
    ----------
    knowledge : Knowledge
        The packs.

    Returns
    -------
    list of Fault
        Empty where all is well; method ids that two packs share are faults too.
    """
    faults = [fault for pack in knowledge.packs.values() for fault in verify_pack(pack)]
    owners: dict[str, str] = {}
    for pack in knowledge.packs.values():
        for method_id in sorted(pack.method_ids):
            if method_id in owners:
                faults.append(Fault(pack.name, f"methods/{method_id}.json", f"the method also lies in pack {owners[method_id]}"))
            owners.setdefault(method_id, pack.name)
    return faults


def verify_pack(pack: Pack) -> Iterator[Fault]:
    """Check one pack; each fault says where it is."""
    try:
        datetime.date.fromisoformat(pack.date)
        tables = [(name, pack.table(name)) for name in pack.table_names]
    except (BadInput, KnowledgeMissing) as fault:
        yield Fault(pack.name, "", str(fault))
        return
    except ValueError:
        yield Fault(pack.name, "manifest.toml", f"date {quoted(pack.date)} is no date; write YYYY-MM-DD")
        return
    for name, rows in tables:
        yield from _verify_table(pack, name, rows)
    for name in pack.document_names:
        yield from _verify_document(pack, name)
    for method_id in sorted(pack.method_ids):
        yield from _verify_method(pack, method_id)
    yield from _own_lint(pack)


def _verify_table(pack: Pack, name: str, rows: tuple[Row, ...]) -> Iterator[Fault]:
    where = f"{name}.tsv"
    key = tuple(pack.manifest.get("tables", {}).get(name, {}).get("key", ()))
    seen: dict[tuple[object, ...], int] = {}
    if not rows:
        yield Fault(pack.name, where, "the table has no rows")
    for number, row in enumerate(rows, start=2):
        if row.get("review") not in REVIEWS:
            yield Fault(pack.name, f"{where}:{number}", f"review is {quoted(row.get('review'))}; write checked or unchecked")
        yield from _verify_citation(pack, f"{where}:{number}", row.get("citation"))
        if key:
            value = tuple(row.get(column) for column in key)
            if value in seen:
                yield Fault(pack.name, f"{where}:{number}", f"has the key of line {seen[value]}: {value}")
            seen.setdefault(value, number)


def _verify_citation(pack: Pack, where: str, keys: object) -> Iterator[Fault]:
    if not isinstance(keys, str) or not keys.strip():
        yield Fault(pack.name, where, "has no citation")
        return
    for key in (part.strip() for part in keys.split(";")):
        if key and key not in pack.citations:
            yield Fault(pack.name, where, f"citation {quoted(key)} is not in citations.tsv")


def _verify_document(pack: Pack, name: str) -> Iterator[Fault]:
    document = pack.document(name)
    where = f"{name}.json"
    if not isinstance(document, dict) or not document.get("citations"):
        yield Fault(pack.name, where, "has no citations")
    elif document.get("review") not in REVIEWS:
        yield Fault(pack.name, where, "review is neither checked nor unchecked")


def _verify_method(pack: Pack, method_id: str) -> Iterator[Fault]:
    where = f"methods/{method_id}.json"
    facts = pack.method(method_id)
    absent = [field for field in METHOD_FIELDS if not facts.get(field)]
    if absent or facts.get("id") != method_id:
        yield Fault(pack.name, where, f"lacks {', '.join(absent) or 'its own id'}")
        return
    if facts["review"] not in REVIEWS:
        yield Fault(pack.name, where, "review is neither checked nor unchecked")
    for name, spec in facts["inputs"].items():
        if spec.get("type") not in INPUT_TYPES:
            yield Fault(
                pack.name, where, f"input {name} has type {quoted(spec.get('type'))}; write one of {', '.join(INPUT_TYPES)}"
            )
    module, _, function = str(facts["function"]).partition(":")
    try:
        known = callable(getattr(import_module(module), function, None))
    except ImportError:
        known = False
    if not known:
        yield Fault(pack.name, where, f"names the function {quoted(facts['function'])}, which does not exist")


def _own_lint(pack: Pack) -> Iterator[Fault]:
    path = pack.manifest.get("lint")
    if not path:
        return
    module, _, name = str(path).partition(":")
    lint: Callable[[Pack], Iterator[str]] = getattr(import_module(module), name)
    try:
        for sentence in lint(pack):
            yield Fault(pack.name, "lint", sentence)
    except SingulaError as fault:
        yield Fault(pack.name, "lint", str(fault))


def count_reviews(pack: Pack) -> dict[str, int]:
    """Count the rows and methods of a pack by review status."""
    counts = dict.fromkeys(REVIEWS, 0)
    for name in pack.table_names:
        for row in pack.table(name):
            counts[str(row.get("review"))] = counts.get(str(row.get("review")), 0) + 1
    for method_id in pack.method_ids:
        counts[pack.method(method_id)["review"]] += 1
    return counts
