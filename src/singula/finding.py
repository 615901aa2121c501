"""The only words assessors and planner share: findings, what was weighed and not advised, and option grids.

An assessor says one thing about this person and proves it (evidence, the very facts used); the planner never looks at the record.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date as Day  # noqa: N812 - a field of this module is called date
from enum import StrEnum
from typing import Literal

from singula.record.frozen import Frozen

SUMMARY_LIMIT = 140
"""Characters a clinician's sentence may have."""


class Effect(StrEnum):
    """What a finding asks for."""

    AVOID = "avoid"
    REDUCE = "reduce"
    INCREASE = "increase"
    PREFER = "prefer"
    CAUTION = "caution"
    MONITOR = "monitor"
    SCREEN = "screen"
    TEST = "test"
    REFER = "refer"
    TREAT = "treat"
    INFORM = "inform"


class Strength(StrEnum):
    """How strongly the source asks for it; ``contraindicated`` is a label's or guideline's absolute no."""

    CONTRAINDICATED = "contraindicated"
    STRONG = "strong"
    MODERATE = "moderate"
    WEAK = "weak"


class Certainty(StrEnum):
    """How sure the evidence is."""

    HIGH = "high"
    MODERATE = "moderate"
    LOW = "low"
    VERY_LOW = "very-low"


class ReasonCode(StrEnum):
    """Why something was weighed and not advised."""

    NOT_DUE = "not-due"
    SUPERSEDED = "superseded"
    NOT_ELIGIBLE_AGE = "not-eligible-age"
    NOT_ELIGIBLE = "not-eligible"
    HARM_OUTWEIGHS_BENEFIT = "harm-outweighs-benefit"
    INDIVIDUAL_CHOICE = "individual-choice"
    INSUFFICIENT_EVIDENCE = "insufficient-evidence"
    CONTRAINDICATED = "contraindicated"
    ALREADY_ON = "already-on"
    DECLINED = "declined"


TopicType = Literal["service", "medicine", "condition", "behaviour", "procedure", "gene", "variant", "biomarker", "test"]


class Topic(Frozen):
    """What a finding is about; ``name`` is Singula's own word, ``display`` the plain clinical one."""

    type: TopicType
    name: str
    display: str
    code: str | None = None
    system: str | None = None


class Evidence(Frozen):
    """Who says so, how strongly, where it is written, and whether the pack row was compared with it."""

    source: str
    level: str | None = None
    citation: str
    pack: str
    pack_version: str
    review: Literal["checked", "unchecked"]
    year: int | None = None


class Missing(Frozen):
    """One thing not known, and what knowing it would change."""

    what: str
    would_change: str
    because: str = "not on record"


class Population(Frozen):
    """Whom the evidence was shown in, and how well they match this person."""

    shown_in: str
    fits: Literal["yes", "partly", "no", "unknown"] = "unknown"
    note: str = ""


class DoseChange(Frozen):
    """A change of dose; percentages refer to the usual dose and are negative for less.

    ``pathway`` names the mechanism (``CYP2C19``, ``renal``): changes on one pathway are the same change and are combined once.
    """

    pathway: str
    percent_low: float | None = None
    percent_high: float | None = None
    max_mg_per_day: float | None = None
    target_mg_per_day: float | None = None


class Due(Frozen):
    """When something is to happen, how often, and until when."""

    date: Day
    status: Literal["overdue", "due", "upcoming", "open"] = "due"
    interval_months: int | None = None
    until_age_years: int | None = None
    last_done: Day | None = None


class Benefit(Frozen):
    """Absolute benefit over a horizon, with its arithmetic: ``arr = risk * (1 - relative_risk)``, ``nnt = 100 / arr``."""

    outcome: str
    method: str
    horizon_years: int
    risk_percent: float
    relative_risk: float
    risk_percent_with: float
    arr_percent: float
    nnt: int | None
    effect_source: str
    harms: tuple[str, ...] = ()


class Alternative(Frozen):
    """Another way to the same end, and why it is offered."""

    name: str
    display: str
    reason: str = ""


class Finding(Frozen):
    """One claim about this person.

    ``summary`` is one clinician sentence of at most 140 characters, ``patient_text`` one plain sentence. ``inputs`` are the ids
    of the very facts used, ``labels`` the union of their labels. ``pathway`` names the mechanism of a medicine finding, so that
    two findings on one pathway are combined once. ``option`` is the id in an option grid that this finding carries out.
    ``kind`` overrides the kind of action that follows from the effect (``counsel``, ``start``). ``urgency`` orders the plan:
    0 is now, 1 soon, 2 at the next visit, 3 sometime.
    """

    id: str
    assessor: str
    topic: Topic
    effect: Effect
    strength: Strength
    certainty: Certainty
    summary: str
    detail: str = ""
    patient_text: str
    evidence: tuple[Evidence, ...]
    inputs: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()
    applies_to: Population | None = None
    labels: tuple[str, ...] = ()
    pathway: str | None = None
    dose: DoseChange | None = None
    alternatives: tuple[Alternative, ...] = ()
    indication: str | None = None
    due: Due | None = None
    benefit: Benefit | None = None
    option: str | None = None
    kind: str | None = None
    urgency: int = 2


class Considered(Frozen):
    """Something weighed and not advised, with the reason; ``kind`` is the action it would have been."""

    id: str
    assessor: str
    kind: str
    topic: Topic
    summary: str
    reason: str
    reason_code: ReasonCode
    evidence: tuple[Evidence, ...] = ()
    next_due: Day | None = None
    inputs: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


class Option(Frozen):
    """One choice in a grid: what it does for this person, what it asks of them, and why it stands where it stands.

    ``benefit`` and ``harms`` are plain words with natural frequencies; ``score`` orders the grid where a published rule scores.
    """

    option: str
    display: str
    kind: str
    why: str
    benefit: str = ""
    harms: tuple[str, ...] = ()
    burden: float | None = None
    burden_words: str = ""
    cost_tier: Literal["low", "medium", "high"] | None = None
    matters: str = ""
    adherence_probability: float | None = None
    expected_sbp_mmhg: float | None = None
    score: float | None = None
    numbers: Benefit | None = None
    evidence: tuple[Evidence, ...] = ()


class Excluded(Frozen):
    """A choice that is not open to this person, and the reason in words."""

    option: str
    display: str
    reason: str
    inputs: tuple[str, ...] = ()


class OptionGrid(Frozen):
    """The choices for one problem, best first for this person, with those excluded and what they do together.

    ``problem`` is Singula's word (``hypertension``); ``combined`` holds the joint effect by name, never more than trials of
    combined programmes reached.
    """

    id: str
    assessor: str
    problem: str
    display: str
    ranked: tuple[Option, ...]
    excluded: tuple[Excluded, ...] = ()
    combined: Mapping[str, float] = {}
    inputs: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


Statement = Finding | Considered | OptionGrid


def stable_id(*parts: object) -> str:
    """Return a short id that is the same for the same content: twelve hexadecimal digits of its SHA-256."""
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()[:12]
