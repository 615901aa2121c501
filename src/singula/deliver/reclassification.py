"""What a new release changes for one person, with the letters to send."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from singula.knowledge import Knowledge
from singula.knowledge.pack import Row
from singula.sources.reclassification import Reclassified, SavedReport


def show_reclassified(report: SavedReport, changes: Sequence[Reclassified], release: str, knowledge: Knowledge) -> dict[str, Any]:
    """Describe what changed for one sample of a saved report.

    Parameters
    ----------
    report : SavedReport
        The report as it was.
    changes : sequence of Reclassified
        What reads otherwise now.
    release : str
        Date of the newer release.
    knowledge : Knowledge
        Table ``letters`` of the pack ``germline``.
    """
    letters = {row.change: row for row in knowledge.pack("germline").table("letters")}
    return {
        "report": report.file,
        "sample": report.sample,
        "from": report.release,
        "to": release,
        "changes": [_show(one, report, release, letters[one.change]) for one in changes],
    }


def _show(one: Reclassified, report: SavedReport, release: str, letter: Row) -> dict[str, Any]:
    gene, variant, was = one.variant.get("gene"), one.variant.get("variant"), one.variant.get("classification")
    words = letter.clinician.format(now=_plain(one.classification), was=_plain(was), stars=one.stars)
    return {
        "change": one.change,
        "gene": gene,
        "variant": variant,
        "variation_id": one.variant.get("variation_id"),
        "before": {"classification": was, "review_stars": one.variant.get("review_stars")},
        "now": {"classification": one.classification, "review_stars": one.stars},
        "letter_clinician": f"{report.sample}: {gene} {variant} {words} (ClinVar of {report.release} and of {release})",
        "letter_person": letter.person.format(gene=gene),
        "relatives": "Those tested because of this finding need the same news; the person, not the clinic, tells them."
        if one.change in ("upgraded", "downgraded", "withdrawn")
        else None,
    }


def _plain(word: object) -> str:
    return str(word or "not listed").replace("_", " ")
