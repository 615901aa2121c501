"""A notice as a FHIR R4 bundle, by the backport of R5 subscriptions."""

from __future__ import annotations

import uuid
from typing import Any

from singula.govern.outbox import EVENT, Notice, Subscriber
from singula.serve.fhir.subscribing import BACKPORT, Wanted
from singula.serve.gate import Stored

NOTIFICATION = f"{BACKPORT}/backport-subscription-notification-r4"
STATUS = f"{BACKPORT}/backport-subscription-status-r4"
NAMES = {"event": "event-notification", "handshake": "handshake"}


def notification(base: str, waiting: Notice, served: Subscriber, wanted: Wanted, found: Stored | None) -> dict[str, Any]:
    """Return the bundle of one notice.

    Parameters
    ----------
    base : str
        Address of the FHIR server.
    waiting, served : Notice, Subscriber
        What is told, to whom.
    wanted : Wanted
        How much of the resource is told: nothing, its id, or all of it.
    found : Stored or None
        The resource; None for a handshake.
    """
    is_event = waiting.sort == EVENT
    number = served.events + is_event
    focus = f"{base}/{found.kind}/{found.id}" if found is not None and wanted.content != "empty" else None
    parameters = status_parameters(base, served, wanted.topic, NAMES[waiting.sort], number)
    if is_event:
        part: list[dict[str, Any]] = [{"name": "event-number", "valueString": str(number)},
                                      {"name": "timestamp", "valueInstant": waiting.made}]  # fmt: skip
        part += [{"name": "focus", "valueReference": {"reference": focus}}] if focus else []
        parameters["parameter"].append({"name": "notification-event", "part": part})
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"{served.id} {waiting.pk}")
    asked = {"method": "GET", "url": f"{base}/Subscription/{served.id}/$status"}
    entries: list[dict[str, Any]] = [{"fullUrl": f"urn:uuid:{name}", "resource": parameters, "request": asked,
                                      "response": {"status": "200"}}]  # fmt: skip
    if focus and found is not None:
        entry: dict[str, Any] = {"fullUrl": focus}
        if wanted.content == "full-resource":
            entry["resource"] = found.resource
        is_new = found.version == 1
        entry["request"] = {"method": "POST" if is_new else "PUT", "url": found.kind if is_new else f"{found.kind}/{found.id}"}
        entry["response"] = {"status": "201" if is_new else "200"}
        entries.append(entry)
    return {"resourceType": "Bundle", "id": str(name), "meta": {"profile": [NOTIFICATION]}, "type": "history",
            "timestamp": waiting.made, "entry": entries}  # fmt: skip


def status_parameters(base: str, served: Subscriber, topic: str, kind: str, events: int) -> dict[str, Any]:
    """Return how a subscription stands, as Parameters."""
    return {
        "resourceType": "Parameters",
        "meta": {"profile": [STATUS]},
        "parameter": [
            {"name": "subscription", "valueReference": {"reference": f"{base}/Subscription/{served.id}"}},
            {"name": "topic", "valueCanonical": topic},
            {"name": "status", "valueCode": served.status},
            {"name": "type", "valueCode": kind},
            {"name": "events-since-subscription-start", "valueString": str(events)},
        ],
    }
