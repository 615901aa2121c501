"""Rules of organ function, age, conditions, laboratory values, pregnancy and other medicines, read from the pack.

A rule's ``when`` is written in a small language: terms joined by `` & ``, each of them

    egfr<30   age>=65   potassium>5.5      a number against a bound (egfr, crcl, age, weight and laboratory names)
    has:stroke   !has:stent                a condition on record, or none of that name
    with:clopidogrel   with:#ssri          another medicine, or one of a class, acting now
    with:~CYP3A4-inhibitor-strong          a medicine with that effect on an enzyme (strong, or any)
    pregnant   lactating
    2of(age>=80,weight<=60,creatinine>=1.5)

A term whose value is not known is unknown, never false: the rule then becomes a gap if all its other terms hold.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from singula.assess.medicines.advice import Gap, Piece
from singula.assess.medicines.phenoconversion import acting_on
from singula.assess.medicines.situation import PACK, Fact, Situation
from singula.errors import BadInput, quoted
from singula.knowledge import Knowledge, Pack, Row

COMPARISON = re.compile(r"^(?P<name>[a-z][a-z0-9-]*)(?P<sign><=|>=|<|>)(?P<bound>[\d.]+)$")
COUNTED = re.compile(r"^(?P<count>\d)of\((?P<terms>.+)\)$")
SIGNS: Mapping[str, Callable[[float, float], bool]] = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
WORDS = {"pregnant": "pregnancy", "lactating": "breastfeeding"}
ANY = "any"
NAMES = {
    "crcl": "creatinine clearance (creatinine, age, sex, weight)",
    "egfr": "eGFR (creatinine, age, sex)",
    "lvef": "ejection fraction",
}
STRENGTH_OF_ACTION = ("contraindicated", "strong", "moderate", "weak")


@dataclass(frozen=True)
class Answer:
    """Whether a term holds: True, False, or None where that is not known; and the facts it rests on."""

    holds: bool | None
    inputs: tuple[str, ...] = ()
    unknown: str = ""


def apply_rules(situation: Situation, medicine: str) -> tuple[list[Piece], list[Gap]]:
    """Collect the rules that apply to a medicine.

    Parameters
    ----------
    situation : Situation
        The person's situation.
    medicine : str
        The medicine asked about.

    Returns
    -------
    tuple of lists
        Pieces of rules that hold, and gaps of rules that may hold.
    """
    pack = situation.knowledge.pack(PACK)
    by_medicine = rules_by_medicine(situation.knowledge)
    rows = [*by_medicine.get(medicine, ())]
    for one in situation.classes_of(medicine):
        rows.extend(by_medicine.get(f"#{one}", ()))
    pieces, gaps = [], []
    for row in rows:
        answer = evaluate(row.when, situation, medicine)
        if answer.holds:
            pieces.append(_piece(pack, row, medicine, answer))
        elif answer.holds is None and row.strength in STRENGTH_OF_ACTION[:2]:
            gaps.append(Gap(answer.unknown, f"whether {situation.display_of(medicine)} is safe here: {row.text}", medicine))
    return pieces, gaps


@lru_cache(maxsize=4)
def rules_by_medicine(knowledge: Knowledge) -> Mapping[str, tuple[Row, ...]]:
    """Group the rules by the medicine or class they speak of."""
    return knowledge.pack(PACK).index("rules", "medicine")


def evaluate(when: str, situation: Situation, medicine: str) -> Answer:
    """Evaluate a rule's condition; False as soon as one term is false, unknown only if nothing is false."""
    answers = []
    for term in when.split(" & "):
        answer = _term(term.strip(), situation, medicine)
        if answer.holds is False:
            return answer
        answers.append(answer)
    inputs = tuple(dict.fromkeys(fact for answer in answers for fact in answer.inputs))
    unknown = next((answer.unknown for answer in answers if answer.holds is None), "")
    return Answer(None if unknown else True, inputs, unknown)


def _term(term: str, situation: Situation, medicine: str) -> Answer:
    counted = COUNTED.match(term)
    if counted:
        return _count(int(counted["count"]), [_term(one, situation, medicine) for one in counted["terms"].split(",")])
    comparison = COMPARISON.match(term)
    if comparison:
        return _compare(comparison, situation)
    if term in WORDS:
        return _has(situation, WORDS[term])
    if term.startswith("has:"):
        return _has(situation, term.removeprefix("has:"))
    if term.startswith("!has:"):
        return Answer(not _has(situation, term.removeprefix("!has:")).holds)
    if term.startswith("with:"):
        return _with(situation, term.removeprefix("with:"), medicine)
    raise BadInput(f"pack medicines: the rule term {quoted(term)} is not of the rule language; see docs/reference/rules.md")


def _count(wanted: int, answers: list[Answer]) -> Answer:
    true = [answer for answer in answers if answer.holds]
    unknown = [answer for answer in answers if answer.holds is None]
    inputs = tuple(dict.fromkeys(fact for answer in answers for fact in answer.inputs))
    if len(true) >= wanted:
        return Answer(True, inputs)
    if len(true) + len(unknown) >= wanted and true:
        return Answer(None, inputs, unknown[0].unknown)
    return Answer(False, inputs)


def _compare(comparison: re.Match[str], situation: Situation) -> Answer:
    name = comparison["name"]
    fact: Fact | None = situation.age_years if name == "age" else situation.numbers.get(name)
    if fact is None:
        return Answer(None, (), NAMES.get(name, name.replace("-", " ")))
    return Answer(SIGNS[comparison["sign"]](fact.value, float(comparison["bound"])), fact.inputs)


def _has(situation: Situation, name: str) -> Answer:
    inputs = situation.conditions.get(name)
    return Answer(inputs is not None, inputs or ())


def _with(situation: Situation, wanted: str, medicine: str) -> Answer:
    for other, inputs in _others(situation, wanted, medicine):
        if other != medicine:
            return Answer(True, inputs)
    return Answer(False)


def _others(situation: Situation, wanted: str, medicine: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    if wanted.startswith("~"):
        enzyme, role, strength = wanted.removeprefix("~").rsplit("-", 2)
        for name, found, inputs in acting_on(situation, enzyme, role, but=medicine):
            if strength in (ANY, found):
                yield name, inputs
    elif wanted.startswith("#"):
        for name, taken in situation.acting.items():
            if wanted.removeprefix("#") in situation.classes_of(name):
                yield name, taken.inputs
    elif wanted in situation.acting:
        yield wanted, situation.acting[wanted].inputs


def _piece(pack: Pack, row: Row, medicine: str, answer: Answer) -> Piece:
    return Piece(
        medicine=medicine,
        action=row.action,
        strength=row.strength,
        body=pack.citation(row.citation).split(" doi:")[0],
        text=row.text,
        patient_text=row.patient,
        pathway=row.kind if row.kind != "interaction" else f"interaction {row.when.removeprefix('with:')}",
        row=row,
        pack=pack,
        percent_low=row.percent_low,
        percent_high=row.percent_high,
        max_mg_per_day=row.max_mg_per_day,
        alternatives=row.alternatives or (),
        inputs=answer.inputs,
        kind=row.kind,
    )
