"""The table of emergency accesses: who stated what, and until when the statement carries."""

from __future__ import annotations

from sqlalchemy import Column, Float, String, Table

from singula.store.schema import metadata

glass = Table(
    "glass",
    metadata,
    Column("actor", String(128), primary_key=True),
    Column("statement", String(64), primary_key=True),
    Column("until", Float, nullable=False),
)
