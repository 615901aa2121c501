"""The addresses of OAuth 2.1 and SMART App Launch."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from singula.serve.answers import NO_STORE, Refusal, json_answer
from singula.serve.desk import caller_of, desk_of, open_view
from singula.serve.scopes import Needs
from singula.serve.smart.authorize import authorize
from singula.serve.smart.clients import Asked, OAuthFault
from singula.serve.smart.configuration import openid_configuration
from singula.serve.smart.pending import Launch, Pending
from singula.serve.smart.tokens import Issuer, answer_token, introspect, make_key, revoke
from singula.sources.limits import parse_json

router = APIRouter(tags=["SMART"])
FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 60


def issuer_of(request: Request) -> Issuer:
    """Return what the token address works with; the signing key lives as long as the server."""
    state = request.app.state
    if not hasattr(state, "issuer"):
        desk = desk_of(request)
        state.issuer = Issuer(desk.settings, desk.gate, Pending(), make_key())
    issuer: Issuer = state.issuer
    return issuer


def _fields(text: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise OAuthFault("invalid_request", "the form has too many fields") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise OAuthFault("invalid_request", "a field stands twice in the form")
    return fields


async def _form(request: Request) -> dict[str, str]:
    if FORM not in request.headers.get("content-type", ""):
        raise OAuthFault("invalid_request", f"send the fields as {FORM}")
    body = await request.body()
    try:
        return _fields(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise OAuthFault("invalid_request", "the form is not UTF-8") from None


@router.get("/oauth/authorize")
def show_authorize(request: Request) -> Response:
    """Show the page where a person lets a program in."""
    return authorize(request, _fields(request.url.query), issuer_of(request), is_posted=False)


@router.post("/oauth/authorize")
async def fill_authorize(request: Request) -> Response:
    """Take what a person filled in."""
    form = await _form(request)
    return await run_in_threadpool(authorize, request, form, issuer_of(request), is_posted=True)


async def _asked(request: Request) -> Asked:
    address = f"{desk_of(request).settings.base}{request.url.path}"
    return Asked(await _form(request), request.headers.get("authorization"), address)


@router.post("/oauth/token")
async def give_token(request: Request) -> Response:
    """Give tokens for a code, a refresh token or an assertion."""
    asked = await _asked(request)
    return json_answer(await run_in_threadpool(answer_token, asked, issuer_of(request)), headers=NO_STORE)


@router.post("/oauth/introspect")
async def show_token(request: Request) -> Response:
    """Say what a token is for."""
    asked = await _asked(request)
    return json_answer(await run_in_threadpool(introspect, asked, issuer_of(request)), headers=NO_STORE)


@router.post("/oauth/revoke")
async def revoke_token(request: Request) -> Response:
    """Revoke a token."""
    asked = await _asked(request)
    await run_in_threadpool(revoke, asked, issuer_of(request))
    return Response(status_code=200, headers=NO_STORE)


@router.get("/oauth/jwks")
async def show_keys(request: Request) -> Response:
    """Show the public key identity tokens are signed with."""
    return json_answer({"keys": [issuer_of(request).key.as_dict(private=False)]})


@router.get("/oauth/.well-known/openid-configuration")
async def show_openid_configuration(request: Request) -> Response:
    """Say what OpenID Connect programs need to know."""
    return json_answer(openid_configuration(desk_of(request).settings))


@router.post("/launches")
async def begin_launch(request: Request) -> Response:
    """Open a person's record for a program that is about to be started from within an EHR."""
    document = await run_in_threadpool(parse_json, await request.body(), "body")

    def begin() -> Response:
        wanted = document.get("patient") if isinstance(document, dict) else None
        view = open_view(request, Needs("Patient", "r"))
        if not isinstance(wanted, str) or view.read("Patient", wanted[:64]) is None:
            raise Refusal(404, "not-found", "there is no such person here")
        client, encounter = document.get("client_id"), document.get("encounter")
        launch = Launch(wanted, encounter if isinstance(encounter, str) else None, client if isinstance(client, str) else None)
        secret = issuer_of(request).pending.keep(launch)
        return json_answer({"launch": secret, "iss": desk_of(request).settings.fhir_base, "for": caller_of(request).actor}, 201)

    return await run_in_threadpool(begin)


async def answer_fault(_: Request, fault: Exception) -> Response:
    """Answer an OAuth fault as RFC 6749 has it."""
    if not isinstance(fault, OAuthFault):
        raise fault
    body: dict[str, Any] = {"error": fault.error, "error_description": fault.words}
    headers = {**NO_STORE, **({"WWW-Authenticate": "Basic"} if fault.status == 401 else {})}
    return json_answer(body, fault.status, headers)
