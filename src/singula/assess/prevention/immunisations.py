"""Which vaccines are due by age, disease and pregnancy; what is not on record is asked for, never taken as not given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from singula.assess.prevention.calendar_time import add_months
from singula.assess.prevention.criteria import Answer, Criteria
from singula.assess.prevention.raised_risk import Person
from singula.assess.prevention.speaking import Reasons, Service
from singula.finding import Certainty, Considered, Due, Evidence, Finding, Missing, ReasonCode, Statement, Strength
from singula.knowledge.pack import Pack, Row
from singula.record import Immunisation

UNITED_KINGDOM, UK, US = ("GB", "GBR", "UK"), "UK", "US"
SOURCES = {US: "ACIP", UK: "UKHSA"}
STRENGTH_OF_GRADE = {"routine": Strength.STRONG, "risk": Strength.MODERATE}
CHOICE = "choice"
KIND = "start"
NO_LIVE_VACCINE = "pregnant | immunosuppressed | has:hiv & cd4-count<200"


class Immunisations:
    """Speaks of every vaccine of the schedule that fits the person.

    Parameters
    ----------
    person : Person
        Record, history, speaker, birth and sex; the country chooses between the schedules of the US and the UK.
    criteria : Criteria
        Answers the conditions of rules.
    pack : Pack
        Pack ``prevention``: table ``immunisations``.
    """

    def __init__(self, person: Person, criteria: Criteria, pack: Pack) -> None:
        self.person, self.criteria, self.pack = person, criteria, pack
        country = (person.record.person.country or "").upper()
        self.schedule = UK if country in UNITED_KINGDOM else US

    def speak(self) -> Iterator[Statement]:
        """Yield each vaccine once; those of which the record holds no dose are gathered in one finding."""
        unknown: list[tuple[Row, Answer]] = []
        for rows in self.pack.index("immunisations", "schedule", "service").values():
            mine = [row for row in rows if row.schedule == self.schedule and row.age_min <= self.person.age_years <= row.age_max]
            answered = [(row, self.criteria.answer(row.when)) for row in mine]
            fitting = next((pair for pair in answered if pair[1].holds), None)
            if fitting is None:
                continue
            row, answer = fitting
            given = self._given(row.names)
            against = self._against() if row.live else ()
            if against and len(given) < row.doses:
                yield self._weigh(row, ReasonCode.CONTRAINDICATED, "a live vaccine: not in pregnancy or weak defence", against)
            elif row.grade == CHOICE:
                yield self._weigh(row, ReasonCode.INDIVIDUAL_CHOICE, f"a choice to be made together: {row.why}", answer.inputs)
            elif given:
                yield self._next(row, given, answer)
            else:
                unknown.append(fitting)
        if unknown:
            yield self._ask(unknown)

    def _given(self, names: Sequence[str]) -> list[tuple[date, str]]:
        """Return the doses on record, one a day, oldest first."""
        days = {
            fact.when.first_day: fact.id
            for name in names
            for fact in self.person.record.named(name)
            if isinstance(fact, Immunisation)
            and fact.is_present
            and fact.when
            and fact.when.first_day <= self.person.record.as_of
        }
        return sorted(days.items())

    def _against(self) -> tuple[str, ...]:
        """Return what speaks against a live vaccine; a CD4 count that is not known in HIV speaks against it too."""
        answer = self.criteria.answer(NO_LIVE_VACCINE)
        return () if answer.holds is False else answer.inputs

    def _next(self, row: Row, given: Sequence[tuple[date, str]], answer: Answer) -> Statement:
        last, fact = given[-1]
        inputs = (*answer.inputs, fact)
        is_complete = len(given) >= row.doses
        months = row.interval_months if is_complete else row.gap_months
        count = "1 dose" if len(given) == 1 else f"{len(given)} doses"
        if is_complete and months is None:
            return self._weigh(row, ReasonCode.NOT_DUE, f"{count} on record, last {last}; complete", inputs)
        day = add_months(last, months or 0)
        if day > self.person.record.as_of:
            return self._weigh(row, ReasonCode.NOT_DUE, f"last {last}, next due {day}", inputs, day)
        words = f"last {last}, {row.why}" if is_complete else f"{count} of {row.doses} on record, last {last}, {row.why}"
        interval = row.interval_months if is_complete else None
        due = Due(date=day, status="due", interval_months=interval, last_done=last)
        return self.person.speaker.advise(self._service(row), KIND, due, Reasons(row.why, words, inputs))

    def _ask(self, unknown: Sequence[tuple[Row, Answer]]) -> Finding:
        names = [row.display for row, _ in unknown]
        inputs = tuple(dict.fromkeys(fact for _, answer in unknown for fact in answer.inputs))
        first = unknown[0][0]
        service = Service(
            name="vaccination-record",
            display="Vaccines without a dose on record",
            patient_text="We have no record of some of your vaccines. Bring your vaccine card, or tell us what you had and when.",
            evidence=self._evidence(first),
            strength=Strength.MODERATE,
        )
        due = Due(date=self.person.record.as_of, status="due")
        lines = "\n".join(f"{row.display}: no record of a dose; {row.why}." for row, _ in unknown)
        number = f"{len(names)} to ask about" if len(names) > 1 else names[0]
        why = "these vaccines are advised at this age or with what is known; no record is not the same as not given"
        found = self.person.speaker.advise(
            service, "counsel", due, Reasons(why, f"{number}; due now where not given", inputs, lines)
        )
        return found.model_copy(
            update={
                "evidence": tuple(dict.fromkeys(self._evidence(row) for row, _ in unknown)),
                "missing": tuple(
                    Missing(
                        what=f"doses of {row.display[0].lower()}{row.display[1:]}",
                        would_change=f"due now if not given: {row.why}",
                    )
                    for row, _ in unknown
                ),
            }
        )

    def _weigh(self, row: Row, code: ReasonCode, words: str, inputs: tuple[str, ...], next_due: date | None = None) -> Considered:
        return self.person.speaker.weigh(self._service(row), KIND, code, Reasons(words, words, inputs), next_due)

    def _service(self, row: Row) -> Service:
        strength = STRENGTH_OF_GRADE.get(row.grade, Strength.WEAK)
        return Service(row.service, row.display, row.patient, self._evidence(row), strength, Certainty.MODERATE)

    def _evidence(self, row: Row) -> Evidence:
        return self.person.speaker.evidence(row, SOURCES[self.schedule], None)
