"""Two people with the same pressure and different lives, and two variants of them: order, gates, cap, and no race."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from singula.cli.main import main

Json = dict[str, Any]
CAP = 0.75


def measured(bundle: Json, code: str, value: float) -> Json:
    """The bundle with another value of one observation."""
    changed = copy.deepcopy(bundle)
    for entry in changed["entry"]:
        resource = entry["resource"]
        if resource["resourceType"] == "Observation" and resource["code"]["coding"][0]["code"] == code:
            resource["valueQuantity"]["value"] = value
    return changed


def of_another_race(bundle: Json) -> Json:
    changed = copy.deepcopy(bundle)
    coding = changed["entry"][0]["resource"]["extension"][0]["extension"][0]["valueCoding"]
    coding.update(code="2054-5", display="Black or African American")
    changed["entry"][0]["resource"]["extension"][0]["extension"][1]["valueString"] = "Black or African American"
    return changed


def planned(bundle: Json, folder: Path, as_of: str, capsys: pytest.CaptureFixture[str]) -> Json:
    path = folder / "person.json"
    path.write_text(json.dumps(bundle), encoding="utf-8")
    assert main(["plan", str(path), "--json", "--as-of", as_of]) == 0
    found: Json = json.loads(capsys.readouterr().out)
    return found


def options(plan: Json) -> Json:
    (grid,) = [one for one in plan["options"] if one["problem"] == "hypertension"]
    found: Json = grid
    return found


@pytest.mark.shared
@pytest.mark.parametrize("name", ["patient-a", "patient-b", "patient-b-albuminuria", "patient-a-other-race"])
def test_the_reference_people_get_their_options(
    shared: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shared / "vectors/monitoring/hypertension"
    expectations = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    wanted = expectations[name]
    bundle = json.loads((folder / f"{name[:9]}.json").read_text(encoding="utf-8"))
    if name == "patient-b-albuminuria":
        bundle = measured(measured(bundle, "9318-7", 450), "2823-3", 4.6)
    if name == "patient-a-other-race":
        bundle = of_another_race(bundle)
    plan = planned(bundle, tmp_path, expectations["as_of"], capsys)
    grid = options(plan)
    ranked = [one["option"] for one in grid["ranked"]]
    excluded = {one["option"]: one["reason"].lower() for one in grid["excluded"]}
    assert set(wanted.get("must_rank", ())) <= set(ranked)
    assert not set(wanted.get("must_not_rank", ())) & set(ranked)
    assert all(ranked.index(first) < ranked.index(second) for first, second in wanted.get("before", ()))
    assert wanted.get("first_of_all") in (None, ranked[0])
    for option, words in wanted.get("must_exclude", {}).items():
        assert any(word in excluded[option] for word in words)
    combined = grid["combined"]
    assert abs(combined["expected_sbp_mmhg"]) <= CAP * abs(combined["naive_sum_sbp_mmhg"]) + 0.01
    assert {one.get("option") for one in plan["actions"]} & set(ranked[:3])
    if "same_ranking_as" in wanted:
        other = json.loads((folder / f"{wanted['same_ranking_as']}.json").read_text(encoding="utf-8"))
        assert options(planned(other, tmp_path, expectations["as_of"], capsys)) == grid


def test_the_bundled_pair_has_one_pressure_and_two_plans(capsys: pytest.CaptureFixture[str]) -> None:
    examples = Path(__file__).parents[2] / "examples"
    plans = {}
    for person in ("carl", "dora"):
        assert main(["plan", str(examples / f"pressure-{person}"), "--json", "--as-of", "2026-11-26"]) == 0
        plans[person] = json.loads(capsys.readouterr().out)
    grids = {person: options(plan) for person, plan in plans.items()}
    assert {grid["display"] for grid in grids.values()} == {"Blood pressure 150/94 mmHg"}
    told = {person: {one["option"] for one in plan["actions"] if one.get("option")} for person, plan in plans.items()}
    assert told["carl"] >= {"dash-diet", "sodium-reduction", "weight-loss", "aerobic-exercise", "medicine-ccb"}
    assert told["dora"] >= {"stop-nsaid", "insomnia-cbt", "sleep-apnoea-screen", "stress-management", "medicine-ccb"}
    assert [grid["ranked"][0]["option"] for grid in grids.values()] == ["medicine-ccb", "stop-nsaid"]
