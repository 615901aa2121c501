"""CDS Hooks 2.0 cards from a plan: one per medicine in hand, or the most urgent of the whole plan.

The caller knows which of Singula's words a draft order is about; nothing here reads a request or calls out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from singula.deliver.fhir_ids import RXNORM, concept, safe_text, stable_uuid
from singula.deliver.words import certainty_words, day, dose_words, kind_words, strength_words
from singula.knowledge import Knowledge, load_knowledge
from singula.plan.model import Action, Plan, RankedAlternative

Card = dict[str, Any]
SUMMARY_LIMIT = 139
MOST_CARDS = 5
AGAINST = ("avoid", "stop", "switch")
REASONS_SYSTEM = "urn:singula:override-reason"
OVERRIDE_REASONS = (
    ("benefit-outweighs-risk", "Benefit outweighs the risk for this person"),
    ("alternatives-unsuitable", "Alternatives are not suitable"),
    ("tolerated", "Person has taken and tolerated it"),
    ("will-monitor", "Will be monitored"),
    ("data-wrong", "The data used are wrong or out of date"),
)
MARKDOWN = str.maketrans({**{sign: f"\\{sign}" for sign in "\\`*_[]#~"}, "<": "&lt;", ">": "&gt;", "&": "&amp;"})


@dataclass(frozen=True)
class DraftOrder:
    """A draft order, and Singula's word for the medicine it is about."""

    name: str
    resource: Mapping[str, Any]


def cards_for_orders(
    plan: Plan, drafts: Sequence[DraftOrder], *, plan_link: str | None = None, knowledge: Knowledge | None = None
) -> list[Card]:
    """Write the cards about orders in hand; an order the plan has nothing to say about stays silent.

    Parameters
    ----------
    plan : Plan
        A plan made with the drafts as proposed medicines.
    drafts : sequence of DraftOrder
        The orders to judge.
    plan_link : str, optional
        Address of a SMART app that shows the whole plan.
    knowledge : Knowledge, optional
        Packs with medicine codes; default is what is installed.

    Returns
    -------
    list of dict
        At most one card per medicine, in the plan's order.
    """
    rxnorm = _codes(knowledge or load_knowledge())
    by_name: dict[str, list[DraftOrder]] = {}
    for draft in drafts:
        by_name.setdefault(draft.name, []).append(draft)
    cards = []
    for name in dict.fromkeys(action.target.name for action in plan.actions):
        actions = [action for action in plan.actions if action.target.name == name and action.target.type == "medicine"]
        actions = [action for action in actions if action.kind != "inform"]
        if actions and name in by_name:
            card = _card(plan, actions, plan_link)
            suggestions = [one for draft in by_name[name] for one in _suggestions(plan, actions[0], draft, rxnorm)]
            if suggestions:
                card |= {"suggestions": suggestions, "selectionBehavior": "at-most-one"}
            cards.append(card)
    return cards


def cards_for_plan(plan: Plan, *, plan_link: str | None = None) -> list[Card]:
    """Write the cards about the whole plan: at most five, most urgent first; what is only information stays silent."""
    groups: dict[tuple[str, str], list[Action]] = {}
    for action in sorted(plan.actions, key=lambda one: one.urgency):
        if action.kind != "inform":
            groups.setdefault((action.target.type, action.target.name), []).append(action)
    return [_card(plan, actions, plan_link) for actions in list(groups.values())[:MOST_CARDS]]


def _card(plan: Plan, actions: Sequence[Action], plan_link: str | None) -> Card:
    lead = actions[0]
    evidence = lead.evidence[0] if lead.evidence else None
    label = f"{evidence.source} (Singula {plan.singula_version})" if evidence else f"Singula {plan.singula_version}"
    card: Card = {
        "uuid": stable_uuid(plan.person.id, {"card": [action.id for action in actions], "as_of": plan.as_of.isoformat()}),
        "summary": _cut(safe_text(" ".join(lead.summary.split()))),
        "detail": _detail(plan, actions),
        "indicator": max((_indicator(action) for action in actions), key=("info", "warning", "critical").index),
        "source": {"label": safe_text(label)},
        "overrideReasons": [{"system": REASONS_SYSTEM, "code": code, "display": display} for code, display in OVERRIDE_REASONS],
    }
    if plan_link:
        card["links"] = [{"label": "The whole plan", "url": plan_link, "type": "smart"}]
    return card


def _cut(text: str) -> str:
    return text if len(text) <= SUMMARY_LIMIT else f"{text[: SUMMARY_LIMIT - 1].rstrip()}…"


def _indicator(action: Action) -> Literal["info", "warning", "critical"]:
    if action.kind in AGAINST and action.strength == "contraindicated":
        return "critical"
    if action.kind in AGAINST and action.strength == "strong" and action.urgency == 0:
        return "critical"
    return "warning" if action.kind in (*AGAINST, "change-dose") else "info"


def _detail(plan: Plan, actions: Sequence[Action]) -> str:
    facts = {fact.id: fact for fact in plan.facts}
    lines: list[str] = []
    for action in actions:
        chips = [kind_words(action.kind), strength_words(action.strength), certainty_words(action.certainty)]
        chips += [f"dose {dose_words(action.dose)}"] if action.dose else []
        lines.append(f"**{_quote(action.summary)}** ({_quote(', '.join(chips))})")
        lines += [_quote(line) for line in action.detail.split("\n") if line.strip()]
        for one in action.evidence:
            level = f", level {one.level}" if one.level else ""
            unchecked = " (not yet compared with the source)" if one.review == "unchecked" else ""
            lines.append(f"* {_quote(f'{one.source}{level}: {one.citation} [{one.pack} {one.pack_version}]{unchecked}')}")
        for fact in (facts[one] for one in action.inputs if one in facts):
            words = f"From the record: {fact.display} {fact.value}, {fact.when or 'no date'}, {fact.source}"
            lines.append(f"* {_quote(words)}")
        lines += [f"* {_quote(f'Not known: {one.what}. {one.would_change}')}" for one in action.missing]
    lines.append(f"Plan of {day(plan.as_of)}.")
    return "\n".join(lines)


def _quote(text: str) -> str:
    return " ".join(safe_text(text).split()).translate(MARKDOWN)


def _suggestions(plan: Plan, action: Action, draft: DraftOrder, rxnorm: Mapping[str, str]) -> list[Card]:
    identity = f"{draft.resource.get('resourceType', 'MedicationRequest')}/{draft.resource.get('id', '')}"
    if action.kind in AGAINST:
        open_ones = sorted((one for one in action.alternatives if one.rank is not None), key=lambda one: one.rank or 0)
        made = [_replace(draft, one, rxnorm) for one in open_ones[:2]]
        made.append(_suggestion(f"Remove {action.target.display}", [_delete(identity, action.target.display)]))
    elif action.kind == "change-dose" and action.dose:
        changed = {**draft.resource, "note": [*draft.resource.get("note", ()), {"text": dose_words(action.dose)}]}
        made = [
            _suggestion(f"Change dose: {dose_words(action.dose)}", [_update(f"Change dose of {action.target.display}", changed)])
        ]
    else:
        return []
    for rank, one in enumerate(made):
        one["uuid"] = stable_uuid(plan.person.id, {"action": action.id, "draft": identity, "label": one["label"], "rank": rank})
        one["isRecommended"] = rank == 0
    return made


def _replace(draft: DraftOrder, better: RankedAlternative, rxnorm: Mapping[str, str]) -> Card:
    kept = {name: one for name, one in draft.resource.items() if name not in ("medicationReference", "dosageInstruction")}
    code = rxnorm.get(better.name)
    medicine = concept(RXNORM if code else None, code, better.display, better.display)
    label = f"Replace with {better.display}"
    return _suggestion(label, [_update(label, {**kept, "medicationCodeableConcept": medicine})])


def _suggestion(label: str, actions: list[Card]) -> Card:
    return {"label": safe_text(label), "actions": actions}


def _update(description: str, resource: Mapping[str, Any]) -> Card:
    return {"type": "update", "description": safe_text(description), "resource": dict(resource)}


def _delete(identity: str, display: str) -> Card:
    return {"type": "delete", "description": safe_text(f"Remove {display}"), "resourceId": identity}


@lru_cache(maxsize=2)
def _codes(knowledge: Knowledge) -> dict[str, str]:
    if not knowledge.has("terminology"):
        return {}
    return {row.name: row.rxnorm[0] for row in knowledge.pack("terminology").table("ingredients") if row.rxnorm}
