"""Who sees what, as one condition on rows: the consent of every person a row speaks of, for this actor, purpose and moment.

The condition is decided where the rows are, by the provisions as they lie in the store: nobody is named in it, so it can be
asked of ten people and of a hundred thousand, and a withdrawal holds for the next statement.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, false, func, literal, not_, or_, select, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FromClause
from sqlalchemy.sql.functions import GenericFunction

from singula.govern.consent import BREAK_GLASS, EVERYTHING, SELF, Asked, Provision
from singula.store import schema

SHARED_KINDS = ("Practitioner", "Organization", "Medication", "PractitionerRole", "Location")
OWN_KINDS = ("Consent", "AuditEvent")
ROLES_WITH_ROWS = ("patient", "clinician", "client")
PEOPLE_AT_ONCE = 500
Predicate = Callable[[FromClause], ColumnElement[bool]]


class singula_words(GenericFunction[str]):  # noqa: N801
    """The words of a JSON list as rows, by whatever name the database has for that."""

    inherit_cache = True


@compiles(singula_words, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    return f"json_each{compiler.process(element.clause_expr, **more)}"


@compiles(singula_words, "postgresql")
def _on_postgresql(element: Any, compiler: Any, **more: Any) -> str:
    return f"json_array_elements_text{compiler.process(element.clause_expr, **more)}"


@dataclass(frozen=True)
class Sight:
    """What one actor asks to see, and when; of whom that opens what is decided by the consent in the store.

    Parameters
    ----------
    asked : Asked or None
        Who asks, for what; None sees nothing that speaks of somebody.
    own : str or None
        The person whose account it is.
    bound : str or None
        The one person a token is bound to; nobody else is seen.
    at : float
        The moment, in seconds since 1970.
    """

    asked: Asked | None = None
    own: str | None = None
    bound: str | None = None
    at: float = 0.0

    def opens_by_force(self, person: str) -> bool:
        """Tell whether the broken glass opens a person: nobody beyond the one a token is bound to."""
        return self.asked is not None and self.asked.breaks_glass and self.bound in (None, person)


@dataclass(frozen=True)
class Opening:
    """What of one person is open to whoever asks: the provisions of their consent that hold now."""

    holding: tuple[Provision, ...] = ()
    is_own: bool = False
    is_forced: bool = False

    @property
    def why(self) -> str:
        """What opens the person: their own account, rules of their consent, or the broken glass."""
        if self.is_own:
            return SELF
        return " ".join(one.id for one in self.holding if one.decision == "permit") or (BREAK_GLASS if self.is_forced else "")

    def sees(self, labels: Sequence[str]) -> bool:
        """Tell whether data with these labels are open."""
        if any(one.denies(labels) for one in self.holding):
            return False
        return self.is_own or self.is_forced or any(one.permits(labels) for one in self.holding)


def look(asked: Asked, own: str | None, bound: str | None = None) -> Sight:
    """Return what an actor asks to see at this moment."""
    return Sight(asked, own if bound in (None, own) else None, bound, time.time())


def openings(connection: Connection, sight: Sight, people: Iterable[str]) -> dict[str, Opening]:
    """Find out what of some people is open, from the consent as it stands in this transaction.

    Parameters
    ----------
    connection : Connection
        Of the transaction the rows are read in.
    sight : Sight
        Who asks, for what.
    people : iterable of str
        The people; each is in the answer.
    """
    named = sorted(set(people))
    asked = sight.asked
    if asked is None:
        return {person: Opening() for person in named}
    table = schema.provision
    held: dict[str, list[Provision]] = {}
    in_reach = [person for person in named if sight.bound in (None, person)]
    for start in range(0, len(in_reach), PEOPLE_AT_ONCE):
        some = in_reach[start : start + PEOPLE_AT_ONCE]
        where = (table.c.person_id.in_(some), table.c.status == "active")
        for row in connection.execute(select(table).where(*where).order_by(table.c.pk)):
            one = read_row(row)
            if one.holds(asked.actors, asked.purpose, sight.at):
                held.setdefault(row.person_id, []).append(one)
    return {person: Opening(tuple(held.get(person, ())), person == sight.own, sight.opens_by_force(person)) for person in named}


def read_row(row: object) -> Provision:
    """Return a provision as it lies in the store."""
    found = row._mapping  # type: ignore[attr-defined]
    return Provision(found["rule"], found["decision"], tuple(found["labels"]), tuple(found["actors"]), tuple(found["purposes"]),
                     found["from_"], found["until"], found["status"], found["recorded"], found["recorded_by"])  # fmt: skip


def visible_rows(sight: Sight) -> Predicate:
    """Return the condition on rows of the resource table: every person they speak of is open, or they speak of nobody."""

    def predicate(rows: FromClause) -> ColumnElement[bool]:
        person = schema.resource_person.alias()
        about = person.c.resource_pk == rows.c.pk
        mine = exists().where(about)
        closed = exists().where(about, not_(_is_open(sight, rows, person.c.person_id)))
        own = exists().where(about, person.c.person_id == (sight.own or ""))
        return and_(not_(closed), or_(mine, rows.c.type.in_(SHARED_KINDS)), or_(rows.c.type.not_in(OWN_KINDS), own))

    return predicate


def _is_open(sight: Sight, rows: FromClause, person: ColumnElement[str]) -> ColumnElement[bool]:
    """Return whether what a row says of one person is open: no provision denies it, and something opens it."""
    asked = sight.asked
    if asked is None:
        return false()
    permitted = _some_provision(sight, asked, person, lambda rule: _covers(rule, rows), "permit")
    opened = true() if asked.breaks_glass else or_(person == (sight.own or ""), permitted)
    denied = _some_provision(sight, asked, person, lambda rule: _meets(rule, rows), "deny")
    return and_(person == sight.bound if sight.bound else true(), opened, not_(denied))


def _some_provision(
    sight: Sight, asked: Asked, person: ColumnElement[str], speaks: Callable[[FromClause], ColumnElement[bool]], decision: str
) -> ColumnElement[bool]:
    rule, actor = schema.provision.alias(), schema.provision_actor.alias()
    named = exists().where(actor.c.provision_pk == rule.c.pk, actor.c.actor.in_([*asked.actors, EVERYTHING]))
    return exists().where(
        rule.c.person_id == person, rule.c.decision == decision, rule.c.status == "active",
        or_(rule.c.from_.is_(None), rule.c.from_ <= sight.at), or_(rule.c.until.is_(None), rule.c.until > sight.at),
        named, _names(rule.c.purposes, EVERYTHING, asked.purpose), speaks(rule),
    )  # fmt: skip


def _names(words: ColumnElement[Any], *wanted: str) -> ColumnElement[bool]:
    listed = func.singula_words(words).table_valued("value")
    return exists(select(literal(1)).select_from(listed).where(listed.c.value.in_(wanted)))


def _meets(rule: FromClause, rows: FromClause) -> ColumnElement[bool]:
    """Return whether a deny meets a row: it names everything, or one of the row's labels."""
    label = schema.resource_label.alias()
    listed = func.singula_words(rule.c.labels).table_valued("value")
    same = select(literal(1)).select_from(label, listed).where(label.c.resource_pk == rows.c.pk, listed.c.value == label.c.label)
    carried = exists(same.correlate_except(label, listed))
    return or_(_names(rule.c.labels, EVERYTHING), carried)


def _covers(rule: FromClause, rows: FromClause) -> ColumnElement[bool]:
    """Return whether a permit covers a row: it names everything, or all of the row's labels."""
    label = schema.resource_label.alias()
    listed = func.singula_words(rule.c.labels).table_valued("value")
    is_named = exists(select(literal(1)).select_from(listed).where(listed.c.value == label.c.label))
    unnamed = exists().where(label.c.resource_pk == rows.c.pk, not_(is_named)).correlate_except(label)
    return or_(_names(rule.c.labels, EVERYTHING), not_(unnamed))
