"""For what a person has: every candidate medicine ranked for them, and why not the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from singula.assess.medicines.advice import ORDER
from singula.assess.medicines.reconcile import STANDARD, MedicineAnswer, answer_medicine, supposing
from singula.assess.medicines.situation import PACK, Situation
from singula.finding import Evidence, Excluded, Option, OptionGrid, stable_id
from singula.knowledge import Row
from singula.record import Preference

DECLINES = "declines:"
RANK_OF_ACTION = {action: len(ORDER) - number for number, action in enumerate(ORDER)}


def choose_medicines(
    situation: Situation, preferences: Sequence[Preference], harmed_by: frozenset[str] = frozenset()
) -> Iterator[OptionGrid]:
    """Give one option grid for each indication on record.

    Parameters
    ----------
    situation : Situation
        The person's situation.
    preferences : sequence of Preference
        Wishes that move the ranking, never the safety.
    harmed_by : frozenset of str
        Medicines that did harm when this person tried them.

    Yields
    ------
    OptionGrid
        Open candidates best first; those ruled out with the reason.
    """
    pack = situation.knowledge.pack(PACK)
    for rows in pack.index("choices", "indication").values():
        inputs = _asked_by(situation, rows)
        if inputs:
            closed = {name: "it did harm when this person tried it" for name in harmed_by}
            closed.update({name: "declined by the person" for name in _declined(preferences)})
            yield choose_for(situation, rows, preferences, closed, inputs)


def _asked_by(situation: Situation, rows: Sequence[Row]) -> tuple[str, ...]:
    """Return the facts that raise the question: a condition on record, or a candidate proposed where no condition names it."""
    conditions = rows[0].conditions or ()
    if conditions:
        return tuple(fact for name in conditions for fact in situation.conditions.get(name, ()))
    candidates = {row.medicine for row in rows}
    return tuple(fact for one in situation.taken if one.use == "proposed" and one.name in candidates for fact in one.inputs)


def choose_for(
    situation: Situation,
    rows: Sequence[Row],
    preferences: Sequence[Preference],
    closed: Mapping[str, str],
    inputs: tuple[str, ...],
) -> OptionGrid:
    """Rank the candidates of one indication; ``closed`` names those not open to the person for a reason of their own."""
    indication = rows[0].indication
    ranked: list[tuple[tuple[float, float, int], Option]] = []
    excluded = []
    in_class = {row.medicine for row in rows}
    current = next((one.name for one in situation.taken if one.name in in_class), "")
    for row in sorted(rows, key=lambda one: one.rank):
        name = situation.display_of(row.medicine)
        answer = answer_medicine(supposing(situation, row.medicine, current), row.medicine, with_alternatives=False)
        if answer.is_ruled_out or row.medicine in closed:
            reason = closed.get(row.medicine) or answer.pieces[0].text
            used = answer.pieces[0].inputs if answer.pieces else ()
            excluded.append(Excluded(option=row.medicine, display=name, reason=reason, inputs=used))
            continue
        met = _wishes_met(situation, row.medicine, preferences)
        key = (
            RANK_OF_ACTION[answer.action] if answer.action not in (STANDARD,) else 0.0,
            -sum(wish.weight for wish in met),
            row.rank,
        )
        ranked.append((key, _option(situation, row, answer, met, name)))
    return OptionGrid(
        id=stable_id("choices", indication),
        assessor="choices",
        problem=indication,
        display=rows[0].display,
        ranked=tuple(option for _, option in sorted(ranked, key=lambda one: one[0])),
        excluded=tuple(excluded),
        inputs=inputs,
        labels=situation.labels(inputs),
    )


def _declined(preferences: Sequence[Preference]) -> Iterator[str]:
    return (wish.name.removeprefix(DECLINES) for wish in preferences if wish.name.startswith(DECLINES))


def _wishes_met(situation: Situation, medicine: str, preferences: Sequence[Preference]) -> list[Preference]:
    rows = situation.knowledge.pack(PACK).index("wishes", "medicine").get(medicine, ())
    wishes = {row.wish for row in rows}
    return [wish for wish in preferences if wish.name in wishes or wish.name == f"prefers:{medicine}"]


def _option(situation: Situation, row: Row, answer: MedicineAnswer, met: Sequence[Preference], name: str) -> Option:
    pack = situation.knowledge.pack(PACK)
    medicine = pack.index("medicines", "medicine")[row.medicine][0]
    harms = tuple(piece.text for piece in answer.pieces if piece.action != STANDARD)
    open_questions = [gap.what for gap in answer.gaps][:3]
    why = [row.why, *(f"meets the wish {wish.text or wish.name}" for wish in met)]
    why.extend([f"not known: {', '.join(dict.fromkeys(open_questions))}"] if open_questions else [])
    return Option(
        option=row.medicine,
        display=name,
        kind="medicine",
        why="; ".join(why),
        harms=harms,
        burden_words="once a day"
        if any(one.wish == "once-daily" for one in pack.index("wishes", "medicine").get(row.medicine, ()))
        else "",
        cost_tier=medicine.cost_tier,
        evidence=(
            Evidence(
                source="Singula",
                citation=pack.citation(row.citation),
                pack=pack.name,
                pack_version=pack.version,
                review=row.review,
            ),
        ),
    )
