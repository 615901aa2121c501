"""Dates by birthdays and months."""

from __future__ import annotations

from calendar import monthrange
from datetime import date


def add_months(day: date, months: int) -> date:
    """Return the same day some months later, or the last of the month where it is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def birthday(born: date, age_years: int) -> date:
    """Return the day somebody reaches an age; who was born on 29 February reaches it on the 28th in other years."""
    return add_months(born, 12 * age_years)


def years_before(day: date, years: int) -> date:
    """Return the same day some years earlier."""
    return add_months(day, -12 * years)
