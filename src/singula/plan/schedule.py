"""When each action is to happen: the date its finding gives, else one that follows from its urgency."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from singula.finding import Due, Finding
from singula.knowledge import Knowledge

PACK = "planning"


def set_due(findings: Sequence[Finding], urgency: int, as_of: date, knowledge: Knowledge) -> Due:
    """Return when an action is due.

    Parameters
    ----------
    findings : sequence of Finding
        The findings the action carries out; the earliest date among them wins.
    urgency : int
        0 now, 1 soon, 2 at the next visit, 3 sometime.
    as_of : date
        The day of the plan.
    knowledge : Knowledge
        Pack ``planning`` says how many days an urgency allows.

    Returns
    -------
    Due
        Date, status and interval.
    """
    given = sorted((finding.due for finding in findings if finding.due), key=lambda due: due.date)
    if given:
        return given[0]
    days = knowledge.pack(PACK).index("urgency", "urgency")[urgency][0].within_days
    return Due(date=as_of + timedelta(days=days), status="due" if not days else "open")
