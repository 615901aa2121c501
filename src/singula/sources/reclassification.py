"""What a new ClinVar release changes: in the release, and in saved germline reports; no genome is read again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from singula.errors import BadInput
from singula.knowledge import Knowledge, load_knowledge
from singula.sources.clinvar_files import ClinVarRelease
from singula.sources.limits import parse_json, read_bounded

SCHEMA = "singula.germline/1"
LISTS = ("findings", "unconfirmed", "carried_unreported")


@dataclass(frozen=True)
class SavedReport:
    """One sample of a saved report."""

    file: str
    sample: str
    release: str
    variants: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Reclassified:
    """One variant a person carries that reads otherwise now.

    ``change`` is ``upgraded``, ``downgraded``, ``reclassified``, ``review`` or ``withdrawn``.
    """

    variant: Mapping[str, Any]
    change: str
    classification: str | None
    stars: int | None


def read_report(path: Path) -> list[SavedReport]:
    """Read a saved answer of ``singula germline report --json``.

    Raises
    ------
    BadInput
        It is none.
    """
    document = parse_json(read_bounded(path), path.name)
    if not isinstance(document, Mapping) or document.get("schema") != SCHEMA:
        raise BadInput(
            f"{path.name}: is no saved germline report ({SCHEMA}); write one with: singula germline report FILE --all --json"
        )
    try:
        release = next((str(one["version"]) for one in document["knowledge"] if one["pack"] == "clinvar"), "")
        return [
            SavedReport(
                path.name, str(sample["sample"]), release, tuple(dict(one) for name in LISTS for one in sample.get(name, ()))
            )
            for sample in document["samples"]
        ]
    except (AttributeError, KeyError, TypeError, ValueError):
        raise BadInput(f"{path.name}: the saved report is damaged; write it again") from None


def reclassify(report: SavedReport, release: ClinVarRelease) -> list[Reclassified]:
    """List the carried variants of a report whose class or review differs in a newer release.

    Parameters
    ----------
    report : SavedReport
        Made with ``--all``, so that uncertain and conflicting alleles the person carries are in it.
    release : ClinVarRelease
        The newer release.
    """
    reported = _reported_classes(load_knowledge())
    changes = []
    for variant in report.variants:
        identifier = str(variant.get("variation_id") or "")
        was = variant.get("classification")
        if not identifier.isdigit() or was is None:
            continue
        now = release.table.version(int(identifier))
        change = _change(was, variant.get("review_stars"), now, reported)
        if change:
            changes.append(Reclassified(variant, change, now[0] if now else None, now[1] if now else None))
    return changes


def _change(was: str, stars: int | None, now: tuple[str, int] | None, reported: frozenset[str]) -> str | None:
    if now is None:
        return "withdrawn"
    if (was in reported) != (now[0] in reported):
        return "upgraded" if now[0] in reported else "downgraded"
    if was != now[0]:
        return "reclassified"
    return "review" if stars is not None and stars != now[1] else None


def compare_releases(old: ClinVarRelease, new: ClinVarRelease, knowledge: Knowledge) -> dict[str, int]:
    """Count what changed among all records.

    Returns
    -------
    dict
        ``new`` are records listed for the first time whose class is reported: people read before were not asked about them,
        and their files have to be read again.
    """
    reported = _reported_classes(knowledge)
    ids_old, ids_new = old.table.columns["version_id"], new.table.columns["version_id"]
    was, now = _is_reported(old, reported), _is_reported(new, reported)
    _, at_old, at_new = np.intersect1d(ids_old, ids_new, return_indices=True)
    stars_old, stars_new = old.table.columns["version_stars"][at_old], new.table.columns["version_stars"][at_new]
    fresh = ~np.isin(ids_new, ids_old)
    gone = ~np.isin(ids_old, ids_new)
    return {
        "new": int((now & fresh).sum()),
        "upgraded": int((~was[at_old] & now[at_new]).sum()),
        "downgraded": int((was[at_old] & ~now[at_new]).sum()),
        "review_changed": int((now[at_new] & was[at_old] & (stars_old != stars_new)).sum()),
        "withdrawn": int((was & gone).sum()),
    }


def _is_reported(release: ClinVarRelease, reported: frozenset[str]) -> Any:
    by_code = np.asarray([name in reported for name in release.table.classes] or [False])
    return by_code[release.table.columns["version_class"]]


def _reported_classes(knowledge: Knowledge) -> frozenset[str]:
    return frozenset(row.classification for row in knowledge.pack("germline").table("clinvar_classes") if row.is_finding)
