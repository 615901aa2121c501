"""The words pages use for urgencies, kinds, strengths, dates and doses; one place, so that every page says the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from singula.finding import DoseChange, Due, Evidence, Missing, Option, OptionGrid
from singula.plan.model import Action, NotAdvised, Plan, PlanPerson

MONTHS = tuple("January February March April May June July August September October November December".split())  # noqa: SIM905
URGENCIES = ("Now", "Soon", "At the next visit", "Sometime")
PLAIN_URGENCIES = ("Talk to your doctor now", "Soon", "At your next visit", "Some day")
KINDS = {
    "screen": "Screen",
    "test": "Test",
    "start": "Start",
    "stop": "Stop",
    "avoid": "Avoid",
    "change-dose": "Change dose",
    "switch": "Switch",
    "refer": "Refer",
    "counsel": "Counsel",
    "treat": "Treat",
    "monitor": "Monitor",
    "inform": "Know",
}
PLAIN_KINDS = {
    "screen": "A check-up test",
    "test": "A test",
    "start": "A medicine to talk about starting",
    "stop": "A medicine to talk about stopping",
    "avoid": "A medicine to avoid",
    "change-dose": "A dose to talk about",
    "switch": "A medicine to talk about changing",
    "refer": "Someone to see",
    "counsel": "A step to take",
    "treat": "Something to treat",
    "monitor": "Something to keep watch on",
    "inform": "Good to know",
}
STRENGTHS = {
    "contraindicated": "Contraindicated",
    "strong": "Strong advice",
    "moderate": "Moderate advice",
    "weak": "Weak advice",
}
TOGETHER = {
    "risk_percent": "risk without them {} %",
    "risk_percent_with_all": "risk with all of them {} %",
    "arr_percent": "difference {} points",
    "naive_sum_sbp_mmhg": "the single effects add up to {} mmHg systolic",
    "expected_sbp_mmhg": "to be expected together {} mmHg systolic",
}
MONTHS_PER_YEAR = 12
ONCE, REASON = "once", "Why: "
TESTING = ("screen", "test", "monitor")
ISO_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")


def day(moment: date) -> str:
    """Write a date so that nobody can mistake day and month: ``26 November 2026``."""
    return f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}"


def plain(word: str) -> str:
    """Turn a contract's word into words: ``not-due`` becomes ``not due``."""
    return str(word).replace("-", " ").replace("_", " ")


def kind_words(kind: str) -> str:
    """Say what kind of action it is."""
    return KINDS.get(kind, plain(kind).capitalize())


def strength_words(strength: str) -> str:
    """Say how strongly it is advised."""
    return STRENGTHS[strength]


def certainty_words(certainty: str) -> str:
    """Say how sure the evidence is."""
    return f"{plain(certainty).capitalize()} certainty"


def due_words(due: Due) -> str:
    """Say when it is due: ``overdue since``, ``due`` or ``from`` a date."""
    if due.status == "overdue":
        return f"Overdue since {day(due.date)}"
    return f"{'From' if due.status == 'upcoming' else 'Due'} {day(due.date)}"


def plain_due(due: Due) -> str:
    """Say to the person when it is due."""
    again = again_words(due)
    when = f"This was due on {day(due.date)}." if due.status == "overdue" else f"When: {day(due.date)}."
    return when if again == ONCE else f"{when} Then {again}."


def why_this_person(action: Action) -> str:
    """Say why this is for this person: the reason the finding gives, else its sentence."""
    first = action.detail.split("\n", maxsplit=1)[0]
    said = first.removeprefix(REASON) if first.startswith(REASON) else f"{action.summary.rstrip('.')}."
    return f"{said[:1].upper()}{said[1:]}"


def is_dated_test(action: Action) -> bool:
    """Tell a test that is done on a day and perhaps again, from advice that has a day only to be settled by."""
    return action.target.type == "service" and action.kind in TESTING


def why_now(action: Action) -> str:
    """Say why it is due now: when it was last done and how long that holds, that no record says so, or how urgent it is."""
    due = action.due
    if due is None or not is_dated_test(action):
        return "It should not wait." if action.urgency == 0 else "It can be settled at this visit."
    if due.last_done is None:
        return "No record that it was done; ask whether it was done elsewhere."
    again = again_words(due)
    often = "" if again == ONCE else f", and it is to be done {again}"
    return f"It was last done on {day(due.last_done)}{often}."


def plain_last(due: Due) -> str:
    """Say to the person when it was last done, and how often it is to be done."""
    last = f"Last done: {day(due.last_done)}." if due.last_done else "We have no record of it."
    again = again_words(due)
    return last if again == ONCE else f"{last} It is due {again}."


def dates_in_words(text: str) -> str:
    """Write every date of a sentence in words: ``2031-03-01`` becomes ``1 March 2031``; what is no day stays as it is."""
    return ISO_DATE.sub(_date_in_words, text)


def _date_in_words(found: re.Match[str]) -> str:
    try:
        return day(date.fromisoformat(found[0]))
    except ValueError:
        return found[0]


def again_words(due: Due) -> str:
    """Say how often, and until what age."""
    months = due.interval_months
    if not months:
        return ONCE
    if months % MONTHS_PER_YEAR == 0:
        years = months // MONTHS_PER_YEAR
        often = "every year" if years == 1 else f"every {years} years"
    else:
        often = "every month" if months == 1 else f"every {months} months"
    return f"{often} until age {due.until_age_years}" if due.until_age_years else often


def dose_words(dose: DoseChange) -> str:
    """Say a change of dose against the usual dose, with its limit."""
    parts = []
    low, high = dose.percent_low, dose.percent_high
    if low is not None and high is not None and low != high:
        parts.append(f"{_signed(low)} to {_signed(high)} % of the usual dose")
    elif (one := high if low is None else low) is not None:
        parts.append(f"{_signed(one)} % of the usual dose")
    if dose.target_mg_per_day is not None:
        parts.append(f"aim for {dose.target_mg_per_day:g} mg a day")
    if dose.max_mg_per_day is not None:
        parts.append(f"at most {dose.max_mg_per_day:g} mg a day")
    return f"{', '.join(parts) or 'change'} ({dose.pathway})"


def _signed(number: float) -> str:
    return f"{number:+g}".replace("-", "−")


def who_words(person: PlanPerson) -> str:
    """Say who the plan is for in one line."""
    age = f"{person.age_years} years" if person.age_years is not None else "age not known"
    born = f"born {person.birth_date}" if person.birth_date else ""
    return " · ".join(part for part in (person.sex or "sex not known", age, born, f"id {person.id}") if part)


def of_hundred(percent: float) -> str:
    """Say a percentage as a count of a hundred people, without false precision."""
    return "fewer than 1" if 0 < percent < 1 else f"{percent:.0f}"


def option_benefit(option: Option) -> str:
    """Say what an option does for this person."""
    effect = option.expected_sbp_mmhg
    pressure = "" if effect is None else f"systolic {_signed(effect)} mmHg"
    return "; ".join(part for part in (option.benefit, pressure) if part) or "–"


def together_words(grid: OptionGrid) -> str:
    """Say what the options do together, each figure with its name and unit in words."""
    return "; ".join(
        TOGETHER.get(name, f"{plain(name)} {{}}").format(f"{number:g}".replace("-", "−"))
        for name, number in grid.combined.items()
    )


def option_burden(option: Option) -> str:
    """Say what an option asks of the person, and how many keep to it."""
    kept = option.adherence_probability
    follow = "" if kept is None else f"about {100 * kept:.0f} in 100 keep it up"
    cost = f"cost {option.cost_tier}" if option.cost_tier else ""
    return "; ".join(part for part in (option.burden_words, follow, cost, option.matters) if part) or "–"


def by_urgency(actions: Sequence[Action], headings: Sequence[str]) -> list[tuple[int, str, list[Action]]]:
    """Group actions by urgency, keeping the plan's order; an urgency beyond the last heading joins the last."""
    groups: dict[int, list[Action]] = {}
    for action in actions:
        groups.setdefault(min(max(action.urgency, 0), len(headings) - 1), []).append(action)
    return [(urgency, headings[urgency], groups[urgency]) for urgency in sorted(groups)]


def calendar_of(plan: Plan) -> list[Action]:
    """Return the actions that have a date, earliest first."""
    return sorted(
        (action for action in plan.actions if action.due), key=lambda action: action.due.date if action.due else plan.as_of
    )


def grade_words(evidence: Sequence[Evidence]) -> str:
    """Say who asks for it and with which grade: ``USPSTF B``; a source without grades stands alone."""
    said = (f"{one.source} {one.level}" if one.level else one.source for one in evidence)
    return ", ".join(dict.fromkeys(said)) or "–"


def later_dates(plan: Plan) -> list[NotAdvised]:
    """Return what is not due yet but has a date, earliest first."""
    return sorted(
        (entry for entry in plan.considered if entry.next_due), key=lambda entry: (entry.next_due, entry.target.display)
    )


def names_of_missing(missing: Sequence[Missing]) -> list[str]:
    """Return each unknown thing once, in order."""
    return list(dict.fromkeys(one.what for one in missing))
