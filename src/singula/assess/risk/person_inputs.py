"""What equations ask of a person, read from the record: a value with its facts, an assumption in words, or missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from singula.errors import SingulaError
from singula.knowledge import Knowledge
from singula.knowledge.pack import Row
from singula.methods.registry import run_method
from singula.record import Concept, Condition, FamilyCondition, Record, Unknown

PACK = "risk_reading"
SYSTEM_NAMES = {"http://snomed.info/sct": "SNOMED CT", "http://loinc.org": "LOINC"}
DAYS_A_YEAR = 365.25
UNSTATED_RACE = "white"
FILTRATION, EGFR, EGFR_OUTPUT = "egfr", "egfr-ckd-epi-2021", "egfr_ml_per_min_per_1_73m2"


@dataclass(frozen=True)
class Given:
    """One value: None where it is missing; ``assumed`` says in words what was taken for granted."""

    value: Any
    inputs: tuple[str, ...] = ()
    assumed: str = ""


MISSING = Given(None)


class PersonInputs:
    """Reads the inputs of equations from one record.

    Parameters
    ----------
    record : Record
        The person.
    knowledge : Knowledge
        Packs ``risk_reading``, ``medicines`` (classes) and ``terminology`` (answers).
    """

    def __init__(self, record: Record, knowledge: Knowledge) -> None:
        self.record, self.knowledge = record, knowledge
        self.pack = knowledge.pack(PACK)
        self.rows: Mapping[str, Row] = {row.input: row for row in self.pack.table("person_inputs")}
        self._kept: dict[tuple[str, str], Given] = {}

    def give(self, name: str, method: str) -> Given:
        """Return an input by the name equations use; ``method`` matters only for the region."""
        key = (name, method if name == "region" else "")
        if key not in self._kept:
            row = self.rows.get(name)
            self._kept[key] = self._read(row, method) if row is not None else MISSING
        return self._kept[key]

    def has_any(self, names: tuple[str, ...] | None) -> Condition | None:
        """Return the first active condition of these names."""
        if not names:
            return None
        found = self.record.has_condition(*names)
        return found if isinstance(found, Condition) else None

    def classes_taken(self) -> dict[str, str]:
        """Return the classes of the medicines in use, each with the fact that says so."""
        return self._classes

    @cached_property
    def _classes(self) -> dict[str, str]:
        classes = {row.medicine: row.classes or () for row in self.knowledge.pack("medicines").table("medicines")}
        found: dict[str, str] = {}
        for medicine in self.record.medicines("active"):
            for ingredient in medicine.ingredients or (medicine.name or "",):
                for name in classes.get(ingredient, ()):
                    found.setdefault(name, medicine.id)
        return found

    def _read(self, row: Row, method: str) -> Given:
        readers: dict[str, Callable[[Row], Given]] = {
            "age": lambda _: Given(self.record.age_years),
            "sex": lambda _: Given(self.record.person.sex_at_birth),
            "race": lambda _: self._race(),
            "region": lambda _: self._region(method),
            "constant": lambda one: Given(one.names[0]),
            "number": self._number,
            "smoker": lambda _: self._smoker(),
            "condition": self._condition,
            "class": self._class,
            "family": self._family,
            "onset-age": self._onset_age,
            "onset-years": self._years_since_onset,
        }
        return readers[row.source](row)

    def _race(self) -> Given:
        words = " ".join(self.record.person.ancestry.self_reported).lower()
        for row in self.pack.table("race_words"):
            if row.words in words:
                return Given(row.race)
        said = f"race is {words}" if words else "race is not stated"
        return Given(UNSTATED_RACE, assumed=f"{said}: the equation has no term for it and its white coefficients are used")

    def _region(self, method: str) -> Given:
        country = (self.record.person.country or "").upper()
        family = "score2" if method.startswith("score2") else "kfre" if method.startswith("kfre") else method
        rows = [row for row in self.pack.table("regions") if row.family == family and row.country == country]
        if rows:
            return Given(rows[0].region)
        return Given("other") if family == "kfre" and country else MISSING

    def _number(self, row: Row) -> Given:
        latest = self.record.latest(row.names[0])
        if isinstance(latest, Unknown) or latest.canonical is None:
            return self._filtration() if row.names[0] == FILTRATION else MISSING
        value = (latest.canonical.number + (row.offset or 0)) * (row.factor or 1)
        return Given(value, (latest.id,))

    def _filtration(self) -> Given:
        """Estimate eGFR from creatinine where it was not reported."""
        latest = self.record.latest("creatinine")
        if isinstance(latest, Unknown) or latest.canonical is None:
            return MISSING
        known = {"age_years": self.record.age_years, "sex": self.record.person.sex_at_birth}
        try:
            answer = run_method(EGFR, {**known, "creatinine_mg_per_dl": latest.canonical.number}, self.knowledge)
        except SingulaError:
            return MISSING
        return Given(answer[EGFR_OUTPUT], (latest.id,), "kidney filtration is estimated from creatinine")

    def _smoker(self) -> Given:
        latest = self.record.latest("smoking-status")
        if isinstance(latest, Unknown):
            use = self.record.has_condition("tobacco-use")
            return Given(True, (use.id,)) if isinstance(use, Condition) else MISSING
        meanings = self.knowledge.pack("terminology").index("answers", "system", "code")
        for coding in latest.value.codings if isinstance(latest.value, Concept) else ():
            rows = meanings.get((SYSTEM_NAMES.get(coding.system or "", coding.system), coding.code))
            if rows and rows[0].meaning.endswith("smoker"):
                return Given(rows[0].meaning == "current-smoker", (latest.id,))
        return MISSING

    def _condition(self, row: Row) -> Given:
        found = self.has_any(row.names)
        if found is not None:
            return Given(True, (found.id,))
        return Given(False, assumed=f"no {row.display} on record, taken as none") if row.absent == "false" else MISSING

    def _class(self, row: Row) -> Given:
        taken = next((self._classes[name] for name in row.names if name in self._classes), None)
        if taken is not None:
            return Given(True, (taken,))
        return Given(False, assumed=f"no {row.display} on record, taken as none")

    def _family(self, row: Row) -> Given:
        facts = [one for one in self.record.of_shape(FamilyCondition) if one.is_present]
        found = [one.id for one in facts if one.name in row.names and one.degree == 1]
        if found:
            return Given(True, tuple(found))
        return Given(False, tuple(one.id for one in facts)) if facts else MISSING

    def _onset_age(self, row: Row) -> Given:
        condition = self.has_any(row.names)
        born = self.record.person.birth_date
        if condition is None or condition.onset is None or born is None:
            return MISSING
        return Given((condition.onset.first_day - born.first_day).days / DAYS_A_YEAR, (condition.id,))

    def _years_since_onset(self, row: Row) -> Given:
        known = [self.record.has_condition(name) for name in row.names]
        dated = [one for one in known if isinstance(one, Condition) and one.onset is not None]
        if not dated:
            return MISSING
        first = min(dated, key=lambda one: one.onset.first_day if one.onset else self.record.as_of)
        days = (self.record.as_of - first.onset.first_day).days if first.onset else 0
        return Given(days / DAYS_A_YEAR, (first.id,))
