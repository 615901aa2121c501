"""The plan's dates as an iCalendar file."""

from __future__ import annotations

import re
from datetime import date, timedelta

from singula.deliver.words import calendar_of, kind_words, later_dates
from singula.finding import Due, stable_id
from singula.plan.model import Action, NotAdvised, Plan

LONGEST_LINE, EVERY_MONTH_HAS = 75, 28
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def render_calendar(plan: Plan) -> bytes:
    """Write ``calendar.ics``: one all-day entry per date; what is overdue stands on the day of the plan.

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
    for entry in later_dates(plan):
        lines.extend(_later_event(entry, plan))
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
        lines.append(f"RRULE:{_rule(start, action.due, plan)}")
    return [*lines, "END:VEVENT"]


def _later_event(entry: NotAdvised, plan: Plan) -> list[str]:
    """Write what is not due yet on its own day; how often it comes again is said when it is due."""
    if entry.next_due is None:
        return []
    return [
        "BEGIN:VEVENT",
        f"UID:{stable_id(entry.kind, entry.target.name, entry.next_due)}@singula",
        f"DTSTAMP:{plan.as_of:%Y%m%d}T000000Z",
        f"DTSTART;VALUE=DATE:{entry.next_due:%Y%m%d}",
        f"SUMMARY:{_escape(f'{kind_words(entry.kind)}: {entry.target.display}')}",
        "CLASS:CONFIDENTIAL",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _rule(start: date, due: Due, plan: Plan) -> str:
    """Say how often it comes again: on the month's last day where the month is short, and until the age at which it ends."""
    rule = f"FREQ=MONTHLY;INTERVAL={due.interval_months}"
    if start.day > EVERY_MONTH_HAS:
        days = ",".join(str(number) for number in range(EVERY_MONTH_HAS, start.day + 1))
        rule += f";BYMONTHDAY={days};BYSETPOS=-1"
    born = plan.person.birth_date
    if due.until_age_years is not None and born is not None and ISO_DAY.fullmatch(born):
        try:
            birthday = date(int(born[:4]) + due.until_age_years + 1, int(born[5:7]), min(int(born[8:]), EVERY_MONTH_HAS))
        except ValueError:
            return rule
        rule += f";UNTIL={birthday - timedelta(days=1):%Y%m%d}"
    return rule


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
