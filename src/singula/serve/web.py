"""The few pages for people: sign in, whose record, the plan, and for the person the plain words."""

from __future__ import annotations

import re

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from singula.deliver.clinician_page import render_clinician_page
from singula.deliver.patient_page import render_patient_page
from singula.deliver.templating import content_policy, style_sheet
from singula.deliver.tumour_board import make_boards
from singula.serve.answers import Refusal
from singula.serve.brands import brand_bundle
from singula.serve.desk import desk_of
from singula.serve.fhir.plans import plan_person
from singula.serve.pages import STATIC, form_of, show_page
from singula.serve.sessions import close_session, open_session, session_of
from singula.serve.smart.routes import issuer_of

router = APIRouter(tags=["pages"])
STATIC_NAME = re.compile(r"^[a-z]+\.css$")


@router.get("/static/brands.json")
def show_brands(request: Request) -> Response:
    """Send the brands people find this server by; any page may read them."""
    found = brand_bundle(desk_of(request).settings)
    if found is None:
        raise Refusal(404, "not-found", "there is nothing at this address")
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "max-age=3600"}
    return Response(found, headers=headers, media_type="application/fhir+json")


@router.get("/static/{name}")
def show_static(name: str) -> Response:
    """Send a style sheet."""
    path = STATIC / name
    if not STATIC_NAME.match(name) or not path.is_file():
        raise Refusal(404, "not-found", "there is nothing at this address")
    return FileResponse(path, headers={"Cache-Control": "max-age=3600"})


@router.get("/login")
def show_sign_in() -> Response:
    """Show the page to sign in."""
    return show_page("signin.html", title="Sign in", action="/login")


@router.post("/login")
async def sign_in(request: Request) -> Response:
    """Sign in and go to the records."""
    form = await form_of(request)
    desk = desk_of(request)

    def begin() -> Response:
        account = desk.gate.sign_in(form.get("username", ""), form.get("password", ""), form.get("otp", ""))
        if account is None:
            message = "Name, password or code are not right."
            return show_page("signin.html", 401, title="Sign in", action="/login", message=message)
        return open_session(RedirectResponse("/", 303), desk.gate.begin_session(account), desk.settings)

    return await run_in_threadpool(begin)


@router.post("/logout")
async def sign_out(request: Request) -> Response:
    """Sign out."""
    form = await form_of(request)
    desk = desk_of(request)
    _, session = session_of(request)
    if not session or not issuer_of(request).pending.is_sealed(session, form.get("seal", "")):
        raise Refusal(403, "forbidden", "the form is not from a page of this session; open the page again")
    await run_in_threadpool(desk.gate.end_session, session)
    return close_session(RedirectResponse("/login", 303), desk.settings)


@router.get("/")
def show_people(request: Request) -> Response:
    """List the records the person may open."""
    account, session = session_of(request)
    if account is None:
        raise Refusal(403, "forbidden", "this page is for people who signed in")
    gate = desk_of(request).gate
    own = account.patient if account.role == "patient" else None
    return show_page("people.html", title="Records", account=account, people=gate.people_of(account),
                     emergencies=gate.emergencies(own) if own else 0, seal=issuer_of(request).pending.seal(session))  # fmt: skip


@router.get("/launch")
def show_launch(request: Request) -> Response:
    """Send a program that was opened from a card to the records."""
    return RedirectResponse("/", 303)


@router.get("/people/{id}/plan")
def show_plan(request: Request, id: str) -> Response:  # noqa: A002
    """Show the plan for the clinician."""
    made, record = plan_person(request, id)
    return _page(render_clinician_page(made, make_boards(record, desk_of(request).knowledge)))


@router.get("/people/{id}/words")
def show_words(request: Request, id: str) -> Response:  # noqa: A002
    """Show the plan in plain words for the person."""
    made, record = plan_person(request, id)
    return _page(render_patient_page(made, record))


def _page(text: str) -> Response:
    policy = content_policy(style_sheet()) + "; frame-ancestors 'none'"
    return Response(text, headers={"Content-Security-Policy": policy, "Cache-Control": "no-store"}, media_type="text/html")
