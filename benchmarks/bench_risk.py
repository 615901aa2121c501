"""How many people a second the risk equations answer on arrays, and how long one person takes; run with ``make bench``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from singula.methods.columns import run_method_on_columns
from singula.methods.registry import find_method, run_method

PEOPLE = 200_000
FIXED: dict[str, Any] = {"model": "base", "region": "low"}
RANGES: dict[str, tuple[float, float]] = {
    "age_years": (45, 65),
    "sbp_mmhg": (100, 170),
    "total_cholesterol_mg_per_dl": (150, 290),
    "hdl_mg_per_dl": (30, 90),
    "total_cholesterol_mmol_per_l": (3.9, 7.5),
    "hdl_mmol_per_l": (0.8, 2.3),
    "egfr_ml_per_min_per_1_73m2": (40, 110),
    "bmi_kg_per_m2": (19, 38),
    "cac_agatston": (0, 400),
}


def people(method_id: str) -> dict[str, Any]:
    chance, columns = np.random.default_rng(7), {}
    for spec in find_method(method_id).inputs.values():
        if spec.name in FIXED:
            columns[spec.name] = FIXED[spec.name]
        elif spec.type == "boolean":
            columns[spec.name] = chance.random(PEOPLE) < 0.3
        elif spec.type == "category":
            columns[spec.name] = chance.choice(np.array(spec.allowed), PEOPLE)
        elif spec.name in RANGES:
            columns[spec.name] = chance.uniform(*RANGES[spec.name], PEOPLE)
    return columns


@pytest.mark.parametrize(
    "method_id", ["prevent-2023", "pce-2013", "pce-revised-2018", "framingham-cvd-2008", "mesa-chd-2015", "score2-2021"]
)
def test_equation_on_columns(benchmark: Any, method_id: str) -> None:
    columns = people(method_id)
    answers = benchmark(run_method_on_columns, method_id, columns)
    assert (answers.refused == 0).all()
    benchmark.extra_info["people_per_second"] = round(PEOPLE / benchmark.stats.stats.median)


def test_one_person_by_prevent(benchmark: Any) -> None:
    person = {name: value if isinstance(value, str) else value[0].item() for name, value in people("prevent-2023").items()}
    answer = benchmark(run_method, "prevent-2023", person)
    assert answer["total_cvd_risk_percent_10y"] > 0
