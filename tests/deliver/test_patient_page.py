"""The person's page: plain words, the same facts, and a card of the person's own data only."""

from __future__ import annotations

import html
import re

import pytest

from singula.deliver.patient_page import render_patient_page
from singula.deliver.wallet_card import LONGEST_CODE, card_lists, card_text, render_wallet_card
from tests.deliver.plans import empty_plan, empty_record, full_plan, record, record_with_text

GRADE = 8.0


@pytest.fixture(scope="module")
def page() -> str:
    return render_patient_page(full_plan(), record())


def test_every_action_is_told_in_its_plain_sentence(page: str) -> None:
    for action in full_plan().actions:
        assert action.patient_text in page
        assert action.target.display in page


def test_no_doctor_words_of_the_clinician_page_are_used(page: str) -> None:
    for word in ("Contraindicated", "certainty", "relative risk", "poor metaboliser", "Number needed to treat"):
        assert word not in page


def test_what_to_ask_and_what_is_not_known_are_said(page: str) -> None:
    assert "What could I take in place of Clopidogrel?" in page
    assert "What we do not know" in page
    assert "<li dir=\"auto\">CYP2D6 genotype</li>" in page  # fmt: skip


def test_the_page_reads_at_eighth_grade_or_below(page: str) -> None:
    body = page.split("<body>")[1].split("Card for your wallet", maxsplit=1)[0]
    text = html.unescape(re.sub(r"<svg.*?</svg>", "", body, flags=re.DOTALL))
    lines = [re.sub(r"<[^>]+>", " ", line) for line in re.split(r"</(?:p|li|h\d|figcaption)>", text)]
    assert flesch_kincaid_grade([" ".join(line.split()) for line in lines]) <= GRADE


def test_the_dates_are_told_in_plain_words(page: str) -> None:
    dates = page[page.index('id="dates-h"') : page.index('id="means-h"')]
    assert "Due now" in dates
    assert "We have no record of it." in dates
    assert "It is due every 10 years until age 75." in dates
    assert re.search(r"\d{4}-\d{2}-\d{2}", dates) is None


def test_an_empty_plan_stays_modest() -> None:
    page = render_patient_page(empty_plan(), empty_record())
    assert "Your record may not be complete" in page
    assert "wallet" not in page


def test_the_card_names_allergies_medicines_to_avoid_and_genes() -> None:
    assert dict(card_lists(full_plan(), record())) == {
        "Allergies": ["Penicillin"],
        "Do not give without advice": ["Clopidogrel", "Ibuprofen", "Codeine"],
        "Gene results": ["CYP2C19 *2/*2 (Poor Metabolizer)", "SLCO1B1 *1/*1 (Normal Function)"],
    }


def test_the_code_on_the_card_holds_the_words_of_the_card() -> None:
    text = card_text(full_plan(), card_lists(full_plan(), record()))
    assert text.splitlines()[0] == "Anna Example, born 1961-04-12"
    assert text.splitlines()[-1] == "As of 2026-11-26"
    assert "://" not in text


def test_a_very_long_card_still_has_a_code() -> None:
    long = record_with_text("x" * 5000)
    assert len(card_text(full_plan(), card_lists(full_plan(), long)).encode()) <= LONGEST_CODE + 20
    assert "<svg" in str(render_wallet_card(full_plan(), long))


def flesch_kincaid_grade(lines: list[str]) -> float:
    """Flesch-Kincaid grade of English lines; a syllable is a group of vowels, a silent final e left out."""
    sentences = [one for line in lines for one in re.split(r"(?<=[.?!:])\s+", line) if re.search(r"[A-Za-z]", one)]
    words = [word for one in sentences for word in re.findall(r"[A-Za-z’]+", one)]
    syllables = sum(max(1, len(re.findall(r"[aeiouy]+", re.sub(r"(?<=[^aeiouyl])e$", "", word.lower())))) for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59
