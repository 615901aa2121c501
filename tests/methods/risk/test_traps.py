"""The calculators' own traps: rounding, age edges, caps, units and inputs that must not be assumed."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from singula.errors import MethodError
from singula.methods.registry import run_method

TABLE = Path(__file__).parents[2] / "truth" / "risk_traps.tsv"
with TABLE.open(encoding="utf-8", newline="") as lines:
    TRAPS = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
PREVENT = next(row for row in TRAPS if row["id"] == "prevent-001")
NULLIPAROUS = {
    "age_years": 45,
    "projection_age_years": 50,
    "ethnicity": "white",
    "breast_biopsies": 0,
    "age_at_menarche_years": 12,
    "first_degree_relatives_breast_cancer": 0,
}


@pytest.mark.parametrize("trap", TRAPS, ids=[row["id"] for row in TRAPS])
def test_trap_is_avoided(trap: dict[str, str]) -> None:
    try:
        answer = run_method(trap["method"], json.loads(trap["inputs"]))[trap["output"]]
    except MethodError as refusal:
        assert refusal.kind == trap["expected"], trap["why"]
        return
    if trap["expected"] == "null":
        assert answer is None, trap["why"]
    elif isinstance(answer, str):
        assert answer == trap["expected"], trap["why"]
    else:
        assert answer == pytest.approx(float(trap["expected"]), abs=float(trap["tolerance"])), trap["why"]


def test_every_trap_names_its_source_and_reason() -> None:
    assert len(TRAPS) > 40
    assert all(trap["source"] and trap["why"] for trap in TRAPS)
    assert len({trap["id"] for trap in TRAPS}) == len(TRAPS)


def test_missing_indicators_of_prevent_are_not_an_average_value() -> None:
    inputs = json.loads(PREVENT["inputs"])
    absent = run_method("prevent-2023", {**inputs, "model": "hba1c"})["total_cvd_risk_percent_10y"]
    centred = run_method("prevent-2023", {**inputs, "model": "hba1c", "hba1c_percent": 5.3})["total_cvd_risk_percent_10y"]
    assert abs(absent - centred) > 0.1


def test_no_birth_counts_as_a_first_birth_between_25_and_29_in_the_gail_model() -> None:
    none = run_method("bcrat-2017", {**NULLIPAROUS, "nulliparous": True})
    late = run_method("bcrat-2017", {**NULLIPAROUS, "nulliparous": False, "age_at_first_birth_years": 27})
    assert none == late


def test_score2_in_diabetes_answers_with_a_flag_that_names_the_right_equation() -> None:
    inputs = json.loads(next(row for row in TRAPS if row["id"] == "score2-001")["inputs"])
    assert run_method("score2-2021", inputs)["flags"] == []
    assert "score2-diabetes-2023" in run_method("score2-2021", {**inputs, "diabetes": True})["flags"][0]
