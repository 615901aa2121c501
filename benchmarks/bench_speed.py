"""How long the warm pipeline, one method and the allele caller take; run with ``make bench``."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from singula.knowledge import load_knowledge
from singula.methods.registry import run_method
from singula.pipeline import plan
from singula.sources.reading import read_inputs

EXAMPLES = Path(__file__).parents[1] / "examples"
DAY = date(2026, 11, 26)


@pytest.mark.parametrize("person", ["stent", "transplant", "atrial-fibrillation"])
def test_record_in_memory_to_plan(benchmark: Any, person: str) -> None:
    knowledge = load_knowledge()
    record = read_inputs([EXAMPLES / person], knowledge, as_of=DAY).records[0]
    made = benchmark(plan, record, knowledge)
    assert made.actions, person


def test_read_files_of_one_person(benchmark: Any) -> None:
    knowledge = load_knowledge()
    reading = benchmark(lambda: read_inputs([EXAMPLES / "stent"], knowledge, as_of=DAY))
    assert len(reading.records) == 1


def test_one_method(benchmark: Any) -> None:
    inputs = {"age_years": 50, "sex": "female", "creatinine_mg_per_dl": 0.8}
    answer = benchmark(run_method, "egfr-ckd-epi-2021", inputs)
    assert answer["egfr_ml_per_min_per_1_73m2"] > 0
