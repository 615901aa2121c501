"""The tables: resources with versions, who they speak of, labels, search indexes, consent, accounts, tokens, audit, blobs."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

resource = Table(
    "resource",
    metadata,
    Column("pk", Integer, primary_key=True, autoincrement=True),
    Column("type", String(64), nullable=False),
    Column("id", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated", String(32), nullable=False),
    Column("deleted", Integer, nullable=False, default=0),
    Column("doc", JSON, nullable=False),
    UniqueConstraint("type", "id"),
)
resource_history = Table(
    "resource_history",
    metadata,
    Column("resource_pk", Integer, ForeignKey("resource.pk", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("updated", String(32), nullable=False),
    Column("deleted", Integer, nullable=False, default=0),
    Column("doc", JSON, nullable=False),
)
resource_person = Table(
    "resource_person",
    metadata,
    Column("resource_pk", Integer, ForeignKey("resource.pk", ondelete="CASCADE"), primary_key=True),
    Column("person_id", String(64), primary_key=True),
    Index("resource_person_by_person", "person_id", "resource_pk"),
)
resource_label = Table(
    "resource_label",
    metadata,
    Column("resource_pk", Integer, ForeignKey("resource.pk", ondelete="CASCADE"), primary_key=True),
    Column("label", String(64), primary_key=True),
)


def _index_table(name: str, *columns: Column[object]) -> Table:
    return Table(
        name,
        metadata,
        Column("pk", Integer, primary_key=True, autoincrement=True),
        Column("resource_pk", Integer, ForeignKey("resource.pk", ondelete="CASCADE"), nullable=False, index=True),
        Column("param", String(64), nullable=False),
        *columns,
    )


ix_token = _index_table("ix_token", Column("system", Text), Column("code", Text, nullable=False), Column("words", Text))
ix_date = _index_table("ix_date", Column("low", Float, nullable=False), Column("high", Float, nullable=False))
ix_quantity = _index_table("ix_quantity", Column("value", Float, nullable=False), Column("unit", Text), Column("system", Text))
ix_reference = _index_table("ix_reference", Column("type", String(64)), Column("id", String(256), nullable=False))
ix_string = _index_table("ix_string", Column("folded", Text, nullable=False), Column("exact", Text, nullable=False))
Index("ix_token_by_code", ix_token.c.param, ix_token.c.code, ix_token.c.resource_pk)
Index("ix_date_by_low", ix_date.c.param, ix_date.c.low, ix_date.c.resource_pk)
Index("ix_quantity_by_value", ix_quantity.c.param, ix_quantity.c.value, ix_quantity.c.resource_pk)
Index("ix_reference_by_id", ix_reference.c.param, ix_reference.c.id, ix_reference.c.resource_pk)
Index("ix_string_by_folded", ix_string.c.param, ix_string.c.folded, ix_string.c.resource_pk)
INDEXES = {"token": ix_token, "date": ix_date, "quantity": ix_quantity, "reference": ix_reference, "string": ix_string}

provision = Table(
    "provision",
    metadata,
    Column("pk", Integer, primary_key=True, autoincrement=True),
    Column("person_id", String(64), nullable=False, index=True),
    Column("rule", String(64), nullable=False),
    Column("decision", String(8), nullable=False),
    Column("labels", JSON, nullable=False),
    Column("actors", JSON, nullable=False),
    Column("purposes", JSON, nullable=False),
    Column("from_", Float),
    Column("until", Float),
    Column("status", String(8), nullable=False),
    Column("recorded", String(32), nullable=False),
    Column("recorded_by", String(128), nullable=False),
)
provision_actor = Table(
    "provision_actor",
    metadata,
    Column("provision_pk", Integer, ForeignKey("provision.pk", ondelete="CASCADE"), primary_key=True),
    Column("actor", String(128), primary_key=True),
    Index("provision_by_actor", "actor", "provision_pk"),
)
consent_version = Table(
    "consent_version",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("version", Integer, nullable=False),
)
account = Table(
    "account",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("patient", String(64)),
    Column("password", Text),
    Column("totp", Text),
    Column("disabled", Integer, nullable=False, default=0),
    Column("failures", Integer, nullable=False, default=0),
    Column("locked_until", Float, nullable=False, default=0.0),
)
client = Table(
    "client",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(128), nullable=False),
    Column("is_public", Integer, nullable=False),
    Column("secret", String(64)),
    Column("scopes", JSON, nullable=False),
    Column("redirects", JSON, nullable=False),
    Column("jwks", JSON),
    Column("cds_issuer", Text),
)
token = Table(
    "token",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("sort", String(16), nullable=False),
    Column("family", String(64), nullable=False, index=True),
    Column("user", String(128)),
    Column("client", String(64)),
    Column("patient", String(64)),
    Column("scopes", JSON, nullable=False),
    Column("details", JSON, nullable=False),
    Column("expires", Float, nullable=False),
    Column("used", Integer, nullable=False, default=0),
)
nonce = Table(
    "nonce",
    metadata,
    Column("issuer", String(256), primary_key=True),
    Column("identity", String(256), primary_key=True),
    Column("until", Float, nullable=False),
)
card = Table(
    "card",
    metadata,
    Column("pk", Integer, primary_key=True, autoincrement=True),
    Column("card", String(64), nullable=False, index=True),
    Column("patient", String(64), nullable=False, index=True),
    Column("rule", String(128), nullable=False),
    Column("outcome", String(32), nullable=False),
    Column("detail", JSON, nullable=False),
    Column("noted", Float, nullable=False),
)
blob = Table(
    "blob",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("person_id", String(64), nullable=False, index=True),
    Column("name", String(256), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("key", LargeBinary),
)
audit_entry = Table(
    "audit_entry",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("entry", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("patient", String(64), index=True),
    Column("actor", String(128), index=True),
    Column("mac", String(64), nullable=False),
)
