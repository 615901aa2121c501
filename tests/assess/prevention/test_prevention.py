"""Preventive services by the words of their sources: ages, intervals, results, organs, genes, families."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from singula.assess.prevention.assessor import PREVENTION
from singula.finding import Considered, Finding
from singula.record import Fact, Person, Record, Source
from singula.record.genome import SCANNED
from tests.assess.prevention.people import (
    DAY,
    KNOWLEDGE,
    done,
    has,
    measured,
    person,
    quit_on,
    relative,
    result_of,
    said,
    smoking,
    variant,
)

NORMAL = "Normal, complete, good preparation"


@pytest.mark.parametrize(
    ("sex", "age", "facts", "service", "due", "interval", "grade"),
    [
        ("male", 45, (), "colorectal-cancer-screening", "2026-11-01", 120, "B"),
        ("male", 50, (), "colorectal-cancer-screening", "2026-11-01", 120, "A"),
        ("male", 60, (done("colonoscopy", "2016-03-01", NORMAL),), "colorectal-cancer-screening", "2026-03-01", 120, "A"),
        ("male", 60, (result_of("fit", "2025-10-01", "negative"),), "colorectal-cancer-screening", "2026-10-01", 12, "A"),
        (
            "male",
            60,
            (result_of("fit", "2016-10-01", "negative"), done("colonoscopy", "2016-09-01", NORMAL)),
            "colorectal-cancer-screening",
            "2026-09-01",
            120,
            "A",
        ),
        (
            "male",
            60,
            (done("colonoscopy", "2024-09-01", "Incomplete, poor preparation"),),
            "colorectal-cancer-screening",
            "2026-11-01",
            120,
            "A",
        ),
        ("female", 40, (), "mammography", "2026-11-01", 24, "B"),
        ("female", 74, (done("mammography", "2024-10-20", "Benign"),), "mammography", "2026-10-20", 24, "B"),
        ("female", 25, (), "cervical-cancer-screening", "2026-11-01", 36, "A"),
        ("female", 35, (result_of("hpv-test", "2021-10-01", "negative"),), "cervical-cancer-screening", "2026-10-01", 60, "A"),
        (
            "female",
            35,
            (result_of("cervical-cytology", "2023-10-01", "negative"),),
            "cervical-cancer-screening",
            "2026-10-01",
            36,
            "A",
        ),
        ("female", 65, (), "osteoporosis-screening", "2026-11-01", None, "B"),
        ("male", 50, (smoking("current"), measured("pack-years", 20)), "lung-cancer-screening", "2026-11-01", 12, "B"),
        (
            "female",
            80,
            (smoking("former"), measured("pack-years", 30), quit_on("2012-06-01")),
            "lung-cancer-screening",
            "2026-11-01",
            12,
            "B",
        ),
        ("male", 65, (smoking("former"),), "aneurysm-screening", "2026-11-01", None, "B"),
        ("male", 40, (measured("bmi", 25, "kg/m2"),), "diabetes-screening", "2026-11-01", 36, "B"),
        ("male", 19, (smoking("current"),), "tobacco", "2026-11-01", None, "A"),
        ("female", 30, (measured("bmi", 30, "kg/m2"),), "weight-support", "2026-11-01", None, "B"),
        ("female", 70, (has("falls"),), "fall-exercise", "2026-11-01", None, "B"),
        ("female", 30, (has("pregnancy"),), "rhesus-typing", "2026-11-01", None, "A"),
        ("female", 30, (has("pregnancy"), has("hypertension")), "preeclampsia-aspirin", "2026-11-01", None, "B"),
        ("female", 40, (relative("breast-cancer", "aunt", degree=2),), "brca-assessment", "2026-11-01", None, "B"),
    ],
)
def test_what_is_due(
    sex: str, age: int, facts: tuple[Fact, ...], service: str, due: str, interval: int | None, grade: str
) -> None:
    finding = said(person(sex, age, *facts))[0][service]
    assert finding.due is not None
    assert (finding.due.date.isoformat(), finding.due.interval_months) == (due, interval)
    assert [one.level for one in finding.evidence] == [grade]


@pytest.mark.parametrize(
    ("sex", "age", "facts", "service", "code"),
    [
        ("male", 44, (), "colorectal-cancer-screening", None),
        ("male", 76, (), "colorectal-cancer-screening", "individual-choice"),
        ("male", 60, (done("colonoscopy", "2020-01-01", NORMAL),), "colorectal-cancer-screening", "not-due"),
        ("male", 74, (done("colonoscopy", "2020-01-01", NORMAL),), "colorectal-cancer-screening", "not-eligible-age"),
        ("male", 60, (done("colectomy", "2020-01-01"),), "colorectal-cancer-screening", "not-eligible"),
        ("male", 60, (has("colorectal-adenoma"),), "colorectal-cancer-screening", "superseded"),
        ("male", 60, (has("limited-life-expectancy"),), "colorectal-cancer-screening", "harm-outweighs-benefit"),
        ("female", 76, (), "mammography", "not-eligible-age"),
        ("female", 50, (done("bilateral-mastectomy", "2020-01-01"),), "mammography", "not-eligible"),
        ("female", 20, (), "cervical-cancer-screening", "harm-outweighs-benefit"),
        ("female", 40, (done("hysterectomy", "2020-01-01"),), "cervical-cancer-screening", "harm-outweighs-benefit"),
        (
            "female",
            67,
            tuple(result_of("cervical-cytology", f"{year}-03-01", "negative") for year in (2016, 2019, 2022)),
            "cervical-cancer-screening",
            "harm-outweighs-benefit",
        ),
        (
            "male",
            60,
            (smoking("former"), measured("pack-years", 40), quit_on("2011-10-01")),
            "lung-cancer-screening",
            "not-eligible",
        ),
        ("male", 60, (smoking("current"), measured("pack-years", 15)), "lung-cancer-screening", "not-eligible"),
        ("male", 60, (smoking("current"),), "lung-cancer-screening", "not-eligible"),
        ("male", 70, (smoking("never"),), "aneurysm-screening", "individual-choice"),
        ("male", 70, (smoking("former"), done("aaa-ultrasound", "2024-01-01", "Normal")), "aneurysm-screening", "not-due"),
        ("male", 76, (smoking("former"),), "aneurysm-screening", "not-eligible-age"),
        ("female", 70, (smoking("never"),), "aneurysm-screening", "harm-outweighs-benefit"),
        ("male", 60, (), "prostate-cancer-screening", "individual-choice"),
        ("male", 70, (), "prostate-cancer-screening", "harm-outweighs-benefit"),
        ("male", 40, (measured("bmi", 24.9, "kg/m2"),), "diabetes-screening", "not-eligible"),
        ("male", 40, (has("type-2-diabetes"), measured("bmi", 30, "kg/m2")), "diabetes-screening", "superseded"),
        ("female", 66, (done("bone-density-scan", "2019-01-01"),), "osteoporosis-screening", "not-due"),
        ("female", 50, (), "ovarian-cancer-screening", "harm-outweighs-benefit"),
        ("female", 50, (relative("gout", "father"),), "brca-assessment", "harm-outweighs-benefit"),
        ("female", 50, (), "brca-assessment", None),
    ],
)
def test_what_is_not_due_and_why(sex: str, age: int, facts: tuple[Fact, ...], service: str, code: str | None) -> None:
    advised, weighed = said(person(sex, age, *facts))
    assert service not in advised
    assert (weighed[service].reason_code if service in weighed else None) == code


def test_a_cervix_partly_kept_is_still_screened_and_too_few_tests_are_asked_for() -> None:
    kept = done("hysterectomy", "2020-01-01").model_copy(update={"detail": {}, "name": "hysterectomy"})
    kept = kept.model_copy(update={"concept": kept.concept.model_copy(update={"text": "Subtotal hysterectomy"})})
    assert "cervical-cancer-screening" in said(person("female", 40, kept))[0]
    asked = said(person("female", 67, result_of("hpv-test", "2022-03-01", "negative")))[0]["cervical-cancer-screening"]
    assert (asked.kind, asked.due is not None and asked.due.status) == ("counsel", "open")


def test_a_positive_test_opens_the_follow_up_and_closes_the_schedule() -> None:
    advised, _ = said(person("male", 60, result_of("fit", "2026-03-01", "positive")))
    follow_up = advised["colorectal-cancer-screening-follow-up"]
    assert "colorectal-cancer-screening" not in advised
    assert (follow_up.kind, follow_up.urgency) == ("refer", 1)
    assert "by colonoscopy" in follow_up.topic.display
    later = done("colonoscopy", "2026-05-01", NORMAL)
    advised, weighed = said(person("male", 60, result_of("fit", "2026-03-01", "positive"), later))
    assert "colorectal-cancer-screening-follow-up" not in advised
    assert weighed["colorectal-cancer-screening"].next_due == date(2036, 5, 1)


def test_a_test_without_result_counts_with_a_note() -> None:
    note = said(person("female", 60, done("mammography", "2024-01-01")))[0]["mammography"].detail
    assert "The result of 2024-01-01 is not on record; it counts as done." in note


def test_asian_ancestry_lowers_the_body_mass_that_counts() -> None:
    assert "diabetes-screening" in said(person("male", 40, measured("bmi", 23.5, "kg/m2"), ancestry="Asian"))[0]
    assert "diabetes-screening" not in said(person("male", 40, measured("bmi", 23.5, "kg/m2"), ancestry="White"))[0]


def test_small_services_become_one_line_that_names_what_is_due() -> None:
    advised, weighed = said(person("female", 40, measured("phq-9", 3)))
    assert advised["questionnaires"].topic.display == "Short questionnaires: anxiety, alcohol, drugs, violence by a partner"
    assert {one.level for one in advised["blood-tests-once"].evidence} == {"A", "B"}
    assert weighed["depression-screening"].next_due == date(2027, 9, 1)


@pytest.mark.parametrize(
    ("gene", "sex", "age", "services"),
    [
        ("BRCA1", "female", 26, {"breast-mri-with-contrast-brca1"}),
        (
            "BRCA1",
            "female",
            36,
            {"breast-mri-with-contrast-brca1", "mammography-brca1", "risk-reducing-salpingo-oophorectomy-brca1"},
        ),
        ("BRCA2", "female", 36, {"breast-mri-with-contrast-brca2", "mammography-brca2"}),
        ("BRCA2", "male", 45, {"psa-brca2", "clinical-breast-examination-brca2"}),
        ("MSH6", "male", 32, {"colonoscopy-msh6", "gastroscopy-msh6"}),
        ("MLH1", "female", 36, {"colonoscopy-mlh1", "hysterectomy-and-salpingo-oophorectomy-mlh1"}),
    ],
)
def test_a_pathogenic_gene_brings_its_own_schedule(gene: str, sex: str, age: int, services: set[str]) -> None:
    advised, _ = said(person(sex, age, variant(gene)))
    assert services <= set(advised)
    assert {one for one in advised if one.endswith(gene.lower()) and advised[one].kind == "screen"} >= {
        one for one in services if advised[one].kind == "screen"
    }


def test_a_gene_schedule_replaces_the_rule_for_everyone_and_says_so() -> None:
    advised, weighed = said(person("female", 50, variant("BRCA1")))
    assert "mammography" not in advised
    assert weighed["mammography"].reason_code == "superseded"
    assert (
        weighed["mammography"].reason
        == "replaced by the schedule for pathogenic BRCA1 variant (hereditary breast and ovarian cancer)"
    )


def test_colonoscopy_in_lynch_is_due_from_the_short_interval_and_overdue_after_the_long() -> None:
    for day, status in (("2025-12-01", None), ("2025-06-01", "due"), ("2024-06-01", "overdue")):
        advised, weighed = said(person("male", 40, variant("MLH1"), done("colonoscopy", day, NORMAL)))
        if status is None:
            assert weighed["colonoscopy-mlh1"].next_due == date(2026, 12, 1)
        else:
            finding = advised["colonoscopy-mlh1"]
            assert finding.due is not None
            assert finding.due.status == status


@pytest.mark.parametrize(
    "changed",
    [
        variant("BRCA1", "Uncertain significance"),
        variant("BRCA1", source_class="somatic"),
        variant("BRCA1", "Benign"),
        variant("MUTYH"),
        variant("BRCA1", sources=(Source(input="a", where="b", reader=SCANNED),)),
    ],
    ids=["uncertain", "somatic", "benign", "one recessive allele", "met by a scan without a wish"],
)
def test_a_variant_that_is_not_pathogenic_inherited_and_told_changes_nothing(changed: Fact) -> None:
    plain = said(person("female", 50))
    with_it = said(person("female", 50, changed))
    assert [set(one) for one in with_it] == [set(one) for one in plain]


def test_two_recessive_alleles_and_a_wished_scan_count() -> None:
    assert "colonoscopy-mutyh" in said(person("male", 50, variant("MUTYH", zygosity="homozygous")))[0]
    scanned = variant("BRCA1", sources=(Source(input="a", where="b", reader=SCANNED),))
    assert "mammography-brca1" in said(person("female", 50, scanned, wishes=("secondary-findings",)))[0]


@pytest.mark.parametrize(
    ("age", "relatives", "due"),
    [
        (41, (relative("colorectal-cancer", "father", 59),), True),
        (36, (relative("colorectal-cancer", "father", 45),), True),
        (34, (relative("colorectal-cancer", "father", 45),), False),
        (39, (relative("colorectal-cancer", "father", 59),), False),
        (41, (relative("colorectal-cancer", "father", 70), relative("colorectal-cancer", "mother", 72)), True),
    ],
)
def test_colorectal_cancer_in_the_family_brings_colonoscopy_forward(age: int, relatives: tuple[Fact, ...], due: bool) -> None:
    advised, weighed = said(person("female", age, *relatives))
    name = "fh-crc-early" if len(relatives) == 1 else "fh-crc-several"
    assert (name in advised) is due
    if due:
        assert advised[name].due is not None
        assert advised[name].due.interval_months == 60
    assert weighed["colorectal-cancer-screening"].reason_code == "superseded"


def test_late_cancer_of_one_relative_only_begins_the_usual_tests_at_40() -> None:
    late = relative("colorectal-cancer", "father", 65)
    assert "fh-crc-late" in said(person("female", 41, late))[0]
    assert "colorectal-cancer-screening" in said(person("female", 46, late))[0]
    distant = relative("colorectal-cancer", "uncle", 45, degree=2)
    assert "fh-crc-early" not in said(person("female", 41, distant))[0]


def test_nothing_is_timed_without_a_birth_date_or_for_the_dead() -> None:
    assert list(PREVENTION.assess(Record(person=Person(id="p"), as_of=date(2026, 11, 1)), KNOWLEDGE)) == []
    gone = person("female", 50)
    gone = Record(person=gone.person.model_copy(update={"deceased": True}), as_of=gone.as_of)
    assert list(PREVENTION.assess(gone, KNOWLEDGE)) == []


TESTS = st.sampled_from(["colonoscopy", "mammography", "low-dose-ct", "bone-density-scan", "aaa-ultrasound"])
DAYS = st.dates(date(2005, 1, 1), date(2026, 10, 31))
HISTORIES = st.lists(st.tuples(TESTS, DAYS), max_size=4, unique=True)
BACKGROUND = (smoking("former"), measured("pack-years", 40), quit_on("2018-05-01"))


@settings(max_examples=60, deadline=None)
@given(sex=st.sampled_from(["female", "male"]), age=st.integers(0, 100), history=HISTORIES, new=st.tuples(TESTS, DAYS))
def test_a_further_negative_test_never_brings_a_date_forward(
    sex: str, age: int, history: list[tuple[str, date]], new: tuple[str, date]
) -> None:
    before = person(sex, age, *BACKGROUND, *(done(name, str(day), "Normal") for name, day in history))
    after = person(sex, age, *BACKGROUND, *(done(name, str(day), "Normal") for name, day in dict.fromkeys([*history, new])))
    dates = [
        {
            one.topic.name: one.due.date if isinstance(one, Finding) and one.due else getattr(one, "next_due", None)
            for one in PREVENTION.assess(record, KNOWLEDGE)
        }
        for record in (before, after)
    ]
    for name, day in dates[0].items():
        later = dates[1].get(name)
        assert day is None or later is None or max(later, DAY) >= max(day, DAY)


@settings(max_examples=40, deadline=None)
@given(sex=st.sampled_from(["female", "male"]), age=st.integers(18, 90), years=st.integers(1, 10))
def test_a_service_that_ended_by_age_stays_ended(sex: str, age: int, years: int) -> None:
    now = person(sex, age, *BACKGROUND)
    later = Record(person=now.person, as_of=now.as_of.replace(year=now.as_of.year + years), facts=now.facts)
    ended = {
        one.topic.name
        for one in PREVENTION.assess(now, KNOWLEDGE)
        if isinstance(one, Considered) and one.reason_code == "not-eligible-age"
    }
    due = {one.topic.name for one in PREVENTION.assess(later, KNOWLEDGE) if isinstance(one, Finding)}
    assert not ended & due
