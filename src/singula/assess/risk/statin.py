"""Statin and aspirin for the heart: the rule that decides, with the benefit for this person or the reason against it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from singula.assess.risk.benefit import Treatments
from singula.assess.risk.heart_rules import ASCVD, BLEEDING, HeartSide, find_rule
from singula.assess.risk.speaking import NAME, shorten
from singula.finding import (
    Certainty,
    Considered,
    Due,
    Effect,
    Finding,
    Missing,
    ReasonCode,
    Statement,
    Strength,
    Topic,
    stable_id,
)
from singula.knowledge.pack import Row
from singula.record import Allergy

INTOLERANCE = ("statin-myopathy", "rhabdomyolysis")
STATIN = Topic(type="medicine", name="statin", display="Statin")
ASPIRIN = Topic(type="medicine", name="aspirin-primary-prevention", display="Aspirin to prevent a first heart attack or stroke")
LIPIDS = Topic(type="service", name="lipid-panel", display="Lipid panel (cholesterol), to tell cardiovascular risk")


def advise_statin(side: HeartSide) -> Iterator[Statement]:
    """Say whether to start a statin, or why not; nothing for the young without disease."""
    age = side.person.record.age_years
    if age is None:
        return
    state, inputs, why = find_rule(side, age)
    if state == "young":
        return
    rules = {row.state: row for row in side.person.pack.table("statin_rules")}
    taken = side.person.classes_taken().get("statin")
    against = _against(side)
    if state == "unknown" and taken is None and against is None:
        yield _lipids(side, why)
        return
    row = rules.get(state, rules["uspstf-b"])
    if taken is not None:
        yield _weigh(side, row, ReasonCode.ALREADY_ON, "a statin is taken already", (taken,))
    elif against is not None and row.kind != "no":
        code, words, facts = against
        yield _weigh(side, row, code, words, facts)
    elif row.kind == "start":
        yield _start(side, row, inputs)
    elif row.kind == "consider":
        yield _weigh(side, row, ReasonCode.INDIVIDUAL_CHOICE, f"{row.text}{_figure(side)}", inputs)
    else:
        code = ReasonCode.NOT_ELIGIBLE_AGE if state == "old" else ReasonCode.NOT_ELIGIBLE
        yield _weigh(side, row, code, f"{why or row.text}{_figure(side)}", inputs)


def _against(side: HeartSide) -> tuple[ReasonCode, str, tuple[str, ...]] | None:
    record = side.person.record
    pregnant = side.person.has_any(("pregnancy",))
    if pregnant is not None:
        return ReasonCode.CONTRAINDICATED, "not in pregnancy", (pregnant.id,)
    harmed = side.person.has_any(INTOLERANCE)
    if harmed is not None:
        return ReasonCode.CONTRAINDICATED, f"{harmed.display} in the past: another way to lower LDL has to be found", (harmed.id,)
    allergy = next((one for one in record.of_shape(Allergy) if one.is_present and "statin" in (one.name or "")), None)
    if allergy is not None:
        return ReasonCode.CONTRAINDICATED, f"does not tolerate {allergy.display}", (allergy.id,)
    if any(wish.name == "declines:statin" for wish in record.person.preferences):
        return ReasonCode.DECLINED, "the person does not want a statin", ()
    return None


def _start(side: HeartSide, row: Row, inputs: Sequence[str]) -> Finding:
    harms = tuple(one.words for one in side.person.pack.table("harms") if one.option == "statin")
    treated = None
    if side.judged is not None and row.state != "ascvd":
        treated = Treatments(side.person, side.judged, side.knowledge).treat(f"statin-{row.intensity}", harms)
    facts = tuple(dict.fromkeys((*inputs, *(treated.inputs if treated else ()))))
    no_ldl = treated is None and side.judged is not None and row.state != "ascvd"
    missing = (Missing(what="LDL cholesterol", would_change="how much a statin would lower this risk"),) if no_ldl else ()
    figure = f"10-year risk {side.judged.words} ({side.judged.row.display})" if side.judged and row.state != "ascvd" else ""
    topic = STATIN.model_copy(update={"display": f"Statin ({row.intensity} intensity)"})
    gain = f"; {treated.benefit.arr_percent:g} points less, NNT {treated.benefit.nnt}" if treated else ""
    return Finding(
        id=stable_id(NAME, "statin", row.state, *facts),
        assessor=NAME,
        topic=topic,
        effect=Effect.PREFER,
        kind="start",
        strength=Strength(row.strength),
        certainty=Certainty.HIGH if row.review == "checked" else Certainty.MODERATE,
        summary=shorten(f"Start a {row.intensity}-intensity statin: {figure or row.text}{gain}"),
        detail=f"Why: {row.text}. The threshold was set with the pooled cohort equations; other equations stand under the risk.",
        patient_text=row.patient,
        evidence=(side.speaker.evidence(row, row.source, row.grade),),
        inputs=facts,
        missing=missing,
        labels=side.speaker.labels(facts),
        benefit=treated.benefit if treated else None,
        option=f"statin-{row.intensity}" if treated else None,
        urgency=row.urgency,
    )


def _weigh(side: HeartSide, row: Row, code: ReasonCode, words: str, inputs: Sequence[str]) -> Considered:
    return Considered(
        id=stable_id(NAME, "statin", code, *inputs),
        assessor=NAME,
        kind="start",
        topic=STATIN,
        summary=shorten(f"Statin: {words}"),
        reason=words,
        reason_code=code,
        evidence=(side.speaker.evidence(row, row.source, row.grade),),
        inputs=tuple(inputs),
        labels=side.speaker.labels(inputs),
    )


def _figure(side: HeartSide) -> str:
    return f"; {side.judged.row.display} {side.judged.words}" if side.judged else ""


def _lipids(side: HeartSide, why: str) -> Finding:
    row = next(one for one in side.person.pack.table("statin_rules") if one.state == "uspstf-b")
    unknown = f": the risk lies between {why}" if why else ": whether a statin would help cannot be told without it"
    return Finding(
        id=stable_id(NAME, "lipids"),
        assessor=NAME,
        topic=LIPIDS,
        effect=Effect.TEST,
        strength=Strength.MODERATE,
        certainty=Certainty.MODERATE,
        summary=shorten(f"{LIPIDS.display}{unknown}"),
        patient_text="A blood test for cholesterol shows your risk of a heart attack or stroke.",
        evidence=(side.speaker.evidence(row, row.source, row.grade),),
        missing=(Missing(what="total and HDL cholesterol, blood pressure, smoking", would_change="whether a statin is advised"),),
        due=Due(date=_day(side), status="due"),
        urgency=2,
    )


def _day(side: HeartSide) -> date:
    return side.person.record.as_of


def advise_aspirin(side: HeartSide) -> Iterator[Statement]:
    """Say why aspirin is not started to prevent a first event, or that it is a choice; nothing where vessels are diseased."""
    age, risk = side.person.record.age_years, side.judged
    if age is None or side.person.has_any(ASCVD) is not None or side.person.classes_taken().get("antiplatelet"):
        return
    rows = {row.state: row for row in side.person.pack.table("aspirin_rules")}
    if age > side.setting("aspirin_age_to"):
        yield _weigh_aspirin(side, rows["d"], ReasonCode.HARM_OUTWEIGHS_BENEFIT, rows["d"].text, ())
        return
    if age < side.setting("aspirin_age_from") or risk is None or risk.low < side.setting("aspirin_risk"):
        return
    bleeds = side.person.has_any(BLEEDING)
    if bleeds is not None:
        yield _weigh_aspirin(side, rows["c"], ReasonCode.CONTRAINDICATED, f"{bleeds.display}: bleeding risk", (bleeds.id,))
        return
    yield _weigh_aspirin(side, rows["c"], ReasonCode.INDIVIDUAL_CHOICE, rows["c"].text, risk.inputs)


def _weigh_aspirin(side: HeartSide, row: Row, code: ReasonCode, words: str, inputs: Sequence[str]) -> Considered:
    return Considered(
        id=stable_id(NAME, "aspirin", code, *inputs),
        assessor=NAME,
        kind="start",
        topic=ASPIRIN,
        summary=shorten(f"{ASPIRIN.display}: {words}"),
        reason=words,
        reason_code=code,
        evidence=(side.speaker.evidence(row, row.source, row.grade),),
        inputs=tuple(inputs),
        labels=side.speaker.labels(inputs),
    )
