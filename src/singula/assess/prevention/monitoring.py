"""What a disease or a medicine asks to be measured again: one date for one test, however many reasons ask for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from singula.assess.prevention.calendar_time import add_months
from singula.assess.prevention.criteria import Answer, Criteria
from singula.assess.prevention.history import Done
from singula.assess.prevention.raised_risk import STRENGTHS, Person, tell_standing
from singula.assess.prevention.speaking import Reasons, Service
from singula.assess.prevention.timetable import Course, Standing, stand
from singula.finding import Due, Finding, Missing, Statement
from singula.knowledge.pack import Pack, Row
from singula.record import Unknown

SOURCE = "Monitoring rule"


@dataclass(frozen=True)
class _Asked:
    """One reason that asks for a test, the facts behind it, and where the person stands with it."""

    row: Row
    answer: Answer
    standing: Standing

    @property
    def day(self) -> date:
        """The day on which this reason asks for the test."""
        return self.standing.due.date if self.standing.due else date.max


class Monitoring:
    """Speaks of every test that known diseases and medicines in use ask for.

    Parameters
    ----------
    person : Person
        Record, history, speaker, birth and sex.
    criteria : Criteria
        Answers the conditions of rules.
    pack : Pack
        Pack ``prevention``: tables ``monitored`` and ``monitoring``.
    """

    def __init__(self, person: Person, criteria: Criteria, pack: Pack) -> None:
        self.person, self.criteria, self.pack = person, criteria, pack

    def speak(self) -> Iterator[Statement]:
        """Yield each test once: the reason that asks for it first decides, the others are named."""
        rules = self.pack.index("monitoring", "service")
        for test in self.pack.table("monitored"):
            if not self._is_stopped(test):
                yield from self._of_test(test, rules.get(test.service, ()))

    def _is_stopped(self, test: Row) -> bool:
        ends = any(not isinstance(self.person.record.has_condition(name), Unknown) for name in test.stops or ())
        return ends or bool(test.late_benefit and self.person.history.has_limited_life_expectancy)

    def _of_test(self, test: Row, rules: Sequence[Row]) -> Iterator[Statement]:
        done = self.person.history.done(test.names)
        answered = [(row, self.criteria.answer(row.when)) for row in rules]
        asked = [one for row, answer in answered if answer.holds for one in self._asked(row, answer, done)]
        if not asked:
            return
        first = min(asked, key=lambda one: (one.day, one.row.interval_months or 0))
        reasons = list(dict.fromkeys(one.row.why for one in (first, *asked)))
        notes = (f"Also: {'; '.join(reasons[1:])}." if reasons[1:] else "", first.row.note and f"{first.row.note}.")
        inputs = tuple(dict.fromkeys(fact for one in (first, *asked) for fact in one.answer.inputs))
        service = Service(
            name=test.service,
            display=test.display,
            patient_text=test.patient,
            evidence=self.person.speaker.evidence(first.row, SOURCE, None),
            strength=STRENGTHS[first.row.strength],
        )
        told = Reasons(first.row.why, inputs=inputs, note="\n".join(note for note in notes if note))
        shorter = [(row, answer) for row, answer in answered if answer.holds is None and _is_shorter(row, first.row)]
        missing = tuple(
            Missing(what=word, would_change=f"{test.display}: may be due every {row.interval_months} months ({row.why})")
            for row, answer in shorter
            for word in answer.missing
        )
        for one in tell_standing(self.person, service, "monitor", first.standing, told):
            yield one.model_copy(update={"missing": missing}) if isinstance(one, Finding) else one

    def _asked(self, row: Row, answer: Answer, done: Sequence[Done]) -> Iterator[_Asked]:
        born, as_of = self.person.born, self.person.record.as_of
        if row.start_of is None:
            course = Course(None, None, row.interval_months)
            yield _Asked(row, answer, stand([(one, row.interval_months) for one in done], course, born, as_of))
            return
        start = self.criteria.taking.newest_start((row.start_of,))
        if start is None or any(one.day > start for one in done) or add_months(start, 12) < as_of:
            return
        begin = start + timedelta(weeks=row.first_from_weeks)
        end = start + timedelta(weeks=row.first_to_weeks)
        status: Literal["upcoming", "due", "overdue"] = "upcoming" if as_of < begin else "due" if as_of <= end else "overdue"
        last = done[0] if done else None
        due = Due(date=begin, status=status, last_done=last.day if last else None)
        yield _Asked(row, answer, Standing(due, last))


def _is_shorter(row: Row, than: Row) -> bool:
    return bool(row.interval_months and than.interval_months and row.interval_months < than.interval_months)
