"""Each bundled person through the command line: what the plan must say, and that it says so the same everywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from singula.finding import Effect, Finding
from singula.knowledge import load_knowledge
from singula.pipeline import assess
from singula.sources.reading import read_inputs

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"


def make_plan(person: str, **environment: str) -> str:
    words = [sys.executable, "-m", "singula", "plan", f"examples/{person}", "--as-of", "2026-11-26", "--json"]
    surroundings = {**os.environ, "PYTHONPATH": "src", **environment}
    done = subprocess.run(words, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def actions_of(person: str) -> list[dict[str, Any]]:
    plan: dict[str, Any] = json.loads(make_plan(person))
    assert plan["schema"] == "singula.plan/1"
    return list(plan["actions"])


def test_a_stent_patient_who_cannot_activate_clopidogrel_is_switched() -> None:
    actions = {action["target"]["name"]: action for action in actions_of("stent")}
    assert actions["clopidogrel"]["kind"] == "switch"
    assert actions["clopidogrel"]["alternatives"][0]["name"] == "prasugrel"
    assert actions["simvastatin"]["kind"] == "switch"
    assert all(action["evidence"] for action in actions.values())


@pytest.mark.parametrize(
    "surroundings",
    [{"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LC_ALL": "C"}, {"PYTHONHASHSEED": "977", "TZ": "America/Adak"}],
)
def test_a_plan_is_the_same_bytes_under_any_seed_zone_and_locale(surroundings: dict[str, str]) -> None:
    assert make_plan("stent", **surroundings) == make_plan("stent", PYTHONHASHSEED="0", TZ="UTC", LC_ALL="C.UTF-8")


def test_together_the_bundled_people_have_every_effect() -> None:
    knowledge = load_knowledge()
    seen: set[Effect] = set()
    for folder in sorted({path.parent for path in EXAMPLES.glob("*/record.*")}):
        (record,) = read_inputs([str(folder)], knowledge, as_of=date(2026, 11, 26)).records
        seen |= {statement.effect for statement in assess(record, knowledge) if isinstance(statement, Finding)}
    assert seen == set(Effect)
