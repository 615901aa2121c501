"""The audit: a chain of entries, each holding the hash of the one before, sealed by a signed checkpoint."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FIRST_PREV = "0" * 64
HASH = re.compile(r"^[0-9a-f]{64}$")
FIELDS = ("seq", "time", "prev", "actor", "event", "action", "resource", "patient", "outcome", "purpose", "request_id", "details")


@dataclass(frozen=True)
class ChainVerdict:
    """Whether a chain is whole; ``first_bad`` is the first entry that does not fit."""

    ok: bool
    entries: int
    head: str | None
    problem: str | None = None
    first_bad: int | None = None


@dataclass(frozen=True)
class ChainFile:
    """An exported chain as it was read: anything may stand in it, a checkpoint may be missing or no checkpoint at all."""

    entries: tuple[Any, ...] = ()
    checkpoint: Any = None


def canonical(entry: Mapping[str, Any]) -> str:
    """Write an entry so that it is written the same by everybody: keys sorted, no blanks, UTF-8."""
    return json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def hash_entry(entry: Mapping[str, Any]) -> str:
    """Return the hash of an entry without its ``hash``."""
    bare = {name: value for name, value in entry.items() if name != "hash"}
    return hashlib.sha256(canonical(bare).encode("utf-8", "surrogatepass")).hexdigest()


def parse_line(text: str) -> Any:
    """Parse one line of a chain; what is no JSON, or says a key twice, becomes None."""
    try:
        return json.loads(text, object_pairs_hook=_without_twins)
    except (ValueError, RecursionError):
        return None


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key stands twice")
    return made


def read_chain(lines: Iterable[str]) -> ChainFile:
    """Read an exported chain, one entry a line and the checkpoint in its own.

    Parameters
    ----------
    lines : iterable of str
        Blank ones are passed over.

    Returns
    -------
    ChainFile
        A line that is no JSON object stands as None among the entries, so that the verdict finds it.
    """
    found = [parse_line(line) for line in lines if line.strip()]
    marks = [one["checkpoint"] for one in found if isinstance(one, dict) and "checkpoint" in one]
    entries = tuple(one for one in found if not (isinstance(one, dict) and "checkpoint" in one))
    return ChainFile(entries, marks[-1] if marks else None)


def is_checkpoint(found: Any) -> bool:
    """Tell whether something has the shape of a checkpoint: how many entries, and the hash of the last."""
    if not isinstance(found, Mapping) or not isinstance(found.get("head"), str):
        return False
    count = found.get("entries")
    return isinstance(count, int) and not isinstance(count, bool) and count >= 0 and bool(HASH.match(found["head"]))


def verify_chain(entries: Sequence[Any], checkpoint: Any, *, vouched: int = 0) -> ChainVerdict:
    """Find out whether a chain was edited, cut, reordered or made anew.

    Parameters
    ----------
    entries : sequence of mapping
        In the order they lie, each with its ``hash``.
    checkpoint : mapping or None
        ``entries`` and ``head`` of the signed checkpoint; None where there is none, which counts as unsigned.
    vouched : int
        How many entries at the end carry a valid mark of the store: a seal that a crash kept from being written.

    Returns
    -------
    ChainVerdict
        ``malformed``, ``edited``, ``missing``, ``reordered``, ``truncated`` or ``unsigned``.
    """
    for number, entry in enumerate(entries, start=1):
        if not _is_entry(entry):
            return ChainVerdict(False, len(entries), None, "malformed", number)
    head = entries[-1]["hash"] if entries else None
    if checkpoint is not None and not is_checkpoint(checkpoint):
        return ChainVerdict(False, len(entries), head, "malformed")
    before = FIRST_PREV
    numbers = [entry["seq"] for entry in entries]
    for number, entry in enumerate(entries, start=1):
        if entry["seq"] != number:
            problem = "reordered" if sorted(numbers) == list(range(1, len(numbers) + 1)) else "missing"
            return ChainVerdict(False, len(entries), head, problem, int(entry["seq"]))
        if entry["prev"] != before or hash_entry(entry) != entry["hash"]:
            return ChainVerdict(False, len(entries), head, "edited", number)
        before = entry["hash"]
    return _compare(entries, checkpoint, head, vouched)


def _is_entry(found: Any) -> bool:
    if not isinstance(found, Mapping) or any(name not in found for name in FIELDS):
        return False
    seq = found["seq"]
    is_number = isinstance(seq, int) and not isinstance(seq, bool)
    return is_number and all(isinstance(found.get(name), str) and HASH.match(found[name]) for name in ("prev", "hash"))


def _compare(entries: Sequence[Any], checkpoint: Mapping[str, Any] | None, head: str | None, vouched: int) -> ChainVerdict:
    count = len(entries)
    if checkpoint is None:
        return ChainVerdict(count == 0, count, head, None if count == 0 else "unsigned")
    sealed = int(checkpoint["entries"])
    if count < sealed:
        return ChainVerdict(False, count, head, "truncated")
    named = entries[sealed - 1]["hash"] if sealed else FIRST_PREV
    if named != checkpoint["head"]:
        return ChainVerdict(False, count, head, "unsigned")
    if count > sealed + vouched:
        return ChainVerdict(False, count, head, "unsigned", sealed + 1)
    return ChainVerdict(True, count, head)
