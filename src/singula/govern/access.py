"""Who sees what, as one condition on rows: the consent of every person a row speaks of, for this actor, purpose and moment."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, and_, false, not_, or_, select, true
from sqlalchemy.sql.expression import FromClause

from singula.govern.consent import BREAK_GLASS, EVERYTHING, SELF, Asked, Provision
from singula.store import schema

SHARED_KINDS = ("Practitioner", "Organization", "Medication", "PractitionerRole", "Location")
OWN_KINDS = ("Consent", "AuditEvent")
ROLES_WITH_ROWS = ("patient", "clinician", "client")
Predicate = Callable[[FromClause], ColumnElement[bool]]


@dataclass(frozen=True)
class Sight:
    """What one actor may see: persons wholly open, and persons open in part."""

    whole: frozenset[str] = frozenset()
    parts: dict[str, tuple[Provision, ...]] = field(default_factory=dict)
    own: str | None = None
    breaks_glass: bool = False
    rules: dict[str, tuple[str, ...]] = field(default_factory=dict)
    bound: str | None = None

    def opens_by_force(self, person: str) -> bool:
        """Tell whether the broken glass opens a person: nobody beyond the one a token is bound to."""
        return self.breaks_glass and self.bound in (None, person)

    def why(self, person: str) -> str:
        """Return what opens a person to the actor: their own account, rules of their consent, or the broken glass."""
        if person == self.own:
            return SELF
        return " ".join(self.rules.get(person, ())) or (BREAK_GLASS if self.opens_by_force(person) else "")

    def sees(self, person: str, labels: Sequence[str]) -> bool:
        """Tell whether data about a person with these labels are open."""
        if person in self.whole:
            return True
        holding = self.parts.get(person, ())
        if any(one.denies(labels) for one in holding):
            return False
        return person == self.own or any(one.permits(labels) for one in holding) or self.opens_by_force(person)

    @property
    def persons(self) -> set[str]:
        """The persons of whom something may be open."""
        return set(self.whole) | set(self.parts) | ({self.own} if self.own else set())


def look(connection: Connection, asked: Asked, own: str | None, bound: str | None = None) -> Sight:
    """Find out what an actor may see, from the consent as it stands in this transaction.

    Parameters
    ----------
    connection : Connection
        Of the transaction the rows are read in.
    asked : Asked
        Who asks, for what.
    own : str or None
        The person whose account it is.
    bound : str or None
        The one person a token is bound to; nobody else is seen.
    """
    table, actor = schema.provision, schema.provision_actor
    rows = connection.execute(
        select(table)
        .where(table.c.status == "active")
        .where(table.c.pk.in_(select(actor.c.provision_pk).where(actor.c.actor.in_([*asked.actors, EVERYTHING]))))
        .where(table.c.person_id == bound if bound else table.c.person_id.is_not(None))
    )
    now = time.time()
    held: dict[str, list[Provision]] = {}
    for row in rows:
        one = read_row(row)
        if one.holds(asked.actors, asked.purpose, now):
            held.setdefault(row.person_id, []).append(one)
    whole, parts = set(), {}
    rules = {person: tuple(one.id for one in found if one.decision == "permit") for person, found in held.items()}
    for person, provisions in held.items():
        opens = any(one.decision == "permit" and EVERYTHING in one.labels for one in provisions) or person == own
        if opens and not any(one.decision == "deny" for one in provisions):
            whole.add(person)
        else:
            parts[person] = tuple(provisions)
    if own and own not in held and bound in (None, own):
        whole.add(own)
    return Sight(frozenset(whole), parts, own if bound in (None, own) else None, asked.breaks_glass, rules, bound)


def read_row(row: object) -> Provision:
    """Return a provision as it lies in the store."""
    found = row._mapping  # type: ignore[attr-defined]
    return Provision(found["rule"], found["decision"], tuple(found["labels"]), tuple(found["actors"]), tuple(found["purposes"]),
                     found["from_"], found["until"], found["status"], found["recorded"], found["recorded_by"])  # fmt: skip


def visible_rows(sight: Sight) -> Predicate:
    """Return the condition on rows of the resource table: every person they speak of is open, or they speak of nobody."""
    person, label = schema.resource_person, schema.resource_label

    def has_label(rows: FromClause, labels: Sequence[str], *, outside: bool) -> ColumnElement[bool]:
        named = label.c.label.not_in(labels) if outside else label.c.label.in_(labels)
        return select(label.c.label).where(label.c.resource_pk == rows.c.pk, named).correlate(rows).exists()

    def open_part(rows: FromClause, one: str, provisions: Sequence[Provision]) -> ColumnElement[bool]:
        denied = [rule for rule in provisions if rule.decision == "deny"]
        if any(EVERYTHING in rule.labels for rule in denied):
            return false()
        permits = [rule for rule in provisions if rule.decision == "permit"]
        parts: list[ColumnElement[bool]] = [person.c.person_id == one]
        if denied:
            parts.append(not_(has_label(rows, sorted({name for rule in denied for name in rule.labels}), outside=False)))
        if one != sight.own and not any(EVERYTHING in rule.labels for rule in permits) and not sight.opens_by_force(one):
            parts.append(or_(false(), *[not_(has_label(rows, rule.labels, outside=True)) for rule in permits]))
        return and_(*parts)

    in_reach = person.c.person_id == sight.bound if sight.bound else true()

    def predicate(rows: FromClause) -> ColumnElement[bool]:
        opened = or_(
            person.c.person_id.in_(sorted(sight.whole)),
            *[open_part(rows, one, provisions) for one, provisions in sorted(sight.parts.items())],
            *([and_(person.c.person_id.not_in(sorted(sight.persons)), in_reach)] if sight.breaks_glass else []),
        )
        mine = select(person.c.person_id).where(person.c.resource_pk == rows.c.pk)
        closed = select(person.c.person_id).where(person.c.resource_pk == rows.c.pk, not_(opened))
        own = mine.where(person.c.person_id == (sight.own or "")).exists()
        is_open = or_(mine.exists(), rows.c.type.in_(SHARED_KINDS))
        return and_(not_(closed.exists()), is_open, or_(rows.c.type.not_in(OWN_KINDS), own))

    return predicate
