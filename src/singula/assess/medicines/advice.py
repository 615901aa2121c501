"""The words in which pieces of advice about one medicine are collected before they become one answer."""

from __future__ import annotations

from dataclasses import dataclass, field

from singula.knowledge import Pack, Row

ORDER = ("avoid", "alternative", "test_first", "reduce_dose", "increase_dose", "caution", "monitor", "standard")
PROTECTIVE = ("avoid", "alternative", "reduce_dose", "test_first", "caution", "monitor", "increase_dose", "standard")


@dataclass(frozen=True)
class Piece:
    """One row that applies to one medicine of this person.

    ``pathway`` is what it acts through (``CYP2C19``, ``renal``): pieces of one pathway are one reason.
    """

    medicine: str
    action: str
    strength: str
    body: str
    text: str
    patient_text: str
    pathway: str
    row: Row = field(compare=False)
    pack: Pack = field(compare=False)
    level: str | None = None
    year: int | None = None
    pmid: str | None = None
    percent_low: float | None = None
    percent_high: float | None = None
    max_mg_per_day: float | None = None
    target_mg_per_day: float | None = None
    alternatives: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    kind: str = "gene"

    @property
    def citation(self) -> str:
        """Where it is written."""
        return self.pack.citation(self.row.citation)


@dataclass(frozen=True)
class Gap:
    """A gene or value that is not known although a rule asks for it."""

    what: str
    would_change: str
    medicine: str
