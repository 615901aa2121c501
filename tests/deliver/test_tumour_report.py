"""The tumour board's report: what it says, what it does not claim, and that it says it twice alike."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from singula.cli.main import main
from singula.deliver.clinician_page import render_clinician_page
from singula.deliver.tumour_board import make_boards
from singula.knowledge import load_knowledge
from singula.pipeline import plan
from singula.sources.reading import read_inputs

LUNG = Path("examples/lung/tumour.json")


def report_of(folder: Path, source: Path = LUNG, *more: str) -> int:
    return main(["tumour", "report", str(source), "-o", str(folder), "--as-of", "2026-11-26", *more])


def test_the_page_names_options_untested_genes_and_the_germline(tmp_path: Path) -> None:
    assert report_of(tmp_path / "out") == 0
    page = (tmp_path / "out" / "tumour.html").read_text(encoding="utf-8")
    assert "osimertinib" in page
    assert "BRCA2 p.S1982fs may be inherited: offer a germline test" in page
    assert "TPS, CPS, TC and IC count different cells" in page
    negative, untested = page.split("Tested, nothing found:")[1].split("Asked for in this tumour type")
    assert "KRAS" in negative
    assert "MET" not in negative.split("</p>")[0]
    assert "MET" in untested.split("</p>")[0]
    assert 'aria-label="EGFR: p.L858R at codon 858"' in page


def test_the_bundle_links_a_therapy_to_its_variant(tmp_path: Path) -> None:
    report_of(tmp_path / "out")
    bundle = json.loads((tmp_path / "out" / "tumour.fhir.json").read_text(encoding="utf-8"))
    resources = [entry["resource"] for entry in bundle["entry"]]
    kinds = [one["resourceType"] for one in resources]
    assert kinds.count("Patient") == kinds.count("DiagnosticReport") == 1
    osimertinib = next(one for one in resources if "osimertinib" in json.dumps(one) and one["resourceType"] == "Observation")
    variant = next(entry for entry in bundle["entry"] if entry["fullUrl"] == osimertinib["derivedFrom"][0]["reference"])
    assert "p.L858R" in json.dumps(variant)


def test_the_same_day_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        report_of(tmp_path / name)
    for name in ("tumour.html", "tumour.pdf", "tumour.fhir.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert (tmp_path / "one" / "tumour.pdf").read_bytes().startswith(b"%PDF")


def test_markup_in_a_sample_stays_text_and_earlier_therapies_are_drawn(tmp_path: Path) -> None:
    document = json.loads(LUNG.read_text(encoding="utf-8"))
    document |= {"sample_id": "<b>x</b>", "prior_therapies": ["gefitinib", "<script>"]}
    source = tmp_path / "own.json"
    source.write_text(json.dumps(document), encoding="utf-8")
    assert report_of(tmp_path / "out", source) == 0
    page = (tmp_path / "out" / "tumour.html").read_text(encoding="utf-8")
    assert "<b>x</b>" not in page
    assert "<script>" not in page
    assert "1. gefitinib" in page


def test_a_bad_line_is_listed_in_the_report_of_the_others(tmp_path: Path) -> None:
    source = tmp_path / "two.jsonl"
    source.write_text(json.dumps(json.loads(LUNG.read_text(encoding="utf-8"))) + "\n{}\n", encoding="utf-8")
    assert report_of(tmp_path / "out", source) == 3
    assert "two.jsonl:2" in (tmp_path / "out" / "tumour.html").read_text(encoding="utf-8")


def test_a_sample_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert report_of(tmp_path / "out", LUNG, "--sample", "nobody") == 3
    assert "synthetic-greta-tumour" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_plan_of_a_person_with_a_tumour_has_its_board() -> None:
    knowledge = load_knowledge()
    (record,) = read_inputs(["examples/lung"], knowledge, as_of=date(2026, 11, 26)).records
    page = render_clinician_page(plan(record, knowledge), make_boards(record, knowledge))
    board = page.partition('id="board-1"')[2].partition("</section>")[0]
    assert "Tumour board: Lung Adenocarcinoma" in board
    assert "EGFR p.L858R" in board
    assert 'class="lollipop"' in board
    assert "BRCA2 p.S1982fs may be inherited" in board
    assert "Tested, nothing found:</b> ALK, BRAF, ERBB2, KRAS, RET, ROS1" in board


def test_a_person_without_a_tumour_has_no_board() -> None:
    knowledge = load_knowledge()
    (record,) = read_inputs(["examples/stent"], knowledge, as_of=date(2026, 11, 26)).records
    assert make_boards(record, knowledge) == ()
