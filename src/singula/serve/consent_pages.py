"""Who may see my data: a page where a person permits, closes and takes back, each as easily as the other."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from singula.errors import BadInput
from singula.govern.consent import EVERYTHING, Provision, read_instant, show_instant
from singula.govern.consents import Terms
from singula.serve.access_pages import LONGEST, choices
from singula.serve.answers import Refusal, not_found
from singula.serve.desk import caller_of, desk_of
from singula.serve.pages import form_of, show_page
from singula.serve.scopes import Needs, is_permitted
from singula.serve.sessions import session_of
from singula.serve.smart.routes import issuer_of

router = APIRouter(tags=["pages"])
CONSENT = Needs("Consent", "r")
SORTS = ("user", "role", "client", "org")


@router.get("/people/{id}/consent")
def show_consent(request: Request, id: str) -> Response:  # noqa: A002
    """Show the person's own permissions and denials."""
    return _page(request, id)


@router.post("/people/{id}/consent")
async def change_consent(request: Request, id: str) -> Response:  # noqa: A002
    """Permit, deny, or take one of them back."""
    form = await form_of(request)
    return await run_in_threadpool(_change, request, id, form)


def _change(request: Request, patient: str, form: Mapping[str, str]) -> Response:
    _check(request, patient)
    account, session = session_of(request)
    if account is None or not issuer_of(request).pending.is_sealed(session, form.get("seal", "")):
        raise Refusal(403, "forbidden", "the form is not from a page of this session; open the page again")
    deed = form.get("deed", "")
    try:
        change = form.get("rule", "")[:LONGEST] if deed == "end" else _terms(deed, form)
    except BadInput as fault:
        return _page(request, patient, 400, str(fault))
    if not desk_of(request).gate.change_consent(caller_of(request), deed, change):
        return _page(request, patient, 404, "There is no such permission any more.")
    return RedirectResponse(f"/people/{patient}/consent", 303)


def _terms(deed: str, form: Mapping[str, str]) -> Terms:
    if deed not in ("grant", "revoke"):
        raise BadInput("the form says neither permit nor deny nor take back")
    actor, label, purpose, until = (form.get(name, "").strip()[:LONGEST] for name in ("actor", "label", "purpose", "until"))
    sort, _, name = actor.partition(":")
    if actor and (sort not in SORTS or not name):
        raise BadInput("write whom you mean as user:NAME, role:clinician, client:ID or org:NAME")
    if deed == "grant" and not actor:
        raise BadInput("say whom you permit; a permission for everybody is not given here")
    if deed == "revoke" and not label:
        raise BadInput("say which kind of data stays closed")
    return Terms((label,) if label else (), (actor,) if actor else (), (purpose,) if purpose else (),
                 until=read_instant(until) if until else None)  # fmt: skip


def _check(request: Request, patient: str) -> list[Provision]:
    caller = caller_of(request)
    if not is_permitted(caller.scopes, CONSENT, is_patient=caller.patient is not None):
        raise Refusal(403, "forbidden", f"the token's scope does not cover {CONSENT.words}")
    found = desk_of(request).gate.consent_of(caller) if caller.patient == patient else None
    if found is None:
        raise not_found("Patient", patient)
    return list(found)


def _page(request: Request, patient: str, status: int = 200, message: str = "") -> Response:
    provisions = _check(request, patient)
    account, session = session_of(request)
    purposes, labels = choices(request)
    words = dict(purposes)
    lines = [_line(one, words) for one in provisions]
    seal = issuer_of(request).pending.seal(session) if account else ""
    return show_page("consent.html", status, title="Who may see your data", account=account, seal=seal, patient=patient,
                     permits=[one for one in lines if one["decision"] == "permit"], purposes=purposes, labels=labels,
                     denies=[one for one in lines if one["decision"] == "deny"], message=message)  # fmt: skip


def _line(one: Provision, purposes: Mapping[str, str]) -> dict[str, str]:
    def told(values: tuple[str, ...], everything: str) -> str:
        return everything if EVERYTHING in values else ", ".join(purposes.get(value, value) for value in values)

    until = show_instant(one.until)
    return {
        "rule": one.id,
        "decision": one.decision,
        "who": told(one.actors, "everybody"),
        "what": told(one.labels, "everything"),
        "purpose": told(one.purposes, "every purpose"),
        "until": until[:10] if until else "",
        "since": one.recorded[:10],
    }
