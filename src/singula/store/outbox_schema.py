"""The tables of subscriptions and of the notices that wait for delivery; written in the transaction they tell of."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Float, ForeignKey, Index, Integer, String, Table, Text

from singula.store.schema import metadata

subscription = Table(
    "subscription",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("kind", String(64), nullable=False, index=True),
    Column("status", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated", String(32), nullable=False),
    Column("doc", JSON, nullable=False),
    Column("headers", Text),
    Column("actor", String(128), nullable=False, index=True),
    Column("role", String(16), nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("patient", String(64)),
    Column("client", String(64)),
    Column("purpose", String(16), nullable=False),
    Column("until", Float),
    Column("events", Integer, nullable=False, default=0),
)
notice = Table(
    "notice",
    metadata,
    Column("pk", Integer, primary_key=True, autoincrement=True),
    Column("subscription", String(64), ForeignKey("subscription.id", ondelete="CASCADE"), nullable=False),
    Column("sort", String(16), nullable=False),
    Column("type", String(64)),
    Column("id", String(64)),
    Column("made", String(32), nullable=False),
    Column("due", Float, nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Index("notice_by_subscription", "subscription", "pk"),
    Index("notice_by_resource", "type", "id"),
)
