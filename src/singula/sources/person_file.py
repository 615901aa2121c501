"""What only the person can say: wishes, goals, and what came of earlier advice (``singula.person/1``).

{"schema": "singula.person/1", "id": "…", "goals": [{"name": "stay-active", "text": "walk with the dog"}],
 "preferences": [{"name": "once-daily"}], "ancestry": ["…"], "language": "en", "country": "GB",
 "outcomes": [{"action": "start", "target": "ramipril", "result": "harmed", "date": "2026-05-02", "text": "dry cough"}]}
Results are ``done``, ``not-done``, ``helped``, ``no-change`` and ``harmed``; actions and targets are the words of ``plan.json``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from singula.errors import BadInput
from singula.knowledge import Knowledge
from singula.record import Ancestry, Concept, Goal, Outcome, Person, Preference, Source, When
from singula.sources.draft import Draft
from singula.sources.limits import parse_json, read_bounded

SCHEMA = "singula.person/1"


class PersonReader:
    """Reads a person's own statement."""

    format = "singula-person"

    def recognises(self, head: bytes, name: str) -> bool:
        """Tell a file that names the schema."""
        return SCHEMA.encode() in head

    def read(self, path: Path, draft: Draft, knowledge: Knowledge) -> None:
        """Read wishes and goals into the draft's person."""
        document = parse_json(read_bounded(path), path.name)
        if not isinstance(document, Mapping) or document.get("schema") != SCHEMA or not document.get("id"):
            raise BadInput(f"{path.name}: is no {SCHEMA} object with the id of the person; see docs/reference/formats.md")
        try:
            draft.persons[str(document["id"])] = _person(document)
            draft.facts.extend(_outcomes(document, draft.input))
        except (ValidationError, TypeError, KeyError) as fault:
            raise BadInput(
                f"{path.name}: goals and preferences are lists of objects with a name, outcomes of objects with action, target"
                f" and result ({type(fault).__name__}); see docs/reference/formats.md"
            ) from None


def _person(document: Mapping[str, Any]) -> Person:
    return Person(
        id=str(document["id"]),
        preferences=tuple(Preference(**one) for one in document.get("preferences") or ()),
        goals=tuple(Goal(**one) for one in document.get("goals") or ()),
        ancestry=Ancestry(self_reported=tuple(map(str, document.get("ancestry") or ()))),
        language=document.get("language"),
        country=document.get("country"),
    )


def _outcomes(document: Mapping[str, Any], shown: str) -> Iterator[Outcome]:
    for number, one in enumerate(document.get("outcomes") or ()):
        target = str(one["target"])
        yield Outcome(
            id=f"outcome-{number}",
            person=str(document["id"]),
            concept=Concept(text=str(one.get("text") or "")),
            name=target,
            action=str(one["action"]),
            result=one["result"],
            when=When(text=str(one["date"])) if one.get("date") else None,
            sources=(Source(input=shown, where=f"outcomes[{number}]", reader="singula-person", trust=1),),
        )


READER = PersonReader()
