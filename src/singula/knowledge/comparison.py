"""What changed between two releases of a pack, row by row and method by method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from singula.knowledge.pack import Pack, Row


@dataclass(frozen=True)
class Change:
    """One difference: a row or method that came, went, or reads otherwise now."""

    table: str
    key: str
    change: Literal["added", "removed", "changed"]
    before: dict[str, Any]
    after: dict[str, Any]


def compare_packs(old: Pack, new: Pack) -> list[Change]:
    """List what changed from one release of a pack to another.

    Parameters
    ----------
    old, new : Pack
        Two releases; only tables and methods are compared, citations are not.

    Returns
    -------
    list of Change
        Sorted by table and key; of a changed row only the columns that differ are told.
    """
    changes: list[Change] = []
    for name in sorted({*old.table_names, *new.table_names}):
        before = _rows_by_key(old, name) if name in old.table_names else {}
        after = _rows_by_key(new, name) if name in new.table_names else {}
        changes.extend(_compare(name, before, after))
    methods_before = {method_id: old.method(method_id) for method_id in old.method_ids}
    methods_after = {method_id: new.method(method_id) for method_id in new.method_ids}
    changes.extend(_compare("methods", methods_before, methods_after))
    return changes


def _rows_by_key(pack: Pack, name: str) -> dict[str, dict[str, Any]]:
    key = pack.manifest.get("tables", {}).get(name, {}).get("key", ())
    rows: dict[str, dict[str, Any]] = {}
    for row in pack.table(name):
        columns = key or [column for column in row if column not in ("citation", "review")]
        label = " | ".join(str(row[column]) for column in columns)
        while label in rows:
            label += " again"
        rows[label] = _plain(row)
    return rows


def _plain(row: Row) -> dict[str, Any]:
    return dict(row)


def _compare(table: str, before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]) -> list[Change]:
    changes = []
    for key in sorted({*before, *after}):
        was, now = before.get(key), after.get(key)
        if was == now:
            continue
        if was is None or now is None:
            changes.append(Change(table, key, "added" if was is None else "removed", was or {}, now or {}))
            continue
        columns = sorted(column for column in {*was, *now} if was.get(column) != now.get(column))
        changes.append(Change(table, key, "changed", {c: was.get(c) for c in columns}, {c: now.get(c) for c in columns}))
    return changes
