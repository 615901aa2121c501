"""Fetching what was not sent along from the caller's own FHIR server, where that is one of the allowed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from singula.errors import BadInput
from singula.serve.addresses import is_allowed, pin
from singula.serve.gate import Resource
from singula.serve.hooks.request import HookRequest
from singula.serve.hooks.services import NEEDED_KEYS, PREFETCH
from singula.sources.limits import parse_json

SECONDS = 3.0
MOST_BYTES = 20 << 20
MOST_PAGES = 10


def fetch_person(request: HookRequest, keys: Sequence[str], allow_list: Sequence[str]) -> list[Resource] | None:
    """Fetch the missing parts of a prefetch.

    Parameters
    ----------
    request : HookRequest
        Names the server and the token it gave for it.
    keys : sequence of str
        The keys of the template to fetch.
    allow_list : sequence of str
        The servers that may be called.

    Returns
    -------
    list of dict or None
        None where the server is not allowed, or the person and their genetic results cannot be had.
    """
    server, authorization = request.fhir_server, request.authorization
    token = authorization.get("access_token") if authorization else None
    if not server or not isinstance(token, str) or not is_allowed(server, allow_list):
        return None
    found: list[Resource] = []
    for key in keys:
        address = f"{server.rstrip('/')}/{PREFETCH[key].replace('{{context.patientId}}', request.patient)}"
        resources = _fetch_pages(address, server, token)
        if resources is None and key in NEEDED_KEYS:
            return None
        found += resources or []
    return found


def _fetch_pages(address: str, server: str, token: str) -> list[Resource] | None:
    found: list[Resource] = []
    for _ in range(MOST_PAGES):
        document = _fetch(address, server, token)
        if document is None or document.get("resourceType") in (None, "OperationOutcome"):
            return None
        if document["resourceType"] != "Bundle":
            return [document]
        found += [one["resource"] for one in document.get("entry") or () if isinstance(one.get("resource"), dict)]
        following = next((one.get("url") for one in document.get("link") or () if one.get("relation") == "next"), None)
        if not isinstance(following, str):
            return found
        if not is_allowed(following.split("?")[0], [server]):
            return None
        address = following
    return None


def _fetch(address: str, server: str, token: str) -> Mapping[str, Any] | None:
    """Fetch one document from the address that was resolved once, following no redirect."""
    import httpx

    pinned = pin(address)
    if pinned is None:
        return None
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/fhir+json", "Host": pinned.host}
    try:
        with (
            httpx.Client(follow_redirects=False, timeout=SECONDS, trust_env=False) as client,
            client.stream("GET", pinned.target, headers=headers, extensions={"sni_hostname": pinned.name}) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                return None
            body = b""
            for chunk in answer.iter_bytes():
                body += chunk
                if len(body) > MOST_BYTES:
                    return None
        document = parse_json(body, "fhirServer")
    except (httpx.HTTPError, BadInput):
        return None
    return document if isinstance(document, dict) else None
