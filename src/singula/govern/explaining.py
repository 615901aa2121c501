"""Why somebody can see something of a person, or cannot: the same decision as at the door, with its reason in words."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from singula.errors import BadInput, quoted
from singula.govern import accounts, consents, records
from singula.govern.consent import BREAK_GLASS, DEFAULT_DENY, SELF, Asked, Provision, Ruling, decide
from singula.govern.purposes import BREAK, is_purpose_of

WITHOUT_ROWS = ("auditor", "operator", "researcher")
WORDS = {
    DEFAULT_DENY: "no provision of the person permits it",
    SELF: "it is the person's own record",
    BREAK_GLASS: "the glass may be broken for 60 minutes, with a reason; the person is told",
}


@dataclass(frozen=True)
class Question:
    """Who would see what: data with these labels or this resource, for this purpose."""

    actor: str
    purpose: str
    labels: tuple[str, ...] = ()
    resource: str | None = None


def explain(connection: Connection, patient: str, question: Question) -> dict[str, Any]:
    """Explain a decision.

    Parameters
    ----------
    connection : Connection
        Of the transaction the consent is read in.
    patient : str
        The person the data speak of.
    question : Question
        Who would see what, for which purpose.

    Returns
    -------
    dict
        ``decision`` and ``because``: the rule that decides and what it says.
    """
    labels = _labels(connection, question)
    role, is_self = _role(connection, question.actor, patient)
    ruling, text = _barred(role, question.purpose)
    if ruling is None:
        provisions = consents.provisions_of(connection, patient)
        breaks = question.purpose == BREAK and role == "clinician"
        asked = Asked(question.actor, (f"role:{role}",) if role else (), question.purpose, is_self, breaks)
        ruling = decide(provisions, asked, labels, time.time())
        text = WORDS.get(ruling.because) or _words_of(provisions, ruling.because)
    return {
        "patient": patient,
        "actor": question.actor,
        "purpose": question.purpose,
        "labels": labels,
        "decision": ruling.decision,
        "because": [{"rule": ruling.because, "decision": ruling.decision, "text": text}],
    }


def _words_of(provisions: Sequence[Provision], rule: str) -> str:
    one = next(one for one in provisions if one.id == rule)
    return f"by the person's {'permission' if one.decision == 'permit' else 'denial'} of {one.recorded[:10]} ({rule})"


def _labels(connection: Connection, question: Question) -> list[str]:
    if not question.resource:
        return list(question.labels)
    kind, slash, identity = question.resource.partition("/")
    if not slash or not kind or not identity:
        raise BadInput(f"the resource {quoted(question.resource)}: write Type/id")
    return sorted({*question.labels, *records.labels_of_resource(connection, kind, identity)})


def _role(connection: Connection, actor: str, patient: str) -> tuple[str, bool]:
    """Return the role an actor has, and whether the record is their own."""
    sort, _, name = actor.partition(":")
    if sort in ("role", "client"):
        return (name if sort == "role" else "client"), False
    row = accounts.find_account(connection, name) if sort == "user" else None
    if row is None or row.disabled:
        return "", False
    return str(row.role), row.role == "patient" and row.patient == patient


def _barred(role: str, purpose: str) -> tuple[Ruling | None, str]:
    """Return the ruling where the role alone decides: no consent opens what a role or purpose closes."""
    refused = Ruling("deny", DEFAULT_DENY)
    if role in WITHOUT_ROWS:
        return refused, f"the role {role} sees no person's record"
    if role and not is_purpose_of(role, purpose):
        return refused, f"the purpose {purpose} is not one a {role} may name"
    return None, ""
