"""Which therapies of golden tumours a new release of knowledge loses, flips, moves to another tier, or adds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from singula.errors import BadInput
from singula.knowledge import Knowledge
from singula.methods.tumour.matching import SENSITIVITY, TIERS, match_therapies
from singula.methods.tumour.sample import TumourSample
from singula.methods.tumour.tables import TumourTables, load_tumour_tables
from singula.sources.tumour_files import read_tumour_file

LOST, FLIPPED, MOVED, ADDED = "lost", "flipped", "moved", "added"
Stand = dict[tuple[str, ...], tuple[str, str, str]]


def compare_tumours(paths: Sequence[Path], before: Knowledge, after: Knowledge) -> list[dict[str, Any]]:
    """Match golden tumours with two states of knowledge.

    Parameters
    ----------
    paths : sequence of Path
        Tumour files that state their tumour type, or folders of such files.
    before, after : Knowledge
        The two states.

    Returns
    -------
    list of dict
        Tumours with a change: ``sample_id``, ``tumour_type`` and ``changes``; each change has ``change`` (lost, flipped, moved,
        added), ``medicines``, ``before``, ``after`` (direction, tier, row) and ``why``. A therapy is lost where its medicines
        are no longer open, flipped where they are closed now: no benefit or resistance, or a resistance that overrules.

    Raises
    ------
    BadInput
        A file cannot be read, or part of it: a golden tumour that is not read would pass unseen.
    """
    old, new = load_tumour_tables(before), load_tumour_tables(after)
    found = []
    for path in _files(paths):
        for was, now in zip(_read(path, old), _read(path, new), strict=True):
            changes = list(_changes(_stand(was, old), _stand(now, new)))
            if changes:
                found.append({"sample_id": was.sample_id, "tumour_type": was.tumour_type, "file": path.name, "changes": changes})
    return found


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            inside = sorted(one for one in path.iterdir() if one.is_file())
            if not inside:
                raise BadInput(f"{path}: holds no golden tumour; put tumour files there")
            yield from inside
        else:
            yield path


def _read(path: Path, tables: TumourTables) -> list[TumourSample]:
    reading = read_tumour_file(path, tables, None, None, None)
    if reading.refused:
        raise BadInput(reading.refused[0])
    return reading.samples


def _stand(sample: TumourSample, tables: TumourTables) -> Stand:
    """Return how each set of medicines stands in a tumour: direction, best tier, row."""
    matched = match_therapies(sample, tables.rules, tables.definitions, tables.tree)
    overruled = {row for one in matched.conflicts for row in one.overruled}
    stand: Stand = {}
    for one in sorted(matched.therapies, key=lambda one: TIERS.index(one.tier)):
        if one.rule.id not in overruled:
            stand.setdefault(one.rule.together, (one.rule.direction, one.tier, one.rule.id))
    return stand


def _changes(before: Stand, after: Stand) -> Iterator[dict[str, Any]]:
    for medicines in sorted({*before, *after}):
        was, now = before.get(medicines), after.get(medicines)
        kind = _kind(was, now)
        if kind:
            yield {
                "change": kind,
                "medicines": list(medicines),
                "before": _show(was),
                "after": _show(now),
                "why": f"{' + '.join(medicines)}: {_say(was)}, now {_say(now)}",
            }


def _kind(was: tuple[str, str, str] | None, now: tuple[str, str, str] | None) -> str | None:
    if was is None or now is None:
        return ADDED if was is None else LOST
    if (was[0] == SENSITIVITY) != (now[0] == SENSITIVITY):
        return FLIPPED
    return MOVED if was[:2] != now[:2] else None


def _show(one: tuple[str, str, str] | None) -> dict[str, str] | None:
    return None if one is None else dict(zip(("direction", "tier", "row_id"), one, strict=True))


def _say(one: tuple[str, str, str] | None) -> str:
    return "nothing" if one is None else f"{one[0].replace('_', ' ')} {one[1]} ({one[2]})"
