"""What in a life is told and what not: gaps, gates, mood with its safety path, need, heat and food."""

from __future__ import annotations

from datetime import date

import pytest

from singula.assess.lifestyle.assessor import LIFESTYLE
from singula.assess.lifestyle.pressure import read_pressure
from singula.assess.lifestyle.situation import Living
from singula.finding import Finding, OptionGrid
from singula.knowledge import load_knowledge
from singula.record import Concept, Fact, Medicine, Observation, Person, Quantity, Record, When
from singula.record.coding import Coding
from tests.assess.prevention.people import has

KNOWLEDGE = load_knowledge()


def value(name: str, number: float, day: str = "2026-09-01", *, home: bool = False, mark: str = "") -> Observation:
    quantity = Quantity(number=number, unit="1")
    detail = {"home_reading": True} if home else {}
    return Observation(
        id=f"{name}-{day}{mark}", name=name, value=quantity, canonical=quantity, when=When(text=day), detail=detail
    )


def pressure(
    systolic: float, diastolic: float = 94, day: str = "2026-09-01", *, home: bool = False, mark: str = ""
) -> tuple[Fact, Fact]:
    return (
        value("systolic-blood-pressure", systolic, day, home=home, mark=mark),
        value("diastolic-blood-pressure", diastolic, day, home=home, mark=mark),
    )


def takes(name: str) -> Medicine:
    return Medicine(id=name, name=name, ingredients=(name,))


def somebody(*facts: Fact, sex: str = "male", age: int = 50) -> Record:
    who = Person(id="p", sex_at_birth=sex, birth_date=When(text=f"{2026 - age}-05-10"))  # type: ignore[arg-type]
    return Record(person=who, as_of=date(2026, 11, 1), facts=facts)


def grid(record: Record) -> OptionGrid:
    (found,) = [one for one in LIFESTYLE.assess(record, KNOWLEDGE) if isinstance(one, OptionGrid)]
    return found


def told(record: Record) -> dict[str, Finding]:
    return {one.topic.name: one for one in LIFESTYLE.assess(record, KNOWLEDGE) if isinstance(one, Finding)}


def test_home_readings_count_without_their_first_day() -> None:
    facts = [
        fact
        for day, systolic in (("2026-10-10", 170), ("2026-10-11", 140), ("2026-10-12", 150))
        for fact in pressure(systolic, home=True, day=day)
    ]
    found = read_pressure(Living(somebody(*facts, *pressure(160, day="2026-10-20")), KNOWLEDGE))
    assert found is not None
    assert (found.systolic, found.at_home, found.readings, found.is_high) == (145, True, 2, True)
    office = read_pressure(Living(somebody(*pressure(138, 85)), KNOWLEDGE))
    assert office is not None
    assert (office.systolic, office.at_home, office.is_high) == (138, False, False)
    home = read_pressure(Living(somebody(*pressure(136, 80, "2026-10-10", home=True)), KNOWLEDGE))
    assert home is not None
    assert home.is_high
    assert read_pressure(Living(somebody(), KNOWLEDGE)) is None


@pytest.mark.parametrize(
    ("facts", "option", "score"),
    [
        ((value("bmi", 31), value("body-weight", 98)), "weight-loss", 0.07 * 98 * 0.4 / 4),
        ((value("le8-diet-points", 25),), "dash-diet", 11 * 0.75 * 0.5 / 3),
        ((value("urine-sodium-24h", 130.5),), "sodium-reduction", 5 * 0.5 * 0.5 / 3),
        ((value("alcohol-drinks-per-day", 3),), "alcohol-reduction", 4 * 0.5 * 0.5 / 3),
        ((value("exercise-minutes-per-week", 75),), "aerobic-exercise", 5 * 0.5 * 0.5 / 3),
        ((value("pss-10", 27),), "stress-management", 3.5 * 0.4 / 3),
        ((takes("naproxen"),), "stop-nsaid", 4 * 0.8 / 1),
        ((), "medicine-ccb", 9.1 * 0.7 / 2),
        ((has("atrial-fibrillation"),), "medicine-beta-blocker", 9.1 * 0.6 / 3),
    ],
)
def test_an_option_scores_by_effect_what_is_left_adherence_and_burden(facts: tuple[Fact, ...], option: str, score: float) -> None:
    found = next(one for one in grid(somebody(*pressure(150), *facts)).ranked if one.option == option)
    assert found.score == pytest.approx(score, abs=1e-4)


def test_a_medicine_does_more_where_the_pressure_is_higher() -> None:
    """Law 2003: 1 mmHg more for each 10 mmHg above 154."""
    found = next(one for one in grid(somebody(*pressure(174))).ranked if one.option == "medicine-ccb")
    assert found.expected_sbp_mmhg == pytest.approx(-11.1)


@pytest.mark.parametrize(
    ("facts", "option", "words"),
    [
        ((value("bmi", 31), value("body-weight", 98), has("frailty")), "weight-loss", "frailty"),
        ((value("le8-diet-points", 20), value("egfr", 40), value("potassium", 4)), "potassium-increase", "below 45"),
        ((value("le8-diet-points", 20), value("egfr", 90), value("potassium", 5.2)), "potassium-increase", "potassium above 5.0"),
        ((value("le8-diet-points", 20), value("egfr", 90)), "potassium-increase", "potassium is not known"),
        ((value("egfr", 90), value("potassium", 4), takes("spironolactone")), "potassium-salt-substitute", "potassium-sparing"),
        ((has("gout"),), "medicine-thiazide-like", "gout"),
        ((takes("lithium"),), "medicine-thiazide-like", "lithium"),
        ((has("pregnancy"),), "medicine-acei-arb", "not in pregnancy"),
        ((value("potassium", 5.6),), "medicine-acei-arb", "potassium above 5.5"),
        ((has("asthma"), has("atrial-fibrillation")), "medicine-beta-blocker", "asthma"),
        ((value("audit-c", 11), value("alcohol-drinks-per-day", 8)), "alcohol-reduction", "withdrawal"),
        ((takes("amlodipine"),), "medicine-ccb", "amlodipine is taken already"),
        ((), "aerobic-exercise", "minutes of exercise a week not on record"),
    ],
)  # fmt: skip
def test_an_option_that_is_closed_says_why(facts: tuple[Fact, ...], option: str, words: str) -> None:
    found = grid(somebody(*pressure(150), *facts))
    assert option not in {one.option for one in found.ranked}
    assert words in next(one.reason for one in found.excluded if one.option == option)


def test_potassium_is_raised_only_after_a_check_where_a_medicine_holds_it() -> None:
    facts = (value("le8-diet-points", 20), value("egfr", 90), value("potassium", 4.2), takes("lisinopril"))
    found = next(one for one in grid(somebody(*pressure(150), *facts)).ranked if one.option == "potassium-increase")
    assert "only after a clinician has checked" in found.why


def test_three_medicines_and_still_high_open_the_fourth_and_a_sleep_test() -> None:
    facts = (takes("amlodipine"), takes("lisinopril"), takes("chlorthalidone"), value("potassium", 4.2), value("egfr", 80))
    ranked = {one.option for one in grid(somebody(*pressure(150), *facts)).ranked}
    assert {"medicine-mra", "sleep-apnoea-screen"} <= ranked


def test_a_pressure_that_is_not_high_gets_no_medicine_and_no_action() -> None:
    record = somebody(*pressure(128, 78), has("hypertension"), value("le8-diet-points", 20))
    assert not [one for one in grid(record).ranked if one.kind == "medicine"]
    assert not [one for one in told(record).values() if one.option]
    assert not [one for one in LIFESTYLE.assess(somebody(*pressure(128, 78)), KNOWLEDGE) if isinstance(one, OptionGrid)]


def test_an_answer_on_self_harm_opens_the_safety_path_whatever_the_total() -> None:
    coded = Observation(
        id="item", name="phq-9-item-9", when=When(text="2026-10-30"),
        value=Concept(codings=(Coding(system="http://loinc.org", code="LA6569-3"),)),
    )  # fmt: skip
    for item in (coded, value("phq-9-item-9", 1)):
        found = told(somebody(item, value("phq-9", 3)))["self-harm"]
        assert (found.urgency, found.kind) == (0, "refer")
    assert "self-harm" not in told(somebody(value("phq-9-item-9", 0), value("phq-9", 20)))
    assert told(somebody(has("suicidal-ideation")))["self-harm"].urgency == 0


@pytest.mark.parametrize(
    ("facts", "sex", "names"),
    [
        ((value("phq-9", 10),), "male", {"low-mood"}),
        ((value("phq-9", 9),), "male", set()),
        ((value("phq-9", 15), has("depression")), "male", set()),
        ((value("gad-7", 10),), "male", {"anxiety-score"}),
        ((value("audit-c", 3),), "female", {"alcohol"}),
        ((value("audit-c", 3),), "male", set()),
        ((value("isi", 15),), "male", {"insomnia-treatment"}),
        ((value("sleep-hours", 6),), "male", {"short-sleep"}),
        ((has("food-insecurity"), has("homelessness")), "male", {"food-insecurity", "homelessness"}),
        ((value("pm25", 12), has("copd")), "male", {"air"}),
        ((value("pm25", 12),), "male", set()),
        ((value("pm25", 12), has("heart-failure")), "male", {"air"}),
        ((value("pss-10", 27),), "male", {"stress"}),
        ((value("pss-10", 26),), "male", set()),
        ((value("alcohol-drinks-per-day", 3),), "male", {"alcohol"}),
        ((value("alcohol-drinks-per-day", 2),), "male", set()),
        ((value("alcohol-drinks-per-day", 2),), "female", {"alcohol"}),
        ((value("alcohol-drinks-per-day", 3), value("audit-c", 2)), "male", set()),
        ((value("le8-diet-points", 25),), "male", {"diet"}),
        ((takes("lithium"),), "male", {"heat-and-medicines"}),
        ((takes("warfarin"),), "male", {"food-and-medicines"}),
        ((takes("simvastatin"), takes("lisinopril")), "male", {"food-and-medicines", "heat-and-medicines"}),
    ],
)
def test_what_is_told(facts: tuple[Fact, ...], sex: str, names: set[str]) -> None:
    assert set(told(somebody(*facts, sex=sex))) == names


def test_the_pain_killer_is_named_and_the_retest_has_its_date() -> None:
    found = told(somebody(*pressure(150), takes("naproxen")))
    assert (found["naproxen"].kind, found["naproxen"].option) == ("stop", "stop-nsaid")
    retest = found["home-bp-monitoring"].due
    assert retest is not None
    assert (retest.date, retest.status) == (date(2027, 2, 1), "upcoming")
