"""Allergies, duplicate therapy, and burdens that several medicines build up together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from singula.assess.medicines.advice import Piece
from singula.assess.medicines.situation import PACK, Situation
from singula.knowledge import Row

QT_RANKS = ("known", "possible", "conditional")
CONTRAINDICATED = "contraindicated"


@dataclass(frozen=True)
class Group:
    """Several medicines that are a problem together."""

    kind: str
    medicines: tuple[str, ...]
    text: str
    patient_text: str
    row: Row
    inputs: tuple[str, ...]


def check_allergies(situation: Situation, medicine: str) -> Iterator[Piece]:
    """Yield a piece for each allergy that the medicine, or its class, meets."""
    if not situation.allergies:
        return
    pack = situation.knowledge.pack(PACK)
    classes = situation.classes_of(medicine)
    names = (medicine, situation.display_of(medicine).lower())
    itself = re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\b")
    same = pack.index("allergies", "class")["*"][0]
    for words, inputs in situation.allergies.items():
        if itself.search(words):
            yield _allergy_piece(situation, medicine, same, inputs, CONTRAINDICATED)
            continue
        for row in pack.table("allergies"):
            if row["class"] in classes and any(word in words for word in row.words):
                yield _allergy_piece(situation, medicine, row, inputs, row.strength)
                break


def _allergy_piece(situation: Situation, medicine: str, row: Row, inputs: tuple[str, ...], strength: str) -> Piece:
    name = situation.display_of(medicine)
    certain = strength in (CONTRAINDICATED, "strong")
    pack = situation.knowledge.pack(PACK)
    return Piece(
        medicine=medicine,
        action="avoid" if certain else "caution",
        strength=CONTRAINDICATED if certain else strength,
        body="allergy on record",
        text=f"{name}: allergy on record ({row.allergy})"
        if certain
        else f"{name}: cross-reaction with {row.allergy} allergy is possible",
        patient_text="You are allergic to this medicine or one like it." if certain else "You may react to this medicine too.",
        pathway="allergy",
        row=row,
        pack=pack,
        inputs=inputs,
        kind="allergy",
    )


def find_groups(situation: Situation) -> list[Group]:
    """Find duplicate therapy and burdens among the medicines in use or proposed."""
    return [*_duplicates(situation), *_burdens(situation), *_long_qt(situation)]


def _duplicates(situation: Situation) -> Iterator[Group]:
    rows = situation.knowledge.pack(PACK).table("duplicates")
    for row in rows:
        members = [one for one in situation.taken if row["class"] in situation.classes_of(one.name)]
        names = tuple(sorted({one.name for one in members}))
        if len(names) > 1:
            shown = " and ".join(situation.display_of(name) for name in names)
            inputs = tuple(fact for one in members for fact in one.inputs)
            yield Group("duplicate", names, f"{shown}: {row.text}", "You have two medicines of the same kind.", row, inputs)


def _burdens(situation: Situation) -> Iterator[Group]:
    medicines = situation.knowledge.pack(PACK).index("medicines", "medicine")
    for row in situation.knowledge.pack(PACK).table("burdens"):
        members = [one for one in situation.taken if medicines.get(one.name, ({},))[0].get(row.burden)]
        total = sum(medicines[one.name][0][row.burden] for one in members)
        names = tuple(sorted({one.name for one in members}))
        if len(names) > 1 and total >= row.threshold:
            shown = ", ".join(situation.display_of(name) for name in names)
            inputs = tuple(fact for one in members for fact in one.inputs)
            yield Group(row.burden, names, f"{row.text} ({shown})", row.patient, row, inputs)


def _long_qt(situation: Situation) -> Iterator[Group]:
    medicines = situation.knowledge.pack(PACK).index("medicines", "medicine")
    members = [one for one in situation.taken if one.name in medicines and medicines[one.name][0].qt in QT_RANKS[:2]]
    known = [one for one in members if medicines[one.name][0].qt == QT_RANKS[0]]
    names = tuple(sorted({one.name for one in members}))
    if known and len(names) > 1:
        shown = ", ".join(situation.display_of(name) for name in names)
        inputs = tuple(fact for one in members for fact in one.inputs)
        text = f"Several medicines that lengthen the QT interval ({shown}): ECG, potassium, magnesium"
        yield Group(
            "qt", names, text, "Together your medicines can disturb your heart rhythm.", medicines[known[0].name][0], inputs
        )
