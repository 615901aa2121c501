"""The reference persons in every spelling, and the public examples, read as the contract says."""

from __future__ import annotations

import json
import tarfile
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from singula.knowledge import load_knowledge
from singula.sources.draft import Draft
from singula.sources.fhir import read_fhir
from singula.sources.limits import parse_json
from singula.sources.reading import read_inputs
from singula.sources.reading_view import show_reading
from singula.sources.terminology import terminology_of

pytestmark = pytest.mark.shared
AS_OF = date(2026, 11, 1)


def _lines(shared: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (shared / "vectors/interop" / name).read_text().splitlines()]


def _states(fact: dict[str, Any], wanted: dict[str, Any]) -> bool:
    detail = {key: value for key, value in wanted.items() if key not in ("kind", "code", "status", "value", "unit")}
    codes = [one["code"] for one in fact["codes"]]
    diplotype = detail.pop("diplotype", None)
    return (
        fact["kind"] == wanted["kind"]
        and fact["status"] == wanted["status"]
        and wanted.get("code", "") in ("", *codes)
        and ("value" not in wanted or (fact["value"]["number"], fact["value"]["unit"]) == (wanted["value"], wanted["unit"]))
        and all(fact["detail"].get(key) == value for key, value in detail.items())
        and (diplotype is None or sorted(fact["detail"]["diplotype"].split("/")) == sorted(diplotype.split("/")))
    )


def test_every_spelling_of_a_person_gives_the_same_statements(shared: Path) -> None:
    for case in _lines(shared, "import_made.jsonl"):
        files = [shared / "samples/interop" / name for name in case["inputs"]["files"]]
        shown = show_reading(read_inputs(files, load_knowledge(), as_of=AS_OF), with_facts=True)
        expected = case["expected"]
        assert len(shown["persons"]) == expected["persons"], case["id"]
        for kind, count in expected["facts"].items():
            assert shown["facts"].get(kind, 0) == count, (case["id"], kind, shown["facts"])
        if "resources" in expected:
            assert shown["resources"] == expected["resources"], case["id"]
        for wanted in expected["key_facts"]:
            assert any(_states(fact, wanted) for fact in shown["fact_list"]), (case["id"], wanted)


def test_public_examples_are_counted_right(shared: Path) -> None:
    knowledge = load_knowledge()
    archives: dict[str, tarfile.TarFile] = {}
    with ExitStack() as opened:
        for case in _lines(shared, "import_samples.jsonl"):
            member = case["inputs"]["archive"]
            folder = member.split("/")[0]
            if folder not in archives:
                archives[folder] = opened.enter_context(tarfile.open(shared / "samples/interop" / f"{folder}.tar.gz"))
            stream = archives[folder].extractfile(member)
            assert stream is not None
            draft = Draft(input=member)
            read_fhir(parse_json(stream.read(), member), draft, terminology_of(knowledge), knowledge.pack("fhir_reading"))
            expected = case["expected"]
            assert dict(draft.resources) == expected["resources"], member
            for kind, count in expected.get("facts", {}).items():
                assert sum(fact.kind == kind for fact in draft.facts) == count, (member, kind)
            if "persons" in expected:
                assert len(draft.persons) == expected["persons"], member
            assert not [problem for problem in draft.problems if "cannot be read" in problem.message], draft.problems
