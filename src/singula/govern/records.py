"""What operators ask of the store as a whole: who is in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, select, update

from singula.store import schema


def has_person(connection: Connection, patient: str) -> bool:
    """Tell whether the store knows a person."""
    table = schema.resource
    where = (table.c.type == "Patient", table.c.id == patient, table.c.deleted == 0)
    return connection.execute(select(table.c.pk).where(*where)).first() is not None


def list_accounts(connection: Connection) -> Sequence[Any]:
    """Return every account."""
    return connection.execute(select(schema.account).order_by(schema.account.c.name)).all()


def set_password(connection: Connection, name: str, hashed: str) -> None:
    """Set the hash of an account's password; whoever was signed in with the old one is not any more."""
    connection.execute(update(schema.account).where(schema.account.c.name == name).values(password=hashed, failures=0))
    connection.execute(delete(schema.token).where(schema.token.c.user == name))


def disable(connection: Connection, name: str) -> None:
    """End an account and every token of it."""
    connection.execute(update(schema.account).where(schema.account.c.name == name).values(disabled=1))
    connection.execute(delete(schema.token).where(schema.token.c.user == name))


def end_tokens(connection: Connection, *, user: str | None = None, client: str | None = None) -> int:
    """End every token of a person or program."""
    table = schema.token
    where = table.c.user == user if user else table.c.client == client
    return int(connection.execute(delete(table).where(where)).rowcount)


def labels_of_resource(connection: Connection, kind: str, identity: str) -> list[str]:
    """Return the labels of a stored resource."""
    table, label = schema.resource, schema.resource_label
    joined = select(label.c.label).join(table, table.c.pk == label.c.resource_pk)
    return sorted(connection.execute(joined.where(table.c.type == kind, table.c.id == identity)).scalars())
