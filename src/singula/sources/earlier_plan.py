"""A plan Singula made before (``plan.json``): a later plan says what is new since, and what has ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from singula.errors import BadInput
from singula.knowledge import Knowledge
from singula.record import EarlierAction, EarlierPlan, Person, Source
from singula.sources.draft import Draft
from singula.sources.limits import parse_json, read_bounded

SCHEMA = "singula.plan/1"


class EarlierPlanReader:
    """Reads what a later plan has to know of an earlier one."""

    format = "singula-plan"

    def recognises(self, head: bytes, name: str) -> bool:
        """Tell a file that names the schema."""
        return SCHEMA.encode() in head

    def read(self, path: Path, draft: Draft, knowledge: Knowledge) -> None:
        """Read the plan's person, day and actions into the draft."""
        document = parse_json(read_bounded(path), path.name)
        try:
            person, plan = _read(document, draft.input)
        except (KeyError, TypeError, ValueError) as fault:
            raise BadInput(f"{path.name}: is no whole {SCHEMA} document ({type(fault).__name__} {fault}); make it anew") from None
        draft.persons[person] = Person(id=person)
        draft.earlier_plans.append((person, plan))


def _read(document: Mapping[str, Any], shown: str) -> tuple[str, EarlierPlan]:
    actions = tuple(
        EarlierAction(kind=str(one["kind"]), target=str(one["target"]["name"]), summary=str(one["summary"]))
        for one in document["actions"]
    )
    made = date.fromisoformat(document["as_of"])
    return str(document["person"]["id"]), EarlierPlan(
        made=made, source=Source(input=shown, where=made.isoformat(), reader="singula-plan"), actions=actions
    )


READER = EarlierPlanReader()
