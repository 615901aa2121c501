"""What was planned for the person before, what came of it, and who in the family had what."""

from __future__ import annotations

from datetime import date
from typing import Literal

from singula.record.facts import Fact, FamilyCondition, Kind, Source
from singula.record.frozen import Frozen


class EarlierAction(Frozen):
    """One action of an earlier plan; ``kind`` and ``target`` recognise it in a later one."""

    kind: str
    target: str
    summary: str


class EarlierPlan(Frozen):
    """A plan made before, as far as later plans look back at it."""

    made: date
    source: Source
    actions: tuple[EarlierAction, ...] = ()


class Outcome(Fact):
    """What came of an action, as the person or their clinician reports it; ``name`` is the action's target."""

    kind: Kind = Kind.OUTCOME
    action: str = ""
    result: Literal["done", "not-done", "helped", "no-change", "harmed"]


class Relative(Frozen):
    """One member of the pedigree: how they are related, and every disease reported of them."""

    relation: str
    degree: int | None = None
    side: Literal["maternal", "paternal"] | None = None
    deceased: bool | None = None
    conditions: tuple[FamilyCondition, ...] = ()
