"""The addresses of CDS Hooks: discovery, the services, and what became of their cards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from singula.serve.answers import Refusal, json_answer
from singula.serve.desk import Desk, caller_of, desk_of, open_view, purpose_of
from singula.serve.gate import CardNote, Resource
from singula.serve.hooks.answers import Answer, leave_out, read_prefetch
from singula.serve.hooks.fetch import fetch_person
from singula.serve.hooks.request import HookRequest, read_feedback, read_request
from singula.serve.hooks.services import SERVICES, HookService, find_service
from singula.serve.scopes import Needs

router = APIRouter(tags=["CDS Hooks"])


@router.get("/cds-services")
async def discover() -> Response:
    """Say which hooks are answered, and what to send along."""
    return json_answer({"services": [one.describe() for one in SERVICES]})


@router.post("/cds-services/{service}")
async def call_service(request: Request, service: str) -> Response:
    """Answer a hook with cards."""
    body = await request.body()
    return await run_in_threadpool(_answer, request, _service(service), body)


@router.post("/cds-services/{service}/feedback")
async def take_feedback(request: Request, service: str) -> Response:
    """Keep what became of cards."""
    body = await request.body()
    return await run_in_threadpool(_keep, request, _service(service), body)


def _service(service_id: str) -> HookService:
    service = find_service(service_id)
    if service is None:
        raise Refusal(404, "not-found", f"there is no service {service_id} here; see /cds-services")
    return service


def _answer(request: Request, service: HookService, body: bytes) -> Response:
    desk = desk_of(request)
    asked = read_request(body, service)
    resources = _resources(request, desk, asked)
    link = f"{desk.settings.base}/launch"
    answer = desk.answers.find(asked, resources, desk.knowledge, as_of=desk.today(), plan_link=link)
    answer = leave_out(answer, desk.gate.silenced_cards(asked.patient))
    _note_shown(request, desk, asked, answer)
    return json_answer({"cards": list(answer.cards)})


def _resources(request: Request, desk: Desk, asked: HookRequest) -> Sequence[Resource]:
    """Return what may be used: sent along, else stored, else fetched from an allowed server, else 412."""
    view = open_view(request, Needs("Observation", "r"))
    caller = caller_of(request)
    sent = read_prefetch(asked)
    if caller.patient is not None and caller.patient != asked.patient:
        raise _not_to_be_had()
    if sent.is_enough:
        return _allowed(request, desk, asked, sent.resources)
    stored = view.person(asked.patient)
    if stored is not None:
        mine = {(one.kind, one.id): one.resource for one in stored}
        extra = {(str(one.get("resourceType")), str(one.get("id"))): one for one in sent.resources}
        return list(mine.values()) + _allowed(request, desk, asked, [one for key, one in extra.items() if key not in mine])
    fetched = fetch_person(asked, sent.missing, desk.settings.fhir_servers)
    if fetched is None:
        raise _not_to_be_had()
    return _allowed(request, desk, asked, [*sent.resources, *fetched])


def _allowed(request: Request, desk: Desk, asked: HookRequest, resources: Sequence[Resource]) -> list[Resource]:
    return list(desk.gate.may_use(caller_of(request), purpose_of(request), asked.patient, resources))


def _not_to_be_had() -> Refusal:
    return Refusal(412, "not-found", "the data of this patient cannot be had; send prefetch with the request")


def _note_shown(request: Request, desk: Desk, asked: HookRequest, answer: Answer) -> None:
    for card, rule in zip(answer.cards, answer.rules, strict=True):
        desk.measures.note_card(rule, "shown")
        detail = {"hook": asked.hook, "summary": card["summary"], "indicator": card["indicator"]}
        desk.gate.note_card(caller_of(request), CardNote(card["uuid"], asked.patient, rule, "shown", detail))


def _keep(request: Request, service: HookService, body: bytes) -> Response:
    desk = desk_of(request)
    open_view(request, Needs("Observation", "r"))
    caller = caller_of(request)
    for told in read_feedback(body):
        shown = desk.gate.shown_card(told.card)
        if shown is None or (caller.patient is not None and caller.patient != shown.patient):
            continue
        detail: dict[str, Any] = {
            "suggestions": list(told.suggestions),
            "reason": dict(told.reason) if told.reason else None,
            "comment": told.comment,
            "at": told.at,
            "versions": {pack: desk.knowledge.pack(pack).version for pack in ("pgx_advice",) if desk.knowledge.has(pack)},
        }
        desk.measures.note_card(shown.rule, told.outcome)
        desk.gate.note_card(caller, CardNote(told.card, shown.patient, shown.rule, told.outcome, detail))
    return json_answer({})
