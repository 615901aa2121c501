"""What was done before: which test, when, with what result, and whether it was good enough to count."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

from singula.assess.prevention.calendar_time import birthday, years_before
from singula.knowledge import Knowledge
from singula.record import Concept, Condition, Fact, Observation, Procedure, Record

Result = Literal["negative", "positive", "inadequate", "unknown"]
SYSTEM_NAMES = {"http://snomed.info/sct": "SNOMED CT", "http://loinc.org": "LOINC"}
CYTOLOGY, HPV = ("cervical-cytology",), ("hpv-test",)
PARTLY_REMOVED = ("subtotal", "supracervical", "partial")


@dataclass(frozen=True)
class Done:
    """One test that was done."""

    name: str
    day: date
    result: Result
    fact: str
    words: str = ""


class History:
    """The services a record tells of.

    Parameters
    ----------
    record : Record
        The person.
    knowledge : Knowledge
        Packs ``prevention`` (words of results) and ``terminology`` (meaning of coded answers).
    """

    def __init__(self, record: Record, knowledge: Knowledge) -> None:
        self.record, self.knowledge = record, knowledge
        pack = knowledge.pack("prevention")
        self.settings = {row.name: row.value for row in pack.table("settings")}
        self._words = sorted(((row.words, row.meaning) for row in pack.table("results")), key=lambda one: (-len(one[0]), one[0]))

    def done(self, names: Iterable[str]) -> list[Done]:
        """Return the tests of these names that were done by the day of the plan, newest first; planned ones are not."""
        found = [one for name in dict.fromkeys(names) for one in self._of_name(name)]
        return sorted(found, key=lambda one: (one.day, one.name), reverse=True)

    def had(self, name: str) -> tuple[str, ...]:
        """Return the facts that say an organ was removed; an operation that left part of it does not count."""
        return tuple(
            fact.id
            for fact in (*self.record.named(name), *self.record.named(f"{name}-status"))
            if fact.is_present and isinstance(fact, Procedure | Condition) and not _left_part(fact)
        )

    def adequate_cervical_tests(self) -> tuple[str, ...]:
        """Return the negative tests that let cervical screening end: three of cytology or two for HPV, late and recent enough."""
        born = self.record.person.birth_date
        if born is None:
            return ()
        stop = birthday(born.first_day, int(self.settings["cervical_stop_age"]))
        begin = years_before(stop, int(self.settings["cervical_window_years"]))
        recent = years_before(stop, int(self.settings["cervical_last_years"]))
        for names, fewest in ((HPV, self.settings["cervical_hpv_tests"]), (CYTOLOGY, self.settings["cervical_cytologies"])):
            negative = [one for one in self.done(names) if one.result == "negative" and one.day >= begin]
            if len(negative) >= fewest and negative[0].day >= recent:
                return tuple(one.fact for one in negative)
        return ()

    def _of_name(self, name: str) -> Iterator[Done]:
        for fact in self.record.named(name):
            if not fact.is_present or fact.when is None or not isinstance(fact, Procedure | Observation):
                continue
            day = fact.when.first_day
            if day <= self.record.as_of:
                result, words = self._result(fact)
                yield Done(name, day, result, fact.id, words)

    def _result(self, fact: Fact) -> tuple[Result, str]:
        words = str(fact.detail.get("outcome") or "")
        if isinstance(fact, Observation) and not words:
            meaning = plain_meaning(fact, self.knowledge)
            words = meaning if meaning in ("negative", "positive") else fact.value if isinstance(fact.value, str) else ""
            if isinstance(fact.value, Concept) and not words:
                words = fact.value.display
        lowered = words.lower()
        for known, meaning in self._words:
            if re.search(rf"\b{re.escape(known)}", lowered):
                return meaning, words
        return "unknown", words

    @cached_property
    def has_limited_life_expectancy(self) -> tuple[str, ...]:
        """The fact that says so, where one does."""
        found = self.record.has_condition("limited-life-expectancy")
        return (found.id,) if isinstance(found, Condition) else ()


def plain_meaning(fact: Observation, knowledge: Knowledge) -> str | None:
    """Return what a coded answer means in Singula's words (``former-smoker``, ``negative``); None where no code is known."""
    if not isinstance(fact.value, Concept):
        return None
    meanings = knowledge.pack("terminology").index("answers", "system", "code")
    for coding in fact.value.codings:
        rows = meanings.get((SYSTEM_NAMES.get(coding.system or "", coding.system), coding.code))
        if rows:
            return str(rows[0].meaning)
    return None


def _left_part(fact: Fact) -> bool:
    words = fact.display.lower()
    return any(word in words for word in PARTLY_REMOVED)


def latest(done: Sequence[Done]) -> Done | None:
    """Return the newest that was good enough to count."""
    return next((one for one in done if one.result != "inadequate"), None)
