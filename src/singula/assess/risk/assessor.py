"""Says how likely what is for this person, by every equation that fits, what is missing, and what would change it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from singula.assess.risk.equations import Answered, Unfit, ask_equations
from singula.assess.risk.heart_rules import HeartSide, judged_by
from singula.assess.risk.options import offer_options
from singula.assess.risk.person_inputs import PersonInputs
from singula.assess.risk.speaking import NAME, Speaker, shorten
from singula.assess.risk.statin import advise_aspirin, advise_statin
from singula.finding import Certainty, Effect, Finding, Missing, Population, Statement, Strength, Topic, stable_id
from singula.knowledge import Knowledge
from singula.knowledge.pack import Row
from singula.record import Record

PEOPLE = 100
ON_TREATMENT = (
    "A statin is taken: the cholesterol on record is on treatment. Equations without a statin term do not know that; what the"
    " statin does is not counted a second time."
)


class RiskAssessor:
    """Asks how likely disease is, and whether a treatment would change it."""

    name = NAME

    def assess(self, record: Record, knowledge: Knowledge) -> Iterator[Statement]:
        """Tell risks by problem, then statin, aspirin and the choices; nothing without birth date and sex."""
        if record.age_years is None or record.person.sex_at_birth is None or record.person.deceased:
            return
        person = PersonInputs(record, knowledge)
        speaker = Speaker(record, person.pack)
        replies = list(ask_equations(person, knowledge))
        for row in person.pack.table("problems"):
            mine = [one for one in replies if one.row.problem == row.problem]
            answered = [one for one in mine if isinstance(one, Answered)]
            if answered:
                yield _tell(row, answered, [one for one in mine if isinstance(one, Unfit)], speaker)
        judged = judged_by([one for one in replies if isinstance(one, Answered)])
        side = HeartSide(person, judged, speaker, knowledge)
        yield from advise_statin(side)
        yield from advise_aspirin(side)
        yield from offer_options(side)


def _tell(problem: Row, answered: Sequence[Answered], unfit: Sequence[Unfit], speaker: Speaker) -> Finding:
    inputs = tuple(dict.fromkeys(fact for one in answered for fact in one.inputs))
    lead = answered[0]
    shown = "; ".join(f"{one.row.display} {one.words}" for one in answered[:2])
    return Finding(
        id=stable_id(NAME, problem.problem, *inputs),
        assessor=NAME,
        topic=Topic(type="condition", name=f"risk-{problem.problem}", display=problem.display),
        effect=Effect.INFORM,
        strength=Strength.WEAK,
        certainty=Certainty.MODERATE if lead.is_exact else Certainty.LOW,
        summary=shorten(f"{problem.display}: {shown}"),
        detail="\n".join(_details(answered, unfit)),
        patient_text=_patient_text(problem, answered),
        evidence=tuple(dict.fromkeys(speaker.evidence(one.row, "Equation") for one in answered)),
        inputs=inputs,
        missing=tuple(_missing(answered)),
        applies_to=_population(lead),
        labels=speaker.labels(inputs),
        urgency=problem.urgency,
    )


def _details(answered: Sequence[Answered], unfit: Sequence[Unfit]) -> Iterator[str]:
    for one in answered:
        yield (
            f"{one.row.display}: {one.words} for {one.row.outcome} in {one.row.horizon_years} years;"
            f" made in {one.row.shown_in}; {one.row.treatment}."
        )
    spread = _spread(answered)
    if spread:
        yield spread
    if any(one.values.get("statin") for one in answered):
        yield ON_TREATMENT
    for words in dict.fromkeys(word for one in answered for word in one.assumed):
        yield f"Taken for granted: {words}."
    for reply in unfit:
        yield f"{reply.row.display} does not answer: {reply.reason}."


def _spread(answered: Sequence[Answered]) -> str:
    same = [one for one in answered if one.row.horizon_years == answered[0].row.horizon_years]
    if len(same) < 2:
        return ""
    low, high = min(one.low for one in same), max(one.high for one in same)
    return (
        f"The equations give {low:.0f} to {high:.0f} %. They were made in other people and count other events, so they differ;"
        " a rule has to be read with the equation it was written for."
    )


def _patient_text(problem: Row, answered: Sequence[Answered]) -> str:
    same = [one for one in answered if one.row.outcome == answered[0].row.outcome]
    low, high = round(min(one.low for one in same)), round(max(one.high for one in same))
    many = f"{low}" if low == high else f"{low} to {high}"
    years = answered[0].row.horizon_years
    return f"Of {PEOPLE} people like you, about {many} will have {problem.patient_words} in the next {years} years."


def _missing(answered: Sequence[Answered]) -> Iterator[Missing]:
    """Name what is not known, what would narrow the answer most first."""
    swings: dict[str, float] = {}
    for one in answered:
        for lack in one.lacking:
            swings[lack.display] = max(swings.get(lack.display, 0), lack.swing or 0)
    for display, swing in sorted(swings.items(), key=lambda pair: (-pair[1], pair[0])):
        yield Missing(what=display, would_change=f"the risk by up to {swing:.1f} percentage points")


def _population(lead: Answered) -> Population:
    unsure = any("race" in words for words in lead.assumed)
    return Population(
        shown_in=lead.row.shown_in,
        fits="partly" if unsure else "unknown",
        note="the equation has no term for this person's ancestry" if unsure else "",
    )


RISK = RiskAssessor()
