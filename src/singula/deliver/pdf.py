"""The plan as a printable PDF, set with Typst from fonts it brings along.

What the plan says goes in as data and is shown as text, so markup in a record stays text. The same plan gives the same bytes:
the clock of the document is the day of the plan.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from singula.deliver.templating import TEMPLATES
from singula.deliver.words import (
    URGENCIES,
    by_urgency,
    calendar_of,
    certainty_words,
    day,
    dose_words,
    due_words,
    kind_words,
    option_benefit,
    option_burden,
    plain,
    strength_words,
    who_words,
)
from singula.finding import Benefit, Evidence
from singula.plan.model import Action, Plan


def render_pdf(plan: Plan) -> bytes:
    """Set ``plan.pdf``.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    bytes
        The document, tagged for screen readers; the same plan gives the same bytes.
    """
    return set_outline(outline(plan), plan.as_of)


def set_outline(content: Mapping[str, Any], as_of: date) -> bytes:
    """Set titled sections of plain strings as a document whose clock is ``as_of``."""
    import typst

    made: bytes = typst.compile(
        (TEMPLATES / "plan.typ").read_bytes(),
        ignore_system_fonts=True,
        sys_inputs={"plan": json.dumps(content, ensure_ascii=False)},
        timestamp=datetime.combine(as_of, time(), tzinfo=UTC),
    )
    return made


def outline(plan: Plan) -> dict[str, Any]:
    """Lay the plan out as titled sections of plain strings, in the order of the clinician's page."""
    person = plan.person
    actions = [_group(words, [_action(one, plan) for one in group]) for _, words, group in by_urgency(plan.actions, URGENCIES)]
    nothing = [_group("", [_entry("Nothing in this record asks for action today.")])]
    missing = [_entry(one.what, [one.would_change], [one.because]) for one in plan.missing]
    conflicts = [_entry(one.winner, [f"over: {loser}" for loser in one.losers], [one.rule]) for one in plan.conflicts]
    dates = [_entry(f"{day(one.due.date)}: {one.target.display}", [due_words(one.due)]) for one in calendar_of(plan) if one.due]
    considered = [
        _entry(f"{kind_words(one.kind)}: {one.target.display}", [one.reason], [plain(one.reason_code), *_sources(one.evidence)])
        for one in plan.considered
    ]
    quality = [_entry(f"{one.severity}: {one.where}", [one.message]) for one in plan.quality]
    knowledge = [_entry(f"{one.title} ({one.pack} {one.version}, {one.date})") for one in plan.knowledge]
    sections = [
        ("What to do, and why", actions or nothing),
        ("What is not known, and what it would change", [_group("", missing)]),
        ("Where findings disagreed", [_group("", conflicts)]),
        ("Options, best first for this person", _options(plan)),
        ("Calendar", [_group("", dates)]),
        ("Considered and not advised", [_group("", considered)]),
        ("About the data", [_group("", quality)]),
        ("Knowledge used", [_group("", knowledge)]),
    ]
    return {
        "who": person.name or person.id,
        "about": f"{who_words(person)}{' · synthetic person' if person.synthetic else ''} · as of {day(plan.as_of)}",
        "as_of": plan.as_of.isoformat(),
        "footer": f"{plan.notice} Singula {plan.singula_version}.",
        "sections": [
            {"title": title, "groups": groups} for title, groups in sections if any(group["entries"] for group in groups)
        ],
    }


def _options(plan: Plan) -> list[dict[str, Any]]:
    groups = []
    for grid in plan.options:
        entries = [
            _entry(
                f"{rank}. {one.display}",
                [option_benefit(one), one.why],
                [option_burden(one), *one.harms, *_benefit(one.numbers)],
            )
            for rank, one in enumerate(grid.ranked, start=1)
        ]
        entries += [_entry(f"Not open: {one.display}", [one.reason]) for one in grid.excluded]
        groups.append(_group(grid.display, entries))
    return groups


def _action(action: Action, plan: Plan) -> dict[str, Any]:
    facts = {fact.id: fact for fact in plan.facts}
    chips = [
        due_words(action.due) if action.due else "",
        f"Dose: {dose_words(action.dose)}" if action.dose else "",
        strength_words(action.strength),
        certainty_words(action.certainty),
    ]
    alternatives = [
        f"{'Ruled out' if one.rank is None else f'Alternative {one.rank}'}: {one.display}. {one.reason}"
        for one in action.alternatives
    ]
    used = [facts[one] for one in action.inputs if one in facts]
    unknown = [f"Not known: {one.what}. {one.would_change}" for one in action.missing]
    small = [f"From the record: {one.display} {one.value} {one.when}".rstrip() for one in used]
    return _entry(
        f"{kind_words(action.kind)}: {action.target.display}",
        [action.summary, " · ".join(chip for chip in chips if chip), *action.detail.split("\n"), *alternatives],
        [*_benefit(action.benefit), *_sources(action.evidence), *small, *unknown],
    )


def _benefit(benefit: Benefit | None) -> list[str]:
    if benefit is None:
        return []
    return [
        f"{benefit.outcome}, {benefit.horizon_years} years: {benefit.risk_percent} % without, {benefit.risk_percent_with} % with"
        f" ({benefit.method}; {benefit.effect_source})"
    ]


def _sources(evidence: tuple[Evidence, ...]) -> list[str]:
    return [
        f"{one.source}{f', level {one.level}' if one.level else ''}: {one.citation}"
        f"{' [not yet compared with the source]' if one.review == 'unchecked' else ''}"
        for one in evidence
    ]


def _group(title: str, entries: list[dict[str, Any]]) -> dict[str, Any]:
    return {"title": title, "entries": entries}


def _entry(title: str, lines: list[str] | None = None, small: list[str] | None = None) -> dict[str, Any]:
    return {
        "title": title,
        "lines": [one for one in lines or [] if one.strip("–")],
        "small": [one for one in small or [] if one.strip("–")],
    }
