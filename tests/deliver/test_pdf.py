"""The PDF: same bytes, whole content, markup as text."""

from __future__ import annotations

import json

from singula.deliver.pdf import outline, render_pdf
from tests.deliver.plans import empty_plan, full_plan, with_text


def test_the_same_plan_is_the_same_pdf_of_that_day() -> None:
    made = render_pdf(full_plan())
    assert made == render_pdf(full_plan())
    assert made.startswith(b"%PDF-")
    assert b"20261126" in made or b"2026-11-26" in made


def test_every_action_and_its_source_is_in_the_outline() -> None:
    text = json.dumps(outline(full_plan()), ensure_ascii=False)
    for action in full_plan().actions:
        assert action.summary in text
    assert "[not yet compared with the source]" in text
    assert "Ruled out: Prasugrel. earlier stroke" in text


def test_an_empty_plan_is_a_page() -> None:
    assert outline(empty_plan())["sections"][0]["groups"][0]["entries"][0]["title"].startswith("Nothing in this record")
    assert render_pdf(empty_plan()).startswith(b"%PDF-")


def test_typst_markup_in_the_record_is_text() -> None:
    attack = '#panic("x") ] } $ @ref `raw` \\ "quoted" #read("/etc/passwd") *bold* <label> https://x.y'
    assert render_pdf(with_text(full_plan(), attack)).startswith(b"%PDF-")
