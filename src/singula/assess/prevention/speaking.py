"""How a preventive service is told: due with its dates, or weighed and not advised with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from singula.finding import (
    SUMMARY_LIMIT,
    Certainty,
    Considered,
    Due,
    Effect,
    Evidence,
    Finding,
    ReasonCode,
    Strength,
    Topic,
    stable_id,
)
from singula.knowledge.pack import Pack, Row
from singula.record import Record

NAME = "prevention"
EFFECTS = {"screen": Effect.SCREEN, "test": Effect.TEST, "refer": Effect.REFER, "treat": Effect.TREAT, "monitor": Effect.MONITOR}
STRENGTH_OF_GRADE = {"A": Strength.STRONG, "B": Strength.MODERATE, "C": Strength.WEAK, "D": Strength.STRONG}
CERTAINTY_OF_GRADE = {"A": Certainty.HIGH, "B": Certainty.MODERATE, "C": Certainty.MODERATE, "D": Certainty.MODERATE}
BEHAVIOURS = ("tobacco", "tobacco-youth")


@dataclass(frozen=True)
class Service:
    """What is spoken of: its name, plain words, and who says so."""

    name: str
    display: str
    patient_text: str
    evidence: Evidence
    strength: Strength
    certainty: Certainty = Certainty.MODERATE
    urgency: int = 2

    @property
    def topic(self) -> Topic:
        """The topic of a finding."""
        return Topic(type="behaviour" if self.name in BEHAVIOURS else "service", name=self.name, display=self.display)


@dataclass(frozen=True)
class Reasons:
    """Why this person, why now, the facts behind it, and a note."""

    why: str
    when: str = ""
    inputs: tuple[str, ...] = ()
    note: str = ""


class Speaker:
    """Makes statements about one person.

    Parameters
    ----------
    record : Record
        The person, whose facts lend their labels.
    pack : Pack
        Pack ``prevention``.
    """

    def __init__(self, record: Record, pack: Pack) -> None:
        self.record, self.pack = record, pack

    def evidence(self, row: Row, source: str, level: str | None) -> Evidence:
        """Return the evidence of a row of the pack."""
        return Evidence(
            source=source,
            level=level,
            citation=self.pack.citation(row.citation),
            pack=row.get("pack") or self.pack.name,
            pack_version=row.get("pack_version") or self.pack.version,
            review=row.review,
            year=row.get("year"),
        )

    def advise(self, service: Service, kind: str, due: Due, reasons: Reasons) -> Finding:
        """Say that a service is due or coming."""
        grade = f" ({service.evidence.source} {service.evidence.level})" if service.evidence.level else ""
        return Finding(
            id=stable_id(NAME, service.name, kind, due.date, *reasons.inputs),
            assessor=NAME,
            topic=service.topic,
            effect=EFFECTS.get(kind, Effect.INFORM),
            kind=kind,
            strength=service.strength,
            certainty=service.certainty,
            summary=shorten(f"{service.display}: {reasons.when}{grade}"),
            detail="\n".join(line for line in (f"Why: {reasons.why}." if reasons.why else "", reasons.note) if line),
            patient_text=service.patient_text,
            evidence=(service.evidence,),
            inputs=reasons.inputs,
            labels=self._labels(reasons.inputs),
            due=due,
            urgency=service.urgency,
        )

    def weigh(self, service: Service, kind: str, code: ReasonCode, reasons: Reasons, next_due: date | None = None) -> Considered:
        """Say that a service was weighed and is not advised now."""
        return Considered(
            id=stable_id(NAME, service.name, kind, code, service.evidence.citation, *reasons.inputs),
            assessor=NAME,
            kind=kind,
            topic=service.topic,
            summary=shorten(f"{service.display}: {reasons.when}"),
            reason=reasons.why,
            reason_code=code,
            evidence=(service.evidence,),
            next_due=next_due,
            inputs=reasons.inputs,
            labels=self._labels(reasons.inputs),
        )

    def _labels(self, inputs: Sequence[str]) -> tuple[str, ...]:
        facts = self.record.fact_index
        return tuple(sorted({label for one in inputs if one in facts for label in facts[one].labels}))


def shorten(text: str) -> str:
    """Cut a sentence to what a summary may hold."""
    return text if len(text) <= SUMMARY_LIMIT else f"{text[: SUMMARY_LIMIT - 1]}…"
