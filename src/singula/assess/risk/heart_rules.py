"""Which rule about a statin speaks for a person: known disease, very high LDL, the risk with its factors, diabetes, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from singula.assess.risk.equations import Answered
from singula.assess.risk.person_inputs import PersonInputs
from singula.assess.risk.speaking import Speaker
from singula.knowledge import Knowledge
from singula.record import Unknown

ASCVD = ("coronary-heart-disease", "myocardial-infarction", "acute-coronary-syndrome", "stent", "stroke", "tia",
         "peripheral-artery-disease")  # fmt: skip
BLEEDING = ("gastrointestinal-bleeding", "intracranial-bleeding", "bleeding-disorder", "peptic-ulcer", "thrombocytopenia")
JUDGED_BY = "pce"


@dataclass(frozen=True)
class HeartSide:
    """What the rules look at: the person, the figure they were made for, and the speaker."""

    person: PersonInputs
    judged: Answered | None
    speaker: Speaker
    knowledge: Knowledge

    def setting(self, name: str) -> float:
        """Return a threshold of the pack."""
        return float(next(row.value for row in self.person.pack.table("settings") if row.name == name))


def find_rule(side: HeartSide, age: int) -> tuple[str, tuple[str, ...], str]:
    """Return which rule speaks, the facts, and words where they say more than the rule."""
    person = side.person
    disease = person.has_any(ASCVD)
    if disease is not None:
        return "ascvd", (disease.id,), ""
    ldl = person.record.latest("ldl-cholesterol")
    if not isinstance(ldl, Unknown) and ldl.canonical and ldl.canonical.number >= side.setting("ldl_treat_mg_per_dl"):
        return "ldl-190", (ldl.id,), ""
    if age < side.setting("statin_age_from"):
        return "young", (), ""
    if age > side.setting("statin_age_to"):
        return "old", (), ""
    return ("unknown", (), "") if side.judged is None else _state_by_risk(side, side.judged)


def _state_by_risk(side: HeartSide, risk: Answered) -> tuple[str, tuple[str, ...], str]:
    factors = risk_factors(side)
    inputs = tuple(dict.fromkeys((*risk.inputs, *(fact for _, facts in factors for fact in facts))))
    if factors and risk.low >= side.setting("statin_risk_b"):
        return "uspstf-b", inputs, ""
    if side.person.give("diabetes", "").value:
        return "diabetes", inputs, ""
    if not risk.is_exact and risk.high >= side.setting("statin_risk_c"):
        return "unknown", inputs, risk.words
    if factors and risk.low >= side.setting("statin_risk_c"):
        return "uspstf-c", inputs, ""
    return "low", inputs, "" if factors else "no risk factor (lipids, diabetes, pressure, smoking)"


def risk_factors(side: HeartSide) -> list[tuple[str, tuple[str, ...]]]:
    """Return the risk factors the Task Force counts, each with its facts."""
    found = []
    for name in ("diabetes", "hypertension", "smoker_current", "bp_treated"):
        given = side.person.give(name, "")
        if given.value is True:
            found.append((name, given.inputs))
    record = side.person.record
    for name, limit, is_high in (
        ("ldl-cholesterol", "ldl_factor_mg_per_dl", True),
        ("hdl-cholesterol", "hdl_factor_mg_per_dl", False),
    ):
        latest = record.latest(name)
        if isinstance(latest, Unknown) or latest.canonical is None:
            continue
        number = latest.canonical.number
        if number > side.setting(limit) if is_high else number < side.setting(limit):
            found.append((name, (latest.id,)))
    return found


def judged_by(answers: Sequence[Answered]) -> Answered | None:
    """Return the figure the thresholds were made for."""
    return next((one for one in answers if one.row.id == JUDGED_BY), None)
