"""The calendar file keeps to RFC 5545."""

from __future__ import annotations

from datetime import date

from singula.deliver.calendar import render_calendar
from singula.finding import Due
from tests.deliver.plans import empty_plan, full_plan, with_text


def test_overdue_actions_stand_on_the_day_of_the_plan() -> None:
    text = render_calendar(full_plan()).decode()
    assert text.count("BEGIN:VEVENT") == 3
    assert text.count("DTSTART;VALUE=DATE:20261126") == 2
    assert "RRULE:FREQ=MONTHLY;INTERVAL=120;UNTIL=20370411" in text
    assert "SUMMARY:Screen: Colonoscopy (colorectal cancer screening)" in text


def test_what_is_not_due_yet_stands_on_its_own_day() -> None:
    text = render_calendar(full_plan()).decode()
    later = next(entry for entry in full_plan().considered if entry.next_due)
    assert f"DTSTART;VALUE=DATE:{later.next_due:%Y%m%d}" in text
    assert later.target.display in text


def test_a_month_too_short_for_the_day_keeps_its_last_day() -> None:
    plan = full_plan().model_copy(update={"as_of": date(2026, 8, 31)})
    action = next(one for one in plan.actions if one.due and one.due.interval_months)
    monthly = action.model_copy(update={"due": Due(date=date(2026, 8, 31), interval_months=1)})
    text = render_calendar(plan.model_copy(update={"actions": (monthly,)})).decode()
    assert "RRULE:FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=28,29,30,31;BYSETPOS=-1" in text


def test_an_empty_plan_is_an_empty_calendar() -> None:
    assert render_calendar(empty_plan()).decode().split("\r\n") == [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Singula//Plan//EN", "CALSCALE:GREGORIAN", "END:VCALENDAR", "",
    ]  # fmt: skip


def test_text_cannot_open_a_new_property_and_lines_are_folded() -> None:
    made = render_calendar(with_text(full_plan(), "a;b,c\\d\r\nATTACH:http://evil\n" + "ü" * 100))
    lines = made.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert not any(line.startswith(b"ATTACH") for line in lines)
    assert b"a\\;b\\,c\\\\d ATTACH" in made.replace(b"\r\n ", b"")
