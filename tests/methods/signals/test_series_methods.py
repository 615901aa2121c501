"""Series, scores and responses: refusals name list, place and range, and the edges of each rule hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from singula.errors import InvalidInput, MissingInput, OutOfDomain
from singula.methods.registry import list_methods, run_method

EIGHT = {
    "mepa_score": 15,
    "activity_min_per_week": 150,
    "nicotine": "never",
    "indoor_smoker_at_home": False,
    "sleep_h_per_night": 8,
    "bmi_kg_per_m2": 22,
    "non_hdl_mg_per_dl": 120,
    "lipid_treated": False,
    "diabetes": False,
    "hba1c_percent": 5.2,
    "sbp_mmhg": 118,
    "dbp_mmhg": 76,
    "bp_treated": False,
}
BLOOD = {
    "age_years": 50,
    "albumin_g_per_l": 44,
    "creatinine_umol_per_l": 70,
    "glucose_mmol_per_l": 5,
    "lymphocytes_percent": 30,
    "mcv_fl": 90,
    "rdw_percent": 13,
    "alp_u_per_l": 60,
    "wbc_1e9_per_l": 6,
}
TRIAGE = {
    "expected_change": -9.1,
    "observed_change": -1.0,
    "adequate_ratio": 0.5,
    "days_on_therapy": 90,
    "min_days_to_judge": 42,
    "pdc": 0.95,
    "longest_gap_days": 3,
    "gap_limit_days": 14,
    "interacting_medicine": False,
    "actionable_genotype": False,
    "at_target_dose": True,
}


@pytest.mark.shared
def test_every_method_of_the_monitoring_index_is_registered(shared: Path) -> None:
    index = json.loads((shared / "vectors" / "monitoring" / "INDEX.json").read_text())
    assert index.keys() <= {method_id for method_id, _ in list_methods()}


@pytest.mark.parametrize(
    ("method", "inputs", "words"),
    [
        ("psa-velocity", {"times_days": [0, 30], "psa_ng_per_ml": [1.0]}, "differ in length"),
        ("psa-velocity", {"times_days": [30, 0], "psa_ng_per_ml": [1.0, 2.0]}, "runs backwards"),
        ("psa-velocity", {"times_days": [9, 9], "psa_ng_per_ml": [1.0, 2.0]}, "a slope needs two"),
        ("hrv-time-domain", {"rr_ms": [800, 0, 810]}, "rr_ms\\[1\\] is 0"),
        ("sleep-regularity-index", {"sleep_state": [1, 0], "epoch_min": 7}, "does not divide a day"),
        ("sleep-regularity-index", {"sleep_state": [1, 2], "epoch_min": 720}, "can be 1, 0 or null"),
        ("nightsignal-2022", {"dates": ["2025-01-01"] * 2, "night_heart_rate_per_min": [60, 61]}, "a night twice"),
        (
            "home-bp-summary",
            {"day": [2], "session": ["noon"], "sbp_mmhg": [140], "dbp_mmhg": [90]},
            "can be morning or evening",
        ),
        ("home-bp-summary", {"day": [2], "session": [None], "sbp_mmhg": [140], "dbp_mmhg": [90]}, "session holds None"),
        ("phenoage-2018", {**BLOOD, "crp_mg_per_dl": 0}, "takes its logarithm"),
        ("pam50-2009", {"expression": {"ESR1": 1.0}}, "1 of the 50 genes"),
        ("response-triage", {**TRIAGE, "expected_change": 0}, "expected_change 0"),
        ("pm25-gemm-2018", {"pm25_ug_per_m3": 121}, "0 to 120"),
    ],
)
def test_refusals_name_what_is_wrong(method: str, inputs: dict[str, Any], words: str) -> None:
    with pytest.raises(OutOfDomain, match=words):
        run_method(method, inputs)


def test_a_word_in_a_series_is_malformed() -> None:
    with pytest.raises(InvalidInput, match=r"values\[1\] is 'high'; write a number"):
        run_method("cusum-tabular", {"values": [1, "high"], "target": 1, "sd": 1, "k_sd": 0.5, "h_sd": 5})


def test_ideal_life_scores_one_hundred() -> None:
    assert run_method("le8-2022", EIGHT)["le8_score"] == 100
    assert run_method("le8-2022", EIGHT)["category"] == "high"


@pytest.mark.parametrize(
    ("change", "part", "points"),
    [
        ({"sbp_mmhg": 129.9}, "bp_points", 75),
        ({"sbp_mmhg": 118, "dbp_mmhg": 80}, "bp_points", 50),
        ({"sbp_mmhg": 165, "bp_treated": True}, "bp_points", 0),
        ({"nicotine": "current_combustible", "indoor_smoker_at_home": True}, "nicotine_points", 0),
        ({"nicotine": "never", "indoor_smoker_at_home": True}, "nicotine_points", 80),
        ({"sleep_h_per_night": 9}, "sleep_points", 90),
        ({"diabetes": True, "hba1c_percent": 6.9}, "glucose_points", 40),
    ],
)
def test_each_part_of_the_eight_at_its_edge(change: dict[str, Any], part: str, points: float) -> None:
    assert run_method("le8-2022", {**EIGHT, **change})[part] == points


@pytest.mark.parametrize("lacking", ["mepa_score", "hba1c_percent"])
def test_an_unknown_part_of_the_eight_is_not_filled_in(lacking: str) -> None:
    with pytest.raises(MissingInput, match="is missing"):
        run_method("le8-2022", {name: value for name, value in EIGHT.items() if name != lacking})


def test_the_two_phenotypic_ages_differ_by_the_crp_term_alone() -> None:
    plain = run_method("phenoage-2018", {**BLOOD, "crp_mg_per_dl": 0.2})["phenotypic_age_years"]
    package = run_method("phenoage-2018-bioage", {**BLOOD, "crp_mg_per_dl": 0.2})["phenotypic_age_years"]
    assert package - plain == pytest.approx(0.09536762 * 1.791759469 / 0.090165)


@pytest.mark.parametrize(
    ("change", "step"),
    [
        ({"days_on_therapy": 41}, "wait"),
        ({"observed_change": -4.55}, "adequate"),
        ({"pdc": None}, "measure-adherence"),
        ({"pdc": 0.79}, "adherence"),
        ({"longest_gap_days": 14}, "adherence"),
        ({"interacting_medicine": True, "actionable_genotype": True}, "interaction"),
        ({"actionable_genotype": True, "at_target_dose": False}, "genotype"),
        ({"at_target_dose": False}, "dose"),
        ({}, "switch-or-add"),
    ],
)
def test_a_failed_therapy_is_asked_in_order(change: dict[str, Any], step: str) -> None:
    assert run_method("response-triage", {**TRIAGE, **change})["next_step"] == step


def test_a_fall_after_a_start_of_a_ras_inhibitor_is_expected_up_to_thirty_percent() -> None:
    series = {"days": [0, 60], "egfr_ml_per_min_per_1_73m2": [60, 45]}
    assert run_method("egfr-trend", {**series, "haemodynamic_therapy_started": False})["change_warrants_evaluation"]
    assert not run_method("egfr-trend", {**series, "haemodynamic_therapy_started": True})["change_warrants_evaluation"]
