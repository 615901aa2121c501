"""Which medicines somebody takes, by name or class, and since when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from singula.knowledge import Knowledge
from singula.record import Medicine, Record


class Taking:
    """The medicines in use.

    Parameters
    ----------
    record : Record
        The person.
    knowledge : Knowledge
        Pack ``medicines``: the classes of each.
    """

    def __init__(self, record: Record, knowledge: Knowledge) -> None:
        self._classes = {row.medicine: frozenset(row.classes or ()) for row in knowledge.pack("medicines").table("medicines")}
        self._in_use = [one for one in record.medicines("active") if not (one.started and one.started.first_day > record.as_of)]

    def of(self, wanted: Iterable[str]) -> list[Medicine]:
        """Return the medicines in use that are one of these names, or of one of these classes."""
        names = frozenset(wanted)
        return [one for one in self._in_use if any(self._is(part, names) for part in {one.name or "", *one.ingredients})]

    def newest_start(self, wanted: Iterable[str]) -> date | None:
        """Return the newest day on which one of these was started; None where no start is on record."""
        starts = [one.started.first_day for one in self.of(wanted) if one.started is not None]
        return max(starts) if starts else None

    def _is(self, medicine: str, names: frozenset[str]) -> bool:
        return medicine in names or bool(names & self._classes.get(medicine, frozenset()))
