"""The person's page: the same plan in plain words, what to ask, what is not known, and a card for the wallet."""

from __future__ import annotations

from singula.deliver.templating import render_page
from singula.deliver.wallet_card import render_wallet_card
from singula.deliver.words import PLAIN_URGENCIES, by_urgency, calendar_of, is_dated_test, later_dates, names_of_missing
from singula.plan.model import Action, Plan
from singula.record import Record

MEDICINE_KINDS = {"start", "stop", "avoid", "change-dose", "switch"}
MEANINGS = (
    (MEDICINE_KINDS, "Some of your medicines may need a change. Your doctor will check this with you."),
    ({"screen", "test"}, "Some tests can find a problem early, when it is easier to treat."),
    ({"monitor"}, "Some things need to be watched so that you stay safe."),
    ({"treat", "counsel", "refer"}, "There are steps that may help you stay well."),
    ({"inform"}, "Some facts are good to know, even if there is nothing to do today."),
)
QUESTIONS = {
    "start": "What will {name} do for me, and what are the risks?",
    "stop": "Is it safe to stop {name}, and what will take its place?",
    "avoid": "What can I take in place of {name}?",
    "change-dose": "What is the right dose of {name} for me?",
    "switch": "What could I take in place of {name}?",
    "screen": "When can I have this: {name}? What happens after it?",
    "test": "What will this test tell us: {name}?",
    "refer": "Who should I see about {name}, and when?",
    "counsel": "What is one small step I can take for {name}?",
    "treat": "What are my choices for {name}?",
    "monitor": "How will we keep watch on {name}?",
}
MOST_QUESTIONS = 8


def render_patient_page(plan: Plan, record: Record) -> str:
    """Write ``patient.html``.

    Parameters
    ----------
    plan : Plan
        The plan.
    record : Record
        The person's record, for the card.

    Returns
    -------
    str
        One HTML page in plain words.
    """
    dated = [action for action in calendar_of(plan) if is_dated_test(action)]
    return render_page(
        "patient.html",
        now=[action for action in dated if action.due and action.due.date <= plan.as_of],
        soon=[action for action in dated if action.due and action.due.date > plan.as_of],
        later=later_dates(plan),
        plan=plan,
        person=plan.person,
        groups=by_urgency(plan.actions, PLAIN_URGENCIES),
        meaning=_meanings(plan),
        questions=_questions(plan.actions),
        unknown=names_of_missing(plan.missing),
        card=render_wallet_card(plan, record),
    )


def _meanings(plan: Plan) -> list[str]:
    kinds = {action.kind for action in plan.actions}
    lines = [words for group, words in MEANINGS if group & kinds]
    lines.append("This plan fits the facts we have about you. If they change, the plan can change too.")
    return lines


def _questions(actions: tuple[Action, ...]) -> list[str]:
    asked = (QUESTIONS[action.kind].format(name=action.target.display) for action in actions if action.kind in QUESTIONS)
    questions = list(dict.fromkeys(asked))[:MOST_QUESTIONS]
    return [*questions, "Is there anything in this plan that does not fit my life?", "When should we look at this plan again?"]
