"""Attack strings in every string field of a plan and a record stay text in every output."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from singula.deliver.calendar import render_calendar
from singula.deliver.clinician_page import render_clinician_page
from singula.deliver.fhir_plan import plan_to_fhir
from singula.deliver.files import plan_to_json
from singula.deliver.patient_page import render_patient_page
from singula.deliver.pdf import render_pdf
from tests.deliver.plans import full_plan, record, record_with_text, with_text

OWN_ATTACKS = (
    "<script>alert(1)</script>",
    '"><svg/onload=alert(1)>',
    "{{ 7*7 }}{% raw %}",
    "&lt;img src=x&gt;",
    "]]><!--",
)


class Shape(HTMLParser):
    """Collects the elements of a page with the names of their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[str, ...]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(name for name, _ in attrs)))


def shape_of(page: str) -> list[tuple[str, tuple[str, ...]]]:
    shape = Shape()
    shape.feed(re.sub(r'<svg [^>]*class="segno".*?</svg>', "", page, flags=re.DOTALL))
    return shape.elements


def assert_text_only(text: str) -> None:
    hostile, harmless = (with_text(full_plan(), one) for one in (text, "harmless"))
    assert shape_of(render_clinician_page(hostile)) == shape_of(render_clinician_page(harmless))
    pages = [render_patient_page(plan, record_with_text(one)) for plan, one in ((hostile, text), (harmless, "harmless"))]
    assert shape_of(pages[0]) == shape_of(pages[1])
    assert render_pdf(hostile).startswith(b"%PDF-")
    assert json.loads(plan_to_json(hostile))["person"]["name"] == text
    assert render_calendar(hostile).count(b"BEGIN:") == render_calendar(full_plan()).count(b"BEGIN:")
    assert plan_to_fhir(hostile, record_with_text(text))["type"] == "collection"


@pytest.mark.parametrize("text", OWN_ATTACKS)
def test_markup_stays_text(text: str) -> None:
    assert_text_only(text)


@pytest.mark.shared
def test_the_attack_corpus_stays_text(shared: Path) -> None:
    attacks = shared / "vectors" / "platform" / "attacks"
    for name in ("markup", "formulae", "search_values", "urls"):
        for line in (attacks / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            text = next((case[key] for key in ("text", "value", "url") if isinstance(case.get(key), str)), "")
            if text.strip():
                assert_text_only(text)


def test_no_page_holds_a_script_or_a_handler() -> None:
    page = render_patient_page(full_plan(), record())
    assert not re.search(r"<script|\son\w+=|javascript:", page)
