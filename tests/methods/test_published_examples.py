"""Bedside arithmetic against the figures its sources print, for methods that have no vectors."""

from __future__ import annotations

from typing import Any

import pytest

from singula.errors import InvalidInput, MethodError, MissingInput, OutOfDomain
from singula.methods.registry import run_method

WORST = {"bilirubin_mg_per_dl": 4, "albumin_g_per_dl": 2.5, "inr": 2.5, "ascites": "moderate", "encephalopathy": "grade-3-4"}
BEST = {"bilirubin_mg_per_dl": 1.5, "albumin_g_per_dl": 3.6, "inr": 1.5, "ascites": "none", "encephalopathy": "none"}


@pytest.mark.parametrize(
    ("method", "inputs", "output", "expected", "tolerance"),
    [
        ("hba1c-ifcc", {"hba1c_percent": 7.0}, "hba1c_mmol_per_mol", 53, 0.5),
        ("hba1c-ifcc", {"hba1c_percent": 6.5}, "hba1c_mmol_per_mol", 48, 0.5),
        ("estimated-average-glucose-2008", {"hba1c_percent": 7.0}, "average_glucose_mg_per_dl", 154, 0.5),
        ("estimated-average-glucose-2008", {"hba1c_percent": 12.0}, "average_glucose_mg_per_dl", 298, 0.5),
        ("corrected-calcium", {"calcium_mg_per_dl": 8.0, "albumin_g_per_dl": 3.0}, "corrected_calcium_mg_per_dl", 8.8, 0.01),
        ("qtc", {"qt_ms": 400, "heart_rate_per_min": 60}, "qtc_fridericia_ms", 400, 0.01),
        ("qtc", {"qt_ms": 400, "heart_rate_per_min": 60}, "qtc_bazett_ms", 400, 0.01),
        ("qtc", {"qt_ms": 360, "heart_rate_per_min": 100}, "qtc_bazett_ms", 465, 0.5),
        ("child-pugh", BEST, "child_pugh_score", 5, 0),
        ("child-pugh", WORST, "child_pugh_score", 15, 0),
    ],
)
def test_a_printed_figure_is_reached(method: str, inputs: dict[str, Any], output: str, expected: float, tolerance: float) -> None:
    assert run_method(method, inputs)[output] == pytest.approx(expected, abs=tolerance)


@pytest.mark.parametrize(("inputs", "grade"), [(BEST, "A"), (WORST, "C"), ({**BEST, "ascites": "moderate"}, "B")])
def test_the_points_give_the_class(inputs: dict[str, Any], grade: str) -> None:
    assert run_method("child-pugh", inputs)["child_pugh_class"] == grade


@pytest.mark.parametrize(
    ("inputs", "refusal"),
    [
        ({}, MissingInput),
        ({"hba1c_percent": "seven"}, InvalidInput),
        ({"hba1c_percent": True}, InvalidInput),
        ({"hba1c_percent": float("nan")}, OutOfDomain),
        ({"hba1c_percent": 40}, OutOfDomain),
    ],
)
def test_what_cannot_be_computed_is_refused_by_name(inputs: dict[str, Any], refusal: type[MethodError]) -> None:
    with pytest.raises(refusal, match="hba1c"):
        run_method("hba1c-ifcc", inputs)
