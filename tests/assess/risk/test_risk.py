"""Risks by every equation that fits, statin and aspirin by the rules' own thresholds, benefits that add up."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from singula.assess.risk.assessor import RISK
from singula.assess.risk.equations import Answered, Unfit, ask_equations
from singula.assess.risk.person_inputs import PersonInputs
from singula.finding import Considered, Finding, OptionGrid, Statement
from singula.knowledge import load_knowledge
from singula.methods.registry import run_method
from singula.record import Condition, Fact, Medicine, Observation, Person, Quantity, Record, When
from singula.record.person import Ancestry, Preference
from tests.assess.prevention.people import has, relative, smoking

KNOWLEDGE = load_knowledge()
UNITS = {
    "total-cholesterol": "mg/dL", "hdl-cholesterol": "mg/dL", "ldl-cholesterol": "mg/dL", "systolic-blood-pressure": "mm[Hg]",
    "egfr": "mL/min/{1.73_m2}", "bmi": "kg/m2", "hba1c": "%", "uacr": "mg/g",
}  # fmt: skip
LABS = {
    "total-cholesterol": 213.0, "hdl-cholesterol": 50.0, "ldl-cholesterol": 140.0, "systolic-blood-pressure": 150.0,
    "egfr": 85.0, "bmi": 27.0,
}  # fmt: skip
ATORVASTATIN = Medicine(id="m", name="atorvastatin", ingredients=("atorvastatin",))
LOW_PRESSURE = {**LABS, "systolic-blood-pressure": 110.0}


def lab(name: str, number: float) -> Observation:
    quantity = Quantity(number=number, unit=UNITS[name])
    return Observation(id=name, name=name, value=quantity, canonical=quantity, when=When(text="2026-09-01"))


def somebody(
    sex: str, age: int, *facts: Fact, labs: dict[str, float] | None = None, ancestry: str = "White", country: str | None = None,
    wishes: tuple[str, ...] = (),
) -> Record:  # fmt: skip
    who = Person(
        id="p",
        sex_at_birth=sex,  # type: ignore[arg-type]
        birth_date=When(text=f"{2026 - age}-05-10"),
        ancestry=Ancestry(self_reported=(ancestry,) if ancestry else ()),
        country=country,
        preferences=tuple(Preference(name=one) for one in wishes),
    )
    values = LABS if labs is None else labs
    return Record(person=who, as_of=date(2026, 11, 1), facts=(*(lab(name, one) for name, one in values.items()), *facts))


def said(record: Record) -> list[Statement]:
    return list(RISK.assess(record, KNOWLEDGE))


def about(record: Record, name: str) -> Finding | Considered | None:
    found = [one for one in said(record) if isinstance(one, Finding | Considered) and one.topic.name == name]
    assert len(found) <= 1
    return found[0] if found else None


def replies(record: Record) -> dict[str, Answered | Unfit]:
    return {one.row.id: one for one in ask_equations(PersonInputs(record, KNOWLEDGE), KNOWLEDGE)}


def test_the_published_example_of_the_pooled_cohorts_is_reached_from_a_record() -> None:
    """Goff 2014, table A: a white woman of 55, cholesterol 213, HDL 50, untreated pressure 120, no smoking, no diabetes."""
    record = somebody("female", 55, smoking("never"), labs={**LABS, "systolic-blood-pressure": 120.0})
    answer = replies(record)["pce"]
    assert isinstance(answer, Answered)
    assert answer.is_exact
    assert round(answer.low, 1) == 2.1


def test_the_published_example_of_prevent_is_reached_from_a_record() -> None:
    """Khan 2024: a woman of 50, cholesterol 200, HDL 45, treated pressure 160, diabetes, BMI 35, eGFR 90."""
    labs = {"total-cholesterol": 200.0, "hdl-cholesterol": 45.0, "systolic-blood-pressure": 160.0, "egfr": 90.0, "bmi": 35.0}
    pill = Medicine(id="pill", name="amlodipine", ingredients=("amlodipine",))
    answers = replies(somebody("female", 50, smoking("never"), has("type-2-diabetes"), pill, labs=labs))
    figures = {name: one.low for name, one in answers.items() if isinstance(one, Answered)}
    assert round(figures["prevent"], 1) == 9.2
    assert round(figures["prevent-cvd"], 1) == 14.7
    assert round(figures["prevent-30"], 1) == 53.0


@pytest.mark.parametrize(
    ("record", "equation", "reason"),
    [
        (somebody("male", 34, smoking("never")), "pce", "age_years 34 is outside 40 to 79"),
        (somebody("male", 60, smoking("never"), has("stroke")), "prevent", "made for people without"),
        (somebody("male", 60, smoking("never"), has("type-2-diabetes"), country="DE"), "score2", "made for people without"),
        (somebody("male", 60, smoking("never"), country="DE"), "score2-diabetes", "made for people with type 2 diabetes"),
        (somebody("male", 60, smoking("never")), "score2", "lacks country, for the risk region"),
        (somebody("male", 75, smoking("never"), country="DE"), "score2", "age_years 75 is outside 40 to 69"),
        (somebody("female", 35, smoking("never"), has("pregnancy")), "prevent", "no equation was made for pregnancy"),
        (somebody("male", 60), "pce", "lacks smoking status"),
        (somebody("male", 60, smoking("never")), "mesa", "lacks heart attack in the family"),
        (somebody("male", 60, smoking("never")), "smart", "made for people with coronary heart disease"),
    ],
)
def test_an_equation_that_does_not_fit_says_why(record: Record, equation: str, reason: str) -> None:
    reply = replies(record)[equation]
    assert isinstance(reply, Unfit)
    assert reason in reply.reason


def test_the_country_chooses_the_region_of_score2() -> None:
    low, high = (replies(somebody("male", 60, smoking("never"), country=country))["score2"] for country in ("FR", "PL"))
    assert isinstance(low, Answered)
    assert isinstance(high, Answered)
    assert low.low < high.low
    wanted = {"age_years": 60, "sex": "male", "region": "low", "smoker_current": False, "sbp_mmhg": 150.0, "diabetes": False}
    lipids = {"total_cholesterol_mmol_per_l": 213 * 0.02586, "hdl_mmol_per_l": 50 * 0.02586}
    assert low.low == pytest.approx(run_method("score2-2021", {**wanted, **lipids})["cvd_risk_percent_10y"])


def test_kidney_failure_is_told_where_filtration_is_low_and_albumin_known() -> None:
    labs = {**LABS, "egfr": 32.0, "uacr": 250.0}
    answer = replies(somebody("male", 60, smoking("never"), labs=labs, country="US"))["kfre-5"]
    assert isinstance(answer, Answered)
    wanted = {"age_years": 60, "sex": "male", "region": "north-america", "egfr_ml_per_min_per_1_73m2": 32, "uacr_mg_per_g": 250}
    assert answer.low == pytest.approx(run_method("kfre-2016", wanted)["kidney_failure_risk_percent_5y_4var"])


def test_a_missing_value_becomes_a_range_and_the_worth_of_measuring_it() -> None:
    labs = {name: value for name, value in LABS.items() if name not in ("hdl-cholesterol", "egfr")}
    answer = replies(somebody("male", 60, smoking("never"), labs=labs))["prevent"]
    assert isinstance(answer, Answered)
    assert answer.low < answer.high
    assert [one.display for one in answer.lacking] == ["HDL cholesterol", "kidney filtration (eGFR)"]
    assert (answer.lacking[0].swing or 0) > (answer.lacking[1].swing or 0) > 0
    known = replies(somebody("male", 60, smoking("never")))["prevent"]
    assert isinstance(known, Answered)
    assert answer.low <= known.low <= answer.high
    three = {name: value for name, value in labs.items() if name != "bmi"}
    assert isinstance(replies(somebody("male", 60, smoking("never"), labs=three))["prevent"], Unfit)


def test_race_is_disclosed_and_an_unstated_one_is_said() -> None:
    told = about(somebody("male", 60, smoking("never"), ancestry=""), "risk-cardiovascular")
    assert isinstance(told, Finding)
    assert "race is not stated: the equation has no term for it and its white coefficients are used" in told.detail
    assert told.applies_to is not None
    assert told.applies_to.fits == "partly"
    black = replies(somebody("male", 60, smoking("never"), ancestry="Black or African American"))["pce"]
    white = replies(somebody("male", 60, smoking("never")))["pce"]
    assert isinstance(black, Answered)
    assert isinstance(white, Answered)
    assert black.low != white.low
    assert black.assumed == white.assumed


def test_the_equations_are_told_side_by_side_with_plain_words() -> None:
    told = about(somebody("male", 60, smoking("never"), country="DE"), "risk-cardiovascular")
    assert isinstance(told, Finding)
    lines = [line.split(": ")[0] for line in told.detail.splitlines()]
    assert {"Pooled cohort equations", "PREVENT", "SCORE2", "Framingham 2008"} <= set(lines)
    assert "a rule has to be read with the equation it was written for" in told.detail
    assert told.patient_text.startswith("Of 100 people like you, about ")


@pytest.mark.parametrize(
    ("record", "kind", "code", "level"),
    [
        (somebody("male", 60, smoking("current")), "start", None, "B"),
        (somebody("male", 60, smoking("current"), ATORVASTATIN), None, "already-on", "B"),
        (somebody("male", 60, smoking("current"), wishes=("declines:statin",)), None, "declined", "B"),
        (somebody("male", 60, smoking("current"), has("statin-myopathy")), None, "contraindicated", "B"),
        (somebody("female", 57, smoking("never"), labs={**LABS, "systolic-blood-pressure": 120.0}), None, "not-eligible", "C"),
        (somebody("male", 78, smoking("never")), None, "not-eligible-age", "I"),
        (somebody("male", 60, smoking("never"), has("myocardial-infarction")), "start", None, "I"),
        (somebody("male", 30, smoking("never"), labs={**LABS, "ldl-cholesterol": 200.0}), "start", None, "I"),
        (somebody("female", 45, has("type-2-diabetes"), smoking("never"), labs=LOW_PRESSURE), "start", None, "I"),
        (somebody("female", 42, has("pregnancy"), has("type-2-diabetes"), smoking("never")), None, "contraindicated", "B"),
    ],
)  # fmt: skip
def test_the_rule_that_decides_on_a_statin(record: Record, kind: str | None, code: str | None, level: str) -> None:
    found = about(record, "statin") or about(record, "lipid-panel")
    assert found is not None
    assert [one.level for one in found.evidence] == [level]
    assert (found.reason_code if isinstance(found, Considered) else None) == code
    assert (found.kind or "test" if isinstance(found, Finding) else None) == kind


def test_a_risk_between_the_thresholds_is_a_choice() -> None:
    between = next(
        record
        for age in range(50, 70)
        if isinstance(
            (
                answer := replies(
                    record := somebody("male", age, smoking("never"), labs={**LABS, "systolic-blood-pressure": 122.0})
                )["pce"]
            ),
            Answered,
        )
        and 7.5 <= answer.low < 10
    )
    found = about(between, "statin")
    assert isinstance(found, Considered)
    assert (found.reason_code, [one.level for one in found.evidence]) == ("individual-choice", ["C"])


@settings(max_examples=40, deadline=None)
@given(age=st.integers(40, 75), ldl=st.floats(80, 189), systolic=st.floats(100, 190), sex=st.sampled_from(["female", "male"]))
def test_every_benefit_adds_up(age: int, ldl: float, systolic: float, sex: str) -> None:
    labs = {**LABS, "ldl-cholesterol": ldl, "systolic-blood-pressure": systolic}
    for one in said(somebody(sex, age, smoking("current"), has("hypertension"), labs=labs)):
        numbers = (
            [option.numbers for option in one.ranked if option.numbers]
            if isinstance(one, OptionGrid)
            else [one.benefit]
            if isinstance(one, Finding) and one.benefit
            else []
        )
        for benefit in numbers:
            gain = benefit.risk_percent * (1 - benefit.relative_risk)
            assert abs(benefit.arr_percent - gain) <= 0.15
            assert benefit.nnt is None or abs(benefit.nnt - 100 / gain) <= 1
            assert abs(benefit.risk_percent_with - (benefit.risk_percent - benefit.arr_percent)) < 0.02


def test_the_benefit_of_a_statin_is_that_of_the_trialists() -> None:
    """CTT 2010: 22 % fewer events for each mmol/L; LDL 140 mg/dL falls by 39.5 %."""
    found = about(somebody("male", 60, smoking("current")), "statin")
    assert isinstance(found, Finding)
    assert found.benefit is not None
    assert found.benefit.relative_risk == pytest.approx(0.78 ** (140 * 0.02586 * 0.395), abs=1e-4)
    assert found.benefit.method == "pce-2013"
    assert any("255" in harm for harm in found.benefit.harms)
    assert any("event-free months" in harm for harm in found.benefit.harms)


@pytest.mark.parametrize(
    ("age", "facts", "code"),
    [
        (62, (), "harm-outweighs-benefit"),
        (58, (), "individual-choice"),
        (58, (has("peptic-ulcer"),), "contraindicated"),
        (62, (has("stroke"),), None),
        (62, (Medicine(id="a", name="aspirin", ingredients=("aspirin",)),), None),
    ],
)
def test_aspirin_for_a_first_event(age: int, facts: tuple[Fact, ...], code: str | None) -> None:
    found = about(somebody("male", age, smoking("current"), *facts), "aspirin-primary-prevention")
    assert (found.reason_code if isinstance(found, Considered) else None) == code


def test_the_options_stand_by_gain_with_what_is_closed_and_their_joint_effect() -> None:
    record = somebody("male", 60, smoking("current"), has("hypertension"))
    (grid,) = [one for one in said(record) if isinstance(one, OptionGrid)]
    gains = [one.numbers.arr_percent for one in grid.ranked if one.numbers]
    assert gains == sorted(gains, reverse=True)
    assert {one.option for one in grid.ranked} == {
        "statin-high",
        "statin-moderate",
        "pressure-10",
        "mediterranean-diet",
        "stop-smoking",
    }
    assert [(one.option, one.reason) for one in grid.excluded] == [
        ("aspirin", "60 years or older: bleeding outweighs the benefit")
    ]
    joint = 0.78 ** (140 * 0.02586 * 0.55) * 0.80 * 0.69
    assert grid.combined["risk_percent_with_all"] == pytest.approx(grid.combined["risk_percent"] * joint, abs=0.1)
    quitting = next(one for one in grid.ranked if one.option == "stop-smoking")
    assert quitting.numbers is None
    assert quitting.benefit == "about 4 years of life"


def test_two_statins_are_counted_once() -> None:
    record = somebody("male", 60, smoking("never"), labs={**LABS, "systolic-blood-pressure": 125.0})
    (grid,) = [one for one in said(record) if isinstance(one, OptionGrid)]
    joint = 0.78 ** (140 * 0.02586 * 0.55) * 0.69
    assert grid.combined["risk_percent_with_all"] == pytest.approx(grid.combined["risk_percent"] * joint, abs=0.1)


def test_lipids_are_asked_for_where_the_figure_cannot_be_told() -> None:
    found = about(somebody("male", 60, smoking("never"), labs={"systolic-blood-pressure": 150.0}), "lipid-panel")
    assert isinstance(found, Finding)
    assert about(somebody("male", 35, smoking("never"), labs={}), "lipid-panel") is None


def test_family_and_onset_are_read_from_the_record() -> None:
    family = relative("myocardial-infarction", "father", 50)
    diabetic = Condition(id="t2d", name="type-2-diabetes", onset=When(text="2016-05-10"))
    inputs = PersonInputs(somebody("male", 60, family, diabetic), KNOWLEDGE)
    assert inputs.give("family_history_heart_attack", "").value is True
    assert inputs.give("age_at_diabetes_diagnosis_years", "").value == pytest.approx(50, abs=0.01)
    assert inputs.give("nothing_of_that_name", "").value is None


def test_nothing_is_told_without_age_or_sex_or_of_the_dead() -> None:
    record = somebody("male", 60)
    for change in ({"sex_at_birth": None}, {"birth_date": None}, {"deceased": True}):
        person = record.person.model_copy(update=change)
        assert said(Record(person=person, as_of=record.as_of, facts=record.facts)) == []
