"""The plan: what to do for this person, in order, with every reason (schema ``singula.plan/1``)."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from singula.finding import (
    SUMMARY_LIMIT,
    Benefit,
    Certainty,
    DoseChange,
    Due,
    Evidence,
    Missing,
    OptionGrid,
    Population,
    ReasonCode,
    Strength,
    Topic,
)
from singula.record.frozen import Frozen

PLAN_SCHEMA = "singula.plan/1"

ActionKind = Literal[
    "screen", "test", "start", "stop", "avoid", "change-dose", "switch", "refer", "counsel", "treat", "monitor", "inform"
]


class Target(Frozen):
    """What an action is about."""

    type: str
    name: str
    display: str
    code: str | None = None
    system: str | None = None

    @classmethod
    def of(cls, topic: Topic) -> Target:
        """Make the target of a topic."""
        return cls(type=topic.type, name=topic.name, display=topic.display, code=topic.code, system=topic.system)


class RankedAlternative(Frozen):
    """An alternative that was itself put to every assessor; ``rank`` 1 is best, None was ruled out."""

    name: str
    display: str
    rank: int | None
    reason: str
    finding_ids: tuple[str, ...] = ()


class Action(Frozen):
    """One thing to do."""

    id: str
    kind: ActionKind
    target: Target
    summary: str = Field(max_length=SUMMARY_LIMIT)
    detail: str = ""
    patient_text: str
    strength: Strength
    certainty: Certainty
    urgency: int
    due: Due | None = None
    dose: DoseChange | None = None
    evidence: tuple[Evidence, ...]
    alternatives: tuple[RankedAlternative, ...] = ()
    benefit: Benefit | None = None
    option: str | None = None
    missing: tuple[Missing, ...] = ()
    applies_to: tuple[Population, ...] = ()
    findings: tuple[str, ...]
    inputs: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


class NotAdvised(Frozen):
    """Something weighed and not advised."""

    kind: str
    target: Target
    summary: str
    reason: str
    reason_code: ReasonCode
    evidence: tuple[Evidence, ...] = ()
    next_due: date | None = None
    inputs: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


class Conflict(Frozen):
    """Findings that disagreed, and the rule that decided."""

    target: Target
    kind: Literal["direction", "same-pathway", "guideline", "duplicate", "preference", "source"]
    rule: str
    winner: str
    losers: tuple[str, ...]
    findings: tuple[str, ...] = ()


class QualityNote(Frozen):
    """What the reader of the plan should know about the data behind it."""

    severity: Literal["error", "warning", "information"]
    where: str
    message: str


class UsedPack(Frozen):
    """A knowledge pack the plan rests on."""

    pack: str
    version: str
    date: str
    title: str


class UsedFact(Frozen):
    """A fact an action rests on, in words, so that every line can be unfolded to it."""

    id: str
    kind: str
    display: str
    value: str = ""
    when: str = ""
    source: str = ""
    flags: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


class Since(Frozen):
    """What is different from the latest earlier plan: actions new since, those no longer advised, and what came of them."""

    made: date
    added: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()


class PlanPerson(Frozen):
    """Who the plan is for."""

    id: str
    name: str | None = None
    sex: str | None = None
    birth_date: str | None = None
    age_years: int | None = None
    synthetic: bool = False


class Plan(Frozen):
    """One plan for one person; the same record, knowledge and day give the same bytes."""

    schema_: Literal["singula.plan/1"] = Field(default="singula.plan/1", alias="schema")
    person: PlanPerson
    as_of: date
    singula_version: str
    actions: tuple[Action, ...]
    options: tuple[OptionGrid, ...] = ()
    considered: tuple[NotAdvised, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    missing: tuple[Missing, ...] = ()
    quality: tuple[QualityNote, ...] = ()
    since: Since | None = None
    facts: tuple[UsedFact, ...] = ()
    knowledge: tuple[UsedPack, ...] = ()
    notice: str = "Decision support for professionals. It does not diagnose and replaces no clinical judgement."
