"""Who saw my data, and why could they: a page for the person and the auditor, and the same as JSON for programs."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from singula.govern.explaining import Question
from singula.serve.answers import Refusal, json_answer, not_found
from singula.serve.desk import caller_of, desk_of
from singula.serve.fhir.interactions import ID
from singula.serve.pages import show_page
from singula.serve.scopes import Needs, is_permitted
from singula.serve.sessions import session_of
from singula.serve.smart.routes import issuer_of

router = APIRouter(tags=["pages"])
LONGEST = 200
AUDIT = Needs("AuditEvent", "r")


@router.get("/access")
def find_access(request: Request) -> Response:
    """Go to the log of the person an auditor names."""
    named = request.query_params.get("patient", "")
    if not ID.match(named):
        raise Refusal(404, "not-found", "there is no such person here")
    return RedirectResponse(f"/people/{named}/access", 303)


@router.get("/people/{id}/access")
def show_access(request: Request, id: str) -> Response:  # noqa: A002
    """Show who saw a person's data, what for, and what allowed it; and answer why somebody could."""
    _check_scope(request)
    before = request.query_params.get("before", "")
    start = int(before) if before.isascii() and before.isdigit() and len(before) < 18 else None
    log = desk_of(request).gate.access_log(caller_of(request), id, start) if ID.match(id) else None
    if log is None:
        raise not_found("Patient", id)
    if "json" in request.headers.get("accept", ""):
        return json_answer(asdict(log))
    account, session = session_of(request)
    told = _why(request, id) if request.query_params.get("actor") else None
    seal = issuer_of(request).pending.seal(session) if account else ""
    purposes, labels = choices(request)
    return show_page("access.html", title="Who saw the data, and why", account=account, seal=seal, log=log, told=told,
                     purposes=purposes, labels=labels, asked=dict(request.query_params))  # fmt: skip


@router.get("/people/{id}/why")
def tell_why(request: Request, id: str) -> Response:  # noqa: A002
    """Tell why an actor can see something of a person, or cannot."""
    _check_scope(request)
    return json_answer(_why(request, id))


def _why(request: Request, patient: str) -> object:
    asked = request.query_params
    labels = tuple(one[:LONGEST] for one in asked.getlist("label") if one)
    question = Question(asked.get("actor", "role:clinician")[:LONGEST], asked.get("purpose", "TREAT")[:LONGEST], labels,
                        asked.get("resource", "")[:LONGEST] or None)  # fmt: skip
    told = desk_of(request).gate.why(caller_of(request), patient, question) if ID.match(patient) else None
    if told is None:
        raise not_found("Patient", patient)
    return told


def choices(request: Request) -> tuple[list[tuple[str, str]], list[str]]:
    """Return the purposes of use with their words, and the labels data may carry."""
    pack = desk_of(request).knowledge.pack("security_labels")
    return [(row.code, row.display) for row in pack.table("purposes")], [row.label for row in pack.table("labels")]


def _check_scope(request: Request) -> None:
    caller = caller_of(request)
    if not is_permitted(caller.scopes, AUDIT, is_patient=caller.patient is not None):
        raise Refusal(403, "forbidden", f"the token's scope does not cover {AUDIT.words}")
