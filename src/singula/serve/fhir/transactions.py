"""Batches, each entry for itself, and transactions, all or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request

from singula.errors import SingulaError
from singula.serve.answers import Refusal, outcome
from singula.serve.desk import caller_of, desk_of, purpose_of
from singula.serve.fhir import interactions as do
from singula.serve.fhir.bundles import etag, searchset
from singula.serve.gate import Stored, View
from singula.serve.guard import refuse

MOST_ENTRIES = 5000
ORDER = ("DELETE", "POST", "PUT", "PATCH", "GET", "HEAD")
Entry = Mapping[str, Any]


def do_bundle(request: Request, bundle: Any) -> dict[str, Any]:
    """Do what a bundle asks.

    Parameters
    ----------
    request : Request
        With its caller; every entry is decided as if it came alone.
    bundle : object
        A Bundle of type batch or transaction.

    Returns
    -------
    dict
        A Bundle with one response for each entry, in the order of the request.

    Raises
    ------
    Refusal
        The bundle is none, or one entry of a transaction cannot be done.
    """
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        raise Refusal(400, "invalid", "the body is no Bundle; send a batch or a transaction")
    kind, entries = bundle.get("type"), bundle.get("entry", [])
    if kind not in ("batch", "transaction") or not isinstance(entries, list) or len(entries) > MOST_ENTRIES:
        raise Refusal(400, "invalid", f"the Bundle is no batch or transaction of at most {MOST_ENTRIES} entries")
    answers = _do_transaction(request, entries) if kind == "transaction" else [_do_alone(request, one) for one in entries]
    return {"resourceType": "Bundle", "type": f"{kind}-response", "entry": answers}


def _do_alone(request: Request, entry: Any) -> dict[str, Any]:
    try:
        return _do(request, entry, None, {})
    except (Refusal, SingulaError) as fault:
        refusal = refuse(fault)
        issue = outcome(refusal.code, refusal.message)
        return {"response": {"status": str(refusal.status), "outcome": issue}}


def _do_transaction(request: Request, entries: list[Any]) -> list[dict[str, Any]]:
    view = desk_of(request).gate.open(caller_of(request), purpose_of(request), request.headers.get("singula-reason"))
    numbered = sorted(enumerate(entries), key=lambda one: ORDER.index(_method(one[1])))
    answers: dict[int, dict[str, Any]] = {}
    made: dict[str, str] = {}
    with view.atomically():
        for number, entry in numbered:
            answer = _do(request, entry, view, made)
            answers[number] = answer
            full_url, where = entry.get("fullUrl"), answer["response"].get("location")
            if isinstance(full_url, str) and where:
                made[full_url] = str(where).split("/_history")[0]
    return [answers[number] for number in range(len(entries))]


def _method(entry: Any) -> str:
    wanted = entry.get("request") if isinstance(entry, dict) else None
    method = wanted.get("method") if isinstance(wanted, dict) else None
    if method not in ORDER or not isinstance(wanted, dict) or not isinstance(wanted.get("url"), str):
        raise Refusal(400, "invalid", "an entry has no request with a method and a url; name both")
    return str(method)


def _do(request: Request, entry: Any, view: View | None, made: Mapping[str, str]) -> dict[str, Any]:
    method = _method(entry)
    wanted = entry["request"]
    if any(wanted.get(key) for key in ("ifNoneExist", "ifNoneMatch", "ifModifiedSince")):
        raise Refusal(400, "not-supported", "conditional entries are not done here; search first")
    parts = urlsplit(wanted["url"])
    path = parts.path.strip("/").split("/")
    if parts.scheme or parts.netloc or not all(part and part != ".." for part in path):
        raise Refusal(400, "invalid", "the url of an entry is relative, such as Observation/1")
    if method in ("GET", "HEAD"):
        return _get(request, path, parts.query)
    return _write(request, method, path, entry, (view, made))


def _get(request: Request, path: list[str], query: str) -> dict[str, Any]:
    if len(path) == 1:
        search, found = do.search_type(request, path[0], parse_qsl(query))
        return {"resource": searchset(desk_of(request).settings.fhir_base, search, found), "response": {"status": "200"}}
    if len(path) == 2:
        return _answer(do.read_one(request, path[0], path[1]), "200")
    raise Refusal(400, "not-supported", "a bundle reads and searches; send this alone")


def _write(
    request: Request, method: str, path: list[str], entry: Entry, context: tuple[View | None, Mapping[str, str]]
) -> dict[str, Any]:
    view, made = context
    if method == "POST" and len(path) == 1:
        return _answer(do.create_one(request, path[0], _resolve(entry.get("resource"), made), view), "201")
    if method == "PUT" and len(path) == 2:
        return _answer(do.update_one(request, path[0], path[1], _resolve(entry.get("resource"), made), view), "200")
    if method == "DELETE" and len(path) == 2:
        do.delete_one(request, path[0], path[1], view)
        return {"response": {"status": "204"}}
    raise Refusal(400, "not-supported", f"{method} of this url is not done here; send it alone")


def _resolve(value: Any, made: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: made.get(one, one) if key == "reference" and isinstance(one, str) else _resolve(one, made)
                for key, one in value.items()}  # fmt: skip
    return [_resolve(one, made) for one in value] if isinstance(value, list) else value


def _answer(stored: Stored, status: str) -> dict[str, Any]:
    where = f"{stored.kind}/{stored.id}/_history/{stored.version}"
    return {"resource": stored.resource, "response": {"status": status, "location": where, "etag": etag(stored)}}
