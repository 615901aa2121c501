"""What the rules on how somebody lives look at: numbers, conditions, medicines, and conditions over them in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from singula.errors import SingulaError
from singula.finding import SUMMARY_LIMIT, Evidence
from singula.knowledge import Knowledge
from singula.knowledge.pack import Pack, Row
from singula.methods.registry import run_method
from singula.record import Concept, Condition, Observation, Record, Unknown

PACK = "lifestyle"
COMPARED = re.compile(r"(?P<what>[a-z0-9-]+?)(?P<sign>>=|<=|>|<)(?P<limit>[a-z0-9_.]+)")
ANSWERS = {"not-at-all": 0, "several-days": 1, "more-than-half": 2, "nearly-every-day": 3}
FILTRATION, EGFR, EGFR_OUTPUT = "egfr", "egfr-ckd-epi-2021", "egfr_ml_per_min_per_1_73m2"
LOINC = "http://loinc.org"
OTHER_NAMES = {"systolic": "systolic-blood-pressure"}


@dataclass(frozen=True)
class Held:
    """A condition that holds, with the facts that say so."""

    inputs: tuple[str, ...] = ()


class Living:
    """One person's way of living, as far as the record tells.

    Parameters
    ----------
    record : Record
        The person.
    knowledge : Knowledge
        Packs ``lifestyle``, ``medicines`` and ``terminology``.
    """

    def __init__(self, record: Record, knowledge: Knowledge) -> None:
        self.record, self.knowledge = record, knowledge
        self.pack: Pack = knowledge.pack(PACK)
        self.settings: Mapping[str, float] = {row.name: row.value for row in self.pack.table("settings")}

    def number(self, name: str) -> tuple[float | None, tuple[str, ...]]:
        """Return the newest number of a name with its fact; a questionnaire's word counts as its points."""
        latest = self.record.latest(OTHER_NAMES.get(name, name))
        if isinstance(latest, Unknown):
            return self._filtration() if name == FILTRATION else (None, ())
        if latest.canonical is not None:
            return latest.canonical.number, (latest.id,)
        points = self._points(latest)
        return (points, (latest.id,)) if points is not None else (None, ())

    def _filtration(self) -> tuple[float | None, tuple[str, ...]]:
        """Estimate eGFR from creatinine where it was not reported."""
        latest = self.record.latest("creatinine")
        if isinstance(latest, Unknown) or latest.canonical is None:
            return None, ()
        known = {"age_years": self.record.age_years, "sex": self.record.person.sex_at_birth}
        try:
            answer = run_method(EGFR, {**known, "creatinine_mg_per_dl": latest.canonical.number}, self.knowledge)
        except SingulaError:
            return None, ()
        return answer[EGFR_OUTPUT], (latest.id,)

    def _points(self, observation: Observation) -> float | None:
        if not isinstance(observation.value, Concept):
            return None
        meanings = self.knowledge.pack("terminology").index("answers", "system", "code")
        for coding in observation.value.codings:
            rows = meanings.get(("LOINC" if coding.system == LOINC else coding.system, coding.code))
            if rows and rows[0].meaning in ANSWERS:
                return float(ANSWERS[rows[0].meaning])
        return None

    @cached_property
    def classes(self) -> Mapping[str, tuple[str, str]]:
        """Classes of the medicines in use, each with a medicine's name and fact."""
        known = {row.medicine: row.classes or () for row in self.knowledge.pack("medicines").table("medicines")}
        found: dict[str, tuple[str, str]] = {}
        for name, fact in self.medicines.items():
            for one in known.get(name, ()):
                found.setdefault(one, (name, fact))
        return found

    @cached_property
    def medicines(self) -> Mapping[str, str]:
        """Ingredients in use, each with its fact."""
        found: dict[str, str] = {}
        for medicine in self.record.medicines("active"):
            for name in medicine.ingredients or ((medicine.name,) if medicine.name else ()):
                found.setdefault(name, medicine.id)
        return found

    def hold(self, when: str) -> Held | None:
        """Return the facts where a condition holds; None where it does not or is not known.

        Parts joined by ``&``: ``has:CONDITION``, ``no:CONDITION``, ``takes:CLASS``, ``takes-medicine:NAME``, ``sex:SEX``,
        ``unknown:NAME``, and comparisons of a number with a number or a setting of the pack.
        """
        facts: list[str] = []
        for part in when.split("&"):
            held = self._part(part.strip())
            if held is None:
                return None
            facts.extend(held.inputs)
        return Held(tuple(dict.fromkeys(facts)))

    def _part(self, part: str) -> Held | None:
        compared = COMPARED.fullmatch(part)
        if compared:
            return self._compare(compared["what"], compared["sign"], compared["limit"])
        name, _, value = part.partition(":")
        if name in ("has", "no"):
            return self._condition(value, wanted=name == "has")
        if name == "takes":
            return Held((self.classes[value][1],)) if value in self.classes else None
        if name == "takes-medicine":
            return Held((self.medicines[value],)) if value in self.medicines else None
        if name == "sex":
            return Held() if self.record.person.sex_at_birth == value else None
        return Held() if self.number(value)[0] is None else None

    def _condition(self, name: str, *, wanted: bool) -> Held | None:
        found = self.record.has_condition(name)
        if isinstance(found, Condition):
            return Held((found.id,)) if wanted else None
        stated = self.record.latest(name) if wanted else None
        if isinstance(stated, Observation) and stated.value is True:
            return Held((stated.id,))
        return None if wanted else Held()

    def _compare(self, what: str, sign: str, limit: str) -> Held | None:
        value, inputs = self.number(what)
        if value is None:
            return None
        bound = self.settings[limit] if limit in self.settings else float(limit)
        holds = {">=": value >= bound, "<=": value <= bound, ">": value > bound, "<": value < bound}[sign]
        return Held(inputs) if holds else None

    def evidence(self, row: Row, source: str = "Guideline") -> Evidence:
        """Return the evidence of a row of the pack."""
        return Evidence(
            source=source,
            citation=self.pack.citation(row.citation),
            pack=self.pack.name,
            pack_version=self.pack.version,
            review=row.review,
        )

    def labels(self, inputs: tuple[str, ...]) -> tuple[str, ...]:
        """Return every label of the facts used."""
        facts = self.record.fact_index
        return tuple(sorted({label for one in inputs if one in facts for label in facts[one].labels}))


def shorten(text: str) -> str:
    """Cut a sentence to what a summary may hold."""
    return text if len(text) <= SUMMARY_LIMIT else f"{text[: SUMMARY_LIMIT - 1]}…"
