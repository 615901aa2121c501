"""The conditions under which a preventive rule speaks, answered yes, no or not known."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from operator import ge, gt, le, lt

from singula.assess.prevention.history import History, plain_meaning
from singula.assess.prevention.taking import Taking
from singula.errors import SingulaError
from singula.knowledge import Knowledge
from singula.methods.registry import run_method
from singula.record import FamilyCondition, Observation, Record, Unknown

COMPARED = re.compile(r"(?P<what>[a-z][a-z0-9-]*)(?P<sign>>=|<=|<|>)(?P<number>[0-9.]+)")
SIGNS: Mapping[str, Callable[[float, float], bool]] = {">=": ge, "<=": le, "<": lt, ">": gt}
DAYS_A_WEEK = timedelta(weeks=1).days
DAYS_A_YEAR = 365.25
SECOND_DEGREE = 2
SMOKED = ("current-smoker", "former-smoker")
ASHKENAZI, ASIAN = ("ashkenazi", "jewish"), ("asian", "chinese", "indian", "japanese", "korean", "vietnamese", "filipino")


@dataclass(frozen=True)
class Answer:
    """Whether a condition holds (None: not known), the facts that say so, and what would have to be known."""

    holds: bool | None
    inputs: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


class Criteria:
    """Answers conditions about one person.

    Parameters
    ----------
    record : Record
        The person.
    history : History
        What was done.
    knowledge : Knowledge
        Pack ``terminology``: what the answers of questionnaires mean.
    """

    def __init__(self, record: Record, history: History, knowledge: Knowledge) -> None:
        self.record, self.history, self.knowledge = record, history, knowledge
        self.taking = Taking(record, knowledge)

    def answer(self, text: str | None) -> Answer:
        """Answer a whole condition: alternatives divided by ``|``, each of parts joined by ``&``; none at all holds.

        A part is one of ``has:CONDITION``, ``had:PROCEDURE``, ``smokes``, ``ever-smoked``, ``never-smoked``, ``pregnant``,
        ``not-pregnant``, ``postmenopausal``, ``immunosuppressed``, ``takes:MEDICINE/CLASS``, ``started:MEDICINE<=WEEKS``,
        ``family:CONDITION/CONDITION``, ``none-in-family:…``, ``ancestry:NAME``, ``goal:NAME``, ``adequate-cervical-tests``,
        ``ask:WORDS``, never known, and a comparison by ``>=``, ``<=``, ``<`` or ``>`` of ``quit-years``, ``age``, ``born`` or
        anything measured (``bmi>=30``, ``egfr<60``).
        """
        if not text:
            return Answer(True)
        alternatives = [self._all(one.split("&")) for one in text.split("|")]
        met = next((one for one in alternatives if one.holds), None)
        if met is not None:
            return met
        open_ones = [one for one in alternatives if one.holds is None]
        missing = tuple(dict.fromkeys(word for one in open_ones for word in one.missing))
        inputs = tuple(dict.fromkeys(fact for one in alternatives for fact in one.inputs))
        return Answer(None if open_ones else False, inputs, missing)

    def _all(self, parts: Sequence[str]) -> Answer:
        answers = [self._part(part.strip()) for part in parts]
        inputs = tuple(dict.fromkeys(fact for one in answers for fact in one.inputs))
        if any(one.holds is False for one in answers):
            return Answer(False, inputs)
        missing = tuple(word for one in answers for word in one.missing)
        return Answer(None if any(one.holds is None for one in answers) else True, inputs, missing)

    def _part(self, part: str) -> Answer:
        compared = COMPARED.fullmatch(part)
        if compared:
            return self._compare(compared["what"], compared["sign"], float(compared["number"]))
        name, _, value = part.partition(":")
        judges: dict[str, Callable[[str], Answer]] = {
            "has": self._has,
            "had": lambda what: self._known(self.history.had(what)),
            "smokes": lambda _: self._smoking("current-smoker"),
            "ever-smoked": lambda _: self._smoking(*SMOKED),
            "never-smoked": lambda _: self._smoking("never-smoker"),
            "pregnant": lambda _: self._pregnant(True),
            "not-pregnant": lambda _: self._pregnant(False),
            "postmenopausal": lambda _: self._postmenopausal(),
            "family": self._family,
            "none-in-family": self._no_family,
            "ancestry": self._ancestry,
            "goal": lambda what: Answer(any(goal.name == what for goal in self.record.person.goals)),
            "adequate-cervical-tests": lambda _: self._known(self.history.adequate_cervical_tests()),
            "immunosuppressed": lambda _: self._known(self._weak_defence),
            "takes": lambda names: self._known(tuple(one.id for one in self.taking.of(names.split("/")))),
            "started": self._started,
            "ask": lambda what: Answer(None, missing=(what,)),
        }
        return judges[name](value)

    @staticmethod
    def _known(facts: tuple[str, ...]) -> Answer:
        return Answer(bool(facts), facts)

    def _has(self, name: str) -> Answer:
        found = self.record.has_condition(name)
        return Answer(False) if isinstance(found, Unknown) else Answer(True, (found.id,))

    @cached_property
    def _smoking_status(self) -> tuple[str | None, tuple[str, ...]]:
        latest = self.record.latest("smoking-status")
        if isinstance(latest, Unknown):
            use = self.record.has_condition("tobacco-use")
            return (None, ()) if isinstance(use, Unknown) else ("current-smoker", (use.id,))
        return plain_meaning(latest, self.knowledge), (latest.id,)

    def _smoking(self, *wanted: str) -> Answer:
        status, inputs = self._smoking_status
        if status not in (*SMOKED, "never-smoker"):
            return Answer(None, inputs, ("smoking status",))
        return Answer(status in wanted, inputs)

    def _pregnant(self, wanted: bool) -> Answer:
        condition = self.record.has_condition("pregnancy")
        if not isinstance(condition, Unknown):
            return Answer(wanted, (condition.id,))
        stated = self.record.latest("pregnancy-status")
        if isinstance(stated, Unknown):
            return Answer(not wanted)
        return Answer((plain_meaning(stated, self.knowledge) == "pregnant") is wanted, (stated.id,))

    def _postmenopausal(self) -> Answer:
        stated = self.record.latest("menopausal-status")
        if isinstance(stated, Unknown):
            return Answer(None, missing=("menopausal status",))
        return Answer("post" in str(getattr(stated.value, "display", stated.value)).lower(), (stated.id,))

    @cached_property
    def _weak_defence(self) -> tuple[str, ...]:
        """The diseases and medicines on record that weaken the immune defence."""
        rows = self.history.knowledge.pack("prevention").table("immunosuppression")
        diseases = [self.record.has_condition(row.name) for row in rows if row.kind == "condition"]
        medicines = self.taking.of(row.name for row in rows if row.kind == "medicine")
        return (*(one.id for one in diseases if not isinstance(one, Unknown)), *(one.id for one in medicines))

    def _started(self, text: str) -> Answer:
        """Compare the weeks since the newest start; who does not take it has not started it."""
        asked = COMPARED.fullmatch(text)
        taken = self.taking.of((asked["what"],)) if asked else []
        if asked is None or not taken:
            return Answer(False)
        inputs = tuple(one.id for one in taken)
        start = self.taking.newest_start((asked["what"],))
        if start is None:
            return Answer(None, inputs, (f"when {asked['what'].replace('-', ' ')} was started",))
        weeks = (self.record.as_of - start).days / DAYS_A_WEEK
        return Answer(SIGNS[asked["sign"]](weeks, float(asked["number"])), inputs)

    def _compare(self, what: str, sign: str, number: float) -> Answer:
        value, inputs = self.measured(what)
        if value is None:
            return Answer(None, inputs, (what.replace("-", " "),))
        return Answer(SIGNS[sign](value, number), inputs)

    def measured(self, what: str) -> tuple[float | None, tuple[str, ...]]:
        """Return the newest number of a name with its facts: anything measured, ``quit-years``, ``age`` or ``born``."""
        special = {"quit-years": self._years_since_quitting, "age": self._age, "born": self._year_of_birth}
        if what in special:
            return special[what]()
        latest = self.record.latest(what)
        if isinstance(latest, Unknown) or latest.canonical is None:
            return self._filtration() if what == "egfr" else (None, ())
        return latest.canonical.number, (latest.id,)

    def _age(self) -> tuple[float | None, tuple[str, ...]]:
        return self.record.age_years, ()

    def _year_of_birth(self) -> tuple[float | None, tuple[str, ...]]:
        born = self.record.person.birth_date
        return (born.first_day.year if born else None), ()

    def _filtration(self) -> tuple[float | None, tuple[str, ...]]:
        """Estimate the filtration from creatinine, age and sex where none is reported."""
        latest, age, sex = self.record.latest("creatinine"), self.record.age_years, self.record.person.sex_at_birth
        if isinstance(latest, Unknown) or latest.canonical is None or age is None or sex is None:
            return None, ()
        inputs = {"age_years": age, "sex": sex, "creatinine_mg_per_dl": latest.canonical.number}
        try:
            return float(run_method("egfr-ckd-epi-2021", inputs)["egfr_ml_per_min_per_1_73m2"]), (latest.id,)
        except SingulaError:
            return None, ()

    def _years_since_quitting(self) -> tuple[float | None, tuple[str, ...]]:
        latest = self.record.latest("date-quit-smoking")
        day = None if isinstance(latest, Unknown) else _day_of(latest)
        if isinstance(latest, Unknown) or day is None:
            return None, ()
        return (self.record.as_of.toordinal() - day) / DAYS_A_YEAR, (latest.id,)

    def _family(self, names: str) -> Answer:
        found = [one for one in self._relatives(names) if one.degree is None or one.degree <= SECOND_DEGREE]
        return Answer(True, tuple(one.id for one in found)) if found else Answer(False)

    def _no_family(self, names: str) -> Answer:
        """Nothing on record is no statement: only a family history that was taken can be free of a disease."""
        if not any(one.is_present for one in self.record.of_shape(FamilyCondition)):
            return Answer(None, missing=("family history",))
        return Answer(not self._relatives(names))

    def _relatives(self, names: str) -> list[FamilyCondition]:
        wanted = names.split("/")
        return [one for one in self.record.of_shape(FamilyCondition) if one.is_present and one.name in wanted]

    def _ancestry(self, name: str) -> Answer:
        words = " ".join(self.record.person.ancestry.self_reported).lower()
        return Answer(any(word in words for word in (ASHKENAZI if name == "ashkenazi" else ASIAN)))


def _day_of(observation: Observation) -> int | None:
    from datetime import date

    text = str(getattr(observation.value, "display", observation.value) or "")
    parts = text.split("T", maxsplit=1)[0].split("-")
    if not parts[0].isdigit() or len(parts[0]) != len("2000"):
        return None
    year, month, day = (int(one) if one.isdigit() else 1 for one in [*parts, "1", "1"][: len("ymd")])
    try:
        return date(year, month, day).toordinal()
    except ValueError:
        return None
