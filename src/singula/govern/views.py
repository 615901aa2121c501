"""The store as one caller sees it for one purpose: every row that leaves was decided inside the query."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from singula.errors import Refused
from singula.govern import outbox
from singula.govern.access import SHARED_KINDS, Predicate, Sight, openings, visible_rows
from singula.govern.disclosures import Disclosures
from singula.govern.ledger import Act, Ledger, Recorder
from singula.govern.outbox import Subscriber
from singula.govern.parties import Found, Stored
from singula.govern.relatives import without_relatives_names
from singula.govern.subscribing import KIND, Subscriptions, subscriber
from singula.store import schema
from singula.store.resources import StoredRow, delete_resource, people_of, write_resource
from singula.store.searching import is_referred_to, meets

RESOURCE = schema.resource
COLUMNS = (RESOURCE.c.pk, RESOURCE.c.type, RESOURCE.c.id, RESOURCE.c.version, RESOURCE.c.doc, RESOURCE.c.deleted)

ROWS_AT_ONCE = 500
Looker = Callable[[], Sight]
"""Tells what the caller asks to see at this moment."""
AskedSearch = Any
"""A search as the server reads it: type, conditions, includes, order, page."""


@dataclass
class StoreView:
    """A view of the store."""

    ledger: Ledger
    look: Looker
    recorder: Recorder
    labels_of: Any
    seal_key: bytes
    may_write: bool = True
    look_at_groups: Looker | None = None
    disclosures: Disclosures | None = None
    subscriptions: Subscriptions | None = None
    _open: Connection | None = field(default=None, repr=False)
    _sight: Sight = field(default_factory=Sight, repr=False)

    @contextmanager
    def _reading(self) -> Iterator[tuple[Connection, Predicate]]:
        if self._open is not None:
            self._sight = self.look()
            yield self._open, visible_rows(self._sight)
            return
        with self.ledger.writing() as connection:
            self._sight = self.look()
            yield connection, visible_rows(self._sight)

    def _note(self, connection: Connection, event: str, action: str, people: Iterable[str], resource: str = "") -> None:
        found = openings(connection, self._sight, people)
        self.recorder.note(connection, Act(event, action, resource), found, lambda person: found[person].why)

    @contextmanager
    def atomically(self) -> Iterator[None]:
        """Do all that is written inside, or nothing of it."""
        with self.ledger.writing() as connection:
            self._open = connection
            try:
                yield
            finally:
                self._open = None

    def read(self, kind: str, identity: str, version: int | None = None) -> Stored | None:
        """Return the current version, or the one asked for."""
        with self._reading() as (connection, visible):
            if self.disclosures is not None and self.disclosures.is_mine(kind, identity):
                return self._read_disclosed(connection, kind, identity)
            if self.subscriptions is not None and kind == KIND:
                self._note(connection, "read", "R", (), f"{kind}/{identity}")
                return self.subscriptions.find(connection, identity)
            row = self._row(connection, visible, kind, identity)
            if row is None:
                self._note(connection, "read-refused", "R", (), f"{kind}/{identity}")
                return None
            self._note(connection, "read", "R", self._people(connection, row.pk), f"{kind}/{identity}")
            if version in (None, row.version):
                return self._told(row)
            table = schema.resource_history
            found = connection.execute(select(table).where(table.c.resource_pk == row.pk, table.c.version == version)).first()
            return Stored(kind, identity, found.version, self._left(found.doc), bool(found.deleted)) if found else None

    def _read_disclosed(self, connection: Connection, kind: str, identity: str) -> Stored | None:
        found = self.disclosures.find(connection, kind, identity) if self.disclosures else None
        event = "read" if found else "read-refused"
        self._note(connection, event, "R", self._own(), f"{kind}/{identity}")
        return found

    def disclosed(self, kind: str, patient: str | None = None) -> Sequence[Stored]:
        """Return what the caller may read of the audit or of their consent, newest first."""
        with self._reading() as (connection, visible):
            if self.subscriptions is not None and kind == KIND:
                return tuple(self.subscriptions.list(connection))
            found = tuple(self.disclosures.list(connection, kind, patient)) if self.disclosures else ()
            kept = [one for own in self._own() for one in self._about(connection, visible, own, (kind,))]
            self._note(connection, "search", "E", self._own(), kind)
            return (*found, *kept)

    def _own(self) -> tuple[str, ...]:
        own = self.disclosures.caller.patient if self.disclosures and self.disclosures.caller.role == "patient" else None
        return (own,) if own else ()

    def history(self, kind: str, identity: str) -> Sequence[Stored]:
        """Return every version, newest first."""
        with self._reading() as (connection, visible):
            row = self._row(connection, visible, kind, identity)
            if row is None:
                self._note(connection, "history-refused", "R", (), f"{kind}/{identity}")
                return ()
            self._note(connection, "history", "R", self._people(connection, row.pk), f"{kind}/{identity}")
            table = schema.resource_history
            rows = connection.execute(select(table).where(table.c.resource_pk == row.pk).order_by(table.c.version.desc()))
            return tuple(Stored(kind, identity, one.version, self._left(one.doc), bool(one.deleted)) for one in rows)

    def search(self, search: AskedSearch) -> Found:
        """Return a page of what is visible, and of what belongs to it."""
        with self._reading() as (connection, visible):
            where = self._where(search, visible)
            total = None
            if search.total != "none" or search.summary == "count":
                total = int(connection.execute(select(func.count()).select_from(RESOURCE).where(where)).scalar_one())
            start = self._start(search)
            statement = select(*COLUMNS).where(where).order_by(*_order(search)).offset(start).limit(search.count + 1)
            rows = [] if search.summary == "count" else list(connection.execute(statement))
            page = rows[: search.count]
            included = self._included(connection, visible, search, page)
            people = self._people(connection, *(row.pk for row in (*page, *included)))
            self._note(connection, "search", "E", people, search.kind)
            more = self._page(search, start + search.count) if len(rows) > search.count and search.count else None
            return Found(tuple(map(self._told, page)), tuple(map(self._told, included)), total, more)

    def person(self, patient: str, kinds: Sequence[str] = ()) -> Sequence[Stored] | None:
        """Return everything visible about one person; None where the person cannot be seen."""
        with self._reading() as (connection, visible):
            if self._row(connection, visible, "Patient", patient) is None:
                self._note(connection, "open-refused", "R", (), f"Patient/{patient}")
                return None
            self._note(connection, "open", "R", (patient,), f"Patient/{patient}")
            return self._about(connection, visible, patient, kinds)

    def people_rows(self, kinds: Sequence[str]) -> Iterable[tuple[str, Sequence[Stored]]]:
        """Yield each visible person with what is visible of some types."""
        with self._reading() as (connection, _):
            self._sight = self.look_at_groups() if self.look_at_groups else self._sight
            seen = visible_rows(self._sight)
            where = and_(RESOURCE.c.type == "Patient", RESOURCE.c.deleted == 0, seen(RESOURCE))
            people = list(connection.execute(select(RESOURCE.c.id).where(where).order_by(RESOURCE.c.pk)).scalars())
            self._note(connection, "open-many", "E", people)
            found = [(one, self._about(connection, seen, one, kinds)) for one in people]
            shared = select(*COLUMNS).where(
                RESOURCE.c.type.in_(SHARED_KINDS), RESOURCE.c.type.in_(kinds), RESOURCE.c.deleted == 0
            )
            return [*found, ("", tuple(map(_stored, connection.execute(shared))))]

    def create(self, resource: dict[str, Any]) -> Stored:
        """Store a new resource under an id of the store's."""
        doc = {**resource, "id": uuid.uuid4().hex}
        with self._reading() as (connection, _):
            self._check_write(connection, doc)
            row = write_resource(connection, doc, self.labels_of(doc))
            outbox.enqueue(connection, row.kind, row.id)
            self._note(connection, "create", "C", people_of(connection, doc), f"{row.kind}/{row.id}")
            return Stored(row.kind, row.id, row.version, row.doc)

    def update(self, resource: dict[str, Any], if_version: int | None) -> Stored | None:
        """Store a new version; what it says has to be open to the caller before and after."""
        with self._reading() as (connection, visible):
            row = self._row(connection, visible, resource["resourceType"], resource["id"])
            if row is None or (if_version is not None and row.version != if_version):
                return None
            self._check_write(connection, resource)
            made = write_resource(connection, resource, self.labels_of(resource), row.pk)
            outbox.enqueue(connection, made.kind, made.id)
            self._note(connection, "update", "U", people_of(connection, resource), f"{made.kind}/{made.id}")
            return Stored(made.kind, made.id, made.version, made.doc)

    def delete(self, kind: str, identity: str) -> bool:
        """Delete; the versions stay."""
        with self._reading() as (connection, visible):
            row = self._row(connection, visible, kind, identity)
            if row is None or row.deleted or not self.may_write:
                return False
            delete_resource(connection, StoredRow(row.pk, kind, identity, row.version, row.doc))
            self._note(connection, "delete", "D", self._people(connection, row.pk), f"{kind}/{identity}")
            return True

    def subscribe(self, doc: Mapping[str, Any], kind: str, until: float | None) -> Stored | None:
        """Keep a subscription of the caller to a type, or change the one with its id; None where that is not theirs."""
        if self.subscriptions is None:
            return None
        with self._reading() as (connection, _):
            if "id" in doc:
                found, event, action = self.subscriptions.update(connection, doc, kind, until), "update", "U"
            else:
                found, event, action = self.subscriptions.create(connection, doc, kind, until), "create", "C"
            if found is not None:
                self._note(connection, event, action, (), f"{KIND}/{found.id}")
            return found

    def subscriber(self, identity: str) -> Subscriber | None:
        """Return how a subscription of the caller stands."""
        with self._reading() as (connection, _):
            if self.subscriptions is None or self.subscriptions.find(connection, identity) is None:
                return None
            return subscriber(connection, identity, self.subscriptions.key)

    def unsubscribe(self, identity: str) -> bool:
        """End a subscription of the caller; False where there is none."""
        with self._reading() as (connection, _):
            is_done = self.subscriptions is not None and self.subscriptions.delete(connection, identity)
            self._note(connection, "delete" if is_done else "delete-refused", "D", (), f"{KIND}/{identity}")
            return is_done

    def _check_write(self, connection: Connection, doc: Mapping[str, Any]) -> None:
        people = people_of(connection, doc)
        if doc["resourceType"] == "Patient":
            people |= {str(doc["id"])}
        labels = sorted(self.labels_of(doc))
        found = openings(connection, self.look(), people)
        if not self.may_write or not people or not all(one.sees(labels) for one in found.values()):
            raise Refused("this record is not open to you for writing")

    def _row(self, connection: Connection, visible: Predicate, kind: str, identity: str) -> Any:
        where = and_(RESOURCE.c.type == kind, RESOURCE.c.id == identity, visible(RESOURCE))
        return connection.execute(select(*COLUMNS).where(where)).first()

    def _told(self, row: Any) -> Stored:
        found = _stored(row)
        return replace(found, resource=self._left(found.resource))

    def _left(self, resource: Mapping[str, Any]) -> Mapping[str, Any]:
        return resource if self._sight.own else without_relatives_names(resource)

    def _people(self, connection: Connection, *pks: int) -> set[str]:
        table, found = schema.resource_person, set()
        for start in range(0, len(pks), ROWS_AT_ONCE):
            some = pks[start : start + ROWS_AT_ONCE]
            found |= set(connection.execute(select(table.c.person_id).where(table.c.resource_pk.in_(some))).scalars())
        return found

    def _about(self, connection: Connection, visible: Predicate, patient: str, kinds: Sequence[str]) -> tuple[Stored, ...]:
        table = schema.resource_person
        where = [RESOURCE.c.pk.in_(select(table.c.resource_pk).where(table.c.person_id == patient)), RESOURCE.c.deleted == 0]
        if kinds:
            where.append(RESOURCE.c.type.in_(kinds))
        rows = connection.execute(select(*COLUMNS).where(*where, visible(RESOURCE)).order_by(RESOURCE.c.pk))
        return tuple(map(self._told, rows))

    def _where(self, search: AskedSearch, visible: Predicate) -> ColumnElement[bool]:
        parts: list[ColumnElement[bool]] = [RESOURCE.c.type == search.kind, RESOURCE.c.deleted == 0]
        parts += [meets(RESOURCE, one, visible) for one in search.conditions]
        parts += [is_referred_to(RESOURCE, one.kind, one.by, one.condition, visible) for one in search.reverse]
        return and_(*parts, visible(RESOURCE))

    def _included(self, connection: Connection, visible: Predicate, search: AskedSearch, page: Sequence[Any]) -> list[Any]:
        link = schema.ix_reference
        found: dict[int, Any] = {}
        pks = [row.pk for row in page]
        for one in search.includes if pks else ():
            wanted = select(link.c.type, link.c.id).where(link.c.resource_pk.in_(pks))
            wanted = wanted if one.name == "*" else wanted.where(link.c.param == one.name)
            pairs = {(row.type, row.id) for row in connection.execute(wanted)}
            for kind, identity in sorted(pairs, key=str):
                if one.target in (None, kind):
                    row = self._row(connection, visible, kind, identity)
                    if row is not None and not row.deleted:
                        found[row.pk] = row
        for one in search.revincludes if pks else ():
            names = (link.c.id.in_([row.id for row in page]), or_(link.c.type == search.kind, link.c.type.is_(None)))
            near = select(link.c.resource_pk).where(*names)
            near = near if one.name == "*" else near.where(link.c.param == one.name)
            where = and_(RESOURCE.c.type == one.kind, RESOURCE.c.deleted == 0, RESOURCE.c.pk.in_(near), visible(RESOURCE))
            found |= {row.pk: row for row in connection.execute(select(*COLUMNS).where(where))}
        return [row for pk, row in found.items() if pk not in pks]

    def _page(self, search: AskedSearch, start: int) -> str:
        text = json.dumps([search.kind, start])
        seal = hmac.new(self.seal_key, text.encode(), hashlib.sha256).hexdigest()[:24]
        return base64.urlsafe_b64encode(f"{seal}{text}".encode()).decode().rstrip("=")

    def _start(self, search: AskedSearch) -> int:
        if search.page is None:
            return 0
        try:
            text = base64.urlsafe_b64decode(search.page + "=" * (-len(search.page) % 4)).decode()
            seal = text[:24]
            kind, start = json.loads(text[24:])
        except (ValueError, TypeError):
            return 0
        good = hmac.new(self.seal_key, text[24:].encode(), hashlib.sha256).hexdigest()[:24]
        return int(start) if hmac.compare_digest(seal.encode(), good.encode()) and kind == search.kind else 0


def _order(search: AskedSearch) -> list[Any]:
    order: list[Any] = []
    for name, is_down in search.sort:
        if name == "_id":
            column: Any = RESOURCE.c.id
        elif name == "_lastUpdated":
            column = RESOURCE.c.updated
        else:
            table = schema.ix_date
            column = (
                select(func.min(table.c.low)).where(table.c.resource_pk == RESOURCE.c.pk, table.c.param == name).scalar_subquery()
            )
        order.append(column.desc() if is_down else column.asc())
    return [*order, RESOURCE.c.pk]


def _stored(row: Any) -> Stored:
    return Stored(row.type, row.id, row.version, row.doc, bool(row.deleted))
