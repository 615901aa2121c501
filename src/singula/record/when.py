"""Dates as precise as they were given: ``2026``, ``2026-05``, ``2026-05-03`` or an instant with its zone."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime
from functools import cached_property

from pydantic import field_validator

from singula.record.frozen import Frozen

SHAPE = re.compile(r"\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?)?)?")
YEAR_LENGTH, MONTH_LENGTH, DAY_LENGTH = 4, 7, 10


class When(Frozen):
    """A date or instant; partial dates stand for the whole year or month they name."""

    text: str

    @field_validator("text")
    @classmethod
    def _is_a_date(cls, text: str) -> str:
        if not SHAPE.fullmatch(text):
            raise ValueError(f"{text[:40]!r} is no date; write YYYY, YYYY-MM, YYYY-MM-DD or an instant with its zone")
        parts = [int(part) for part in text[:DAY_LENGTH].split("-")]
        date(parts[0], parts[1] if len(parts) > 1 else 1, parts[2] if len(parts) > 2 else 1)
        if len(text) > DAY_LENGTH:
            datetime.fromisoformat(text)
        return text

    @cached_property
    def first_day(self) -> date:
        """The first day it can mean."""
        parts = [int(part) for part in self.text[:DAY_LENGTH].split("-")]
        return date(parts[0], parts[1] if len(parts) > 1 else 1, parts[2] if len(parts) > 2 else 1)

    @cached_property
    def last_day(self) -> date:
        """The last day it can mean."""
        if len(self.text) == YEAR_LENGTH:
            return date(self.first_day.year, 12, 31)
        if len(self.text) == MONTH_LENGTH:
            return self.first_day.replace(day=calendar.monthrange(self.first_day.year, self.first_day.month)[1])
        return self.first_day

    @cached_property
    def instant(self) -> float | None:
        """Seconds since 1970 where a time with its zone was given, else None; instants compare across zones."""
        if len(self.text) <= DAY_LENGTH:
            return None
        moment = datetime.fromisoformat(self.text)
        return moment.timestamp() if moment.tzinfo else None

    @property
    def sort_key(self) -> tuple[date, float, str]:
        """Order in time: by day, within it by instant."""
        return (self.last_day, self.instant or 0.0, self.text)
