"""Earlier plans and what came of them are read, shown, and close the medicines that did harm."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from singula.errors import BadInput
from singula.knowledge import load_knowledge
from singula.pipeline import plan
from singula.plan.model import Plan
from singula.sources.reading import read_inputs

EXAMPLES = Path(__file__).parents[2] / "examples"
WISHES = json.loads((EXAMPLES / "stent" / "wishes.json").read_text(encoding="utf-8"))
FIRST, LATER = date(2026, 11, 26), date(2027, 2, 1)


def make(paths: list[Path], as_of: date) -> Plan:
    knowledge = load_knowledge()
    return plan(read_inputs(paths, knowledge, as_of=as_of).records[0], knowledge)


def test_a_later_plan_tells_what_is_new_and_what_has_ended(tmp_path: Path) -> None:
    folder = EXAMPLES / "stent"
    earlier = make([folder], FIRST).model_dump(mode="json", by_alias=True)
    gone = earlier["actions"].pop(0)
    earlier["actions"].append({**gone, "target": {**gone["target"], "name": "dipyridamole"}, "summary": "Avoid dipyridamole"})
    (tmp_path / "plan.json").write_text(json.dumps(earlier), encoding="utf-8")
    later = make([folder, tmp_path], LATER)
    assert later.since is not None
    assert later.since.made == FIRST
    assert later.since.ended == ("Avoid dipyridamole",)
    assert [action.target.name for action in later.actions if action.id in later.since.added] == [gone["target"]["name"]]


def test_a_plan_of_the_same_day_is_no_earlier_plan(tmp_path: Path) -> None:
    made = make([EXAMPLES / "stent"], FIRST)
    (tmp_path / "plan.json").write_text(made.model_dump_json(by_alias=True), encoding="utf-8")
    assert make([EXAMPLES / "stent", tmp_path], FIRST).since is None


def test_a_medicine_that_did_harm_is_not_offered_again(tmp_path: Path) -> None:
    for name in ("record.json", "genome.vcf"):
        (tmp_path / name).write_bytes((EXAMPLES / "stent" / name).read_bytes())
    harm = {"action": "switch", "target": "prasugrel", "result": "harmed", "date": "2026-05", "text": "nosebleeds"}
    (tmp_path / "wishes.json").write_text(json.dumps({**WISHES, "outcomes": [harm]}), encoding="utf-8")
    made = make([tmp_path], FIRST)
    switch = next(action for action in made.actions if action.target.name == "clopidogrel")
    assert {one.name: one.rank for one in switch.alternatives} == {"ticagrelor": 1, "prasugrel": None}
    grid = next(grid for grid in made.options if grid.problem == "antiplatelet-after-stent")
    reasons = {one.option: one.reason for one in grid.excluded}
    assert reasons["prasugrel"] == "it did harm when this person tried it"


def test_an_outcome_of_unknown_result_is_refused_with_the_way_to_mend_it(tmp_path: Path) -> None:
    path = tmp_path / "wishes.json"
    path.write_text(json.dumps({**WISHES, "outcomes": [{"action": "start", "target": "ramipril", "result": "great"}]}))
    with pytest.raises(BadInput, match="outcomes of objects with action, target and result"):
        read_inputs([path], load_knowledge(), as_of=FIRST)


def test_a_plan_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text('{"schema": "singula.plan/1", "as_of": "2026-11-26"}')
    with pytest.raises(BadInput, match=r"no whole singula\.plan/1 document"):
        read_inputs([path], load_knowledge(), as_of=FIRST)
