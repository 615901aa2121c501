"""Searches as SQL: every condition is asked of the index tables, and whoever asks adds what may be seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from sqlalchemy import ColumnElement, and_, exists, false, not_, or_, select, true
from sqlalchemy.sql.expression import Exists, FromClause

from singula.sources.search_paths import time_span
from singula.store import schema
from singula.store.resources import fold

Predicate = Callable[[FromClause], ColumnElement[bool]]
"""Tells of rows of the resource table (or an alias) whether they may be seen."""


class AskedValue(Protocol):
    """One value of a condition."""

    text: str
    prefix: str
    system: str | None
    code: str | None


class AskedCondition(Protocol):
    """One condition of a search."""

    name: str
    sort: str
    values: tuple[Any, ...]
    modifier: str | None
    chain: Any
    target: str | None


def meets(rows: FromClause, condition: AskedCondition, visible: Predicate) -> ColumnElement[bool]:
    """Return a condition on rows of the resource table.

    Parameters
    ----------
    rows : FromClause
        The resource table or an alias of it.
    condition : AskedCondition
        Name, sort, values; a chain asks the same of what is referred to, as far as that may be seen.
    visible : Predicate
        What may be seen.
    """
    if condition.chain is not None:
        return _chained(rows, condition, visible)
    if condition.name == "_id":
        return or_(*[rows.c.id == value.text for value in condition.values]) if condition.values else false()
    table = schema.INDEXES[condition.sort]
    mine = and_(table.c.resource_pk == rows.c.pk, table.c.param == condition.name)
    if condition.modifier == "missing":
        held = exists().where(mine)
        return not_(held) if condition.values[0].text == "true" else held
    if not condition.values:
        return false()
    found = exists().where(mine, or_(*[_value(table, condition, value) for value in condition.values]))
    return not_(found) if condition.modifier == "not" else found


def _value(table: Any, condition: AskedCondition, value: AskedValue) -> ColumnElement[bool]:
    if condition.sort == "token":
        return _token(table, condition, value)
    if condition.sort == "reference":
        return _reference(table, value.text, condition.target)
    if condition.sort == "date":
        return _date(table, value)
    if condition.sort == "quantity":
        return _quantity(table, value)
    return _string(table, value.text, condition.modifier)


def _token(table: Any, condition: AskedCondition, value: AskedValue) -> ColumnElement[bool]:
    if condition.modifier == "text":
        return table.c.words.contains(fold(value.text), autoescape=True)  # type: ignore[no-any-return]
    parts: list[ColumnElement[bool]] = []
    if value.code is not None:
        parts.append(table.c.code == value.code)
    if value.system is not None:
        parts.append(table.c.system.is_(None) if value.system == "" else table.c.system == value.system)
    return and_(true(), *parts)


def _reference(table: Any, text: str, target: str | None) -> ColumnElement[bool]:
    parts = text.split("/_history", maxsplit=1)[0].split("/")
    found: ColumnElement[bool] = table.c.id == parts[-1]
    kind = target or (parts[-2] if len(parts) > 1 else None)
    return and_(found, table.c.type == kind) if kind else found


def _date(table: Any, value: AskedValue) -> ColumnElement[bool]:
    span = time_span(value.text)
    if span is None:
        return false()
    low, high = span
    inside = and_(table.c.low >= low, table.c.high <= high)
    overlaps = and_(table.c.low <= high, table.c.high >= low)
    rules: dict[str, ColumnElement[bool]] = {
        "eq": inside, "ne": not_(inside), "gt": table.c.high > high, "lt": table.c.low < low, "ge": table.c.high >= low,
        "le": table.c.low <= high, "sa": table.c.low > high, "eb": table.c.high < low, "ap": overlaps,
    }  # fmt: skip
    return rules[value.prefix]


def _quantity(table: Any, value: AskedValue) -> ColumnElement[bool]:
    number = float(value.text)
    digits = len(value.text.partition(".")[2]) if "e" not in value.text.lower() else 0
    near = 0.5 * 10.0**-digits
    close = and_(table.c.value >= number - near, table.c.value <= number + near)
    tenth = abs(number) / 10
    rules: dict[str, ColumnElement[bool]] = {
        "eq": close, "ne": not_(close), "gt": table.c.value > number, "lt": table.c.value < number, "ge": table.c.value >= number,
        "le": table.c.value <= number, "sa": table.c.value > number, "eb": table.c.value < number,
        "ap": and_(table.c.value >= number - tenth, table.c.value <= number + tenth),
    }  # fmt: skip
    parts = [rules[value.prefix]]
    if value.code:
        parts.append(table.c.unit == value.code)
    if value.system:
        parts.append(table.c.system == value.system)
    return and_(*parts)


def _string(table: Any, text: str, modifier: str | None) -> ColumnElement[bool]:
    if modifier == "exact":
        return table.c.exact == text  # type: ignore[no-any-return]
    if modifier == "contains":
        return table.c.folded.contains(fold(text), autoescape=True)  # type: ignore[no-any-return]
    return table.c.folded.startswith(fold(text), autoescape=True)  # type: ignore[no-any-return]


def _chained(rows: FromClause, condition: AskedCondition, visible: Predicate) -> Exists:
    other = schema.resource.alias()
    link = schema.ix_reference.alias()
    return (
        select(link.c.pk)
        .join(other, and_(other.c.type == link.c.type, other.c.id == link.c.id))
        .where(link.c.resource_pk == rows.c.pk, link.c.param == condition.name, other.c.type == condition.target)
        .where(other.c.deleted == 0, visible(other), meets(other, condition.chain, visible))
        .exists()
    )


def is_referred_to(rows: FromClause, kind: str, by: str, condition: AskedCondition, visible: Predicate) -> Exists:
    """Return a condition on rows: a visible resource of a type refers to them by a parameter and meets a condition."""
    other = schema.resource.alias()
    link = schema.ix_reference.alias()
    return (
        select(link.c.pk)
        .join(other, other.c.pk == link.c.resource_pk)
        .where(link.c.param == by, link.c.id == rows.c.id, or_(link.c.type == rows.c.type, link.c.type.is_(None)))
        .where(other.c.type == kind, other.c.deleted == 0, visible(other), meets(other, condition, visible))
        .exists()
    )
