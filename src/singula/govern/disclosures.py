"""The person's own consent and the audit, as resources: for the person what is about them, for the auditor who saw what."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from singula.govern import consents
from singula.govern.audit_events import audit_event
from singula.govern.consent_resources import consent_resource
from singula.govern.parties import Caller, Stored
from singula.knowledge import Knowledge
from singula.store import schema

AUDIT, CONSENT = "AuditEvent", "Consent"
DISCLOSED = (AUDIT, CONSENT)
PREFIX = {AUDIT: "audit-", CONSENT: "consent-"}


@dataclass(frozen=True)
class Disclosures:
    """What one caller may read of consent and audit; nobody else's consent, and the whole audit for auditors alone."""

    caller: Caller
    knowledge: Knowledge
    site: str

    def is_mine(self, kind: str, identity: str) -> bool:
        """Tell whether an id is one that is made here."""
        return kind in DISCLOSED and identity.startswith(PREFIX[kind])

    def find(self, connection: Connection, kind: str, identity: str) -> Stored | None:
        """Return one of them by its id; None where it is not the caller's to read."""
        name = identity.removeprefix(PREFIX[kind])
        if kind == CONSENT:
            return next((one for one in self.list(connection, kind) if one.id == identity), None)
        if not name.isascii() or not name.isdigit() or len(name) > 18:
            return None
        return next(self._entries(connection, schema.audit_entry.c.seq == int(name)), None)

    def list(self, connection: Connection, kind: str, patient: str | None = None) -> Iterator[Stored]:
        """Yield those the caller may read, newest first; of one person where one is named."""
        if kind == CONSENT:
            yield from self._consent(connection)
        else:
            yield from self._entries(connection, schema.audit_entry.c.patient == patient if patient else None)

    def _consent(self, connection: Connection) -> Iterator[Stored]:
        if self.caller.role != "patient" or not self.caller.patient:
            return
        patient = self.caller.patient
        version = consents.version_of(connection, patient)
        resource = consent_resource(patient, version, consents.provisions_of(connection, patient), self.knowledge)
        yield Stored(CONSENT, str(resource["id"]), version, resource)

    def _entries(self, connection: Connection, where: Any) -> Iterator[Stored]:
        table = schema.audit_entry
        statement = select(table.c.seq, table.c.entry).order_by(table.c.seq.desc())
        if where is not None:
            statement = statement.where(where)
        if self.caller.role == "patient":
            statement = statement.where(table.c.patient == (self.caller.patient or ""))
        elif self.caller.role != "auditor":
            return
        for row in connection.execute(statement):
            resource = audit_event(json.loads(row.entry), self.site)
            yield Stored(AUDIT, str(resource["id"]), 1, resource)
