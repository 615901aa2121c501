"""The clinician's page says everything the plan holds, with nothing but itself."""

from __future__ import annotations

import re
from datetime import date

import pytest

from singula.deliver.clinician_page import render_clinician_page
from singula.deliver.words import grade_words
from tests.deliver.plans import empty_plan, full_plan, with_text


@pytest.fixture(scope="module")
def page() -> str:
    return render_clinician_page(full_plan())


@pytest.mark.parametrize("action", full_plan().actions, ids=lambda action: action.kind)
def test_every_action_stands_on_the_page(page: str, action) -> None:
    assert f'id="a-{action.id}"' in page
    assert action.summary in page


def test_sections_come_in_reading_order(page: str) -> None:
    found = re.findall(r'<section id="([a-z]+)"', page)
    assert found == ["do", "unknown", "conflicts", "options", "calendar", "considered", "quality", "knowledge"]


@pytest.mark.parametrize(
    "words",
    [
        "Overdue since 1 March 2026",
        "−50 to −25 % of the usual dose, at most 20 mg a day (CYP2C19)",
        "not yet compared with the source",
        "fits this person: partly",
        "Rule: contraindication &gt; preference",
        "creatinine 80 mg/dL is not plausible",
        "Potassium salt: potassium is 5.1 mmol/L",
        "systolic −6.7 mmHg",
        "every 10 years until age 75",
        "harm outweighs benefit, next 2 January 2027",
        "Sensitive: genetics",
        "synthetic person",
    ],
)
def test_what_the_plan_knows_is_said(page: str, words: str) -> None:
    assert words in page


def test_a_fact_unfolds_under_the_action_that_used_it(page: str) -> None:
    action = page.split('id="a-switch-clopidogrel"')[1].split("</details>", maxsplit=1)[0]
    assert "Coronary stent" in action
    assert "Creatinine" not in action


def test_an_icon_array_shows_those_harmed_and_those_spared(page: str) -> None:
    with_treatment = page.split("with treatment; 4 are spared")[1].split("</svg>", maxsplit=1)[0]
    assert [with_treatment.count(f'class="{fate}"') for fate in ("hurt", "spared", "rest")] == [12, 4, 84]


def test_the_page_reaches_nothing_outside_itself(page: str) -> None:
    assert "default-src 'none'" in page.replace("&#39;", "'")
    assert not re.search(r"<(script|link|img|iframe|object|form)\b|https?://|\sstyle=|\son[a-z]+=", page)


def test_an_empty_plan_does_not_say_that_nothing_is_needed() -> None:
    page = render_clinician_page(empty_plan())
    assert "That is not the same as nothing being needed" in page
    assert "age not known" in page


def test_right_to_left_text_is_kept_and_set_by_its_own_direction() -> None:
    page = render_clinician_page(with_text(full_plan(), "العلاج المقترح"))
    assert '<h4 dir="auto">العلاج المقترح</h4>' in page


def test_the_calendar_tells_the_grade_and_what_is_due_later() -> None:
    plan = full_plan()
    later = plan.considered[0].model_copy(update={"next_due": date(2028, 1, 15), "reason": "done lately"})
    page = render_clinician_page(plan.model_copy(update={"considered": (later,)}))
    calendar = page[page.index('<section id="calendar"') :]
    calendar = calendar[: calendar.index("</section>")]
    assert "15 January 2028 (later)" in calendar
    assert "done lately" in calendar
    assert "Why this person" in calendar
    assert "No record that it was done; ask whether it was done elsewhere." in calendar
    assert re.search(r"\d{4}-\d{2}-\d{2}", calendar) is None
    assert all(grade_words(action.evidence) in calendar for action in plan.actions if action.due)


def test_what_options_do_together_is_said_in_words(page: str) -> None:
    assert "the single effects add up to −12 mmHg systolic; to be expected together −9 mmHg systolic" in page
