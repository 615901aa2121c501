"""The outbox: whoever subscribed is told of what was written, later and as often as it takes, but only what they may see then."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from singula.govern.parties import Caller
from singula.store.outbox_schema import notice, subscription
from singula.store.resources import now_text

REQUESTED, ACTIVE, OFF, ERROR = "requested", "active", "off", "error"
HANDSHAKE, EVENT = "handshake", "event"
FIRST_WAIT, LONGEST_WAIT, MOST_TRIES, LEASE_SECONDS = 2.0, 3600.0, 12, 60.0


@dataclass(frozen=True)
class Notice:
    """One notice that is due, and the subscription it belongs to."""

    pk: int
    subscription: str
    sort: str
    kind: str | None
    id: str | None
    made: str
    tries: int


@dataclass(frozen=True)
class Subscriber:
    """A subscription as it has to be served: the resource, the secret headers, who owns it, and for what."""

    id: str
    kind: str
    status: str
    doc: dict[str, Any]
    headers: tuple[str, ...]
    caller: Caller
    purpose: str
    events: int
    until: float | None = None


def subscribed_kinds(connection: Connection) -> frozenset[str]:
    """Return the types somebody is subscribed to."""
    where = subscription.c.status == ACTIVE
    return frozenset(connection.execute(select(subscription.c.kind).where(where).distinct()).scalars())


def enqueue(connection: Connection, kind: str, identity: str) -> None:
    """Note that a resource was written, for everybody subscribed to its type."""
    where = (subscription.c.kind == kind, subscription.c.status == ACTIVE)
    for name in connection.execute(select(subscription.c.id).where(*where)).scalars():
        _put(connection, name, EVENT, kind, identity)


def greet(connection: Connection, name: str) -> None:
    """Put the handshake of a new subscription first."""
    _put(connection, name, HANDSHAKE, None, None)


def _put(connection: Connection, name: str, sort: str, kind: str | None, identity: str | None) -> None:
    connection.execute(insert(notice).values(
        subscription=name, sort=sort, type=kind, id=identity, made=now_text(), due=time.time(), tries=0))  # fmt: skip


def take_due(connection: Connection, now: float) -> Notice | None:
    """Take the oldest notice of a subscription whose turn has come; nobody else takes it while the lease lasts."""
    first = select(notice.c.pk).order_by(notice.c.pk)
    served = select(subscription.c.id).where(subscription.c.status.in_((REQUESTED, ACTIVE)))
    heads = select(notice.c.subscription).where(notice.c.subscription.in_(served)).distinct()
    for name in connection.execute(heads).scalars():
        pk = connection.execute(first.where(notice.c.subscription == name).limit(1)).scalar()
        row = connection.execute(select(notice).where(notice.c.pk == pk, notice.c.due <= now)).first()
        if row is None:
            continue
        mine = update(notice).where(notice.c.pk == pk, notice.c.due == row.due).values(due=now + LEASE_SECONDS)
        if connection.execute(mine).rowcount == 1:
            return Notice(row.pk, row.subscription, row.sort, row.type, row.id, row.made, row.tries)
    return None


def settle(connection: Connection, done: Notice, *, counts: bool) -> None:
    """Take a notice out of the box: it was delivered, or there is nothing in it the subscriber may see."""
    connection.execute(delete(notice).where(notice.c.pk == done.pk))
    values: dict[str, Any] = {"events": subscription.c.events + 1} if counts else {}
    if done.sort == HANDSHAKE:
        values["status"] = ACTIVE
    if values:
        connection.execute(update(subscription).where(subscription.c.id == done.subscription).values(**values))


def put_off(connection: Connection, failed: Notice, now: float) -> bool:
    """Try a notice again later, each time twice as late; False where it was tried often enough and the subscription ends."""
    tries = failed.tries + 1
    if tries >= MOST_TRIES:
        connection.execute(update(subscription).where(subscription.c.id == failed.subscription).values(status=ERROR))
        connection.execute(delete(notice).where(notice.c.subscription == failed.subscription))
        return False
    due = now + min(FIRST_WAIT * 2.0 ** (tries - 1), LONGEST_WAIT)
    connection.execute(update(notice).where(notice.c.pk == failed.pk).values(tries=tries, due=due))
    return True


def end(connection: Connection, name: str, status: str) -> None:
    """End a subscription; what waits for it is dropped."""
    connection.execute(update(subscription).where(subscription.c.id == name).values(status=status))
    connection.execute(delete(notice).where(notice.c.subscription == name))


def find(connection: Connection, name: str) -> Any:
    """Return the row of a subscription."""
    return connection.execute(select(subscription).where(subscription.c.id == name)).first()


def forget(connection: Connection, resources: list[tuple[str, str]], actors: list[str]) -> None:
    """Drop what waits about erased resources, and the subscriptions of erased accounts."""
    for kind, identity in resources:
        connection.execute(delete(notice).where(notice.c.type == kind, notice.c.id == identity))
    names = list(connection.execute(select(subscription.c.id).where(subscription.c.actor.in_(actors))).scalars())
    connection.execute(delete(notice).where(notice.c.subscription.in_(names)))
    connection.execute(delete(subscription).where(subscription.c.id.in_(names)))
