"""The clinician's page: what to do, why, what is not known, what was weighed; one file without network or script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from singula.deliver.templating import render_page
from singula.deliver.words import URGENCIES, by_urgency, calendar_of, later_dates
from singula.plan.model import Plan

if TYPE_CHECKING:
    from singula.deliver.tumour_report import TumourReport


def render_clinician_page(plan: Plan, boards: Sequence[TumourReport] = ()) -> str:
    """Write ``plan.html``.

    Parameters
    ----------
    plan : Plan
        The plan.
    boards : sequence of TumourReport
        The person's tumour samples, each shown in a section of its own.

    Returns
    -------
    str
        One HTML page; every line unfolds to its evidence and to the very facts used.
    """
    counts = (
        ("do", len(plan.actions), "action", "actions"),
        ("unknown", len(plan.missing), "thing not known", "things not known"),
        ("conflicts", len(plan.conflicts), "disagreement settled", "disagreements settled"),
        ("options", len(plan.options), "set of options", "sets of options"),
        ("board-1", len(boards), "tumour sample", "tumour samples"),
        ("calendar", len(calendar_of(plan)) + len(later_dates(plan)), "date", "dates"),
        ("considered", len(plan.considered), "considered, not advised", "considered, not advised"),
        ("quality", len(plan.quality), "note on the data", "notes on the data"),
    )
    evidence = {one for action in plan.actions for one in action.evidence}
    evidence.update(one for entry in plan.considered for one in entry.evidence)
    evidence.update(one for grid in plan.options for option in grid.ranked for one in option.evidence)
    return render_page(
        "clinician.html",
        plan=plan,
        boards=boards,
        person=plan.person,
        facts=plan.facts,
        glance=[(anchor, f"{number} {one if number == 1 else many}") for anchor, number, one, many in counts if number],
        groups=by_urgency(plan.actions, URGENCIES),
        calendar=calendar_of(plan),
        later=later_dates(plan),
        unchecked=sum(one.review == "unchecked" for one in evidence),
    )
