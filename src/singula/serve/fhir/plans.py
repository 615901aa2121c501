"""``$plan``: the whole plan of a person as a bundle, from what the reader may see."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from singula.deliver.fhir_plan import plan_to_fhir
from singula.govern.resources_read import read_resources
from singula.pipeline import plan
from singula.plan.model import Plan
from singula.record import Record
from singula.serve.answers import fhir_answer, not_found
from singula.serve.desk import desk_of, open_view
from singula.serve.fhir.interactions import ID, may_read
from singula.serve.scopes import Needs

router = APIRouter(prefix="/fhir", tags=["FHIR"])


def plan_person(request: Request, patient: str) -> tuple[Plan, Record]:
    """Make the plan of a person from what the caller may see; what is hidden is as if it had never been there."""
    desk = desk_of(request)
    view = open_view(request, Needs("Observation", "r"))
    stored = view.person(patient) if ID.match(patient) else None
    if stored is None:
        raise not_found("Patient", patient)
    resources = [one.resource for one in stored if may_read(request, one)]
    record = read_resources(resources, patient, desk.knowledge, as_of=desk.today())
    if record is None:
        raise not_found("Patient", patient)
    return plan(record, desk.knowledge), record


def _answer(request: Request, patient: str) -> dict[str, Any]:
    made, record = plan_person(request, patient)
    return plan_to_fhir(made, record, desk_of(request).knowledge)


@router.get("/Patient/{id}/$plan")
@router.post("/Patient/{id}/$plan")
def make_plan(request: Request, id: str) -> Response:  # noqa: A002
    """Make the person's plan of today."""
    return fhir_answer(_answer(request, id))
