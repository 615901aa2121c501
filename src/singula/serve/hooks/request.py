"""A hook request as it comes from outside: checked against the specification before anything is done with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from singula.errors import BadInput, quoted
from singula.serve.hooks.services import HookService
from singula.sources.limits import parse_json

Json = Mapping[str, Any]
LONGEST_ID = 64
MEDICINE_ORDERS = ("MedicationRequest", "MedicationStatement", "MedicationDispense")
DRAFT_STATUSES = ("draft", "active", "on-hold", "unknown")
OUTCOMES = ("accepted", "overridden")
MOST_ORDERS = 200
MOST_FEEDBACK = 100


@dataclass(frozen=True)
class HookRequest:
    """One question of a client: about whom, which orders, and what was sent along."""

    hook: str
    instance: str
    patient: str
    user: str | None
    drafts: tuple[dict[str, Any], ...] = ()
    judged: tuple[dict[str, Any], ...] = ()
    prefetch: Mapping[str, Any] = field(default_factory=dict)
    fhir_server: str | None = None
    authorization: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Feedback:
    """What became of one card."""

    card: str
    outcome: str
    suggestions: tuple[str, ...]
    reason: Mapping[str, Any] | None
    comment: str | None
    at: str


def read_request(body: bytes, service: HookService) -> HookRequest:
    """Read the body of a call to a service.

    Parameters
    ----------
    body : bytes
        JSON as sent.
    service : HookService
        The service that was called.

    Returns
    -------
    HookRequest
        With plain ids: ``Patient/1`` is read as ``1``.

    Raises
    ------
    BadInput
        No JSON, another hook, or a required field that is missing or of another kind.
    """
    document = _object(parse_json(body, "request"), "the request")
    if not service.answers(document.get("hook")):
        raise BadInput(f"hook is {quoted(document.get('hook'))}; this service answers '{service.hook}'")
    context = _object(document.get("context"), "context")
    patient = read_id(context.get("patientId"), "context.patientId", "Patient")
    drafts: tuple[dict[str, Any], ...] = ()
    judged: tuple[dict[str, Any], ...] = ()
    if service.is_about_orders:
        drafts = _read_drafts(context.get("draftOrders"), patient)
        judged = _selected(drafts, context.get("selections")) if service.hook == "order-select" else drafts
    prefetch = document.get("prefetch")
    authorization = document.get("fhirAuthorization")
    server = document.get("fhirServer")
    return HookRequest(
        hook=service.hook,
        instance=_text(document.get("hookInstance"), "hookInstance"),
        patient=patient,
        user=context["userId"] if isinstance(context.get("userId"), str) else None,
        drafts=drafts,
        judged=judged,
        prefetch=prefetch if isinstance(prefetch, Mapping) else {},
        fhir_server=server if isinstance(server, str) else None,
        authorization=authorization if isinstance(authorization, Mapping) else None,
    )


def read_feedback(body: bytes) -> list[Feedback]:
    """Read what a client tells about cards; an unknown outcome is refused."""
    document = _object(parse_json(body, "feedback"), "the request")
    told = document.get("feedback")
    if not isinstance(told, list) or not told or len(told) > MOST_FEEDBACK:
        raise BadInput(f"feedback is no list of 1 to {MOST_FEEDBACK} items; send {{'feedback': [{{…}}]}}")
    return [_read_one(_object(one, f"feedback[{number}]"), number) for number, one in enumerate(told)]


def _read_one(one: Json, number: int) -> Feedback:
    where = f"feedback[{number}]"
    if one.get("outcome") not in OUTCOMES:
        raise BadInput(f"{where}.outcome is {quoted(one.get('outcome'))}; give 'accepted' or 'overridden'")
    accepted = one.get("acceptedSuggestions") or []
    override = one.get("overrideReason") or {}
    if not isinstance(accepted, list) or not isinstance(override, Mapping):
        raise BadInput(f"{where}: acceptedSuggestions is a list and overrideReason an object; correct them")
    reason = override.get("reason")
    comment = override.get("userComment")
    return Feedback(
        card=_text(one.get("card"), f"{where}.card"),
        outcome=str(one["outcome"]),
        suggestions=tuple(str(item.get("id")) for item in accepted if isinstance(item, Mapping)),
        reason={key: str(reason[key]) for key in ("system", "code", "display") if key in reason}
        if isinstance(reason, Mapping)
        else None,
        comment=comment if isinstance(comment, str) else None,
        at=str(one.get("outcomeTimestamp") or ""),
    )


def read_id(value: Any, where: str, kind: str) -> str:
    """Read a logical id that may come as ``Type/id``."""
    text = _text(value, where).removeprefix(f"{kind}/")
    if len(text) > LONGEST_ID or not all(sign.isascii() and (sign.isalnum() or sign in "-.") for sign in text):
        raise BadInput(f"{where} is {quoted(text)}; an id has up to {LONGEST_ID} letters, digits, hyphens and dots")
    return text


def _read_drafts(bundle: Any, patient: str) -> tuple[dict[str, Any], ...]:
    entries = _object(bundle, "context.draftOrders").get("entry", [])
    if bundle.get("resourceType") != "Bundle" or not isinstance(entries, list) or len(entries) > MOST_ORDERS:
        raise BadInput(f"context.draftOrders is no Bundle of at most {MOST_ORDERS} orders; send one")
    drafts = []
    for number, entry in enumerate(entries):
        where = f"context.draftOrders.entry[{number}].resource"
        resource = _object(_object(entry, where).get("resource"), where)
        if not isinstance(resource.get("resourceType"), str):
            raise BadInput(f"{where}.resourceType is missing; name the type of the order")
        if resource["resourceType"] not in MEDICINE_ORDERS:
            continue
        if resource.get("status") not in DRAFT_STATUSES:
            raise BadInput(f"{where}.status is {quoted(resource.get('status'))}; an order in hand is a 'draft'")
        subject = resource.get("subject")
        named = subject.get("reference") if isinstance(subject, Mapping) else None
        if isinstance(named, str) and named.rsplit("/", 1)[-1] not in (patient, ""):
            raise BadInput(f"{where}.subject is {quoted(named)}, not the patient of the request; send this person's orders only")
        drafts.append(dict(resource))
    return tuple(drafts)


def _selected(drafts: Sequence[dict[str, Any]], selections: Any) -> tuple[dict[str, Any], ...]:
    if not isinstance(selections, list) or not all(isinstance(one, str) for one in selections):
        raise BadInput("context.selections is no list of references into draftOrders; send one")
    wanted = {one.rsplit("/", 1)[-1] for one in selections}
    return tuple(draft for draft in drafts if draft.get("id") in wanted)


def _object(value: Any, where: str) -> Json:
    if not isinstance(value, Mapping):
        raise BadInput(f"{where} is missing or no object; see the CDS Hooks 2.0 specification")
    return value


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise BadInput(f"{where} is missing or no text; see the CDS Hooks 2.0 specification")
    return value.strip()
