"""A card for the wallet: allergies, medicines to avoid and gene results, once in words and once as a square code.

The code holds the same words and nothing else: no address, no number that leads elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from singula.deliver.templating import render_page
from singula.plan.model import Plan
from singula.record import Genotype, Record
from singula.record.facts import Allergy

if TYPE_CHECKING:
    from markupsafe import Markup

LONGEST_CODE = 700
MOST_LINES = 12
AGAINST = ("avoid", "stop", "switch")


def render_wallet_card(plan: Plan, record: Record) -> Markup | None:
    """Draw the card.

    Parameters
    ----------
    plan : Plan
        The plan, for medicines to avoid.
    record : Record
        The record, for allergies and gene results.

    Returns
    -------
    Markup or None
        The card as HTML; None where there is nothing to warn of.
    """
    from markupsafe import Markup

    lists = card_lists(plan, record)
    if not any(lines for _, lines in lists):
        return None
    code = Markup(_draw_code(card_text(plan, lists)))  # noqa: S704 - modules of a square, no text
    return Markup(render_page("card.html", plan=plan, person=plan.person, lists=lists, code=code))  # noqa: S704


def card_lists(plan: Plan, record: Record) -> list[tuple[str, list[str]]]:
    """Collect what the card says: allergies, medicines to avoid, gene results."""
    allergies = [fact.display for fact in record.of_shape(Allergy) if fact.is_present]
    avoid = [action.target.display for action in plan.actions if action.kind in AGAINST and action.target.type == "medicine"]
    genes = [
        f"{fact.gene} {fact.diplotype}" + (f" ({fact.phenotype})" if fact.phenotype else "")
        for fact in record.of_shape(Genotype)
        if fact.is_present and fact.diplotype
    ]
    named = (("Allergies", allergies), ("Do not give without advice", avoid), ("Gene results", genes))
    return [(heading, list(dict.fromkeys(lines))[:MOST_LINES]) for heading, lines in named]


def card_text(plan: Plan, lists: list[tuple[str, list[str]]]) -> str:
    """Write the card's words as the text of its code, cut at a whole line where there are too many."""
    born = f", born {plan.person.birth_date}" if plan.person.birth_date else ""
    text = f"{plan.person.name or plan.person.id}{born}"[:LONGEST_CODE]
    lines = [f"{heading}: {'; '.join(entries)}" for heading, entries in lists if entries]
    for line in (*lines, f"As of {plan.as_of}"):
        if len(f"{text}\n{line}".encode()) > LONGEST_CODE:
            return f"{text}\nMore on the card"
        text = f"{text}\n{line}"
    return text


def _draw_code(text: str) -> str:
    import segno

    square = segno.make(text, error="m", micro=False, encoding="utf-8")
    drawing: str = square.svg_inline(scale=1, border=2, omitsize=True, title="The words of the card as a square code")
    return drawing.replace("<svg ", '<svg role="img" ', 1)
