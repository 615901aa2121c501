"""The addresses of the genomics operations: each at ``/fhir/$NAME`` and ``/fhir/Patient/$NAME``, by address or by Parameters."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from singula.serve.answers import Refusal, fhir_answer
from singula.serve.desk import caller_of, open_view, purpose_of
from singula.serve.fhir.interactions import ID, may_read
from singula.serve.fhir.routes import form_pairs, json_body, query_pairs
from singula.serve.gate import ROLES_WITH_ROWS
from singula.serve.genomics.population import answer_population
from singula.serve.genomics.questions import OPERATIONS, Operation, Question, read_parameters, read_question
from singula.serve.genomics.subject import answer_subject
from singula.serve.scopes import Needs

router = APIRouter(prefix="/fhir", tags=["Genomics"])
KINDS = ("Observation", "DiagnosticReport", "Procedure", "Specimen")
RESEARCH = "HRESCH"


def _answer(request: Request, operation: Operation, pairs: list[tuple[str, str]]) -> Response:
    view = open_view(request, Needs("Observation", "r"))
    question = read_question(operation, pairs)
    if operation.is_for_subject:
        return _for_subject(request, question)
    is_for_rows = caller_of(request).role in ROLES_WITH_ROWS and purpose_of(request) != RESEARCH
    people = {
        person: [one.resource for one in stored if may_read(request, one)]
        for person, stored in view.people_rows(("Observation",))
        if person
    }
    return fhir_answer(answer_population(question, people, is_for_rows=is_for_rows))


def _for_subject(request: Request, question: Question) -> Response:
    view = open_view(request, Needs("Observation", "r"))
    subject = question.subject or ""
    stored = view.person(subject, KINDS) if ID.match(subject) else None
    if stored is None:
        raise Refusal(404, "not-found", f"there is no Patient/{subject[:64]} here")
    return fhir_answer(answer_subject(question, [one.resource for one in stored if may_read(request, one)]))


def _by_address(operation: Operation) -> Callable[[Request], Response]:
    def ask(request: Request) -> Response:
        return _answer(request, operation, query_pairs(request))

    ask.__doc__ = f"Ask ${operation.name} by address."
    return ask


def _by_body(operation: Operation) -> Callable[[Request], Awaitable[Response]]:
    async def ask(request: Request) -> Response:
        pairs = query_pairs(request)
        if "form-urlencoded" in request.headers.get("content-type", ""):
            pairs += await form_pairs(request)
        else:
            document = await json_body(request)
            pairs += read_parameters(document if isinstance(document, dict) else {})
        return await run_in_threadpool(_answer, request, operation, pairs)

    ask.__doc__ = f"Ask ${operation.name} with a Parameters resource."
    return ask


for _one in OPERATIONS.values():
    _word = _one.name.replace("-", "_")
    for _below in ("", "/Patient"):
        _name = f"{_word}{'_of_patient' if _below else ''}"
        router.add_api_route(f"{_below}/${_one.name}", _by_address(_one), methods=["GET"], name=_name)
        router.add_api_route(f"{_below}/${_one.name}", _by_body(_one), methods=["POST"], name=f"{_name}_by_body")
