"""The addresses of the FHIR door."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from singula.errors import BadInput
from singula.govern.occasion import masked_query, occasion, on_occasion
from singula.serve.answers import Refusal, fhir_answer, not_found, outcome
from singula.serve.desk import desk_of, open_view
from singula.serve.fhir import interactions as do
from singula.serve.fhir.bundles import entry, etag, history_bundle, searchset
from singula.serve.fhir.notices import status_parameters
from singula.serve.fhir.subscribing import TOPIC
from singula.serve.fhir.transactions import do_bundle
from singula.serve.gate import Stored
from singula.serve.scopes import Needs
from singula.sources.limits import parse_json

router = APIRouter(prefix="/fhir", tags=["FHIR"])
FORMS = "application/x-www-form-urlencoded"
JSON_TYPES = ("application/fhir+json", "application/json", "application/json+fhir", "text/json", "application/json-patch+json")


def query_pairs(request: Request) -> list[tuple[str, str]]:
    """Return the parameters of an address in their order."""
    try:
        return parse_qsl(request.url.query, keep_blank_values=False, max_num_fields=300, errors="strict")
    except ValueError:
        raise Refusal(400, "invalid", "the address has too many parameters or is not UTF-8; send fewer") from None


async def form_pairs(request: Request) -> list[tuple[str, str]]:
    """Return the parameters of a form."""
    if FORMS not in request.headers.get("content-type", ""):
        raise Refusal(415, "not-supported", f"send the parameters as {FORMS}")
    body = await request.body()
    try:
        return parse_qsl(body.decode("utf-8"), keep_blank_values=False, max_num_fields=300)
    except ValueError:
        raise Refusal(400, "invalid", "the form has too many parameters or is not UTF-8; send fewer") from None


async def json_body(request: Request) -> Any:
    """Return the JSON body, read strictly."""
    kind = request.headers.get("content-type", "application/fhir+json").split(";")[0].strip().lower()
    if kind not in JSON_TYPES:
        raise Refusal(415, "not-supported", "send application/fhir+json")
    body = await request.body()
    return await run_in_threadpool(parse_json, body, "body")


@router.get("/{type}")
async def search(request: Request, type: str) -> Response:  # noqa: A002
    """Search a type."""
    return await run_in_threadpool(_search, request, type, query_pairs(request))


@router.post("/{type}/_search")
async def search_by_form(request: Request, type: str) -> Response:  # noqa: A002
    """Search a type with the parameters in the body, where no log sees them."""
    return await run_in_threadpool(_search, request, type, query_pairs(request) + await form_pairs(request))


def _search(request: Request, kind: str, pairs: list[tuple[str, str]]) -> Response:
    with on_occasion(replace(occasion(), query=masked_query(kind, pairs))):
        search, found = do.search_type(request, kind, pairs)
    return fhir_answer(searchset(desk_of(request).settings.fhir_base, search, found))


@router.get("/Patient/{id}/$everything")
@router.post("/Patient/{id}/$everything")
def everything(request: Request, id: str) -> Response:  # noqa: A002
    """Return all that is visible about a person."""
    view = open_view(request, Needs("Patient", "r"))
    stored = view.person(id) if do.ID.match(id) else None
    if stored is None:
        raise not_found("Patient", id)
    wanted = {part for name, value in query_pairs(request) if name == "_type" for part in value.split(",")}
    base = desk_of(request).settings.fhir_base
    rows = [one for one in stored if (not wanted or one.kind in wanted) and do.may_read(request, one)]
    made = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(rows),
        "link": [{"relation": "self", "url": f"{base}/Patient/{id}/$everything"}],
        "entry": [entry(base, one, None, "match") for one in rows],
    }
    return fhir_answer(made)


@router.get("/Subscription/{id}/$status")
def subscription_status(request: Request, id: str) -> Response:  # noqa: A002
    """Tell how a subscription stands."""
    view = open_view(request, Needs("Subscription", "r"))
    served = view.subscriber(id) if do.ID.match(id) else None
    if served is None:
        raise not_found("Subscription", id)
    settings = desk_of(request).settings
    base = settings.fhir_base
    told = status_parameters(base, served, f"{base}/{TOPIC}", "query-status", served.events)
    return fhir_answer({"resourceType": "Bundle", "type": "searchset", "total": 1, "entry": [{"resource": told}]})


@router.get("/{type}/{id}")
def read(request: Request, type: str, id: str) -> Response:  # noqa: A002
    """Read a resource."""
    found = do.read_one(request, type, id)
    if request.headers.get("if-none-match") == etag(found):
        return Response(status_code=304, headers=_version_headers(found))
    return fhir_answer(found.resource, headers=_version_headers(found))


@router.get("/{type}/{id}/_history")
def history(request: Request, type: str, id: str) -> Response:  # noqa: A002
    """Read every version of a resource."""
    return fhir_answer(history_bundle(desk_of(request).settings.fhir_base, do.read_history(request, type, id)))


@router.get("/{type}/{id}/_history/{version}")
def read_version(request: Request, type: str, id: str, version: str) -> Response:  # noqa: A002
    """Read one version of a resource."""
    found = do.read_one(request, type, id, version)
    return fhir_answer(found.resource, headers=_version_headers(found))


@router.post("")
@router.post("/")
async def bundle(request: Request) -> Response:
    """Do a batch or a transaction."""
    document = await json_body(request)
    return await run_in_threadpool(lambda: fhir_answer(do_bundle(request, document)))


@router.post("/{type}")
async def create(request: Request, type: str) -> Response:  # noqa: A002
    """Store a new resource."""
    if "if-none-exist" in request.headers:
        raise Refusal(400, "not-supported", "conditional create is not done here; search first")
    document = await json_body(request)
    found = await run_in_threadpool(do.create_one, request, type, document)
    where = f"{desk_of(request).settings.fhir_base}/{found.kind}/{found.id}/_history/{found.version}"
    return _written(request, found, 201, {"Location": where})


@router.put("/{type}/{id}")
async def update(request: Request, type: str, id: str) -> Response:  # noqa: A002
    """Store a new version of a resource."""
    document = await json_body(request)
    return _written(request, await run_in_threadpool(do.update_one, request, type, id, document), 200, {})


@router.patch("/{type}/{id}")
async def patch(request: Request, type: str, id: str) -> Response:  # noqa: A002
    """Change parts of a resource by JSON Patch."""
    from singula.serve.fhir.patching import apply_patch

    document = await json_body(request)

    def change() -> Stored:
        do.check_kind(type)
        open_view(request, Needs(type, "u"))
        before = do.read_one(request, type, id)
        try:
            changed = apply_patch(before.resource, document)
        except BadInput as fault:
            raise Refusal(400, "invalid", str(fault)) from None
        return do.update_one(request, type, id, changed)

    return _written(request, await run_in_threadpool(change), 200, {})


@router.delete("/{type}/{id}")
def delete(request: Request, type: str, id: str) -> Response:  # noqa: A002
    """Delete a resource."""
    do.delete_one(request, type, id)
    return Response(status_code=204)


def _version_headers(stored: Stored) -> dict[str, str]:
    return {"ETag": etag(stored)}


def _written(request: Request, stored: Stored, status: int, headers: dict[str, str]) -> Response:
    headers = {**headers, **_version_headers(stored)}
    prefer = request.headers.get("prefer", "").replace(" ", "")
    if "return=minimal" in prefer:
        return Response(status_code=status, headers=headers)
    if "return=OperationOutcome" in prefer:
        return fhir_answer(outcome("informational", "stored", "information"), status, headers)
    return fhir_answer(stored.resource, status, headers)
