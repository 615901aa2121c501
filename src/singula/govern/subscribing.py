"""Subscriptions of one caller: asked for, read, changed and ended by whoever owns them, and by nobody else."""

from __future__ import annotations

import base64
import json
import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, insert, select, update

from singula.govern import accounts, outbox
from singula.govern.parties import Caller, Stored
from singula.store.outbox_schema import subscription
from singula.store.resources import now_text

KIND = "Subscription"
NONCE_BYTES = 12
MASK = "***"


@dataclass(frozen=True)
class Subscriptions:
    """The subscriptions as one caller sees them.

    Parameters
    ----------
    caller : Caller
        Who owns them.
    purpose : str
        What for; deliveries are decided for the same purpose.
    key : bytes
        Seals the headers, which hold the receiver's secrets.
    """

    caller: Caller
    purpose: str
    key: bytes

    def list(self, connection: Connection) -> Iterator[Stored]:
        """Yield the caller's subscriptions, oldest first."""
        rows = connection.execute(select(subscription).where(subscription.c.actor == self.caller.actor))
        yield from map(_stored, sorted(rows, key=lambda row: row.updated))

    def find(self, connection: Connection, name: str) -> Stored | None:
        """Return one of the caller's subscriptions."""
        row = outbox.find(connection, name)
        return _stored(row) if row is not None and row.actor == self.caller.actor else None

    def create(self, connection: Connection, doc: Mapping[str, Any], kind: str, until: float | None) -> Stored:
        """Keep a new subscription and put its handshake into the box."""
        name = uuid.uuid4().hex
        bare, headers = self._split({**doc, "id": name, "status": outbox.REQUESTED})
        connection.execute(insert(subscription).values(
            id=name, kind=kind, status=outbox.REQUESTED, version=1, updated=now_text(), doc=bare, headers=headers,
            actor=self.caller.actor, role=self.caller.role, scopes=list(self.caller.scopes), patient=self.caller.patient,
            client=self.caller.client, purpose=self.purpose, until=until, events=0))  # fmt: skip
        outbox.greet(connection, name)
        return _stored(outbox.find(connection, name))

    def update(self, connection: Connection, doc: Mapping[str, Any], kind: str, until: float | None) -> Stored | None:
        """Change a subscription; switched off it is silent, else it begins anew with a handshake."""
        held = self.find(connection, str(doc["id"]))
        if held is None:
            return None
        status = outbox.OFF if doc.get("status") == outbox.OFF else outbox.REQUESTED
        bare, headers = self._split({**doc, "status": status})
        kept = {"headers": headers} if headers is not None or not _is_masked(doc) else {}
        outbox.end(connection, held.id, status)
        connection.execute(update(subscription).where(subscription.c.id == held.id).values(
            kind=kind, version=held.version + 1, updated=now_text(), doc=bare, until=until, scopes=list(self.caller.scopes),
            patient=self.caller.patient, purpose=self.purpose, **kept))  # fmt: skip
        if status == outbox.REQUESTED:
            outbox.greet(connection, held.id)
        return self.find(connection, held.id)

    def delete(self, connection: Connection, name: str) -> bool:
        """End a subscription for good."""
        if self.find(connection, name) is None:
            return False
        outbox.end(connection, name, outbox.OFF)
        connection.execute(subscription.delete().where(subscription.c.id == name))
        return True

    def _split(self, doc: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
        headers = [one for one in doc.get("channel", {}).get("header") or ()]
        if not headers or _is_masked(doc):
            return doc, None
        nonce = os.urandom(NONCE_BYTES)
        sealed = base64.b64encode(nonce + AESGCM(self.key).encrypt(nonce, json.dumps(headers).encode(), None)).decode()
        masked = [f"{one.partition(':')[0]}: {MASK}" for one in headers]
        return {**doc, "channel": {**doc["channel"], "header": masked}}, sealed


def _is_masked(doc: Mapping[str, Any]) -> bool:
    headers = doc.get("channel", {}).get("header") or ()
    return any(str(one).endswith(MASK) for one in headers)


def subscriber(connection: Connection, name: str, key: bytes) -> outbox.Subscriber | None:
    """Return a subscription as it has to be served; None where its owner may not ask any more."""
    row = outbox.find(connection, name)
    if row is None or not _still_asks(connection, row):
        return None
    headers: Sequence[str] = ()
    if row.headers:
        data = base64.b64decode(row.headers)
        headers = json.loads(AESGCM(key).decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], None))
    caller = Caller(row.actor, row.role, tuple(row.scopes), row.patient, row.client)
    return outbox.Subscriber(row.id, row.kind, row.status, row.doc, tuple(headers), caller, row.purpose, row.events, row.until)


def _still_asks(connection: Connection, row: Any) -> bool:
    sort, _, name = row.actor.partition(":")
    if sort == "client":
        return accounts.find_client(connection, "id", name) is not None
    account = accounts.find_account(connection, name)
    return account is not None and not account.disabled and account.role == row.role


def _stored(row: Any) -> Stored:
    meta = {"versionId": str(row.version), "lastUpdated": row.updated}
    doc = {**row.doc, "status": row.status, "meta": {**row.doc.get("meta", {}), **meta}}
    return Stored(KIND, row.id, row.version, doc)
