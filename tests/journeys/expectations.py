"""Holds a plan against expectations in words: which actions there must be, which not, what was weighed and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Json = Mapping[str, Any]


def plain(text: str) -> str:
    return f" {re.sub(r'[^a-z0-9-]+', ' ', text.lower())} "


def words_of(entry: Json, *, summary: bool) -> str:
    return plain(" ".join([entry["target"].get("display") or "", entry.get("summary") or "" if summary else ""]))


def meets(entry: Json, groups: Sequence[Sequence[str]], *, summary: bool = True) -> bool:
    text = words_of(entry, summary=summary)
    return all(any(word in text for word in group) for group in groups)


def faults(plan: Json, expected: Json) -> Iterator[str]:
    """Yield what a plan lacks or has too much of."""
    for one in expected.get("actions", ()):
        if not any(is_met(action, one) for action in plan["actions"]):
            yield f"no action: {one['name']}"
    for one in expected.get("forbidden", ()):
        if any(offends(action, one) for action in plan["actions"]):
            yield f"forbidden: {one['name']}"
    for one in expected.get("scheduled", ()):
        dates = [
            *(action["due"]["date"] for action in plan["actions"] if meets(action, one["any"])),
            *(entry["next_due"] or "" for entry in plan["considered"] if meets(entry, one["any"])),
        ]
        if not any(one["not_before"] <= day <= one["not_after"] for day in dates):
            yield f"not scheduled: {one['name']}"
    for one in expected.get("considered", ()):
        if not any(is_weighed(entry, one) for entry in plan["considered"]):
            yield f"not weighed: {one['name']}"


def is_met(action: Json, one: Json) -> bool:
    interval = action["due"]["interval_months"]
    wanted = one.get("interval_months")
    return (
        action["kind"] in one["kind"]
        and meets(action, one["any"])
        and action["due"]["date"] <= one.get("due_by", "9999")
        and (wanted is None or (interval is not None and min(wanted) <= interval <= max(wanted)))
        and ("evidence_level" not in one or bool({e["level"] for e in action["evidence"]} & set(one["evidence_level"])))
    )


def offends(action: Json, one: Json) -> bool:
    is_early = "due_before" not in one or (action["due"]["date"] or "") < one["due_before"]
    return action["kind"] in one["kind"] and meets(action, one["any"], summary=False) and is_early


def is_weighed(entry: Json, one: Json) -> bool:
    return (
        meets(entry, one["any"])
        and bool(entry["reason"])
        and ("reason_code" not in one or entry["reason_code"] in one["reason_code"])
        and ("grade" not in one or bool({e["level"] for e in entry["evidence"]} & set(one["grade"])))
    )
