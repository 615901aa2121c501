"""Columns and single people get the same answers from the same formula."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from singula.errors import MethodError, WrongUsage
from singula.methods.columns import REFUSALS, run_method_on_columns
from singula.methods.registry import find_method, run_method

ON_ARRAYS = (
    "prevent-2023",
    "pce-2013",
    "pce-revised-2018",
    "framingham-cvd-2008",
    "mesa-chd-2015",
    "score2-2021",
    "score2-op-2021",
)
ROW_BY_ROW = ("fib-4", "kfre-2016", "smart-2013", "score2-diabetes-2023", "pcptrc-2.0")
PERSON = {
    "sex": ["female", "male", "male", "male"],
    "race": "white",
    "age_years": [55.0, 55.0, 80.0, np.nan],
    "total_cholesterol_mg_per_dl": 213.0,
    "hdl_mg_per_dl": 50.0,
    "sbp_mmhg": 120.0,
    "bp_treated": False,
    "diabetes": False,
    "smoker_current": False,
}


def column_of(method_id: str, name: str, cases: list[dict[str, Any]]) -> Any:
    kind = find_method(method_id).inputs[name].type
    values = [case.get(name) for case in cases]
    if kind in ("number", "integer"):
        return np.array([np.nan if value is None else value for value in values], dtype=float)
    if kind == "boolean" and None not in values:
        return np.array(values, dtype=bool)
    if kind == "category":
        return np.array(["" if value is None else value for value in values])
    return np.array(values, dtype=object)


@pytest.mark.shared
@pytest.mark.parametrize("method_id", [*ON_ARRAYS, *ROW_BY_ROW])
def test_columns_answer_like_single_people(shared: Path, method_id: str) -> None:
    lines = (shared / "vectors" / "risk" / f"{method_id}.jsonl").read_text().splitlines()
    cases = [json.loads(line)["inputs"] for line in lines]
    names = [name for name in find_method(method_id).inputs if any(case.get(name) is not None for case in cases)]
    answers = run_method_on_columns(method_id, {name: column_of(method_id, name, cases) for name in names})
    for row, case in enumerate(cases):
        try:
            wanted = run_method(method_id, case)
        except MethodError as refusal:
            assert REFUSALS[answers.refused[row]] == refusal.kind, (row, str(refusal))
            continue
        assert answers.refused[row] == 0, row
        for name in wanted.keys() & answers.outputs.keys():
            got, one = answers.outputs[name][row], wanted[name]
            assert got == one if isinstance(one, str) else got == pytest.approx(np.nan if one is None else one, nan_ok=True)


@pytest.mark.parametrize("method_id", ON_ARRAYS)
def test_these_formulas_run_on_arrays(method_id: str) -> None:
    assert find_method(method_id).function.takes_columns  # type: ignore[attr-defined]


def test_ages_outside_and_missing_are_refused_and_have_no_figure() -> None:
    answers = run_method_on_columns("pce-2013", PERSON)
    assert [REFUSALS[code] for code in answers.refused] == ["", "", "out_of_domain", "missing_input"]
    risks = answers.outputs["ascvd_risk_percent_10y"]
    assert risks[:2] == pytest.approx([2.0557, 5.3760], abs=0.001)
    assert np.isnan(risks[2:]).all()


def test_unknown_race_is_refused_in_a_column_too() -> None:
    answers = run_method_on_columns("pce-2013", {**PERSON, "race": "asian"})
    assert REFUSALS[answers.refused[0]] == "out_of_domain"


def test_columns_of_different_length_and_unknown_inputs_are_wrong_use() -> None:
    with pytest.raises(WrongUsage, match="5 rows"):
        run_method_on_columns("pce-2013", {**PERSON, "sbp_mmhg": [120.0] * 5})
    with pytest.raises(WrongUsage, match="weight"):
        run_method_on_columns("pce-2013", {**PERSON, "weight": 80.0})
