"""Searchsets, histories and what a reader asked to be left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from singula.serve.fhir.search import Search
from singula.serve.gate import Found, Stored

Entry = dict[str, Any]
ALWAYS = ("resourceType", "id", "meta")
SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
SUMMARY = ("identifier", "name", "status", "code", "category", "subject", "patient", "gender", "birthDate", "effectiveDateTime")


def searchset(base: str, search: Search, found: Found, *, self_path: str | None = None) -> dict[str, Any]:
    """Return the bundle of a search."""
    path = self_path or search.kind
    pairs = [(name, value) for name, value in search.used if name != "_page"]
    links = [{"relation": "self", "url": _address(base, path, list(search.used))}]
    if found.next_page:
        links.append({"relation": "next", "url": _address(base, path, [*pairs, ("_page", found.next_page)])})
    made: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset", "link": links}
    if search.total != "none" or search.summary == "count":
        made["total"] = found.total if found.total is not None else len(found.rows)
    if search.summary != "count":
        entries = [entry(base, one, search, "match") for one in found.rows]
        entries += [entry(base, one, search, "include") for one in found.included]
        if entries:
            made["entry"] = entries
    return made


def entry(base: str, stored: Stored, search: Search | None, mode: str) -> Entry:
    """Return one entry of a searchset."""
    resource = stored.resource if search is None else shorten(stored.resource, search)
    return {"fullUrl": f"{base}/{stored.kind}/{stored.id}", "resource": resource, "search": {"mode": mode}}


def shorten(resource: Mapping[str, Any], search: Search) -> Mapping[str, Any]:
    """Leave out what was not asked for, and mark the resource as shortened."""
    if search.elements:
        kept = {name: value for name, value in resource.items() if name in (*ALWAYS, *search.elements)}
    elif search.summary == "true":
        kept = {name: value for name, value in resource.items() if name in (*ALWAYS, *SUMMARY)}
    elif search.summary == "data":
        kept = {name: value for name, value in resource.items() if name != "text"}
    elif search.summary == "text":
        kept = {name: value for name, value in resource.items() if name in (*ALWAYS, "text", "status", "code")}
    else:
        return resource
    return {**kept, "meta": {**resource.get("meta", {}), "tag": [SUBSETTED]}}


def history_bundle(base: str, versions: Sequence[Stored]) -> dict[str, Any]:
    """Return the bundle of a history, newest first."""
    entries = []
    for one in versions:
        made: Entry = {"fullUrl": f"{base}/{one.kind}/{one.id}"}
        method = "DELETE" if one.is_deleted else "POST" if one.version == 1 else "PUT"
        if not one.is_deleted:
            made["resource"] = one.resource
        made["request"] = {"method": method, "url": one.kind if method == "POST" else f"{one.kind}/{one.id}"}
        made["response"] = {"status": "204" if one.is_deleted else "201" if method == "POST" else "200", "etag": etag(one)}
        entries.append(made)
    return {"resourceType": "Bundle", "type": "history", "total": len(entries), "entry": entries}


def etag(stored: Stored) -> str:
    """Return the version as an entity tag."""
    return f'W/"{stored.version}"'


def _address(base: str, path: str, pairs: list[tuple[str, str]]) -> str:
    return f"{base}/{path}" + (f"?{urlencode(pairs)}" if pairs else "")
