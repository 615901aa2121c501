"""Says what in somebody's life would help: blood pressure, mood, alcohol, sleep, social needs, heat and food."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date

from singula.assess.lifestyle.hypertension import NAME, PROBLEM, PressureOptions, Ranked, options_told
from singula.assess.lifestyle.pressure import Pressure, read_pressure
from singula.assess.lifestyle.situation import Living, shorten
from singula.finding import Certainty, Due, Effect, Finding, Statement, Strength, Topic, stable_id
from singula.knowledge import Knowledge
from singula.knowledge.pack import Row
from singula.record import Condition, Record

KINDS = {"behaviour": "counsel", "test": "test", "medicine": "start"}
EFFECTS = {"behaviour": Effect.INFORM, "test": Effect.TEST, "medicine": Effect.PREFER}
TOPICS = {"behaviour": "behaviour", "test": "service", "medicine": "medicine"}
RETEST = "home-bp-monitoring"
NSAID = "stop-nsaid"


class LifestyleAssessor:
    """Asks how a person lives and what of it could be better."""

    name = NAME

    def assess(self, record: Record, knowledge: Knowledge) -> Iterator[Statement]:
        """Tell blood-pressure options where the pressure is high, then every rule that holds, then heat and food."""
        if record.person.deceased:
            return
        living = Living(record, knowledge)
        pressure = read_pressure(living)
        known = record.has_condition(PROBLEM)
        if pressure is not None and (pressure.is_high or isinstance(known, Condition)):
            yield from _lower_pressure(living, pressure)
        yield from _rules(living)
        yield from _surroundings(living)


def _lower_pressure(living: Living, pressure: Pressure) -> Iterator[Statement]:
    options = PressureOptions(living, pressure)
    ranked, excluded = options.weigh()
    yield options.grid(ranked, excluded)
    if pressure.is_high:
        for one in options_told(ranked, int(living.settings["behaviours_told"])):
            yield _advise(living, pressure, one)


def _advise(living: Living, pressure: Pressure, one: Ranked) -> Finding:
    row = one.row
    inputs = tuple(dict.fromkeys((*pressure.inputs, *one.inputs)))
    effect, kind = EFFECTS[row.kind], KINDS[row.kind]
    topic = Topic(type=TOPICS[row.kind], name=row.option, display=row.display)
    due = None
    if row.option == NSAID:
        name = living.classes["nsaid"][0]
        topic, effect, kind = Topic(type="medicine", name=name, display=name.capitalize()), Effect.AVOID, "stop"
    elif row.option == RETEST:
        due = Due(date=_in_months(living, "retest_months"), status="upcoming")
    gain = f", {one.option.benefit}" if one.option.benefit else ""
    return Finding(
        id=stable_id(NAME, row.option, *inputs),
        assessor=NAME,
        topic=topic,
        effect=effect,
        kind=kind,
        strength=Strength.MODERATE,
        certainty=Certainty.MODERATE if row.review == "checked" else Certainty.LOW,
        summary=shorten(f"{row.display}: {one.option.why}{gain}"),
        detail=f"Blood pressure {pressure.systolic:.0f}/{pressure.diastolic:.0f} mmHg"
        + (f", mean of {pressure.readings} home readings." if pressure.at_home else ", newest reading."),
        patient_text=row.patient,
        evidence=one.option.evidence,
        inputs=inputs,
        labels=living.labels(inputs),
        option=row.option,
        due=due,
        urgency=2,
    )


def _in_months(living: Living, setting: str) -> date:
    day = living.record.as_of
    years, month = divmod(day.month - 1 + int(living.settings[setting]), 12)
    last = monthrange(day.year + years, month + 1)[1]
    return date(day.year + years, month + 1, min(day.day, last))


def _rules(living: Living) -> Iterator[Finding]:
    told: set[str] = set()
    for row in living.pack.table("rules"):
        held = living.hold(row.when) if row.name not in told else None
        if held is not None:
            told.add(row.name)
            yield _rule(living, row, held.inputs)


def _rule(living: Living, row: Row, inputs: tuple[str, ...]) -> Finding:
    return Finding(
        id=stable_id(NAME, row.id, *inputs),
        assessor=NAME,
        topic=Topic(type=row.topic, name=row.name, display=row.display),
        effect=Effect.REFER if row.kind == "refer" else Effect.INFORM,
        kind=row.kind,
        strength=Strength(row.strength),
        certainty=Certainty.MODERATE,
        summary=shorten(row.summary),
        detail=row.detail or "",
        patient_text=row.patient,
        evidence=(living.evidence(row),),
        inputs=inputs,
        labels=living.labels(inputs),
        urgency=row.urgency,
    )


def _surroundings(living: Living) -> Iterator[Finding]:
    hot = [*_by_class(living, "heat_classes"), *_by_medicine(living, "heat_medicines")]
    if hot:
        patient = "On hot days drink enough and ask if a medicine should be paused. Heat and your medicines can harm each other."
        yield _company(living, ("heat-and-medicines", "Hot days and your medicines"), hot, patient)
    food = [*_by_medicine(living, "food_medicines"), *_by_class(living, "food_classes")]
    if food:
        patient = "Some food and drink changes how your medicines work. Ask what to leave out."
        yield _company(living, ("food-and-medicines", "Food and your medicines"), food, patient)


def _by_class(living: Living, table: str) -> Iterator[tuple[Row, str, str]]:
    for row in living.pack.table(table):
        if row.classes in living.classes:
            yield (row, *living.classes[row.classes])


def _by_medicine(living: Living, table: str) -> Iterator[tuple[Row, str, str]]:
    for row in living.pack.table(table):
        if row.medicine in living.medicines:
            yield row, row.medicine, living.medicines[row.medicine]


def _company(living: Living, named: tuple[str, str], rows: list[tuple[Row, str, str]], patient: str) -> Finding:
    name, display = named
    inputs = tuple(dict.fromkeys(fact for _, _, fact in rows))
    lines = [f"{medicine.capitalize()}: {row.words}." for row, medicine, _ in rows]
    medicines = ", ".join(dict.fromkeys(medicine for _, medicine, _ in rows))
    return Finding(
        id=stable_id(NAME, name, *inputs),
        assessor=NAME,
        topic=Topic(type="behaviour", name=name, display=display),
        effect=Effect.INFORM,
        kind="counsel",
        strength=Strength.WEAK,
        certainty=Certainty.LOW,
        summary=shorten(f"{display}: {medicines}"),
        detail="\n".join(lines),
        patient_text=patient,
        evidence=tuple(dict.fromkeys(living.evidence(row, "Label") for row, _, _ in rows)),
        inputs=inputs,
        labels=living.labels(inputs),
        urgency=3,
    )


LIFESTYLE = LifestyleAssessor()
