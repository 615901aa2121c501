"""All statements about one person become one plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from singula import __version__
from singula.finding import Considered, Effect, Finding, Missing, OptionGrid, Statement
from singula.knowledge import Knowledge
from singula.plan.actions import Circumstances, action_order, decide
from singula.plan.earlier import compare_with_earlier
from singula.plan.model import Action, Conflict, NotAdvised, Plan, PlanPerson, QualityNote, Target, UsedFact, UsedPack
from singula.record import Concept, Fact, Genotype, Goal, Medicine, Observation, Record

PACK = "planning"


@dataclass(frozen=True)
class Sorted:
    """Statements by sort, each once, in an order that does not depend on the assessors'."""

    findings: tuple[Finding, ...]
    considered: tuple[Considered, ...]
    grids: tuple[OptionGrid, ...]


def make_plan(record: Record, statements: Iterable[Statement], circumstances: Circumstances) -> Plan:
    """Make the plan.

    Parameters
    ----------
    record : Record
        The person; only identity, quality notes and the facts that were used are taken from it.
    statements : iterable of Statement
        What the assessors said.
    circumstances : Circumstances
        The day, medicines in use, wishes, and how to judge an alternative.

    Returns
    -------
    Plan
        Actions in order, options, what was weighed, conflicts, what is missing, and the facts and packs it rests on.
    """
    said = sort_statements(statements)
    actions, conflicts = _decide_all(said.findings, circumstances)
    actions = _order(actions, record, circumstances.knowledge)
    considered = _considered(said.considered, actions)
    used = {fact for action in actions for fact in action.inputs}
    used.update(fact for entry in considered for fact in entry.inputs)
    used.update(fact for grid in said.grids for fact in grid.inputs)
    return Plan(
        person=_person(record),
        as_of=record.as_of,
        singula_version=__version__,
        actions=tuple(actions),
        options=said.grids,
        considered=considered,
        conflicts=tuple(conflicts),
        missing=_missing(said.findings),
        quality=_quality(record),
        since=compare_with_earlier(record, actions),
        facts=tuple(_used_fact(record.fact_index[fact]) for fact in sorted(used) if fact in record.fact_index),
        knowledge=_packs(said, circumstances.knowledge),
    )


def sort_statements(statements: Iterable[Statement]) -> Sorted:
    """Separate findings, weighed things and option grids; of statements with one id the first stays."""
    by_id: dict[str, Statement] = {}
    for statement in statements:
        by_id.setdefault(f"{type(statement).__name__} {statement.id}", statement)
    ordered = [by_id[key] for key in sorted(by_id)]
    return Sorted(
        tuple(one for one in ordered if isinstance(one, Finding)),
        tuple(one for one in ordered if isinstance(one, Considered)),
        tuple(one for one in ordered if isinstance(one, OptionGrid)),
    )


def _decide_all(findings: Sequence[Finding], circumstances: Circumstances) -> tuple[list[Action], list[Conflict]]:
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.topic.type, finding.topic.name), []).append(finding)
    actions: list[Action] = []
    conflicts: list[Conflict] = []
    for key in sorted(groups):
        group = [*groups[key], *_against_a_start(groups[key], circumstances)]
        decided, disagreed = decide(Target.of(min(group, key=lambda one: one.id).topic), group, circumstances)
        actions.extend(decided)
        conflicts.extend(disagreed)
    return actions, conflicts


def _against_a_start(group: Sequence[Finding], circumstances: Circumstances) -> list[Finding]:
    """Put a medicine that is to be started to the judges, as alternatives are; what they say joins the group."""
    starts = [one for one in group if one.effect is Effect.PREFER and one.topic.type == "medicine"]
    if not starts or starts[0].topic.name in circumstances.in_use:
        return []
    topic = starts[0].topic
    judged = circumstances.judge(topic.name, "")
    return [
        one.model_copy(update={"topic": topic})
        for one in judged
        if one.topic.name == topic.name and one.effect is not Effect.INFORM
    ]


def _order(actions: list[Action], record: Record, knowledge: Knowledge) -> list[Action]:
    serving = knowledge.pack(PACK).index("goals", "goal")
    words = [(goal, row.serves) for goal in record.person.goals for row in serving.get(goal.name, ())]
    ordered = []
    for action in actions:
        text = f"{action.kind} {action.target.name} {action.target.display} {action.summary}".lower()
        goal = next((goal for goal, word in words if word in text), None)
        ordered.append((action_order(action, goal is not None), action if goal is None else _with_goal(action, goal)))
    return [action for _, action in sorted(ordered, key=lambda entry: entry[0])]


def _with_goal(action: Action, goal: Goal) -> Action:
    note = f"Moved up among equally urgent actions: it serves the goal “{goal.text or goal.name.replace('-', ' ')}”."
    return action.model_copy(update={"detail": f"{action.detail}\n{note}".strip()})


def _considered(entries: Sequence[Considered], actions: Sequence[Action]) -> tuple[NotAdvised, ...]:
    due_now = {(action.target.name, action.kind) for action in actions}
    return tuple(
        NotAdvised(
            kind=entry.kind,
            target=Target.of(entry.topic),
            summary=entry.summary,
            reason=entry.reason,
            reason_code=entry.reason_code,
            evidence=entry.evidence,
            next_due=entry.next_due,
            inputs=entry.inputs,
            labels=entry.labels,
        )
        for entry in sorted(entries, key=lambda one: (one.topic.display, one.kind, one.id))
        if not (entry.next_due and (entry.topic.name, entry.kind) in due_now)
    )


def _missing(findings: Sequence[Finding]) -> tuple[Missing, ...]:
    first: dict[tuple[str, str], Missing] = {}
    for finding in findings:
        for missing in finding.missing:
            first.setdefault((missing.what, missing.would_change), missing)
    return tuple(first[key] for key in sorted(first))


def _quality(record: Record) -> tuple[QualityNote, ...]:
    notes = [
        QualityNote(severity=one.severity, where=f"{one.input} {one.where}".strip(), message=one.message)
        for one in record.problems
    ]
    for fact in record.facts:
        place = fact.sources[0].where if fact.sources else fact.id
        notes.extend(QualityNote(severity="warning", where=place, message=f"{fact.display}: {flag}") for flag in fact.flags)
    return tuple(dict.fromkeys(notes))


def _person(record: Record) -> PlanPerson:
    person = record.person
    return PlanPerson(
        id=person.id,
        name=person.name,
        sex=person.sex_at_birth,
        birth_date=person.birth_date.text if person.birth_date else None,
        age_years=record.age_years,
        synthetic=any("synthetic" in (identifier.system or "") for identifier in person.identifiers),
    )


def _used_fact(fact: Fact) -> UsedFact:
    return UsedFact(
        id=fact.id,
        kind=fact.kind.value,
        display=f"{fact.gene} genotype" if isinstance(fact, Genotype) else fact.display,
        value=_value_words(fact),
        when=fact.when.text if fact.when else "",
        source="; ".join(f"{source.input} {source.where}".strip() for source in fact.sources),
        flags=fact.flags,
        labels=fact.labels,
    )


def _value_words(fact: Fact) -> str:
    if isinstance(fact, Medicine):
        parts = [
            fact.use,
            str(fact.dose) if fact.dose else "",
            f"{fact.doses_per_day:g} times a day" if fact.doses_per_day else "",
        ]
        return ", ".join(part for part in parts if part)
    diplotype = getattr(fact, "diplotype", None)
    if diplotype:
        return str(diplotype)
    if isinstance(fact, Observation) and fact.canonical and fact.value is None:
        return str(fact.canonical)
    if isinstance(fact.value, Concept):
        return fact.value.display
    return "" if fact.value is None else str(fact.value)


def _packs(said: Sorted, knowledge: Knowledge) -> tuple[UsedPack, ...]:
    named = {evidence.pack for finding in said.findings for evidence in finding.evidence}
    named.update(evidence.pack for entry in said.considered for evidence in entry.evidence)
    named.update(evidence.pack for grid in said.grids for option in grid.ranked for evidence in option.evidence)
    packs = [knowledge.packs[name] for name in sorted(named) if name in knowledge.packs]
    return tuple(
        UsedPack(pack=pack.name, version=pack.version, date=pack.date, title=str(pack.manifest["title"])) for pack in packs
    )
