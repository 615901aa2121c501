"""The findings about one thing become the actions to take, one per kind, and the disagreements between them become conflicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import get_args

from singula.finding import SUMMARY_LIMIT, Alternative, DoseChange, Effect, Finding, stable_id
from singula.knowledge import Knowledge
from singula.plan.alternatives import Judge, Wishes, rank_alternatives
from singula.plan.doses import combine_doses
from singula.plan.model import Action, ActionKind, Conflict, RankedAlternative, Target
from singula.plan.precedence import STRENGTHS, precedence, step_of, strongest
from singula.plan.schedule import set_due

RULE = "contraindication > avoidance > dose change > weak avoidance > preference > caution > test > information"
AGAINST = (Effect.AVOID,)
FOR = (Effect.PREFER, Effect.TREAT, Effect.INCREASE)
SIMPLE_KINDS: Mapping[Effect, ActionKind] = {
    Effect.CAUTION: "monitor",
    Effect.MONITOR: "monitor",
    Effect.SCREEN: "screen",
    Effect.TEST: "test",
    Effect.REFER: "refer",
    Effect.TREAT: "treat",
    Effect.INFORM: "inform",
}


@dataclass(frozen=True)
class Circumstances:
    """What the planner may know besides findings: the day, what is taken, what the person wants, and how to ask 'what if'."""

    as_of: date
    in_use: Mapping[str, str]
    wishes: Wishes
    judge: Judge
    knowledge: Knowledge


@dataclass(frozen=True)
class Found:
    """What was worked out besides the findings themselves: a combined dose, judged alternatives."""

    dose: DoseChange | None = None
    alternatives: tuple[RankedAlternative, ...] = ()


NOTHING_ELSE = Found()


def decide(target: Target, findings: Sequence[Finding], circumstances: Circumstances) -> tuple[list[Action], list[Conflict]]:
    """Turn all findings about one target into its actions.

    Parameters
    ----------
    target : Target
        What the findings are about.
    findings : sequence of Finding
        At least one.
    circumstances : Circumstances
        The person's situation, as far as the planner needs it.

    Returns
    -------
    tuple of lists
        Actions, strongest first, and the conflicts that were decided on the way.
    """
    ordered = sorted(findings, key=precedence)
    lead = ordered[0]
    if lead.effect is Effect.AVOID:
        return _avoid(target, ordered, circumstances)
    actions: list[Action] = []
    conflicts: list[Conflict] = []
    doses = [finding for finding in ordered if finding.effect in (Effect.REDUCE, Effect.INCREASE)]
    weakly_against = [finding for finding in ordered if finding.effect in AGAINST]
    rest = [finding for finding in ordered if finding not in doses and finding not in weakly_against]
    if weakly_against:
        conflicts.append(_direction(target, lead, weakly_against, ordered))
    if doses:
        combined = combine_doses(target, doses)
        conflicts.extend(combined.conflicts)
        actions.append(_action(target, "change-dose", combined.carried, circumstances, Found(dose=combined.change)))
    for kind, group in _by_kind(rest, circumstances).items():
        choices = _alternatives(target, [finding for finding in group if finding.effect is Effect.TREAT], circumstances)
        actions.append(_action(target, kind, group, circumstances, Found(alternatives=choices)))
    return actions, conflicts


def _avoid(target: Target, ordered: Sequence[Finding], circumstances: Circumstances) -> tuple[list[Action], list[Conflict]]:
    against = [finding for finding in ordered if finding.effect in AGAINST]
    others = [finding for finding in ordered if finding.effect not in AGAINST]
    for_it = [finding for finding in others if finding.effect in (*FOR, Effect.REDUCE)]
    conflicts = []
    if for_it:
        conflicts.append(_direction(target, against[0], for_it, ordered))
    alternatives = _alternatives(target, against, circumstances)
    use = circumstances.in_use.get(target.name)
    has_open = any(alternative.rank is not None for alternative in alternatives)
    kind: ActionKind = "avoid" if use != "active" else "switch" if has_open else "stop"
    if against[0].kind:
        kind = _as_kind(against[0].kind)
    actions = [_action(target, kind, against, circumstances, Found(alternatives=alternatives))]
    kept = [finding for finding in others if finding.effect in (Effect.TEST, Effect.REFER, Effect.SCREEN)]
    if step_of(against[0]) == "weak avoidance":
        kept = [finding for finding in others if finding not in for_it]
    actions.extend(_action(target, kind, group, circumstances) for kind, group in _by_kind(kept, circumstances).items())
    return actions, conflicts


def _direction(target: Target, winner: Finding, losers: Sequence[Finding], all_of_them: Sequence[Finding]) -> Conflict:
    return Conflict(
        target=target,
        kind="direction",
        rule=RULE,
        winner=winner.summary,
        losers=tuple(finding.summary for finding in losers),
        findings=tuple(sorted(finding.id for finding in all_of_them)),
    )


def _alternatives(target: Target, against: Sequence[Finding], circumstances: Circumstances) -> tuple[RankedAlternative, ...]:
    named: list[Alternative] = [alternative for finding in against for alternative in finding.alternatives]
    if not named:
        return ()
    return rank_alternatives(target.name, named, circumstances.judge, circumstances.wishes)


def _by_kind(findings: Sequence[Finding], circumstances: Circumstances) -> dict[ActionKind, list[Finding]]:
    groups: dict[ActionKind, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(_kind_of(finding, circumstances), []).append(finding)
    informing = groups.get("inform")
    main = next((kind for kind in groups if kind != "inform"), None)
    if informing and main and all(finding.topic.type == "medicine" for finding in informing):
        groups[main].extend(groups.pop("inform"))
    return groups


def _kind_of(finding: Finding, circumstances: Circumstances) -> ActionKind:
    if finding.kind:
        return _as_kind(finding.kind)
    if finding.effect is Effect.PREFER:
        return "inform" if circumstances.in_use.get(finding.topic.name) == "active" else "start"
    return SIMPLE_KINDS[finding.effect]


def _as_kind(word: str) -> ActionKind:
    kinds: Mapping[str, ActionKind] = {kind: kind for kind in get_args(ActionKind)}
    return kinds[word]


def _action(
    target: Target,
    kind: ActionKind,
    findings: Sequence[Finding],
    circumstances: Circumstances,
    found: Found = NOTHING_ELSE,
) -> Action:
    lead = strongest(findings)
    urgency = min(finding.urgency for finding in findings)
    best = next((alternative for alternative in found.alternatives if alternative.rank == 1), None)
    others = [finding for finding in findings if finding is not lead]
    return Action(
        id=stable_id(target.type, target.name, kind, *sorted(finding.id for finding in findings)),
        kind=kind,
        target=target,
        summary=clinician_sentence(lead, found.dose if len(findings) > 1 else None, best.display if best else None),
        detail="\n".join(part for part in (lead.detail, *(_also(finding) for finding in others)) if part),
        patient_text=lead.patient_text,
        strength=lead.strength,
        certainty=lead.certainty,
        urgency=urgency,
        due=set_due(findings, urgency, circumstances.as_of, circumstances.knowledge),
        dose=found.dose or lead.dose,
        evidence=tuple(dict.fromkeys(evidence for finding in findings for evidence in finding.evidence)),
        alternatives=found.alternatives,
        benefit=next((finding.benefit for finding in findings if finding.benefit), None),
        option=next((finding.option for finding in findings if finding.option), None),
        missing=tuple(dict.fromkeys(missing for finding in findings for missing in finding.missing)),
        applies_to=tuple(dict.fromkeys(finding.applies_to for finding in findings if finding.applies_to)),
        findings=tuple(sorted(finding.id for finding in findings)),
        inputs=tuple(sorted({fact for finding in findings for fact in finding.inputs})),
        labels=tuple(sorted({label for finding in findings for label in finding.labels})),
    )


def clinician_sentence(lead: Finding, dose: DoseChange | None, best: str | None) -> str:
    """Write the one line a clinician reads: what to do, with the combined dose or the best alternative where there is one."""
    sentence = lead.summary.rstrip(".")
    if dose is not None and dose.percent_low is not None:
        sentence = f"{sentence}; all reasons together {percent_words(dose)}"
    if best and best.lower() not in sentence.lower():
        sentence = f"{sentence}; {'first' if lead.effect is Effect.TREAT else 'instead'} {best}"
    return sentence if len(sentence) <= SUMMARY_LIMIT else lead.summary[:SUMMARY_LIMIT]


def percent_words(dose: DoseChange) -> str:
    """Say a percentage change: ``-50 %`` or ``-50 to -25 %`` of the usual dose."""
    low, high = dose.percent_low, dose.percent_high
    if low is None:
        return ""
    if high is None or high == low:
        return f"{low:+g} %"
    return f"{low:+g} to {high:+g} %"


def _also(finding: Finding) -> str:
    return f"Also: {finding.summary}" + (f" {finding.detail}" if finding.detail else "")


def action_order(action: Action, serves_goal: bool) -> tuple[int, int, int, str, str]:
    """Give the sort key of an action in the plan: urgency, then what serves a goal, then strength, then its target."""
    return (action.urgency, 0 if serves_goal else 1, STRENGTHS.index(action.strength), action.target.name, action.kind)
