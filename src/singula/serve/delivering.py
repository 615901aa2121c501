"""Sending notices to subscribers: out of the outbox, decided anew for each, to named addresses alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from singula.errors import SingulaError
from singula.govern.outbox import EVENT, Notice, Subscriber
from singula.serve.addresses import is_allowed, pin
from singula.serve.answers import Refusal, to_json
from singula.serve.desk import Desk
from singula.serve.fhir.interactions import scope_conditions
from singula.serve.fhir.notices import notification
from singula.serve.fhir.search import Condition, Value
from singula.serve.fhir.subscribing import Wanted, read_subscription
from singula.serve.gate import Stored
from singula.serve.logs import note
from singula.serve.scopes import Needs, is_permitted

SECONDS = 5.0
REST_SECONDS = 1.0


@dataclass(frozen=True)
class Deliverer:
    """Delivers what waits in the outbox."""

    desk: Desk

    def run(self, stop: threading.Event) -> None:
        """Deliver until told to stop; a fault ends nothing, the notice comes up again."""
        while not stop.is_set():
            try:
                was_busy = self.deliver_next(time.time())
            except Exception as fault:
                note("delivery-fault", fault=type(fault).__name__)
                was_busy = False
            if not was_busy:
                stop.wait(REST_SECONDS)

    def deliver_next(self, now: float) -> bool:
        """Deliver one notice; False where none is due."""
        post = self.desk.gate.post
        taken = post.take(now)
        if taken is None:
            return False
        waiting, served = taken
        try:
            wanted = read_subscription(served.doc, self.desk.settings)
        except Refusal:
            post.refuse(waiting, served)
            return True
        found = self._visible(waiting, served, wanted) if waiting.sort == EVENT else None
        if waiting.sort == EVENT and found is None:
            post.settle(waiting, served, is_sent=False)
            return True
        bundle = notification(self.desk.settings.fhir_base, waiting, served, wanted, found)
        if self._send(wanted.endpoint, served.headers, bundle):
            post.settle(waiting, served, _people(found))
        else:
            post.put_off(waiting, served, now)
        return True

    def _visible(self, waiting: Notice, served: Subscriber, wanted: Wanted) -> Stored | None:
        """Return the resource as the subscriber may see it now, if it meets what was asked for."""
        if not is_permitted(served.caller.scopes, Needs(wanted.search.kind, "s"), is_patient=served.caller.patient is not None):
            return None
        mine = Condition("_id", "token", (Value(str(waiting.id), code=str(waiting.id)),))
        conditions = (*wanted.search.conditions, *scope_conditions(served.caller, wanted.search.kind), mine)
        try:
            view = self.desk.gate.open(served.caller, served.purpose)
            rows = view.search(replace(wanted.search, conditions=conditions, count=1, total="none")).rows
        except (Refusal, SingulaError):
            return None
        return rows[0] if rows else None

    def _send(self, endpoint: str, headers: Sequence[str], bundle: dict[str, Any]) -> bool:
        """Send a notice to the address that was resolved once, following no redirect; only a 2xx answer counts."""
        import httpx

        pinned = pin(endpoint) if is_allowed(endpoint, self.desk.settings.subscription_endpoints) else None
        if pinned is None:
            return False
        told = dict((name.strip(), value.strip()) for name, _, value in (one.partition(":") for one in headers))
        told |= {"Content-Type": "application/fhir+json", "Host": pinned.host}
        try:
            with (
                httpx.Client(follow_redirects=False, timeout=SECONDS, trust_env=False) as client,
                client.stream("POST", pinned.target, headers=told, content=to_json(bundle),
                              extensions={"sni_hostname": pinned.name}) as answer,
            ):  # fmt: skip
                return bool(answer.is_success)
        except httpx.HTTPError:
            return False


def _people(found: Stored | None) -> list[str]:
    if found is None:
        return []
    if found.kind == "Patient":
        return [found.id]
    return sorted(set(_patients(found.resource)))


def _patients(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        text = value.get("reference")
        if isinstance(text, str) and text.startswith("Patient/"):
            yield text.split("/")[1]
        for one in value.values():
            yield from _patients(one)
    elif isinstance(value, list):
        for one in value:
            yield from _patients(one)
