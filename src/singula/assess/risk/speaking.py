"""What every statement about risk shares: evidence from the pack, labels of the facts, short sentences."""

from __future__ import annotations

from collections.abc import Iterable

from singula.finding import SUMMARY_LIMIT, Evidence
from singula.knowledge.pack import Pack, Row
from singula.record import Record

NAME = "risk"


class Speaker:
    """Lends evidence and labels.

    Parameters
    ----------
    record : Record
        The person.
    pack : Pack
        Pack ``risk_reading``.
    """

    def __init__(self, record: Record, pack: Pack) -> None:
        self.record, self.pack = record, pack

    def evidence(self, row: Row, source: str, level: str | None = None) -> Evidence:
        """Return the evidence of a row."""
        return Evidence(
            source=source,
            level=level,
            citation=self.pack.citation(row.citation),
            pack=self.pack.name,
            pack_version=self.pack.version,
            review=row.review,
        )

    def labels(self, inputs: Iterable[str]) -> tuple[str, ...]:
        """Return every label of the facts used."""
        facts = self.record.fact_index
        return tuple(sorted({label for one in inputs if one in facts for label in facts[one].labels}))


def shorten(text: str) -> str:
    """Cut a sentence to what a summary may hold."""
    return text if len(text) <= SUMMARY_LIMIT else f"{text[: SUMMARY_LIMIT - 1]}…"
