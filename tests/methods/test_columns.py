"""Columns and single people get the same answers from the same formula."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from singula.errors import MethodError, OutOfDomain, WrongUsage
from singula.methods.columns import REFUSALS, run_method_on_columns
from singula.methods.registry import check_input, find_method, run_method

RISK = (
    "abc-af-bleeding-2016",
    "abc-af-death-2018",
    "abc-af-stroke-2016",
    "absolute-risk-competing-1",
    "bcrat-2017",
    "bp-benefit-2016",
    "ccrat-2009",
    "cha2ds2-vasc-2010",
    "charge-af-2013",
    "crc-pro-2014",
    "egfr-ckd-epi-creatinine-cystatin-2021",
    "fib-4",
    "findrisc-2003",
    "framingham-cvd-2008",
    "has-bled-2010",
    "kfre-2016",
    "khorana-2008",
    "ldl-estimates",
    "lifetime-benefit-1",
    "maggic-2013",
    "meld-3.0",
    "mesa-chd-2015",
    "mrat-2006",
    "pce-2013",
    "pce-revised-2018",
    "pcptrc-2.0",
    "plcom2012",
    "prevent-2023",
    "prs-adjusted-risk-1",
    "qdiabetes-2018",
    "qrisk3-2017",
    "score2-2021",
    "score2-diabetes-2023",
    "score2-op-2021",
    "smart-2013",
    "statin-benefit-ctt-2010",
)
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
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


@pytest.mark.shared
@pytest.mark.parametrize("method_id", RISK)
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
            one = float(one) if isinstance(one, bool) else one
            assert got == one if isinstance(one, str) else got == pytest.approx(np.nan if one is None else one, nan_ok=True)


@pytest.mark.parametrize("method_id", RISK)
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


def test_a_list_is_one_for_all_people_or_one_per_person() -> None:
    events, deaths = [0.01] * 10, [0.02] * 10
    shared = run_method_on_columns(
        "lifetime-benefit-1",
        {
            "hazard_ratio": [0.7, 0.9],
            "event_probability_by_year": events,
            "competing_death_probability_by_year": deaths,
        },
    )
    own = np.empty(2, dtype=object)
    own[:] = [events, events]
    each = run_method_on_columns(
        "lifetime-benefit-1",
        {"hazard_ratio": [0.7, 0.9], "event_probability_by_year": own, "competing_death_probability_by_year": deaths},
    )
    gained = shared.outputs["event_free_years_gained"]
    assert gained[0] > gained[1] > 0
    assert each.outputs["event_free_years_gained"] == pytest.approx(gained)


@pytest.mark.parametrize(
    ("method_id", "name", "wrong_unit"),
    [
        ("score2-2021", "total_cholesterol_mmol_per_l", 213.0),
        ("score2-2021", "hdl_mmol_per_l", 50.0),
        ("score2-op-2021", "total_cholesterol_mmol_per_l", 213.0),
        ("score2-diabetes-2023", "hba1c_mmol_per_mol", 7.0),
        ("framingham-cvd-2008", "total_cholesterol_mg_per_dl", 5.5),
        ("fib-4", "platelets_1e9_per_l", 200_000.0),
        ("khorana-2008", "haemoglobin_g_per_dl", 130.0),
        ("maggic-2013", "creatinine_umol_per_l", 1.1),
        ("charge-af-2013", "height_cm", 1.75),
    ],
)
def test_a_value_in_another_unit_is_out_of_the_stated_range(method_id: str, name: str, wrong_unit: float) -> None:
    spec = find_method(method_id).inputs[name]
    with pytest.raises(OutOfDomain, match=name):
        check_input(method_id, spec, wrong_unit)
