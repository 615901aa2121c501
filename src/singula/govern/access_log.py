"""Who saw my data, and why: a person's entries of the audit in plain words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from singula.govern import consents
from singula.govern.consent import BREAK_GLASS, SELF, Provision
from singula.govern.labelling import PACK
from singula.govern.purposes import BREAK
from singula.knowledge import Knowledge
from singula.store import schema

PAGE, TOLD_DAYS = 100, 90
DEEDS: Mapping[str, str] = {
    "read": "read",
    "history": "read all versions of",
    "search": "searched and found your data in",
    "open": "opened your whole record",
    "open-many": "counted you in a group",
    "create": "added",
    "update": "changed",
    "delete": "deleted",
    "import": "loaded your data into the store",
    "export": "packed everything about you to take along",
    "erase": "erased your record",
    "consent-grant": "added a permission",
    "consent-revoke": "took a permission back",
    "consent-show": "looked at your permissions",
    "consent-explain": "asked why somebody can see your data",
    "access-log": "looked at this log",
    "token": "let a program or person in to your record",
    "token-renewed": "renewed its access to your record",
    "card-shown": "was shown advice about you",
    "card-accepted": "accepted advice about you",
    "card-overridden": "set advice about you aside",
    "notice-event": "was sent a notice about",
}
OWN_ACCOUNT = "the person's own account"


@dataclass(frozen=True)
class Access:
    """One line of the log."""

    seq: int
    time: str
    who: str
    deed: str
    what: str
    purpose: str
    because: str
    is_emergency: bool = False


@dataclass(frozen=True)
class AccessLog:
    """A page of the log, newest first; ``older`` is where the next one begins."""

    patient: str
    lines: tuple[Access, ...]
    emergencies: tuple[Access, ...]
    older: int | None = None


def read_log(connection: Connection, patient: str, knowledge: Knowledge, before: int | None = None) -> AccessLog:
    """Read a page of a person's log.

    Parameters
    ----------
    connection : Connection
        Of the transaction it is read in.
    patient : str
        The person.
    knowledge : Knowledge
        Names purposes.
    before : int, optional
        Only entries with a smaller number.

    Returns
    -------
    AccessLog
        With every emergency access among the lines once more, because a person has to be told of it.
    """
    table = schema.audit_entry
    statement = select(table.c.seq, table.c.entry).where(table.c.patient == patient).order_by(table.c.seq.desc())
    if before is not None:
        statement = statement.where(table.c.seq < before)
    rows = list(connection.execute(statement.limit(PAGE + 1)))
    words = _Words.of(connection, patient, knowledge)
    lines = tuple(words.line(json.loads(row.entry)) for row in rows[:PAGE])
    emergencies = tuple(one for one in lines if one.is_emergency)
    return AccessLog(patient, lines, emergencies, lines[-1].seq if len(rows) > PAGE else None)


def count_emergencies(connection: Connection, patient: str) -> int:
    """Count the emergency accesses of the last 90 days that a person has to be told of."""
    since = (datetime.now(UTC) - timedelta(days=TOLD_DAYS)).isoformat()
    table = schema.audit_entry
    marked = table.c.entry.contains(f'"purpose":"{BREAK}"', autoescape=True)
    rows = connection.execute(select(table.c.entry).where(table.c.patient == patient, marked)).scalars()
    return sum(1 for text in rows if json.loads(text)["time"] >= since)


@dataclass(frozen=True)
class _Words:
    """What names and codes of entries mean to a reader."""

    provisions: Mapping[str, Provision]
    purposes: Mapping[str, str]
    roles: Mapping[str, tuple[str, str | None]]
    programs: Mapping[str, str]
    patient: str

    @classmethod
    def of(cls, connection: Connection, patient: str, knowledge: Knowledge) -> _Words:
        provisions = {one.id: one for one in consents.provisions_of(connection, patient)}
        purposes = {row.code: row.display for row in knowledge.pack(PACK).table("purposes")}
        people = connection.execute(select(schema.account.c.name, schema.account.c.role, schema.account.c.patient))
        programs = connection.execute(select(schema.client.c.id, schema.client.c.name))
        return cls(provisions, purposes, {row.name: (row.role, row.patient) for row in people},
                   {row.id: row.name for row in programs}, patient)  # fmt: skip

    def line(self, entry: Mapping[str, Any]) -> Access:
        event, details = str(entry["event"]), entry["details"]
        deed = DEEDS.get(event, event.replace("-", " "))
        is_emergency = entry["purpose"] == BREAK
        return Access(int(entry["seq"]), str(entry["time"]), self._who(str(entry["actor"])), deed, str(entry["resource"] or ""),
                      self.purposes.get(str(entry["purpose"]), str(entry["purpose"])),
                      self._because(str(details.get("because", "")), str(details.get("reason", ""))), is_emergency)  # fmt: skip

    def _who(self, actor: str) -> str:
        sort, _, name = actor.partition(":")
        if sort == "client":
            return f"{self.programs.get(name, name)} (program)"
        if name == "operator" and name not in self.roles:
            return "the operator of this server"
        role, own = self.roles.get(name, ("", None))
        if own == self.patient or name == "self":
            return f"{name} ({OWN_ACCOUNT})"
        return f"{name} ({role})" if role else name or "somebody not signed in"

    def _because(self, rules: str, reason: str) -> str:
        if rules == SELF:
            return "your own record"
        told = [f"emergency access: {reason}"] if reason or rules == BREAK_GLASS else []
        known = [self.provisions[one] for one in rules.split() if one in self.provisions]
        return "; ".join([*told, *(f"your permission of {one.recorded[:10]} ({one.id})" for one in known)])
