"""How many people a second every risk equation answers on arrays, and how long one person takes; run with ``make bench``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from singula.methods.columns import run_method_on_columns
from singula.methods.registry import find_method, run_method

PEOPLE = 200_000
FIXED: dict[str, Any] = {
    "model": "base",
    "projection_age_years": 75.0,
    "prior_endoscopy": "none",
    "aspirin_or_nsaid_regular": True,
    "smoking_status": "current",
    "horizon_years": 20.0,
    "incidence_per_year": [[40, 0.001], [50, 0.003], [60, 0.006]],
    "competing_mortality_per_year": [[40, 0.002], [60, 0.01], [70, 0.03]],
    "event_probability_by_year": [0.01] * 30,
    "competing_death_probability_by_year": [0.02] * 30,
}
METHODS = (
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
    "fasting_glucose_mmol_per_l": (4, 6.9),
    "hba1c_mmol_per_mol": (25, 47),
    "age_at_diabetes_diagnosis_years": (30, 45),
    "age_at_menarche_years": (10, 15),
    "age_at_first_birth_years": (18, 38),
    "sdi_decile": (1, 10),
    "prs_z": (-3, 3),
    "cigarettes_per_day": (5, 40),
    "smoking_duration_years": (10, 45),
    "uacr_mg_per_g": (5, 900),
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
        elif spec.type in ("number", "integer"):
            low, high = RANGES.get(spec.name, (spec.low or 0.0, spec.high or 100.0))
            drawn = chance.uniform(max(low, low if spec.low is None else spec.low), min(high, spec.high or high), PEOPLE)
            columns[spec.name] = drawn.round() if spec.type == "integer" or spec.allowed else drawn
    if method_id == "mrat-2006":
        columns["small_moles"] = np.where(columns["sex"] == "male", "7-16", "5-11")
    return columns


@pytest.mark.parametrize("method_id", METHODS)
def test_equation_on_columns(benchmark: Any, method_id: str) -> None:
    columns = people(method_id)
    answers = benchmark.pedantic(run_method_on_columns, (method_id, columns), rounds=3, warmup_rounds=1)
    assert (answers.refused == 0).mean() > 0.4
    benchmark.extra_info["people_per_second"] = round(PEOPLE / benchmark.stats.stats.median)
    print(f"\n{method_id}: {benchmark.extra_info['people_per_second']:,} people a second")


def test_one_person_by_prevent(benchmark: Any) -> None:
    person = {name: value if isinstance(value, str) else value[0].item() for name, value in people("prevent-2023").items()}
    answer = benchmark(run_method, "prevent-2023", person)
    assert answer["total_cvd_risk_percent_10y"] > 0
