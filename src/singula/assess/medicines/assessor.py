"""Says what was worked out about each medicine as findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from singula.assess.medicines.advice import Gap, Piece
from singula.assess.medicines.choose import choose_medicines
from singula.assess.medicines.reconcile import MedicineAnswer, answer_medicine
from singula.assess.medicines.safety import Group, find_groups
from singula.assess.medicines.situation import Situation, read_situation
from singula.finding import (
    SUMMARY_LIMIT,
    Alternative,
    Certainty,
    DoseChange,
    Effect,
    Evidence,
    Finding,
    Missing,
    Population,
    Statement,
    Strength,
    Topic,
    stable_id,
)
from singula.knowledge import Knowledge
from singula.record import Record
from singula.record.coding import Coding

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
EFFECTS = {
    "avoid": Effect.AVOID,
    "alternative": Effect.AVOID,
    "reduce_dose": Effect.REDUCE,
    "increase_dose": Effect.INCREASE,
    "caution": Effect.CAUTION,
    "monitor": Effect.MONITOR,
    "standard": Effect.INFORM,
}
STRENGTHS = {
    "contraindicated": Strength.CONTRAINDICATED,
    "label": Strength.CONTRAINDICATED,
    "strong": Strength.STRONG,
    "moderate": Strength.MODERATE,
    "weak": Strength.WEAK,
    "optional": Strength.WEAK,
}
CERTAINTIES = {"A": Certainty.HIGH, "B": Certainty.MODERATE}
URGENT = (Strength.CONTRAINDICATED, Strength.STRONG)


class MedicineAssessor:
    """Asks whether the medicines this person takes, or is about to take, fit them."""

    name = "medicines"

    def assess(self, record: Record, knowledge: Knowledge) -> Iterator[Statement]:
        """Answer every medicine taken or proposed; each reason is a finding of its own, so that the planner can weigh them."""
        situation = read_situation(record, knowledge)
        for name in dict.fromkeys(one.name for one in situation.taken if one.name):
            answer = answer_medicine(situation, name, with_alternatives=False)
            yield from _findings(situation, answer)
        for group in find_groups(situation):
            yield _group_finding(situation, group)

    def judge(self, record: Record, knowledge: Knowledge, medicine: str) -> Iterator[Finding]:
        """Answer one medicine as :meth:`assess` would."""
        situation = read_situation(record, knowledge)
        yield from _findings(situation, answer_medicine(situation, medicine, with_alternatives=False))


class ChoiceAssessor:
    """Asks which medicine fits this person best for what they have, and why not the others."""

    name = "choices"

    def assess(self, record: Record, knowledge: Knowledge) -> Iterator[Statement]:
        """Give one option grid per indication on record."""
        yield from choose_medicines(read_situation(record, knowledge), record.person.preferences, record.harmed_by)


MEDICINES = MedicineAssessor()
CHOICES = ChoiceAssessor()


def _findings(situation: Situation, answer: MedicineAnswer) -> Iterator[Finding]:
    gaps = tuple(dict.fromkeys(_missing(gap) for gap in answer.gaps))
    said = [piece for piece in answer.pieces if piece.action != "standard"] or list(answer.pieces[:1])
    merged = _merge_bodies(said)
    for number, pieces in enumerate(merged):
        yield _finding(situation, answer, pieces, gaps if number == 0 else ())
    if not merged and gaps:
        yield _gap_finding(situation, answer, gaps)


def _merge_bodies(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Put bodies that say the same through the same pathway into one finding."""
    groups: dict[tuple[str, str], list[Piece]] = {}
    for piece in pieces:
        action = "avoid" if piece.action == "alternative" else piece.action
        groups.setdefault((piece.pathway, action), []).append(piece)
    return list(groups.values())


def _finding(situation: Situation, answer: MedicineAnswer, pieces: Sequence[Piece], gaps: tuple[Missing, ...]) -> Finding:
    lead = min(pieces, key=lambda one: (list(STRENGTHS).index(one.strength), not one.row.get("reason_code")))
    lead = replace(lead, text=next((one.text for one in pieces if one.row.get("reason_code")), lead.text))
    name = situation.display_of(answer.medicine)
    effect = Effect.TEST if lead.action == "test_first" else EFFECTS[lead.action]
    strength = STRENGTHS[lead.strength]
    if lead.action == "alternative" and strength is Strength.CONTRAINDICATED:
        strength = Strength.STRONG
    inputs = tuple(dict.fromkeys([*_taken_inputs(situation, answer.medicine), *(fact for one in pieces for fact in one.inputs)]))
    effective = [one for state in answer.effective.values() for one in state.because]
    return Finding(
        id=stable_id("medicines", answer.medicine, lead.pathway, lead.action, *sorted(inputs)),
        assessor="medicines",
        topic=_topic(situation, answer.medicine, name),
        effect=effect,
        strength=strength,
        certainty=CERTAINTIES.get(lead.level or "", Certainty.MODERATE if lead.row.review == "checked" else Certainty.LOW),
        summary=_summary(name, lead, effect),
        detail=_detail(pieces, effective, answer),
        patient_text=_patient_sentence(name, lead, effect),
        evidence=tuple(dict.fromkeys(_evidence(one) for one in pieces)),
        inputs=inputs,
        missing=gaps,
        applies_to=Population(shown_in="people with the same gene result", fits="yes") if lead.kind == "gene" else None,
        labels=situation.labels(inputs),
        pathway=lead.pathway,
        dose=_dose(pieces, lead),
        alternatives=_alternatives(situation, answer, pieces, effect),
        urgency=0 if effect in (Effect.AVOID, Effect.TEST) and strength in URGENT else 1 if effect is not Effect.INFORM else 3,
    )


def _taken_inputs(situation: Situation, medicine: str) -> list[str]:
    return [fact for one in situation.taken if one.name == medicine for fact in one.inputs]


def _topic(situation: Situation, medicine: str, display: str) -> Topic:
    rows = situation.knowledge.pack("terminology").index("ingredients", "name").get(medicine, ())
    code = rows[0].rxnorm[0] if rows and rows[0].rxnorm else None
    coding = Coding(system=RXNORM, code=code)
    return Topic(type="medicine", name=medicine, display=display, code=coding.code, system=coding.system if code else None)


VERBS = {
    Effect.AVOID: "Avoid",
    Effect.REDUCE: "Reduce",
    Effect.INCREASE: "Increase",
    Effect.CAUTION: "Caution with",
    Effect.MONITOR: "Watch",
    Effect.TEST: "Test before",
    Effect.INFORM: "Keep the usual dose of",
}


def _summary(name: str, lead: Piece, effect: Effect) -> str:
    reason = lead.text.removeprefix(f"{name}, ").removeprefix(f"{name}: ")
    first = reason[:1].lower() if reason[1:2].islower() else reason[:1]
    sentence = f"{VERBS[effect]} {name.lower()}: {first}{reason[1:]}"
    if effect is Effect.TEST and lead.kind == "gene":
        sentence = f"Test {lead.pathway} before {name.lower()}: {lead.text.split(': ', 1)[-1]}"
    return sentence if len(sentence) <= SUMMARY_LIMIT else f"{sentence[: SUMMARY_LIMIT - 1]}…"


def _detail(pieces: Sequence[Piece], effective: Sequence[str], answer: MedicineAnswer) -> str:
    lines = []
    for piece in pieces:
        note = f" {piece.row.get('note')}." if piece.row.get("note") else ""
        year = f" {piece.year}" if piece.year else ""
        lines.append(f"{piece.body}{year}: {piece.action.replace('_', ' ')} ({piece.strength}).{note}")
    lines.extend(effective)
    if answer.rule:
        lines.append(f"Where sources differ: {answer.rule}.")
    if answer.changes_advice:
        deciders = ", ".join(answer.decided_by)
        lines.append(f"The gene result is ambiguous and this matters: {' or '.join(answer.actions)}; decided by {deciders}.")
    return "\n".join(dict.fromkeys(lines))


def _patient_sentence(name: str, lead: Piece, effect: Effect) -> str:
    ending = {
        Effect.AVOID: f"Ask about another choice instead of {name.lower()}.",
        Effect.REDUCE: f"You may need less {name.lower()}.",
        Effect.INCREASE: f"You may need more {name.lower()}.",
        Effect.CAUTION: f"Take {name.lower()} with care.",
        Effect.MONITOR: f"You need checks while you take {name.lower()}.",
        Effect.TEST: f"A gene test is needed before you take {name.lower()}.",
        Effect.INFORM: f"The usual dose of {name.lower()} fits your genes.",
    }[effect]
    return ending if effect is Effect.INFORM else f"{lead.patient_text} {ending}"


def _evidence(piece: Piece) -> Evidence:
    return Evidence(
        source=piece.body,
        level=piece.level or piece.strength,
        citation=piece.citation,
        pack=piece.pack.name,
        pack_version=piece.pack.version,
        review=piece.row.review,
        year=piece.year,
    )


def _dose(pieces: Sequence[Piece], lead: Piece) -> DoseChange | None:
    stated = [
        one
        for one in pieces
        if one.percent_low is not None or one.max_mg_per_day is not None or one.target_mg_per_day is not None
    ]
    if not stated:
        return None
    lows = [one.percent_low for one in stated if one.percent_low is not None]
    highs = [one.percent_high for one in stated if one.percent_high is not None]
    caps = [one.max_mg_per_day for one in stated if one.max_mg_per_day is not None]
    targets = [one.target_mg_per_day for one in stated if one.target_mg_per_day is not None]
    return DoseChange(
        pathway=lead.pathway,
        percent_low=min(lows, default=None),
        percent_high=max(highs, default=None),
        max_mg_per_day=min(caps, default=None),
        target_mg_per_day=min(targets, default=None),
    )


def _alternatives(
    situation: Situation, answer: MedicineAnswer, pieces: Sequence[Piece], effect: Effect
) -> tuple[Alternative, ...]:
    if effect is not Effect.AVOID:
        return ()
    named = dict.fromkeys(name for piece in pieces for name in piece.alternatives)
    return tuple(
        Alternative(name=name, display=situation.display_of(name), reason="named by the guideline")
        for name in named
        if situation.classes_of(name)
    )


def _missing(gap: Gap) -> Missing:
    return Missing(what=gap.what, would_change=gap.would_change)


def _gap_finding(situation: Situation, answer: MedicineAnswer, gaps: tuple[Missing, ...]) -> Finding:
    name = situation.display_of(answer.medicine)
    inputs = tuple(_taken_inputs(situation, answer.medicine))
    pack = situation.knowledge.pack("medicines")
    return Finding(
        id=stable_id("medicines", answer.medicine, "gaps", *sorted(inputs)),
        assessor="medicines",
        topic=_topic(situation, answer.medicine, name),
        effect=Effect.INFORM,
        strength=Strength.WEAK,
        certainty=Certainty.LOW,
        summary=f"{name}: no finding against it in what is known; some questions are open",
        patient_text=f"Nothing we know speaks against {name.lower()}, but some tests are missing.",
        evidence=(
            Evidence(
                source="Singula",
                citation="no rule of the installed packs applies",
                pack=pack.name,
                pack_version=pack.version,
                review="checked",
            ),
        ),
        inputs=inputs,
        missing=gaps,
        labels=situation.labels(inputs),
        urgency=3,
    )


def _group_finding(situation: Situation, group: Group) -> Finding:
    pack = situation.knowledge.pack("medicines")
    display = {"duplicate": "Duplicate therapy", "qt": "QT interval"}.get(group.kind, f"{group.kind.capitalize()} burden")
    return Finding(
        id=stable_id("medicines", group.kind, *group.medicines),
        assessor="medicines",
        topic=Topic(type="condition", name=f"{group.kind}-{'-'.join(group.medicines)}", display=display),
        effect=Effect.CAUTION,
        strength=Strength.MODERATE,
        certainty=Certainty.MODERATE if group.row.review == "checked" else Certainty.LOW,
        summary=group.text if len(group.text) <= SUMMARY_LIMIT else f"{group.text[: SUMMARY_LIMIT - 1]}…",
        detail=group.text,
        patient_text=group.patient_text,
        evidence=(
            Evidence(
                source="Singula",
                citation=pack.citation(group.row.citation),
                pack=pack.name,
                pack_version=pack.version,
                review=group.row.review,
            ),
        ),
        inputs=group.inputs,
        labels=situation.labels(group.inputs),
        urgency=1,
    )
