"""The person: who they are, what they want, and what may not be assumed about them."""

from __future__ import annotations

from datetime import date
from typing import Literal

from singula.record.frozen import Frozen
from singula.record.when import When

Sex = Literal["female", "male"]


class Identifier(Frozen):
    """A number some authority gave this person."""

    system: str | None = None
    value: str


class Ancestry(Frozen):
    """What is known of ancestry; self-reported and inferred are different things and never merged."""

    self_reported: tuple[str, ...] = ()
    inferred: tuple[tuple[str, float], ...] = ()


class Preference(Frozen):
    """A wish that moves the ranking: ``avoid-injections``, ``once-daily``, ``low-cost``, ``declines:aspirin``, ``prefers:…``."""

    name: str
    weight: float = 1.0
    text: str = ""


class Goal(Frozen):
    """What matters to the person, in their words and by name (``fewer-strokes``, ``stay-active``)."""

    name: str
    text: str = ""


class Person(Frozen):
    """Identity and wishes of one person; what is None is not known."""

    id: str
    identifiers: tuple[Identifier, ...] = ()
    name: str | None = None
    sex_at_birth: Sex | None = None
    gender: str | None = None
    birth_date: When | None = None
    deceased: bool = False
    ancestry: Ancestry = Ancestry()
    language: str | None = None
    country: str | None = None
    preferences: tuple[Preference, ...] = ()
    goals: tuple[Goal, ...] = ()

    def age_years(self, on: date) -> int | None:
        """Completed years of age on a day; None where the birth date is not known to the year."""
        if self.birth_date is None:
            return None
        born = self.birth_date.first_day
        return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
