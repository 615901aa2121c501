"""A person's consent in the store: granted, revoked, shown; every change makes a new version."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from singula.govern.access import read_row
from singula.govern.consent import EVERYTHING, Provision
from singula.store import schema
from singula.store.resources import now_text


@dataclass(frozen=True)
class Terms:
    """What a grant or a revocation names; nothing named means everything."""

    labels: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    from_: float | None = None
    until: float | None = None


def provisions_of(connection: Connection, person: str) -> list[Provision]:
    """Return every provision of a person, ended ones too, in the order they were made."""
    table = schema.provision
    return [read_row(row) for row in connection.execute(select(table).where(table.c.person_id == person).order_by(table.c.pk))]


def version_of(connection: Connection, person: str) -> int:
    """Return the version of a person's consent."""
    table = schema.consent_version
    return int(connection.execute(select(table.c.version).where(table.c.person_id == person)).scalar() or 0)


def grant(connection: Connection, person: str, terms: Terms, by: str) -> None:
    """Permit; a grant of labels ends denies on exactly these."""
    if terms.labels:
        _end(connection, person, "deny", terms)
        if terms.actors or terms.purposes:
            _add(connection, person, "permit", terms, by)
    else:
        _add(connection, person, "permit", terms, by)
    _count(connection, person)


def revoke(connection: Connection, person: str, terms: Terms, by: str) -> None:
    """Take permits back; a revocation of labels denies them."""
    _end(connection, person, "permit", terms)
    if terms.labels:
        _add(connection, person, "deny", terms, by)
    _count(connection, person)


def end_rule(connection: Connection, person: str, rule: str) -> bool:
    """End one active provision by its name; False where there is none."""
    table = schema.provision
    where = (table.c.person_id == person, table.c.rule == rule, table.c.status == "active")
    if not connection.execute(update(table).where(*where).values(status="ended")).rowcount:
        return False
    _count(connection, person)
    return True


def adopt(connection: Connection, person: str, provisions: Sequence[Provision], source: str) -> None:
    """Take over what a FHIR Consent says in place of what it said before; the same again changes nothing."""
    held = [one for one in provisions_of(connection, person) if one.recorded_by == source and one.status == "active"]
    if [_terms(one) for one in held] == [_terms(one) for one in provisions]:
        return
    table = schema.provision
    where = (table.c.person_id == person, table.c.recorded_by == source)
    connection.execute(update(table).where(*where).values(status="ended"))
    for one in provisions:
        _insert(connection, person, one, source)
    _count(connection, person)


def _terms(one: Provision) -> tuple[object, ...]:
    return one.id, one.decision, one.labels, one.actors, one.purposes, one.from_, one.until


def _end(connection: Connection, person: str, decision: str, terms: Terms) -> None:
    table = schema.provision
    rows = connection.execute(
        select(table).where(table.c.person_id == person, table.c.decision == decision, table.c.status == "active")
    ).all()
    for row in rows:
        same_labels = sorted(row.labels) == sorted(terms.labels) if terms.labels else True
        named = _is_named(terms.actors, row.actors) and _is_named(terms.purposes, row.purposes)
        if same_labels and named:
            connection.execute(update(table).where(table.c.pk == row.pk).values(status="ended"))


def _is_named(wanted: Sequence[str], held: Sequence[str]) -> bool:
    return not wanted or bool(set(wanted) & set(held))


def _add(connection: Connection, person: str, decision: str, terms: Terms, by: str) -> None:
    everything = (EVERYTHING,)
    one = Provision(f"c{uuid.uuid4().hex[:8]}", "permit" if decision == "permit" else "deny", terms.labels or everything,
                    terms.actors or everything, terms.purposes or everything, terms.from_, terms.until)  # fmt: skip
    _insert(connection, person, one, by)


def _insert(connection: Connection, person: str, one: Provision, by: str) -> None:
    made = connection.execute(insert(schema.provision).values(
        person_id=person, rule=one.id, decision=one.decision, labels=list(one.labels), actors=list(one.actors),
        purposes=list(one.purposes), from_=one.from_, until=one.until, status="active", recorded=now_text(),
        recorded_by=by))  # fmt: skip
    key = made.inserted_primary_key
    rows = [{"provision_pk": key[0] if key else None, "actor": name} for name in dict.fromkeys(one.actors)]
    connection.execute(insert(schema.provision_actor), rows)


def _count(connection: Connection, person: str) -> None:
    table = schema.consent_version
    version = version_of(connection, person)
    if version:
        connection.execute(update(table).where(table.c.person_id == person).values(version=version + 1))
    else:
        connection.execute(insert(table).values(person_id=person, version=1))
