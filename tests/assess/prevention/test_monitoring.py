"""Monitoring and vaccines: one date for one test, what is missing is named, and no record is no 'not given'."""

from __future__ import annotations

import re

from singula.record import Immunisation, Medicine, When
from tests.assess.prevention.people import has, measured, person, quit_on, relative, said, smoking

RISK = "lung-screening-by-risk"


def takes(name: str, since: str | None = None) -> Medicine:
    return Medicine(id=f"takes-{name}", name=name, ingredients=(name,), started=When(text=since) if since else None)


def test_several_reasons_for_one_test_make_one_item_that_names_them_all() -> None:
    advised, _ = said(person("male", 58, has("type-2-diabetes"), takes("lisinopril"), takes("lithium")))
    kidney = advised["kidney-monitoring"]
    assert kidney.due is not None
    assert kidney.due.interval_months == 6
    assert "takes lithium" in kidney.detail
    assert "diabetes" in kidney.detail
    assert "takes an ACE inhibitor or ARB" in kidney.detail
    assert {"type-2-diabetes", "takes-lithium", "takes-lisinopril"} <= set(kidney.inputs)


def test_an_unknown_albuminuria_is_named_where_it_could_shorten_the_interval() -> None:
    facts = (has("chronic-kidney-disease"), measured("egfr", 52, day="2025-09-01"))
    advised, _ = said(person("male", 58, *facts))
    assert "uacr" in {one.what for one in advised["kidney-monitoring"].missing}


def test_the_filtration_is_estimated_from_creatinine_where_it_is_not_reported() -> None:
    facts = (takes("apixaban"), measured("creatinine", 2.1, "mg/dL", day="2026-07-01"))
    advised, _ = said(person("male", 60, *facts))
    assert advised["kidney-monitoring"].due is not None
    assert advised["kidney-monitoring"].due.interval_months == 3


def test_a_medicine_that_was_stopped_asks_for_nothing() -> None:
    stopped = Medicine(id="takes-lithium", name="lithium", ingredients=("lithium",), use="stopped")
    advised, weighed = said(person("male", 40, stopped))
    assert "lithium-level-monitoring" not in advised
    assert "lithium-level-monitoring" not in weighed


def test_vaccines_without_a_record_are_asked_for_and_stay_unknown() -> None:
    advised, _ = said(person("female", 60))
    asked = advised["vaccination-record"]
    assert asked.kind == "counsel"
    assert "no record of a dose" in asked.detail
    assert "doses of shingles vaccine (recombinant)" in {one.what for one in asked.missing}
    assert "zoster-vaccine" not in advised


def test_a_vaccine_refused_or_planned_for_later_is_no_dose() -> None:
    later = Immunisation(id="flu", name="influenza", when=When(text="2026-12-24"))
    advised, weighed = said(person("female", 60, later))
    assert "influenza-vaccine" not in weighed
    assert "Influenza vaccine: no record" in advised["vaccination-record"].detail


def test_the_country_chooses_the_schedule() -> None:
    record = person("female", 60)
    british = record.model_copy(update={"person": record.person.model_copy(update={"country": "GB"})})
    advised, _ = said(british)
    assert "vaccination-record" not in advised
    older = person("female", 76)
    advised, _ = said(older.model_copy(update={"person": older.person.model_copy(update={"country": "GB"})}))
    assert {one.source for one in advised["vaccination-record"].evidence} == {"UKHSA"}


def test_a_stated_black_origin_is_not_taken_for_another_and_an_unstated_one_widens_the_figure() -> None:
    facts = (
        smoking("former"),
        quit_on("2010-06-01"),
        measured("pack-years", 45),
        measured("cigarettes-per-day", 20),
        measured("bmi", 24),
        relative("breast-cancer", "aunt", 70),
    )
    stated = said(person("male", 66, *facts, ancestry="African American"))
    unstated = said(person("male", 66, *facts))
    figures = [
        re.findall(r"[0-9.]+", (one[0].get(RISK) or one[1][RISK]).summary.split("PLCOm2012")[1]) for one in (stated, unstated)
    ]
    assert float(figures[1][0]) < float(figures[0][0]) <= float(figures[0][1]) <= float(figures[1][1])
