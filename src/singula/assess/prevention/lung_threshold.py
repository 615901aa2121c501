"""Screening for lung cancer by a computed risk, for people whom the rule of pack-years leaves out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from singula.assess.prevention.criteria import Criteria
from singula.assess.prevention.raised_risk import Person, RaisedRisk, tell_standing
from singula.assess.prevention.speaking import Reasons, Service
from singula.assess.prevention.timetable import Course, stand
from singula.errors import SingulaError
from singula.finding import ReasonCode, Strength
from singula.knowledge.pack import Pack, Row
from singula.methods.registry import run_method
from singula.record import FamilyCondition

METHOD, OUTPUT = "plcom2012", "lung_cancer_risk_percent_6y"
SERVICE, NAME = "lung-cancer-screening", "lung-screening-by-risk"


@dataclass(frozen=True)
class LungRisk:
    """The lowest and highest risk over what is not known, in percent over 6 years, the facts used and what was not known."""

    low: float
    high: float
    inputs: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def words(self) -> str:
        """The figure, or its bounds."""
        one, other = f"{self.low:.1f}", f"{self.high:.1f}"
        return f"{one} %" if one == other else f"{one} to {other} %"


def add_lung_threshold(person: Person, criteria: Criteria, pack: Pack, found: RaisedRisk) -> None:
    """Say what the computed risk asks for where the rule of pack-years does not hold; it goes before that rule.

    Parameters
    ----------
    person : Person
        Record, history, speaker, birth and sex.
    criteria : Criteria
        Answers what is known of smoking and disease.
    pack : Pack
        Pack ``prevention``: tables ``thresholds`` and ``rules``.
    found : RaisedRisk
        What genes, disease and family asked for; added to.
    """
    row = pack.index("thresholds", "method")[METHOD][0]
    usual = next(rule for rule in pack.table("rules") if rule.service == SERVICE)
    is_out = person.history.has_limited_life_expectancy or criteria.answer("has:lung-cancer").holds or SERVICE in found.replaces
    if is_out or not row.age_min <= person.age_years <= row.age_max or criteria.answer(usual.when).holds:
        return
    risk = estimate_lung_risk(person, criteria, row)
    if risk is None:
        return
    service = Service(
        name=NAME,
        display="Low-dose CT of the chest (lung cancer screening by computed risk)",
        patient_text="Your smoking and health put you at a raised risk of lung cancer. Talk about a yearly chest scan.",
        evidence=person.speaker.evidence(row, "Risk threshold", None),
        strength=Strength.WEAK,
    )
    why = f"PLCOm2012 {risk.words} over 6 years, threshold {row.percent:g} %"
    if risk.low < row.percent:
        open_words = f"; may reach it, by {' and '.join(risk.unknown)}" if risk.high >= row.percent else ""
        told = Reasons(f"{why}{open_words}", f"{why}{open_words}", risk.inputs)
        found.statements.append(person.speaker.weigh(service, "screen", ReasonCode.NOT_ELIGIBLE, told))
        return
    done = [(one, row.interval_months) for one in person.history.done(row.names)]
    standing = stand(done, Course(row.age_min, row.age_max, row.interval_months), person.born, person.record.as_of)
    told = Reasons(why, inputs=risk.inputs, note="The Task Force’s rule of pack-years and years since quitting does not hold.")
    found.statements.extend(tell_standing(person, service, "screen", standing, told))
    found.replaces[SERVICE] = Reasons(f"the risk threshold: {why}", inputs=risk.inputs)


def estimate_lung_risk(person: Person, criteria: Criteria, row: Row) -> LungRisk | None:
    """Compute the risk over every value of what is not known; None where smoking is not known well enough.

    The years smoked follow from pack-years and cigarettes a day.
    """
    current, former = criteria.answer("smokes"), criteria.answer("ever-smoked")
    numbers = {name: criteria.measured(name) for name in ("pack-years", "cigarettes-per-day", "bmi", "quit-years")}
    packs, daily, bmi, quit_years = (numbers[name][0] for name in numbers)
    if not former.holds or not packs or not daily or bmi is None or (not current.holds and quit_years is None):
        return None
    known = {
        "age_years": person.age_years,
        "bmi_kg_per_m2": bmi,
        "copd": bool(criteria.answer("has:copd").holds),
        "personal_history_cancer": bool(criteria.answer(row.cancers).holds),
        "smoking_status": "current" if current.holds else "former",
        "cigarettes_per_day": daily,
        "smoking_duration_years": packs * row.cigarettes_per_pack / daily,
        "years_since_quit": 0 if current.holds else quit_years,
    }
    choices, unknown = _open_inputs(person, criteria, row)
    risks = []
    for values in product(*choices.values()):
        try:
            answer = run_method(METHOD, {**known, **dict(zip(choices, values, strict=True))}, criteria.knowledge)
        except SingulaError:
            return None
        risks.append(float(answer[OUTPUT]))
    inputs = (*former.inputs, *(fact for _, facts in numbers.values() for fact in facts))
    return LungRisk(min(risks), max(risks), tuple(dict.fromkeys(inputs)), unknown)


def _open_inputs(person: Person, criteria: Criteria, row: Row) -> tuple[Mapping[str, Sequence[Any]], tuple[str, ...]]:
    """Return the values each of education, ethnicity and family history may have, and which of them are not known."""
    said = " ".join(person.record.person.ancestry.self_reported).lower()
    stated = {one.race for one in criteria.knowledge.pack("risk_reading").table("race_words") if one.words in said}
    ethnic = sorted(stated & set(row.ethnicities)) if len(stated) == 1 else []
    family = list(person.record.of_shape(FamilyCondition))
    lung = any(one.is_present and one.name == "lung-cancer" and one.degree == 1 for one in family)
    choices: dict[str, Sequence[Any]] = {
        "education_level": [row.education_low, row.education_high],
        "ethnicity": ethnic or list(row.ethnicities),
        "family_history_lung_cancer": [lung] if family else [False, True],
    }
    unknown = ["education"]
    unknown += [] if ethnic else ["ethnicity"]
    unknown += [] if family else ["family history"]
    return choices, tuple(unknown)
