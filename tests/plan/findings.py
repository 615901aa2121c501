"""Hand-written findings and circumstances for tests of the planner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from singula.finding import Alternative, Certainty, DoseChange, Effect, Evidence, Finding, Strength, Topic
from singula.knowledge import load_knowledge
from singula.plan.actions import Circumstances
from singula.plan.alternatives import Wishes
from singula.plan.model import Target
from singula.record import Preference

AS_OF = date(2026, 11, 26)
CODEINE = Topic(type="medicine", name="codeine", display="Codeine")
TARGET = Target.of(CODEINE)
EVIDENCE = Evidence(source="Test", citation="hand-written", pack="none", pack_version="0", review="unchecked")


def finding(key: str, effect: Effect, strength: Strength = Strength.STRONG, **more: Any) -> Finding:
    given = {"topic": CODEINE, "certainty": Certainty.HIGH, "summary": f"{key}.", "patient_text": "Words.", **more}
    return Finding(id=key, assessor="test", effect=effect, strength=strength, evidence=(EVIDENCE,), **given)


def dose(pathway: str, low: float | None, high: float | None = None, **more: float) -> DoseChange:
    return DoseChange(pathway=pathway, percent_low=low, percent_high=high, **more)


def instead(*names: str) -> tuple[Alternative, ...]:
    return tuple(Alternative(name=name, display=name.capitalize(), reason="") for name in names)


def circumstances(
    in_use: Mapping[str, str] | None = None,
    verdicts: Mapping[str, Sequence[Finding]] | None = None,
    wishes: Sequence[str] = (),
) -> Circumstances:
    preferences = tuple(Preference(name=name, weight=1.0) for name in wishes)
    said = verdicts or {}
    return Circumstances(
        as_of=AS_OF,
        in_use=in_use or {},
        wishes=Wishes(preferences, {}),
        judge=lambda candidate, _: tuple(said.get(candidate, ())),
        knowledge=load_knowledge(),
    )


def medicine(name: str) -> Topic:
    return Topic(type="medicine", name=name, display=name.capitalize())
