"""When a service is due: by its newest adequate test of any kind, by the age it begins and the age it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from singula.assess.prevention.calendar_time import add_months, birthday
from singula.assess.prevention.history import Done, latest
from singula.finding import Due


@dataclass(frozen=True)
class Course:
    """From and until which age a service runs, and how often: due after ``interval_months``, overdue after ``latest_months``."""

    start_age: int | None
    end_age: int | None = None
    interval_months: int | None = None
    latest_months: int | None = None


@dataclass(frozen=True)
class Standing:
    """Where a person stands with a service: the date, or None where it is over, with the test that decided."""

    due: Due | None
    last: Done | None
    is_once_and_done: bool = False


def stand(done: Sequence[tuple[Done, int | None]], course: Course, born: date, as_of: date) -> Standing:
    """Tell when a service is due.

    Parameters
    ----------
    done : sequence of tuple
        Tests done, newest first, each with the months for which that kind of test holds; None holds for good.
    course : Course
        Ages and intervals.
    born, as_of : date
        The person's birth, and the day of the plan.

    Returns
    -------
    Standing
        The date is the latest any adequate test allows, never before the age at which the service begins; without any test it is
        that age, or the day of the plan where it is past.
    """
    adequate = [(one, months) for one, months in done if one.result != "inadequate"]
    newest = latest([one for one, _ in adequate])
    if any(months is None for _, months in adequate):
        return Standing(None, newest, is_once_and_done=True)
    start = birthday(born, course.start_age) if course.start_age is not None else born
    if not adequate:
        first = max(start, as_of)
        return Standing(_due(first, as_of, course, None), None)
    deciding, months = max(adequate, key=lambda pair: add_months(pair[0].day, pair[1] or 0))
    day = add_months(deciding.day, months or 0)
    slack = (course.latest_months or 0) - (course.interval_months or 0)
    return Standing(_due(max(day, start), as_of, replace(course, interval_months=months), deciding.day, max(slack, 0)), deciding)


def _due(day: date, as_of: date, course: Course, last: date | None, slack_months: int = 0) -> Due:
    overdue = last is not None and add_months(day, slack_months) < as_of
    status = "overdue" if overdue else "due" if day <= as_of else "upcoming"
    return Due(date=day, status=status, interval_months=course.interval_months, until_age_years=course.end_age, last_done=last)
