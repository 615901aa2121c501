"""What can be done with one type: each interaction as a function, used by the routes and by bundles alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from starlette.requests import Request

from singula.errors import BadInput, Refused
from singula.serve.answers import Refusal, not_found
from singula.serve.desk import caller_of, desk_of, open_view
from singula.serve.fhir.matching import matches
from singula.serve.fhir.parameters import is_searchable, is_writable
from singula.serve.fhir.search import Condition, Search, read_search
from singula.serve.fhir.subscribing import SUBSCRIPTION, subscribe
from singula.serve.gate import Caller, Found, Stored, View
from singula.serve.scopes import DataScope, Needs, data_scopes, is_permitted
from singula.sources.search_paths import SEARCH

ID = re.compile(r"^[A-Za-z0-9\-.]{1,64}$")
IF_MATCH = re.compile(r'^\s*(?:W/)?"?(\d{1,9})"?\s*$')
DISCLOSED = ("AuditEvent", "Consent", SUBSCRIPTION)
SMUGGLED = ("Patient", "Consent", "AuditEvent", "Provenance", "Person", "RelatedPerson")


def check_kind(kind: str) -> None:
    """Refuse a type this server does not have."""
    if kind not in SEARCH:
        raise Refusal(404, "not-found", "there is nothing at this address")


def read_one(request: Request, kind: str, identity: str, version: str | None = None) -> Stored:
    """Read a resource, or one version of it."""
    check_kind(kind)
    view = open_view(request, Needs(kind, "r"))
    number = int(version) if version and version.isascii() and version.isdigit() and len(version) <= 9 else None
    if not ID.match(identity) or (version is not None and number is None):
        raise not_found(kind, identity)
    found = view.read(kind, identity, number)
    if found is None or not _in_scope(request, found.resource, kind):
        raise not_found(kind, identity)
    if found.is_deleted:
        raise Refusal(410, "deleted", f"{kind}/{identity} was deleted")
    return found


def read_history(request: Request, kind: str, identity: str) -> Sequence[Stored]:
    """Read every version."""
    check_kind(kind)
    view = open_view(request, Needs(kind, "r"))
    found = view.history(kind, identity) if ID.match(identity) else ()
    if not found or not _in_scope(request, found[0].resource, kind):
        raise not_found(kind, identity)
    return found


def search_type(request: Request, kind: str, pairs: Iterable[tuple[str, str]]) -> tuple[Search, Found]:
    """Search a type; what a scope does not cover is neither searched by nor included."""
    check_kind(kind)
    view = open_view(request, Needs(kind, "s"))
    if not is_searchable(kind):
        raise Refusal(400, "not-supported", f"{kind} cannot be searched; read it by its id")
    is_strict = "handling=strict" in request.headers.get("prefer", "").replace(" ", "")
    search = read_search(kind, pairs, is_strict=is_strict, most_rows=desk_of(request).settings.most_rows)
    for other in _kinds_asked(search):
        _need(request, Needs(other, "s"))
    if kind in DISCLOSED:
        return search, _search_disclosed(request, view, search)
    narrowed = replace(search, conditions=(*search.conditions, *scope_conditions(caller_of(request), kind)))
    found = view.search(narrowed)
    included = tuple(one for one in found.included if may_read(request, one))
    return search, replace(found, included=included)


def _search_disclosed(request: Request, view: View, search: Search) -> Found:
    """Search what is made from the audit or the person's consent when it is asked for."""
    if search.reverse or search.includes or search.revincludes or any(one.chain is not None for one in search.conditions):
        raise Refusal(400, "not-supported", f"{search.kind} is searched by its own parameters; leave out chains and includes")
    named = [one.values[0].text for one in search.conditions if one.name == "patient" and len(one.values) == 1]
    patient = named[0].removeprefix("Patient/") if named else None
    conditions = (*search.conditions, *scope_conditions(caller_of(request), search.kind))
    rows = [
        one
        for one in view.disclosed(search.kind, patient)
        if all(matches(one.resource, rule) for rule in conditions) and may_read(request, one)
    ]
    start = next((number for number, one in enumerate(rows, start=1) if one.id == search.page), 0)
    page = rows[start : start + search.count]
    following = page[-1].id if page and start + search.count < len(rows) else None
    return Found(tuple(page), (), len(rows), following)


def create_one(request: Request, kind: str, resource: Any, view: View | None = None) -> Stored:
    """Store a new resource under an id of the server's."""
    check_kind(kind)
    needs = Needs(kind, "c")
    view = view or open_view(request, needs)
    _need(request, needs)
    checked = check_resource(request, kind, resource)
    checked.pop("id", None)
    if kind == SUBSCRIPTION:
        return subscribe(caller_of(request), desk_of(request).settings, view, checked)
    try:
        return view.create(checked)
    except Refused as refused:
        raise Refusal(403, "forbidden", str(refused)) from None


def update_one(request: Request, kind: str, identity: str, resource: Any, view: View | None = None) -> Stored:
    """Store a new version of a resource that is there."""
    check_kind(kind)
    needs = Needs(kind, "u")
    view = view or open_view(request, needs)
    _need(request, needs)
    if not ID.match(identity):
        raise not_found(kind, identity)
    before = view.read(kind, identity)
    if before is None or not _in_scope(request, before.resource, kind):
        raise not_found(kind, identity)
    checked = check_resource(request, kind, resource)
    if checked.get("id") != identity:
        raise Refusal(400, "invalid", f"the id of the resource is not that of the address; write '{identity}'")
    if kind == SUBSCRIPTION:
        return subscribe(caller_of(request), desk_of(request).settings, view, checked)
    try:
        found = view.update(checked, _wanted_version(request, before))
    except Refused:
        raise not_found(kind, identity) from None
    if found is None:
        raise not_found(kind, identity)
    return found


def delete_one(request: Request, kind: str, identity: str, view: View | None = None) -> None:
    """Delete a resource; its versions stay in the history."""
    check_kind(kind)
    needs = Needs(kind, "d")
    view = view or open_view(request, needs)
    _need(request, needs)
    if not is_writable(kind):
        raise Refusal(405, "not-supported", f"{kind} is not written by clients")
    if kind == SUBSCRIPTION and not view.unsubscribe(identity):
        raise not_found(kind, identity)
    if kind == SUBSCRIPTION:
        return
    before = view.read(kind, identity) if ID.match(identity) else None
    if before is None or not _in_scope(request, before.resource, kind) or not view.delete(kind, identity):
        raise not_found(kind, identity)


def check_resource(request: Request, kind: str, resource: Any) -> dict[str, Any]:
    """Refuse what is no valid resource of the type, or says what a client may not say."""
    from singula.sources.fhir_validation import PACK, validate_resource

    if not isinstance(resource, dict) or resource.get("resourceType") != kind:
        raise Refusal(400, "invalid", f"the body is no {kind}; send one with its resourceType")
    if not is_writable(kind):
        raise Refusal(403, "forbidden", f"{kind} is not written by clients")
    identity = resource.get("id")
    if identity is not None and (not isinstance(identity, str) or not ID.match(identity)):
        raise Refusal(400, "invalid", "an id has 1 to 64 letters, digits, hyphens and dots")
    contained = resource.get("contained", [])
    inside = {one.get("resourceType") for one in contained if isinstance(one, dict)} if isinstance(contained, list) else {None}
    if inside & {None, *SMUGGLED}:
        raise Refusal(400, "invalid", "contained resources may not be persons or consents; refer to them")
    issues = validate_resource(resource, desk_of(request).knowledge.pack(PACK))
    grave = [one for one in issues if one.severity in ("fatal", "error")]
    if grave:
        first = grave[0]
        raise Refusal(422, "invalid", f"{first.path}: {first.message}" if first.path else first.message)
    _check_references(resource)
    return dict(resource)


def _check_references(value: Any) -> None:
    if isinstance(value, dict):
        text = value.get("reference")
        if isinstance(text, str) and ("://" in text or ".." in text or text.startswith("/")):
            raise Refusal(400, "invalid", "a reference is relative, such as Patient/1")
        for one in value.values():
            _check_references(one)
    elif isinstance(value, list):
        for one in value:
            _check_references(one)


def _wanted_version(request: Request, before: Stored) -> int | None:
    text = request.headers.get("if-match")
    if text is None:
        return None
    match = IF_MATCH.match(text)
    if match is None or int(match[1]) != before.version:
        raise Refusal(412, "conflict", f"the version is {before.version} by now; read it again")
    return int(match[1])


def _need(request: Request, needs: Needs) -> None:
    caller = caller_of(request)
    if not is_permitted(caller.scopes, needs, is_patient=caller.patient is not None):
        raise Refusal(403, "forbidden", f"the token's scope does not cover {needs.words}")


def _kinds_asked(search: Search) -> set[str]:
    kinds = {one.kind for one in search.reverse}
    for condition in (*search.conditions, *(one.condition for one in search.reverse)):
        step: Condition | None = condition
        while step is not None and step.chain is not None:
            kinds |= {step.target} if step.target else set()
            step = step.chain
    return kinds


def covering(caller: Caller, kind: str, deeds: str) -> list[DataScope]:
    """Return the scopes of the caller that cover a type for one of the deeds."""
    return [one for one in data_scopes(caller.scopes) if one.resource in ("*", kind) and set(one.permissions) & set(deeds)]


def scope_conditions(caller: Caller, kind: str) -> tuple[Condition, ...]:
    """Return the queries of granular scopes as conditions; several on one parameter are alternatives."""
    scopes = covering(caller, kind, "s")
    if not scopes or any(not one.query for one in scopes):
        return ()
    values: dict[str, list[str]] = {}
    for one in scopes:
        for name, value in one.query.items():
            values.setdefault(name, []).append(value)
    try:
        return read_search(kind, [(name, ",".join(found)) for name, found in values.items()], is_strict=True).conditions
    except BadInput:
        raise Refusal(403, "forbidden", f"the token's scope on {kind} cannot be understood") from None


def _in_scope(request: Request, resource: Any, kind: str) -> bool:
    scopes = covering(caller_of(request), kind, "rsud")
    for one in scopes:
        if not one.query:
            return True
        conditions = read_search(kind, list(one.query.items()), is_strict=False).conditions
        if len(conditions) == len(one.query) and all(matches(resource, condition) for condition in conditions):
            return True
    return False


def may_read(request: Request, stored: Stored) -> bool:
    """Tell whether a row is covered by the caller's scopes."""
    caller = caller_of(request)
    permitted = is_permitted(caller.scopes, Needs(stored.kind, "r"), is_patient=caller.patient is not None)
    permitted = permitted or is_permitted(caller.scopes, Needs(stored.kind, "s"), is_patient=caller.patient is not None)
    return permitted and _in_scope(request, stored.resource, stored.kind)
