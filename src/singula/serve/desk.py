"""What every route works with: settings, gateway, knowledge, measures; and who is asking, for what."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from starlette.requests import Request

from singula.errors import Refused
from singula.knowledge import Knowledge
from singula.serve.answers import Refusal
from singula.serve.gate import Caller, Gate, View
from singula.serve.hooks.answers import Answers
from singula.serve.measures import Measures
from singula.serve.scopes import Needs, is_permitted
from singula.serve.settings import Settings

BREAK_GLASS = "BTG"
PURPOSE = re.compile(r"^[A-Z]{2,12}$")
LONGEST_REASON = 500


def _today() -> date:
    return datetime.now(UTC).date()


@dataclass(frozen=True)
class Desk:
    """The one thing handed to every route."""

    settings: Settings
    gate: Gate
    knowledge: Knowledge
    measures: Measures = field(default_factory=Measures)
    today: Callable[[], date] = _today
    answers: Answers = field(default_factory=Answers)


def desk_of(request: Request) -> Desk:
    """Return the desk of the application a request came to."""
    desk: Desk = request.app.state.desk
    return desk


def caller_of(request: Request) -> Caller:
    """Return who calls; the guard has found it."""
    caller: Caller = request.state.caller
    return caller


def purpose_of(request: Request) -> str:
    """Return the purpose a caller names, or their usual one."""
    named = request.headers.get("singula-purpose", "").strip()
    if named and not PURPOSE.match(named):
        raise Refusal(400, "invalid", "Singula-Purpose is no purpose of use; write a code such as TREAT")
    return named or caller_of(request).default_purpose


def open_view(request: Request, *needs: Needs) -> View:
    """Open the store for the caller of a request.

    Parameters
    ----------
    request : Request
        With its caller and, perhaps, a purpose and reason.
    *needs : Needs
        What the scopes of the token have to cover.

    Returns
    -------
    View
        The store as this caller sees it.

    Raises
    ------
    Refusal
        403 where the scopes do not cover it, or the purpose is not the caller's to name.
    """
    caller = caller_of(request)
    for one in needs:
        if not is_permitted(caller.scopes, one, is_patient=caller.patient is not None):
            raise Refusal(403, "forbidden", f"the token's scope does not cover {one.words}")
    purpose = purpose_of(request)
    reason = request.headers.get("singula-reason", "").strip()[:LONGEST_REASON] or None
    if purpose == BREAK_GLASS and reason is None:
        raise Refusal(403, "forbidden", "breaking the glass needs a reason; send Singula-Reason with at least 10 characters")
    try:
        return desk_of(request).gate.open(caller, purpose, reason)
    except Refused as refused:
        raise Refusal(403, "forbidden", str(refused)) from None
