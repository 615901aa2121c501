"""The survey behind the fairness page is read as it is: nobody with disease, nobody's unknown filled in."""

from __future__ import annotations

import pytest
from tools.write_fairness import MISSING, PRESSURES, answer, describe, share_missing

ROW = {
    "AgeInYearsAtScreening": "55.0",
    "EverToldYouHadHeartAttack": "0.0",
    "EverToldYouHadAStroke": "0.0",
    "SystolicBloodPres1StRdgMmHg": "118.0",
    "SystolicBloodPres2NdRdgMmHg": "122.0",
    "SystolicBloodPres3RdRdgMmHg": "",
    "RacehispanicOriginWNhAsian": "Non-Hispanic White",
    "SmokedAtLeast100CigarettesInLife": "0.0",
    "DoYouNowSmokeCigarettes": "",
    "RatioOfFamilyIncomeToPoverty": "",
    "Gender": "Male",
    "TotalCholesterolMgdl": "213.0",
    "DirectHdlcholesterolMgdl": "50.0",
    "DoctorToldYouHaveDiabetes": "0",
}


def test_person_of_the_survey_gets_the_published_example() -> None:
    person = describe(ROW)
    assert person is not None
    assert person["inputs"]["sbp_mmhg"] == 120
    assert person["groups"] == {"age": "50 to 59", "sex": "male", "race/ethnicity": "Non-Hispanic White", "income": "not told"}
    assert answer("pce-2013", "ascvd_risk_percent_10y", person, False) == pytest.approx(5.4, abs=0.1)


@pytest.mark.parametrize(("column", "value"), [("EverToldYouHadAStroke", "1.0"), ("AgeInYearsAtScreening", "80.0")])
def test_disease_and_top_coded_age_are_left_out(column: str, value: str) -> None:
    assert describe({**ROW, column: value}) is None


@pytest.mark.parametrize("column", ["TotalCholesterolMgdl", "DoctorToldYouHaveDiabetes", "SmokedAtLeast100CigarettesInLife"])
def test_an_unknown_input_gives_no_answer(column: str) -> None:
    person = describe({**ROW, column: ""})
    assert person is not None
    assert answer("pce-2013", "ascvd_risk_percent_10y", person, False) is None


def test_missing_share_counts_any_reading_of_pressure_but_both_lipids() -> None:
    people = [person for person in (describe(ROW), describe({**ROW, "DirectHdlcholesterolMgdl": ""})) if person is not None]
    assert share_missing(people, PRESSURES, any) == "0"
    assert share_missing(people, MISSING["cholesterol"], all) == "50"
