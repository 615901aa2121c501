"""The plan's dates as an iCalendar file."""

from __future__ import annotations

from singula.deliver.words import calendar_of, kind_words
from singula.plan.model import Action, Plan

LONGEST_LINE = 75


def render_calendar(plan: Plan) -> bytes:
    """Write ``calendar.ics``: one all-day entry per dated action; what is overdue stands on the day of the plan.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    bytes
        RFC 5545 text with CRLF line ends.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Singula//Plan//EN", "CALSCALE:GREGORIAN"]
    for action in calendar_of(plan):
        lines.extend(_event(action, plan))
    lines.append("END:VCALENDAR")
    return "".join(f"{_fold(line)}\r\n" for line in lines).encode()


def _event(action: Action, plan: Plan) -> list[str]:
    if action.due is None:
        return []
    start = max(action.due.date, plan.as_of)
    lines = [
        "BEGIN:VEVENT",
        f"UID:{action.id}@singula",
        f"DTSTAMP:{plan.as_of:%Y%m%d}T000000Z",
        f"DTSTART;VALUE=DATE:{start:%Y%m%d}",
        f"SUMMARY:{_escape(f'{kind_words(action.kind)}: {action.target.display}')}",
        f"DESCRIPTION:{_escape(action.patient_text)}",
        "CLASS:CONFIDENTIAL",
        "TRANSP:TRANSPARENT",
    ]
    if action.due.interval_months:
        lines.append(f"RRULE:FREQ=MONTHLY;INTERVAL={action.due.interval_months}")
    return [*lines, "END:VEVENT"]


def _escape(text: str) -> str:
    safe = "".join(character if character.isprintable() else " " for character in text)
    joined = safe.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return " ".join(joined.split())


def _fold(line: str) -> str:
    parts, size = [""], 0
    for character in line:
        width = len(character.encode())
        if size + width > LONGEST_LINE:
            parts.append(" ")
            size = 1
        parts[-1] += character
        size += width
    return "\r\n".join(parts)
