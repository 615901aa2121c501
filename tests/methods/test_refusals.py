"""Inputs a method was not made for are refused by name: contradictions, wrong shapes, missing parts."""

from __future__ import annotations

from typing import Any

import pytest

from singula.cli.main import main
from singula.errors import InvalidInput, MethodError, MissingInput, OutOfDomain, WrongUsage
from singula.methods.registry import find_method, run_method

BANDS = [[50, 0.01], [60, 0.02]]
SCORE_BANDS = [{"from_years": 50, "to_years": 60, "rate_per_100000": 100}]
LATER_BANDS = [{"from_years": 60, "to_years": 50, "rate_per_100000": 100}]
SCORE = {"age_years": 50, "to_age_years": 60, "hazard_ratio_per_sd": 1.5, "z": 1, "mortality": SCORE_BANDS}
COMPETING = {"age_years": 50, "horizon_years": 10, "relative_risk": 1, "competing_mortality_per_year": BANDS}
TABLE = {"event_probability_by_year": [0.1, 0.1], "competing_death_probability_by_year": [0.1, 0.1], "hazard_ratio": 0.8}
PACKS = {"age_years": 40, "packs_per_day": 1, "years_smoked": 20}
BASELINE = {"day": 0, "target_lesions": [{"id": "a", "size_mm": 20}], "non_target": "CR", "new_lesion": False}
UNCONFIRMED = {"confirmation_required": False}
WINDOW = {"reference_sequence": "ACGT", "reference_start": 10, "position": 11, "ref": "C", "alt": "T"}
COLON = {"age_years": 60, "projection_age_years": 70}


@pytest.mark.parametrize(
    ("method", "inputs", "fault", "words"),
    [
        ("absolute-risk-competing-1", {**COMPETING, "incidence_per_year": [[50]]}, InvalidInput, "write pairs"),
        ("absolute-risk-competing-1", {**COMPETING, "incidence_per_year": [[50, -1]]}, OutOfDomain, "negative rate"),
        ("absolute-risk-competing-1", {**COMPETING, "incidence_per_year": BANDS[::-1]}, InvalidInput, "not in order of age"),
        ("lifetime-benefit-1", {**TABLE, "event_probability_by_year": [0.1]}, OutOfDomain, "1 event and 2 death"),
        ("lifetime-benefit-1", {**TABLE, "event_probability_by_year": ["a", 0.1]}, InvalidInput, "write numbers 0 to 1"),
        ("lifetime-benefit-1", {**TABLE, "event_probability_by_year": [2, 0.1]}, OutOfDomain, "a probability is 0 to 1"),
        ("pack-years", {**PACKS, "years_smoked": 50, "smoker_current": True}, OutOfDomain, "is more than age_years"),
        ("pack-years", {**PACKS, "smoker_current": False}, MissingInput, "years_since_quit is missing"),
        ("phq-9", {"responses": [1.5] * 9}, InvalidInput, "answer 1 is 1.5"),
        ("phq-9", {"responses": [True] * 9}, InvalidInput, "answer 1 is True"),
        ("phq-9", {"responses": [4] * 9}, OutOfDomain, "it can be 0 to 3"),
        ("recist-1.1", {**UNCONFIRMED, "assessments": []}, OutOfDomain, "assessments is empty"),
        ("recist-1.1", {**UNCONFIRMED, "assessments": [{**BASELINE, "day": "x"}]}, InvalidInput, "has no day"),
        (
            "recist-1.1",
            {**UNCONFIRMED, "assessments": [{**BASELINE, "non_target": "gone"}]},
            InvalidInput,
            "needs target_lesions",
        ),
        (
            "recist-1.1",
            {**UNCONFIRMED, "assessments": [{**BASELINE, "target_lesions": [{"size_mm": -1}]}]},
            InvalidInput,
            "size_mm is -1",
        ),
        ("prs-absolute-risk", {**SCORE, "incidence": SCORE_BANDS, "to_age_years": 50}, OutOfDomain, "has to be above age_years"),
        ("prs-absolute-risk", {**SCORE, "incidence": [{"from_years": 50}]}, InvalidInput, "needs from_years, to_years"),
        ("prs-absolute-risk", {**SCORE, "incidence": LATER_BANDS}, OutOfDomain, "ends before it starts"),
        ("variant-normalise", {**WINDOW, "alt": "X"}, OutOfDomain, "letters other than"),
        ("variant-normalise", {**WINDOW, "ref": "G"}, OutOfDomain, "is it another build"),
        ("carrier-couple-risk", {"inheritance": "XL"}, MissingInput, "carrier_probability_mother is missing"),
        ("carrier-couple-risk", {"inheritance": "AR", "carrier_probability_a": 0.1}, MissingInput, "are both needed"),
        (
            "tmb",
            {"variants": ["x"], "covered_mb": 1.0, "include_synonymous": False, "exclude_known_drivers": False},
            InvalidInput,
            "variants\\[0\\] is no object",
        ),
        (
            "lipi",
            {"leucocytes_1e9_per_l": 4, "neutrophils_1e9_per_l": 5, "ldh_u_per_l": 200, "ldh_uln_u_per_l": 250},
            OutOfDomain,
            "has to be below leucocytes",
        ),
        ("ctdna-molecular-response", {"baseline": {"a": "x"}, "on_treatment": {}}, InvalidInput, "write a fraction"),
        ("ctdna-molecular-response", {"baseline": {"a": 2}, "on_treatment": {}}, OutOfDomain, "between 0 and 1"),
        ("pcwg3-psa", {"measurements": [{"day": 1}]}, InvalidInput, "needs day and value"),
        ("pcwg3-psa", {"measurements": [{"day": 1, "value": 2}]}, OutOfDomain, "one at or before day 0"),
    ],
)
def test_what_a_method_was_not_made_for_is_refused(
    method: str, inputs: dict[str, Any], fault: type[MethodError], words: str
) -> None:
    with pytest.raises(fault, match=words):
        run_method(method, inputs)


@pytest.mark.parametrize(
    ("method", "inputs", "fault", "words"),
    [
        ("bmi", {"weight_kg": "70", "height_cm": 170}, InvalidInput, "write a number"),
        ("bmi", {"weight_kg": True, "height_cm": 170}, InvalidInput, "write a number"),
        ("bmi", {"weight_kg": float("nan"), "height_cm": 170}, OutOfDomain, "weight_kg is nan"),
        ("bmi", {"height_cm": 170}, MissingInput, "weight_kg is missing"),
        ("pack-years", {**PACKS, "smoker_current": "yes"}, InvalidInput, "write true or false"),
        ("phq-9", {"responses": "1,2"}, InvalidInput, "write a list"),
        ("ctdna-molecular-response", {"baseline": [], "on_treatment": {}}, InvalidInput, "write an object"),
        ("egfr-ckd-epi-2021", {"age_years": 50, "sex": 1, "creatinine_mg_per_dl": 1}, InvalidInput, "write a word"),
        ("egfr-ckd-epi-2021", {"age_years": 50, "sex": "x", "creatinine_mg_per_dl": 1}, OutOfDomain, "it can be"),
        ("npi", {"tumour_size_mm": 10, "grade": 1.5, "positive_nodes": 0}, OutOfDomain, "write a whole number"),
    ],
)
def test_a_value_of_the_wrong_shape_is_named(method: str, inputs: dict[str, Any], fault: type[MethodError], words: str) -> None:
    with pytest.raises(fault, match=words):
        run_method(method, inputs)


def test_an_unknown_method_names_near_ones() -> None:
    with pytest.raises(WrongUsage, match="did you mean"):
        find_method("pce-2012")
    with pytest.raises(WrongUsage, match="see: singula calc list"):
        find_method("zzzzzzzz")


@pytest.mark.parametrize(("method", "expected"), [("bsa-mosteller-1987", 1.8181), ("bsa-du-bois-1916", 1.8097), ("bmi", 24.2215)])
def test_body_figures_of_a_person_of_70_kg_and_170_cm(method: str, expected: float) -> None:
    """Mosteller √(70·170/3600); Du Bois 0.007184·70^0.425·170^0.725; 70/1.7²."""
    (value,) = run_method(method, {"weight_kg": 70, "height_cm": 170}).values()
    assert value == pytest.approx(expected, abs=2e-4)


def test_filtration_is_turned_back_to_this_body() -> None:
    assert run_method("gfr-absolute", {"egfr_ml_per_min_per_1_73m2": 60, "bsa_m2": 1.73}) == {"gfr_ml_per_min": pytest.approx(60)}


def test_a_list_is_written_with_commas_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calc", "run", "phq-9", "responses=1,1,2,1,0,1,1,0,0", "--json"]) == 0
    assert '"phq_9_score":7' in capsys.readouterr().out.replace(" ", "")
