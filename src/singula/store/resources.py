"""Resources with their versions, the people they speak of, labels and search indexes; one write is all of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from singula.sources.search_paths import SEARCH, search_parameters, time_span, token_pairs, values_of
from singula.store import schema


@dataclass(frozen=True)
class StoredRow:
    """One version of a resource as it stands in the store."""

    pk: int
    kind: str
    id: str
    version: int
    doc: dict[str, Any]
    is_deleted: bool = False


def now_text() -> str:
    """Return this moment in UTC with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def fold(words: str) -> str:
    """Return words as they are compared: without accents and case, alike on every engine."""
    bare = unicodedata.normalize("NFKD", words)
    return "".join(letter for letter in bare if not unicodedata.combining(letter)).casefold()


def references_in(value: Any) -> Iterator[tuple[str, str]]:
    """Yield type and id of every relative reference inside a resource."""
    if isinstance(value, Mapping):
        text = value.get("reference")
        if isinstance(text, str):
            parts = text.split("/_history")[0].split("/")
            if len(parts) >= 2 and ":" not in parts[-2]:
                yield parts[-2], parts[-1]
        for inner in value.values():
            yield from references_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references_in(inner)


def write_resource(connection: Connection, doc: dict[str, Any], labels: Iterable[str], pk: int | None = None) -> StoredRow:
    """Write a new resource, or a new version of one.

    Parameters
    ----------
    connection : Connection
        Of one transaction; everything is written in it.
    doc : dict
        The resource with type and id; ``meta`` gets version and moment.
    labels : iterable of str
        Labels the data carry; labels are only ever added.
    pk : int, optional
        The row of the resource, where there is one.
    """
    kind, identity, moment = doc["resourceType"], doc["id"], now_text()
    version = 1
    if pk is not None:
        version = int(connection.execute(select(schema.resource.c.version).where(schema.resource.c.pk == pk)).scalar_one()) + 1
    doc = {**doc, "meta": {**(doc.get("meta") or {}), "versionId": str(version), "lastUpdated": moment}}
    values = {"version": version, "updated": moment, "deleted": 0, "doc": doc}
    if pk is None:
        made = connection.execute(insert(schema.resource).values(type=kind, id=identity, **values))
        pk = int(made.inserted_primary_key[0])  # type: ignore[index]
    else:
        connection.execute(update(schema.resource).where(schema.resource.c.pk == pk).values(**values))
    connection.execute(insert(schema.resource_history).values(resource_pk=pk, **values))
    _write_people(connection, pk, doc)
    known = set(
        connection.execute(select(schema.resource_label.c.label).where(schema.resource_label.c.resource_pk == pk)).scalars()
    )
    fresh = [{"resource_pk": pk, "label": label} for label in sorted(set(labels) - known)]
    if fresh:
        connection.execute(insert(schema.resource_label), fresh)
    _write_indexes(connection, pk, doc)
    return StoredRow(pk, kind, identity, version, doc)


def delete_resource(connection: Connection, row: StoredRow) -> StoredRow:
    """Write a version that says the resource is deleted; it leaves the search indexes."""
    moment, version = now_text(), row.version + 1
    values = {"version": version, "updated": moment, "deleted": 1, "doc": row.doc}
    connection.execute(update(schema.resource).where(schema.resource.c.pk == row.pk).values(**values))
    connection.execute(insert(schema.resource_history).values(resource_pk=row.pk, **values))
    for table in schema.INDEXES.values():
        connection.execute(delete(table).where(table.c.resource_pk == row.pk))
    return StoredRow(row.pk, row.kind, row.id, version, row.doc, is_deleted=True)


def people_of(connection: Connection, doc: Mapping[str, Any]) -> set[str]:
    """Return whom a resource speaks of: the patients it refers to, and those that what it refers to speaks of."""
    kind, identity = doc["resourceType"], doc["id"]
    people = {identity} if kind == "Patient" else set()
    others: set[tuple[str, str]] = set()
    for target, target_id in references_in(doc):
        if target == "Patient":
            people.add(target_id)
        else:
            others.add((target, target_id))
    for target, target_id in sorted(others):
        found = connection.execute(
            select(schema.resource_person.c.person_id)
            .join(schema.resource, schema.resource.c.pk == schema.resource_person.c.resource_pk)
            .where(schema.resource.c.type == target, schema.resource.c.id == target_id)
        ).scalars()
        people.update(found)
    return people


def _write_people(connection: Connection, pk: int, doc: Mapping[str, Any]) -> None:
    connection.execute(delete(schema.resource_person).where(schema.resource_person.c.resource_pk == pk))
    rows = [{"resource_pk": pk, "person_id": person} for person in sorted(people_of(connection, doc))]
    if rows:
        connection.execute(insert(schema.resource_person), rows)


def _write_indexes(connection: Connection, pk: int, doc: Mapping[str, Any]) -> None:
    for table in schema.INDEXES.values():
        connection.execute(delete(table).where(table.c.resource_pk == pk))
    rows: dict[str, list[dict[str, Any]]] = {}
    kind = doc["resourceType"]
    for name, sort in search_parameters(kind).items() if kind in SEARCH else ():
        for value in values_of(doc, name):
            rows.setdefault(sort, []).extend({"resource_pk": pk, "param": name, **cells} for cells in _cells(sort, value))
    for sort, found in rows.items():
        connection.execute(insert(schema.INDEXES[sort]), found)


def _cells(sort: str, value: Any) -> Iterator[dict[str, Any]]:  # noqa: PLR0912
    if sort == "token":
        words = _words(value)
        for system, code in token_pairs(value):
            yield {"system": system, "code": code, "words": words}
    elif sort == "date":
        span = time_span(value)
        if span is not None:
            yield {"low": span[0], "high": span[1]}
    elif sort == "quantity":
        if isinstance(value, Mapping) and isinstance(value.get("value"), int | float):
            yield {"value": float(value["value"]), "unit": value.get("code") or value.get("unit"), "system": value.get("system")}
    elif sort == "reference":
        text = value.get("reference") if isinstance(value, Mapping) else value
        if isinstance(text, str):
            parts = text.split("/_history")[0].split("/")
            yield {"type": parts[-2] if len(parts) > 1 else None, "id": parts[-1]}
    else:
        for words in _strings(value):
            yield {"folded": fold(words), "exact": words}


def _words(value: Any) -> str | None:
    if not isinstance(value, Mapping):
        return None
    found = [
        value.get("text"),
        value.get("display"),
        *(one.get("display") for one in value.get("coding") or () if isinstance(one, Mapping)),
    ]
    return fold(" ".join(str(one) for one in found if one)) or None


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (value[key] for key in ("text", "family") if isinstance(value.get(key), str))
