"""The rules for everyone of an age and sex: due, coming, a choice, not advised, or replaced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from singula.assess.prevention.calendar_time import add_months, birthday
from singula.assess.prevention.criteria import Answer, Criteria
from singula.assess.prevention.history import Done, latest
from singula.assess.prevention.latest_release import current_rules
from singula.assess.prevention.raised_risk import Person, describe_due
from singula.assess.prevention.speaking import CERTAINTY_OF_GRADE, NAME, STRENGTH_OF_GRADE, Reasons, Service, shorten
from singula.assess.prevention.timetable import Course, Standing, stand
from singula.finding import Alternative, Due, Finding, ReasonCode, Statement, Strength, Topic, stable_id
from singula.knowledge.pack import Pack, Row
from singula.record import Unknown

SOURCE = "USPSTF"
CHOICE, AGAINST = "C", "D"
ENDS_SCREENING = ("screen", "consider")


class AverageRisk:
    """Speaks of every service of the pack that fits the person.

    Parameters
    ----------
    person : Person
        Record, history, speaker, birth and sex.
    criteria : Criteria
        Answers the conditions of rules.
    pack : Pack
        Pack ``prevention``.
    """

    def __init__(self, person: Person, criteria: Criteria, pack: Pack) -> None:
        self.person, self.criteria, self.pack = person, criteria, pack
        self.settings: Mapping[str, float] = person.history.settings
        self.rules = current_rules(criteria.knowledge)
        self.intervals = {row.rule: row.interval_months for row in pack.table("intervals")}

    def speak(self, replaced: Mapping[str, Reasons]) -> Iterator[Statement]:
        """Yield what is to be said of each service; one that is replaced is only named."""
        rules = self.rules
        groups: dict[str, list[tuple[str, Finding]]] = {}
        for row in self.pack.table("services"):
            mine = [rule for rule in rules.get(row.service, ()) if self.person.fits(rule.sex)]
            if not mine:
                continue
            if row.service in replaced:
                reasons = replaced[row.service]
                service = self._service(row, mine[0])
                why = f"replaced by {reasons.why}"
                yield self.person.speaker.weigh(service, "screen", ReasonCode.SUPERSEDED, Reasons(why, why, reasons.inputs))
                continue
            for one in self._of_service(row, mine):
                if isinstance(one, Finding) and row.group:
                    groups.setdefault(row.group, []).append((row.group_word, one))
                else:
                    yield one
        for row in self.pack.table("groups"):
            if row.group in groups:
                yield _join(row, groups[row.group])

    def _of_service(self, row: Row, rules: Sequence[Row]) -> Iterator[Statement]:
        ended = self._ended(row)
        if ended is not None:
            if any(rule.kind in ENDS_SCREENING for rule in rules):
                code, reasons = ended
                yield self.person.speaker.weigh(self._service(row, rules[0]), rules[0].kind, code, reasons)
            return
        in_age = [rule for rule in rules if rule.age_min <= self.person.age_years <= rule.age_max]
        answered = [(rule, self.criteria.answer(rule.when)) for rule in in_age]
        fitting = sorted((pair for pair in answered if pair[1].holds), key=lambda pair: (not _ends(pair[0]), pair[0].grade))
        if fitting:
            yield from self._fitting(row, *fitting[0])
            return
        if row.service == "cervical-cancer-screening" and in_age:
            yield from self._cervix_without_record(row, in_age[0])
            return
        yield from self._unfit(row, answered)
        if not in_age and row.late_benefit:
            yield from self._past_age(row, rules)

    def _ended(self, row: Row) -> tuple[ReasonCode, Reasons] | None:
        removed = self.person.removed(row.stops)
        if removed:
            words = "the organ was removed"
            return ReasonCode.NOT_ELIGIBLE, Reasons(words, words, removed)
        for name in row.disease or ():
            known = self.person.record.has_condition(name)
            if not isinstance(known, Unknown):
                words = f"{known.display} is known: its follow-up takes the place of screening"
                return ReasonCode.SUPERSEDED, Reasons(words, words, (known.id,))
        limited = self.person.history.has_limited_life_expectancy
        if limited and row.late_benefit:
            words = "life expectancy is stated to be limited; the benefit would come too late"
            return ReasonCode.HARM_OUTWEIGHS_BENEFIT, Reasons(words, words, limited)
        return None

    def _fitting(self, row: Row, rule: Row, answer: Answer) -> Iterator[Statement]:
        service = self._service(row, rule)
        if rule.kind == "avoid":
            words = "the Task Force advises against it" + (f": {rule.why}" if rule.why else "")
            kind = "start" if self._is_medicine(row) else "screen"
            yield self.person.speaker.weigh(
                service, kind, ReasonCode.HARM_OUTWEIGHS_BENEFIT, Reasons(words, words, answer.inputs)
            )
        elif rule.kind == "consider":
            words = "a choice to be made together" + (f": {rule.why}" if rule.why else "; benefit and harm are close")
            yield self.person.speaker.weigh(service, "screen", ReasonCode.INDIVIDUAL_CHOICE, Reasons(words, words, answer.inputs))
        else:
            yield from self._schedule(row, rule, service, answer)

    def _schedule(self, row: Row, rule: Row, service: Service, answer: Answer) -> Iterator[Statement]:
        tests = self.pack.index("tests", "service").get(row.service, ())
        done = [
            (one, self.intervals.get(rule.id, test.interval_months))
            for test in tests
            for one in self.person.history.done(test.names)
        ]
        newest = latest(sorted((one for one, _ in done), key=lambda one: one.day, reverse=True))
        if newest is not None and newest.result == "positive":
            yield self._follow_up(row, service, newest)
            return
        usual = next((self.intervals.get(rule.id, test.interval_months) for test in tests), None)
        course = Course(rule.age_min, self._last_age(row, rule), usual)
        standing = stand(done, course, self.person.born, self.person.record.as_of)
        inputs = (*answer.inputs, *((standing.last.fact,) if standing.last else ()))
        reasons = Reasons(rule.why or self._ages(rule), note=self._note(standing))
        if standing.due is None or self._is_far(standing):
            yield self._not_due(service, rule, standing, inputs)
        else:
            told = describe_due(rule.kind, standing, reasons, inputs)
            found = self.person.speaker.advise(service, rule.kind, standing.due, told)
            yield found.model_copy(update={"alternatives": tuple(_other_ways(tests))})

    def _is_far(self, standing: Standing) -> bool:
        soon = add_months(self.person.record.as_of, int(self.settings["soon_months"]))
        return standing.due is not None and standing.due.date > soon

    def _not_due(self, service: Service, rule: Row, standing: Standing, inputs: tuple[str, ...]) -> Statement:
        last = f"done {standing.last.day}" if standing.last else "done"
        if standing.due is None:
            told = Reasons(f"{last}; once is enough", f"{last}; once is enough", inputs)
            return self.person.speaker.weigh(service, rule.kind, ReasonCode.NOT_DUE, told)
        end = (
            self.person.born
            if standing.due.until_age_years is None
            else birthday(self.person.born, standing.due.until_age_years + 1)
        )
        if standing.due.until_age_years is not None and standing.due.date >= end:
            words = f"{last}; screening ends at {standing.due.until_age_years} years, before the next would be due"
            return self.person.speaker.weigh(service, rule.kind, ReasonCode.NOT_ELIGIBLE_AGE, Reasons(words, words, inputs))
        words = f"{last}, next due {standing.due.date}"
        return self.person.speaker.weigh(service, rule.kind, ReasonCode.NOT_DUE, Reasons(words, words, inputs), standing.due.date)

    def _follow_up(self, row: Row, service: Service, newest: Done) -> Finding:
        test = newest.name.replace("-", " ")
        words = f"{test} of {newest.day}: “{newest.words}”; no later test is on record"
        followed = Service(
            name=f"{row.service}-follow-up",
            display=f"Follow-up of an abnormal {test}" + (" by colonoscopy" if row.service.startswith("colorectal") else ""),
            patient_text=f"Your last {test} was not normal. Ask what the next step is, and when.",
            evidence=service.evidence,
            strength=Strength.STRONG,
            certainty=service.certainty,
            urgency=1,
        )
        due = Due(date=self.person.record.as_of, status="overdue", last_done=newest.day)
        return self.person.speaker.advise(followed, "refer", due, Reasons(words, words, (newest.fact,)))

    def _cervix_without_record(self, row: Row, rule: Row) -> Iterator[Statement]:
        if self.person.age_years > self.settings["cervical_ask_until_age"]:
            return
        service = self._service(row, rule)
        words = "ask for earlier negative tests before it ends: too few are on record"
        due = Due(date=self.person.record.as_of, status="open")
        yield self.person.speaker.advise(service, "counsel", due, Reasons("screening ends after enough negative tests", words))

    def _unfit(self, row: Row, answered: Sequence[tuple[Row, Answer]]) -> Iterator[Statement]:
        for rule, answer in answered:
            if not rule.tell_unfit or rule.kind == "avoid":
                continue
            if answer.holds is None:
                words = f"not known whether it applies: {', '.join(answer.missing)} not on record"
            else:
                words = f"does not apply: {rule.why}"
            yield self.person.speaker.weigh(
                self._service(row, rule), rule.kind, ReasonCode.NOT_ELIGIBLE, Reasons(words, words, answer.inputs)
            )
            return

    def _past_age(self, row: Row, rules: Sequence[Row]) -> Iterator[Statement]:
        past = [rule for rule in rules if rule.kind in ("screen", "test") and rule.age_max < self.person.age_years]
        if not past or self.person.age_years > max(rule.age_max for rule in past) + self.settings["passed_age_years"]:
            return
        rule = max(past, key=lambda one: one.age_max)
        words = f"advised until {rule.age_max} years"
        yield self.person.speaker.weigh(self._service(row, rule), rule.kind, ReasonCode.NOT_ELIGIBLE_AGE, Reasons(words, words))

    def _service(self, row: Row, rule: Row) -> Service:
        evidence = self.person.speaker.evidence(rule, SOURCE, rule.grade)
        strength, certainty = STRENGTH_OF_GRADE[rule.grade], CERTAINTY_OF_GRADE[rule.grade]
        return Service(row.service, row.display, row.patient, evidence, strength, certainty, rule.urgency)

    def _last_age(self, row: Row, rule: Row) -> int | None:
        """Return the last age of any rule of the same sort, so that 45 to 49 goes on to 75; none where it has no end."""
        same = [one.age_max for one in self.rules[row.service] if one.kind == rule.kind]
        return None if max(same) > self.settings["no_end_above"] else max(same)

    def _ages(self, rule: Row) -> str:
        who = {"female": "women", "male": "men"}.get(rule.sex, "everyone")
        open_end = rule.age_max > self.settings["no_end_above"]
        return f"{who} from {rule.age_min} years" if open_end else f"{who} of {rule.age_min} to {rule.age_max} years"

    @staticmethod
    def _note(standing: Standing) -> str:
        if standing.last is not None and standing.last.result == "unknown":
            return f"The result of {standing.last.day} is not on record; it counts as done."
        return ""

    @staticmethod
    def _is_medicine(row: Row) -> bool:
        return any(word in row.service for word in ("vitamin", "hormone"))


def _ends(rule: Row) -> bool:
    """Tell a rule that ends a service for a stated reason; it goes before the rules for an age."""
    return rule.kind == "avoid" and bool(rule.when)


def _join(row: Row, members: Sequence[tuple[str, Finding]]) -> Finding:
    """Make one finding of several small services that are done in one go; the earliest date counts."""
    display = f"{row.display}: {', '.join(word for word, _ in members)}"
    first = min((one for _, one in members), key=lambda one: one.due.date if one.due else date.max)
    return first.model_copy(
        update={
            "id": stable_id(NAME, row.group, *(one.id for _, one in members)),
            "topic": Topic(type="service", name=row.group, display=display),
            "summary": shorten(f"{display}: {first.due.status if first.due else ''} ({_levels(members)})"),
            "detail": "\n".join(one.summary for _, one in members),
            "patient_text": " ".join(one.patient_text for _, one in members) if len(members) == 1 else row.patient,
            "evidence": tuple(dict.fromkeys(evidence for _, one in members for evidence in one.evidence)),
            "inputs": tuple(dict.fromkeys(fact for _, one in members for fact in one.inputs)),
            "labels": tuple(sorted({label for _, one in members for label in one.labels})),
            "alternatives": (),
        }
    )


def _levels(members: Sequence[tuple[str, Finding]]) -> str:
    levels = sorted({evidence.level or "" for _, one in members for evidence in one.evidence})
    return f"{SOURCE} {', '.join(levels)}"


def _other_ways(tests: Sequence[Row]) -> Iterator[Alternative]:
    if len(tests) > 1:
        yield from (Alternative(name=row.test, display=row.display, reason="another accepted test") for row in tests)
