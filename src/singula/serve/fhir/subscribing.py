"""What a Subscription asks for, read strictly: which resources, how much of them, and where the notices go.

R5 topic-based subscriptions as backported to R4, over rest-hook alone; a plain R4 criteria is understood as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from singula.errors import BadInput
from singula.govern.consent import read_instant
from singula.serve.addresses import is_allowed
from singula.serve.answers import Refusal, not_found
from singula.serve.fhir.parameters import is_searchable
from singula.serve.fhir.search import Search, read_search
from singula.serve.gate import Caller, Stored, View
from singula.serve.scopes import Needs, is_permitted
from singula.serve.settings import Settings
from singula.sources.search_paths import SEARCH

SUBSCRIPTION = "Subscription"
BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition"
FILTER, CONTENT = f"{BACKPORT}/backport-filter-criteria", f"{BACKPORT}/backport-payload-content"
TOPIC = "SubscriptionTopic/record-changed"
CONTENTS = ("empty", "id-only", "full-resource")
PAYLOADS = ("application/fhir+json", "application/json")
MOST_HEADERS, LONGEST_HEADER = 10, 2000
CLOSED_KINDS = ("AuditEvent", "Consent", SUBSCRIPTION, "Binary")


@dataclass(frozen=True)
class Wanted:
    """What a subscription is about."""

    search: Search
    topic: str
    endpoint: str
    content: str


def read_subscription(doc: Mapping[str, Any], settings: Settings) -> Wanted:
    """Read a Subscription.

    Parameters
    ----------
    doc : mapping
        The resource, valid as such.
    settings : Settings
        Name the addresses that may be called.

    Returns
    -------
    Wanted
        The search a changed resource has to meet, and where and how it is told.

    Raises
    ------
    Refusal
        422 with what is not done here.
    """
    channel = doc.get("channel") or {}
    if channel.get("type") != "rest-hook":
        raise _refused("channel.type is not rest-hook, which alone is done here")
    endpoint = channel.get("endpoint")
    if not isinstance(endpoint, str) or not is_allowed(endpoint, settings.subscription_endpoints):
        raise _refused("channel.endpoint is none of the addresses this server may send to; ask its operator")
    if channel.get("payload") not in (None, *PAYLOADS):
        raise _refused(f"channel.payload is not {PAYLOADS[0]}")
    _check_headers(channel.get("header") or ())
    content = _extension(channel.get("_payload"), CONTENT, "valueCode")
    if content is None:
        content = "full-resource" if channel.get("payload") else "empty"
    if content not in CONTENTS:
        raise _refused(f"the payload content is none of {', '.join(CONTENTS)}")
    topic, criteria = _criteria(doc, settings)
    return Wanted(_search(criteria), topic, endpoint, content)


def subscribe(caller: Caller, settings: Settings, view: View, doc: Mapping[str, Any]) -> Stored:
    """Keep a subscription, or change the one with its id; its scopes have to cover what it asks for."""
    wanted = read_subscription(doc, settings)
    needs = [Needs(wanted.search.kind, "s"), *([Needs(wanted.search.kind, "r")] if wanted.content == "full-resource" else [])]
    for one in needs:
        if not is_permitted(caller.scopes, one, is_patient=caller.patient is not None):
            raise Refusal(403, "forbidden", f"the token's scope does not cover {one.words}")
    try:
        until = read_instant(doc["end"]) if doc.get("end") else None
    except BadInput as fault:
        raise _refused(str(fault)) from None
    found = view.subscribe(doc, wanted.search.kind, until)
    if found is None:
        raise not_found(SUBSCRIPTION, str(doc.get("id")))
    return found


def _criteria(doc: Mapping[str, Any], settings: Settings) -> tuple[str, str]:
    criteria = doc.get("criteria")
    topic = f"{settings.fhir_base}/{TOPIC}"
    if not isinstance(criteria, str):
        raise _refused("criteria is missing")
    if "://" not in criteria:
        return topic, criteria
    narrowed = _extension(doc.get("_criteria"), FILTER, "valueString")
    if criteria != topic or not isinstance(narrowed, str):
        raise _refused(f"the one topic here is {topic}, with a filter such as Observation?patient=Patient/1")
    return topic, narrowed


def _search(criteria: str) -> Search:
    kind, _, query = criteria.partition("?")
    if kind not in SEARCH or kind in CLOSED_KINDS or not is_searchable(kind):
        raise _refused("the criteria names no type that can be subscribed to; write Observation?code=...")
    try:
        search = read_search(kind, parse_qsl(query, keep_blank_values=True, max_num_fields=60), is_strict=True)
    except (BadInput, ValueError) as fault:
        raise _refused(f"the criteria cannot be understood: {fault}") from None
    has_results = search.includes or search.revincludes or search.reverse or search.sort or search.page
    if has_results or any(one.chain is not None for one in search.conditions):
        raise _refused("the criteria is a plain search by the type's own parameters; leave out chains, includes and order")
    return search


def _check_headers(headers: Any) -> None:
    for one in headers:
        name, colon, _ = str(one).partition(":")
        is_plain = colon and name.strip().replace("-", "").isalnum() and str(one).isascii() and str(one).isprintable()
        if not is_plain or len(str(one)) > LONGEST_HEADER or name.strip().lower() in ("host", "content-length", "content-type"):
            raise _refused("channel.header holds a line that is no header, or one that the server sets itself")
    if len(headers) > MOST_HEADERS:
        raise _refused(f"channel.header has more than {MOST_HEADERS} lines")


def _extension(element: Any, url: str, value: str) -> Any:
    found = element.get("extension") if isinstance(element, Mapping) else None
    return next((one.get(value) for one in found or () if isinstance(one, Mapping) and one.get("url") == url), None)


def _refused(words: str) -> Refusal:
    return Refusal(422, "not-supported", words)
