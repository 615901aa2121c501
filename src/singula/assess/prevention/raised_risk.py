"""What a gene, a disease or the family asks for in place of the rules for everyone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from singula.assess.prevention.history import History
from singula.assess.prevention.speaking import Reasons, Service, Speaker
from singula.assess.prevention.timetable import Course, Standing, stand
from singula.finding import Certainty, ReasonCode, Statement, Strength
from singula.knowledge.pack import Pack, Row
from singula.record import FamilyCondition, Record, Unknown, Variant
from singula.record.genome import SCANNED

WISH = "secondary-findings"
PATHOGENIC = ("pathogenic", "likely pathogenic", "pathogenic or likely pathogenic")
TWO_COPIES = ("homozygous", "hemizygous")
STRENGTHS = {"strong": Strength.STRONG, "moderate": Strength.MODERATE, "weak": Strength.WEAK}
ASK_ELSEWHERE = "No record found; ask whether it was done elsewhere."
TESTING = ("screen", "test", "monitor")
ONCE = ("counsel", "refer", "treat", "test")


@dataclass
class RaisedRisk:
    """What was said, and the services that it replaces, each with why and the facts."""

    statements: list[Statement] = field(default_factory=list)
    replaces: dict[str, Reasons] = field(default_factory=dict)


@dataclass(frozen=True)
class Person:
    """What schedules are made for."""

    record: Record
    history: History
    speaker: Speaker
    born: date
    sex: str | None

    @property
    def age_years(self) -> int:
        """Completed years."""
        return self.record.person.age_years(self.record.as_of) or 0

    def fits(self, sex: str) -> bool:
        """Whether a rule for this sex speaks of the person."""
        return sex in ("any", self.sex)

    def removed(self, names: Sequence[str] | None) -> tuple[str, ...]:
        """Return the facts that say an organ is gone."""
        return tuple(fact for name in names or () for fact in self.history.had(name))


def find_raised_risk(person: Person, pack: Pack) -> RaisedRisk:
    """Say what genes, earlier disease and the family ask for; of two that concern one service the first replaces the others."""
    found = RaisedRisk()
    for row in pack.table("surveillance"):
        _after_disease(person, row, found)
    for gene, variants in sorted(_told_genes(person.record).items()):
        for row in pack.index("genes", "gene").get(gene, ()):
            if person.fits(row.sex) and (row.alleles != "biallelic" or _has_two(variants)):
                _by_gene(person, row, variants, found)
    for row in pack.table("family"):
        if person.fits(row.sex):
            _by_family(person, row, found)
    return found


def _after_disease(person: Person, row: Row, found: RaisedRisk) -> None:
    condition = person.record.has_condition(row.condition)
    if isinstance(condition, Unknown) or person.removed(row.stops):
        return
    evidence = person.speaker.evidence(row, "Guideline", None)
    service = Service(row.service, row.display, row.patient, evidence, Strength.MODERATE, urgency=2)
    done = [(one, row.interval_months) for one in person.history.done(row.names)]
    standing = stand(done, Course(None, None, row.interval_months), person.born, person.record.as_of)
    why = f"{row.condition.replace('-', ' ')} in the past; the interval may be another by the last report"
    found.statements.extend(tell_standing(person, service, "screen", standing, Reasons(why, inputs=(condition.id,))))
    found.replaces.setdefault(row.service, Reasons(f"follow-up after {row.condition.replace('-', ' ')}", inputs=(condition.id,)))


def _by_gene(person: Person, row: Row, variants: Sequence[Variant], found: RaisedRisk) -> None:
    inputs = tuple(sorted(one.id for one in variants))
    why = f"pathogenic {row.gene} variant ({row.condition})"
    for service in row.replaces or ():
        found.replaces.setdefault(service, Reasons(f"the schedule for {why}", inputs=inputs))
    removed = person.removed(row.stops)
    if removed or (row.end is not None and person.age_years > row.end):
        return
    service = Service(
        name=f"{row.service}-{row.gene.lower()}",
        display=f"{row.display} ({row.gene})",
        patient_text=f"The change in your gene {row.gene} is why this is advised: {row.display[0].lower()}{row.display[1:]}.",
        evidence=person.speaker.evidence(row, "Gene schedule", None),
        strength=Strength.STRONG if row.review == "checked" and row.kind in ("screen", "refer") else Strength.MODERATE,
        certainty=Certainty.MODERATE if row.review == "checked" else Certainty.LOW,
        urgency=row.urgency,
    )
    interval = row.interval_from
    course = Course(row.start_from, row.end, interval, row.interval_to)
    done = [(one, interval) for one in person.history.done(row.names or ())]
    gone = tuple(fact for name in row.names or () for fact in person.history.had(name)) if row.kind in ONCE else ()
    if gone:
        return
    note = f"{row.note[0].upper()}{row.note[1:]}." if row.note else ""
    if row.start_to and row.start_to != row.start_from:
        note = f"Begins between {row.start_from} and {row.start_to} years. {note}".strip()
    found.statements.extend(
        tell_standing(
            person,
            service,
            row.kind,
            stand(done, course, person.born, person.record.as_of),
            Reasons(why, inputs=inputs, note=note),
        )
    )


def _by_family(person: Person, row: Row, found: RaisedRisk) -> None:
    relatives = _relatives(person.record, row)
    if len({one.relative or one.id for one in relatives}) < row.fewest or row.service in found.replaces:
        return
    start = row.start_age
    ages = [one.onset_age_years for one in relatives if one.onset_age_years is not None]
    if row.years_before and ages:
        start = min(start, int(min(ages)) - row.years_before)
    if row.end_age is not None and person.age_years > row.end_age:
        return
    inputs = tuple(sorted(one.id for one in relatives))
    for service in row.replaces or ():
        found.replaces.setdefault(service, Reasons(f"the family rule: {row.text}", inputs=inputs))
    if person.removed(("colectomy",)) and row.service == "colorectal-cancer-screening":
        return
    service = Service(
        name=row.id,
        display=row.display,
        patient_text=row.patient,
        evidence=person.speaker.evidence(row, "Family rule", None),
        strength=STRENGTHS[row.strength],
        certainty=Certainty.MODERATE if row.review == "checked" else Certainty.LOW,
    )
    done = [(one, row.interval_months) for one in person.history.done(row.names or ())]
    course = Course(max(start, 0), row.end_age, row.interval_months)
    standing = stand(done, course, person.born, person.record.as_of)
    found.statements.extend(tell_standing(person, service, row.kind, standing, Reasons(row.text, inputs=inputs)))


def tell_standing(person: Person, service: Service, kind: str, standing: Standing, reasons: Reasons) -> Iterator[Statement]:
    """Say that a service is due, or when it will be, or that it is over."""
    inputs = (*reasons.inputs, *((standing.last.fact,) if standing.last else ()))
    if standing.due is None:
        words = f"done {standing.last.day}" if standing.last else "done"
        told = Reasons(f"{words}; once is enough", words, inputs)
        yield person.speaker.weigh(service, kind, ReasonCode.NOT_DUE, told)
        return
    if standing.due.status == "upcoming":
        start = standing.last is None
        words = (
            f"begins at {_age_at(person, standing.due.date)}" if start else f"last {standing.last.day}" if standing.last else ""
        )
        told = Reasons(f"{reasons.why}; next due {standing.due.date}", f"{words}, next due {standing.due.date}", inputs)
        yield person.speaker.weigh(service, kind, ReasonCode.NOT_DUE, told, standing.due.date)
        return
    yield person.speaker.advise(service, kind, standing.due, describe_due(kind, standing, reasons, inputs))


def describe_due(kind: str, standing: Standing, reasons: Reasons, inputs: tuple[str, ...]) -> Reasons:
    """Put into words what is due: when it was last done, how often, and why."""
    due, note = standing.due, reasons.note
    every = f"every {_span(due.interval_months)}" if due and due.interval_months else ""
    last = f"last {standing.last.day}" if standing.last else "none on record"
    words = [reasons.why]
    if every or kind in TESTING:
        words = [due.status if due else "", last, every or "once", reasons.why]
        note = note if standing.last else f"{note}\n{ASK_ELSEWHERE}".strip()
    return Reasons(reasons.why, ", ".join(word for word in words if word), inputs, note=note)


def _span(months: int) -> str:
    years, rest = divmod(months, 12)
    if rest:
        return "month" if months == 1 else f"{months} months"
    return "year" if years == 1 else f"{years} years"


def _age_at(person: Person, day: date) -> str:
    return f"{person.record.person.age_years(day)} years"


def _relatives(record: Record, row: Row) -> list[FamilyCondition]:
    return [
        one
        for one in record.of_shape(FamilyCondition)
        if one.is_present
        and one.name in row.relatives
        and one.degree is not None
        and one.degree <= row.degree
        and (row.onset_below is None or (one.onset_age_years is not None and one.onset_age_years < row.onset_below))
    ]


def _told_genes(record: Record) -> dict[str, list[Variant]]:
    """Return pathogenic germline variants by gene; what a scan met only for people who wished to know."""
    wished = any(one.name == WISH for one in record.person.preferences)
    found: dict[str, list[Variant]] = {}
    for one in record.of_shape(Variant):
        word = (one.significance or "").lower().replace("_", " ").replace("/", " or ")
        scanned = bool(one.sources) and all(source.reader == SCANNED for source in one.sources)
        is_told = (wished or not scanned) and one.detail.get("meaning") in (None, "finding")
        if one.is_present and one.gene and one.source_class == "germline" and word in PATHOGENIC and is_told:
            found.setdefault(one.gene, []).append(one)
    return found


def _has_two(variants: Sequence[Variant]) -> bool:
    return len(variants) > 1 or any(one.zygosity in TWO_COPIES for one in variants)
