"""The whole server: routes behind one guard, one desk, and one sentence for every refusal."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from singula import __version__
from singula.errors import BadInput, Refused
from singula.serve.access_pages import router as access_routes
from singula.serve.answers import Refusal, fhir_answer, json_answer
from singula.serve.consent_pages import router as consent_routes
from singula.serve.desk import Desk, caller_of, desk_of
from singula.serve.fhir.capability import capability_statement
from singula.serve.fhir.exports import router as export_routes
from singula.serve.fhir.plans import router as plan_routes
from singula.serve.fhir.routes import router as fhir_routes
from singula.serve.gate import Caller
from singula.serve.genomics.routes import router as genomics_routes
from singula.serve.guard import Guard, refuse
from singula.serve.hooks.issuers import unverified_issuer, verify_signed
from singula.serve.hooks.routes import router as hook_routes
from singula.serve.second_factor import router as second_factor_routes
from singula.serve.sessions import cookie_name
from singula.serve.smart.clients import OAuthFault
from singula.serve.smart.configuration import smart_configuration
from singula.serve.smart.key_sets import key_set
from singula.serve.smart.routes import answer_fault
from singula.serve.smart.routes import router as smart_routes
from singula.serve.web import router as page_routes

LONGEST_TOKEN = 4096
ISSUE_CODES = {404: "not-found", 405: "not-supported", 413: "too-long", 415: "not-supported"}


def create_application(desk: Desk) -> Any:
    """Build the server.

    Parameters
    ----------
    desk : Desk
        Settings, gateway and knowledge.

    Returns
    -------
    object
        An ASGI application.
    """
    app = FastAPI(
        title="Singula",
        version=__version__,
        description="Precision medicine beside the record: FHIR R4, CDS Hooks 2.0, SMART App Launch 2.2.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.desk = desk
    for kind in (Refusal, BadInput, Refused, Exception):
        app.add_exception_handler(kind, _refused)
    app.add_exception_handler(HTTPException, _http_fault)
    app.add_exception_handler(OAuthFault, answer_fault)
    app.add_exception_handler(RequestValidationError, _bad_request)
    _add_signposts(app)
    for router in (
        page_routes,
        access_routes,
        consent_routes,
        second_factor_routes,
        smart_routes,
        hook_routes,
        export_routes,
        plan_routes,
        genomics_routes,
        fhir_routes,
    ):
        app.include_router(router)
    return Guard(app, desk.settings, desk.measures, lambda request: identify(request, desk), desk.gate.note_refusal)


async def _refused(_: Request, fault: Exception) -> Response:
    return refuse(fault).answer()


async def _http_fault(request: Request, fault: Exception) -> Response:
    status = fault.status_code if isinstance(fault, HTTPException) else 500
    words = "there is nothing at this address" if status == 404 else "the address does not understand this"
    return Refusal(status, ISSUE_CODES.get(status, "processing"), words).answer()


async def _bad_request(_: Request, fault: Exception) -> Response:
    return Refusal(400, "invalid", "a parameter of the request cannot be understood; see /openapi.json").answer()


def _add_signposts(app: FastAPI) -> None:
    @app.get("/healthz", tags=["operation"])
    def is_well(request: Request) -> Response:
        """Tell whether the server and its store answer."""
        ready = desk_of(request).gate.is_ready()
        return json_answer({"status": "ok" if ready else "store does not answer"}, 200 if ready else 503)

    @app.get("/readyz", tags=["operation"])
    def is_ready(request: Request) -> Response:
        """Tell whether requests are taken."""
        ready = desk_of(request).gate.is_ready()
        return json_answer({"ready": ready, "version": __version__}, 200 if ready else 503)

    @app.get("/metrics", tags=["operation"])
    def show_metrics(request: Request) -> Response:
        """Return counts and times in the Prometheus text format, for operators."""
        _only(caller_of(request), "operator", "auditor")
        return Response(desk_of(request).measures.write(), media_type="text/plain; version=0.0.4")

    @app.get("/overrides", tags=["CDS Hooks"])
    def show_overrides(request: Request) -> Response:
        """Return how often each rule's cards were shown, accepted and overridden since the server started."""
        _only(caller_of(request), "operator", "auditor", "clinician", "client")
        return json_answer({"rules": desk_of(request).measures.rules()})

    @app.get("/.well-known/smart-configuration", tags=["SMART"])
    @app.get("/fhir/.well-known/smart-configuration", tags=["SMART"])
    async def show_smart_configuration(request: Request) -> Response:
        """Say where to sign in and what is understood."""
        return json_answer(smart_configuration(desk_of(request).settings))

    @app.get("/fhir/metadata", tags=["FHIR"])
    async def show_capabilities(request: Request) -> Response:
        """Say what the FHIR door can do."""
        return fhir_answer(capability_statement(desk_of(request).settings))


def _only(caller: Caller, *roles: str) -> None:
    if caller.role not in roles:
        raise Refusal(403, "forbidden", f"this is for {' and '.join(roles)}")


def identify(request: Request, desk: Desk) -> Caller | None:
    """Find out who calls: by access token, by a token an EHR signed itself, or by web session."""
    header = request.headers.get("authorization")
    if header is None:
        session = request.cookies.get(cookie_name(desk.settings))
        is_page = not request.url.path.startswith(("/fhir", "/cds-services"))
        return desk.gate.caller_of_session(session) if session and is_page else None
    scheme, _, token = header.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > 2 * LONGEST_TOKEN or not token.isascii():
        return None
    if token.count(".") == 2 and request.url.path.startswith("/cds-services"):
        return _signed_caller(request, desk, token)
    return desk.gate.caller_of_token(token)


def _signed_caller(request: Request, desk: Desk, token: str) -> Caller | None:
    issuer = unverified_issuer(token)
    client = desk.gate.issuer(issuer) if issuer else None
    keys = key_set(client) if client is not None else None
    if issuer is None or client is None or keys is None:
        return None
    address = f"{desk.settings.base}{request.url.path}"
    claims = verify_signed(token, keys, issuer=issuer, audiences=frozenset({address}))
    if claims is None or not desk.gate.is_first_use(issuer, str(claims["jti"]), float(claims["exp"])):
        return None
    return Caller(f"client:{client.id}", "client", client.scopes, client=client.id)
