"""The choices to lower cardiovascular risk side by side: what each gains of a hundred people, harms, burden, cost."""

from __future__ import annotations

from collections.abc import Iterator

from singula.assess.risk.benefit import Treatments
from singula.assess.risk.equations import Answered
from singula.assess.risk.heart_rules import BLEEDING, HeartSide
from singula.assess.risk.speaking import NAME
from singula.finding import Benefit, Excluded, Option, OptionGrid, stable_id
from singula.knowledge.pack import Row

PROBLEM = "cardiovascular-prevention"
PERCENT = 100


def offer_options(side: HeartSide) -> Iterator[OptionGrid]:
    """Yield the grid where the risk is high enough to talk about, and at least two choices are open."""
    risk = side.judged
    if risk is None or not risk.is_exact or risk.low < side.setting("grid_risk_from"):
        return
    ranked, excluded = [], []
    for row in side.person.pack.table("options"):
        reason = _closed(side, row)
        if reason is None:
            option = _option(side, risk, row)
            ranked.extend([option] if option else [])
        elif reason:
            excluded.append(Excluded(option=row.option, display=row.display, reason=reason))
    if len(ranked) < 2:
        return
    ranked.sort(key=lambda one: (-(one.numbers.arr_percent if one.numbers else 0), one.option))
    effects = {row.option: row.effect for row in side.person.pack.table("options") if row.effect}
    joint = Treatments(side.person, risk, side.knowledge).together(
        tuple(effects[one.option] for one in ranked if one.option in effects and one.option != "aspirin")
    )
    yield OptionGrid(
        id=stable_id(NAME, PROBLEM, *risk.inputs),
        assessor=NAME,
        problem=PROBLEM,
        display="Lowering the risk of a heart attack or stroke",
        ranked=tuple(ranked),
        excluded=tuple(excluded),
        combined={
            "risk_percent": round(risk.low, 1),
            "risk_percent_with_all": round(risk.low * joint, 1),
            "arr_percent": round(risk.low * (1 - joint), 1),
        },
        inputs=risk.inputs,
        labels=side.speaker.labels(risk.inputs),
    )


def _closed(side: HeartSide, row: Row) -> str | None:
    """Say why a choice is not open: empty words where it simply does not concern the person, None where it is open."""
    person = side.person
    if row.option.startswith("statin"):
        return "a statin is taken already" if "statin" in person.classes_taken() else _pregnant(side)
    if row.option == "pressure-10":
        known = person.give("hypertension", "").value
        limit = side.setting("pressure_from_known_mmhg" if known else "pressure_from_mmhg")
        return None if (person.give("sbp_mmhg", "").value or 0) >= limit else ""
    if row.option == "stop-smoking":
        return None if person.give("smoker_current", "").value else ""
    if row.option == "aspirin":
        age = person.record.age_years or 0
        if age > side.setting("aspirin_age_to"):
            return "60 years or older: bleeding outweighs the benefit"
        bleeds = person.has_any(BLEEDING)
        return f"{bleeds.display}: bleeding risk" if bleeds is not None else _low_for_aspirin(side)
    return None


def _pregnant(side: HeartSide) -> str | None:
    return "not in pregnancy" if side.person.has_any(("pregnancy",)) is not None else None


def _low_for_aspirin(side: HeartSide) -> str | None:
    high = side.judged is not None and side.judged.low >= side.setting("aspirin_risk")
    return None if high else "the risk is too low for the bleeding it brings"


def _option(side: HeartSide, risk: Answered, row: Row) -> Option | None:
    harms = tuple(one.words for one in side.person.pack.table("harms") if one.option in (row.option, row.option.split("-")[0]))
    numbers = None
    if row.effect:
        treated = Treatments(side.person, risk, side.knowledge).treat(row.effect, harms)
        if treated is None:
            return None
        numbers = treated.benefit
    effects = {one.effect: one for one in side.person.pack.table("effects")}
    source = effects.get(row.effect) if row.effect else _quitting_row(side)
    return Option(
        option=row.option,
        display=row.display,
        kind=row.kind,
        why=str(source.words) if row.effect and source is not None else "the risk falls over years, not at once",
        benefit=_frequencies(numbers) if numbers else _years_of_life(side),
        harms=harms,
        burden_words=row.burden_words,
        cost_tier=row.cost_tier,
        matters=row.matters,
        numbers=numbers,
        evidence=(side.speaker.evidence(source, "Trial" if row.effect else "Cohort"),) if source is not None else (),
    )


def _frequencies(benefit: Benefit) -> str:
    before, after = round(benefit.risk_percent), round(benefit.risk_percent_with)
    return f"of 100 people like this one, {before} have an event in {benefit.horizon_years} years without it, {after} with it"


def _quitting_row(side: HeartSide) -> Row | None:
    age = side.person.record.age_years or 0
    return next((row for row in side.person.pack.table("quitting_years") if row.age_from <= age <= row.age_to), None)


def _years_of_life(side: HeartSide) -> str:
    row = _quitting_row(side)
    return f"about {row.years_gained} years of life" if row is not None else "years of life at every age"
