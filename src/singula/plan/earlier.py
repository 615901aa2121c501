"""What is new in a plan since the one before, and what came of its advice."""

from __future__ import annotations

from collections.abc import Sequence

from singula.plan.model import Action, Since
from singula.record import Outcome, Record


def compare_with_earlier(record: Record, actions: Sequence[Action]) -> Since | None:
    """Compare actions with those of the latest plan made before.

    Parameters
    ----------
    record : Record
        The person; its earlier plans are in order of their day.
    actions : sequence of Action
        Those of the new plan.

    Returns
    -------
    Since or None
        None where no plan was made before this day. Actions are the same where their kind and target are.
    """
    earlier = next((plan for plan in reversed(record.earlier_plans) if plan.made < record.as_of), None)
    if earlier is None:
        return None
    before = {(action.kind, action.target) for action in earlier.actions}
    now = {(action.kind, action.target.name) for action in actions}
    return Since(
        made=earlier.made,
        added=tuple(action.id for action in actions if (action.kind, action.target.name) not in before),
        ended=tuple(action.summary for action in earlier.actions if (action.kind, action.target) not in now),
        outcomes=tuple(_outcome_words(one) for one in record.of_shape(Outcome) if one.is_present),
    )


def _outcome_words(outcome: Outcome) -> str:
    words = f"{outcome.action} {(outcome.name or '').replace('-', ' ')}: {outcome.result.replace('-', ' ')}"
    day = f" ({outcome.when.text})" if outcome.when else ""
    return f"{words}{day}{': ' + outcome.concept.text if outcome.concept.text else ''}"
