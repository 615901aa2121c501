"""The audit: a chain of entries, each holding the hash of the one before, sealed by a signed checkpoint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FIRST_PREV = "0" * 64
FIELDS = ("seq", "time", "prev", "actor", "event", "action", "resource", "patient", "outcome", "purpose", "request_id", "details")


@dataclass(frozen=True)
class ChainVerdict:
    """Whether a chain is whole; ``first_bad`` is the first entry that does not fit."""

    ok: bool
    entries: int
    head: str | None
    problem: str | None = None
    first_bad: int | None = None


def canonical(entry: Mapping[str, Any]) -> str:
    """Write an entry so that it is written the same by everybody: keys sorted, no blanks, UTF-8."""
    return json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def hash_entry(entry: Mapping[str, Any]) -> str:
    """Return the hash of an entry without its ``hash``."""
    bare = {name: value for name, value in entry.items() if name != "hash"}
    return hashlib.sha256(canonical(bare).encode()).hexdigest()


def verify_chain(entries: Sequence[Mapping[str, Any]], checkpoint: Mapping[str, Any] | None) -> ChainVerdict:
    """Find out whether a chain was edited, cut, reordered or made anew.

    Parameters
    ----------
    entries : sequence of mapping
        In the order they lie, each with its ``hash``.
    checkpoint : mapping or None
        ``entries`` and ``head`` of the signed checkpoint; None where there is none, which counts as unsigned.

    Returns
    -------
    ChainVerdict
        ``edited``, ``missing``, ``reordered``, ``truncated`` or ``unsigned``.
    """
    head = entries[-1]["hash"] if entries else None
    before = FIRST_PREV
    numbers = [entry["seq"] for entry in entries]
    for number, entry in enumerate(entries, start=1):
        if entry["seq"] != number:
            problem = "reordered" if sorted(numbers) == list(range(1, len(numbers) + 1)) else "missing"
            return ChainVerdict(False, len(entries), head, problem, int(entry["seq"]))
        if entry["prev"] != before or hash_entry(entry) != entry["hash"]:
            return ChainVerdict(False, len(entries), head, "edited", number)
        before = entry["hash"]
    return _compare(entries, checkpoint, head)


def _compare(entries: Sequence[Mapping[str, Any]], checkpoint: Mapping[str, Any] | None, head: str | None) -> ChainVerdict:
    count = len(entries)
    if checkpoint is None:
        return ChainVerdict(count == 0, count, head, None if count == 0 else "unsigned")
    sealed = int(checkpoint["entries"])
    if count < sealed:
        return ChainVerdict(False, count, head, "truncated")
    named = entries[sealed - 1]["hash"] if sealed else FIRST_PREV
    if named != checkpoint["head"]:
        return ChainVerdict(False, count, head, "unsigned")
    if count > sealed:
        return ChainVerdict(False, count, head, "unsigned", sealed + 1)
    return ChainVerdict(True, count, head)
