"""Files into the store: FHIR keeps its ids, the same file twice changes nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from singula.errors import BadInput
from singula.govern import consents, outbox
from singula.govern.consent_resources import read_consent
from singula.govern.gateway import Gateway
from singula.sources.fhir_files import is_ndjson
from singula.sources.limits import lines_bounded, open_bounded, parse_json, read_bounded
from singula.sources.reading import list_files
from singula.sources.search_paths import SEARCH
from singula.store import schema
from singula.store.resources import people_of, references_in, write_resource

ID = re.compile(r"^[A-Za-z0-9\-.]{1,64}$")
ALWAYS_META = ("versionId", "lastUpdated")
BATCH = 500
"""Resources in one transaction: others write in between, and what a batch told in the audit is kept whatever follows."""


@dataclass
class Loaded:
    """What came in, what was there already, and what was not taken."""

    imported: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    patients: list[str] = field(default_factory=list)
    rejected: list[dict[str, Any]] = field(default_factory=list)

    def reject(self, source: str, line: int, reason: str) -> None:
        """Note what did not come in."""
        self.rejected.append({"source": source, "line": line, "reason": reason})


def load_files(gateway: Gateway, paths: Sequence[str], actor: str) -> Loaded:
    """Read FHIR files and folders into the store.

    Parameters
    ----------
    gateway : Gateway
        The open store.
    paths : sequence of str
        Bundles, resources, NDJSON, folders of them.
    actor : str
        Who does it, for the audit.

    Returns
    -------
    Loaded
        Counts by type of what is new or changed and of what stands there already, persons, and each resource that was rejected.
    """
    told = Loaded()
    found: list[tuple[str, int, Any]] = []
    for shown, path in list_files(paths):
        try:
            found += [(shown, line, one) for line, one in _read(path)]
        except BadInput as fault:
            told.reject(shown, 0, str(fault))
    if not found and told.rejected:
        raise BadInput(told.rejected[0]["reason"])
    good = [doc for doc in (_check(one, told, gateway) for one in found) if doc is not None]
    told.patients += dict.fromkeys(doc["id"] for doc in good if doc["resourceType"] == "Patient")
    for batch in batched(sorted(good, key=_turn), BATCH):
        _store_batch(gateway, batch, actor, told)
    return told


def batched(found: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Yield what was found in its order, so many at a time."""
    for start in range(0, len(found), size):
        yield found[start : start + size]


def _turn(doc: Mapping[str, Any]) -> int:
    """Return when a resource's turn is: persons first, then what names them, then what speaks of those by what it refers to."""
    if doc["resourceType"] == "Patient":
        return 0
    return 1 if any(kind == "Patient" for kind, _ in references_in(doc)) else 2


def _store_batch(gateway: Gateway, batch: Sequence[dict[str, Any]], actor: str, told: Loaded) -> None:
    written: Counter[str | None] = Counter()
    imported, unchanged = Counter[str](), Counter[str]()
    with gateway.writing() as connection:
        subscribed = outbox.subscribed_kinds(connection)
        for doc in batch:
            kind = doc["resourceType"]
            if not _store(gateway, connection, doc):
                unchanged[kind] += 1
                continue
            imported[kind] += 1
            people: set[str | None] = {*people_of(connection, doc)}
            written.update(people or {None})
            if kind in subscribed:
                outbox.enqueue(connection, kind, doc["id"])
            if kind == "Consent":
                understood = read_consent(doc, gateway.knowledge)
                consents.adopt(connection, understood.patient, understood.provisions, f"Consent/{doc['id']}")
        for patient, resources in sorted(written.items(), key=str) or [(None, 0)]:
            gateway.ledger.append(connection, actor=actor, event="import", action="C", patient=patient,
                                  details={"resources": resources})  # fmt: skip
    told.imported += imported
    told.unchanged += unchanged


def _read(path: Path) -> Iterator[tuple[int, Any]]:
    if is_ndjson(path):
        with open_bounded(path) as stream:
            for number, line in lines_bounded(stream, path.name):
                if line.strip():
                    yield from ((number, one) for one in _flatten(parse_json(line, f"{path.name}:{number}")))
        return
    yield from ((0, one) for one in _flatten(parse_json(read_bounded(path), path.name)))


def _flatten(document: Any) -> Iterator[Any]:
    if isinstance(document, Mapping) and document.get("resourceType") == "Bundle":
        for entry in document.get("entry") or ():
            yield from _flatten(entry.get("resource") if isinstance(entry, Mapping) else None)
    elif isinstance(document, list):
        for one in document:
            yield from _flatten(one)
    else:
        yield document


def _check(found: tuple[str, int, Any], told: Loaded, gateway: Gateway) -> dict[str, Any] | None:
    source, line, doc = found
    if not isinstance(doc, dict) or not isinstance(doc.get("resourceType"), str):
        told.reject(source, line, "holds no FHIR resource: resourceType is missing")
    elif doc["resourceType"] not in SEARCH:
        told.reject(source, line, f"{doc['resourceType'][:40]} is no type this store keeps")
    elif not isinstance(doc.get("id"), str) or not ID.match(doc["id"]):
        told.reject(source, line, f"the {doc['resourceType']} has no id of 1 to 64 letters, digits, hyphens and dots")
    elif doc["resourceType"] == "Consent":
        try:
            read_consent(doc, gateway.knowledge)
        except BadInput as fault:
            told.reject(source, line, str(fault))
            return None
        return doc
    else:
        return doc
    return None


def _store(gateway: Gateway, connection: Connection, doc: dict[str, Any]) -> bool:
    table = schema.resource
    where = (table.c.type == doc["resourceType"], table.c.id == doc["id"])
    row = connection.execute(select(table.c.pk, table.c.doc, table.c.deleted).where(*where)).first()
    if row is not None and not row.deleted and _bare(row.doc) == _bare(doc):
        return False
    write_resource(connection, doc, gateway.labels(doc), row.pk if row is not None else None)
    return True


def _bare(doc: Mapping[str, Any]) -> dict[str, Any]:
    meta = {name: value for name, value in (doc.get("meta") or {}).items() if name not in ALWAYS_META}
    return {**{name: value for name, value in doc.items() if name != "meta"}, **({"meta": meta} if meta else {})}
