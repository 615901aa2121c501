"""The report of genes and medicines: what is avoided for life, which test would tell most, how a call was made."""

from __future__ import annotations

import json
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from singula.cli.main import main

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples/twelve-medicines/prescription.json"
STENT = [str(ROOT / "examples/stent" / name) for name in ("record.json", "genome.vcf")]


def report(*words: str) -> Any:
    with redirect_stdout(StringIO()) as printed:
        assert main(["pgx", "report", *words, "--as-of", "2026-11-26", "--json"]) == 0
    return json.loads(printed.getvalue())


def test_twelve_medicines_are_reviewed_on_one_page(tmp_path: Path) -> None:
    answer = report(str(EXAMPLE), "-o", str(tmp_path))
    actions = {one["medicine"]: one["action"] for one in answer["medicines"]}
    assert len(actions) == 12
    assert {name for name, action in actions.items() if action in ("avoid", "alternative")} == {
        "clopidogrel", "omeprazole", "simvastatin", "citalopram", "tramadol", "ibuprofen", "metformin", "spironolactone",
        "amitriptyline",
    }  # fmt: skip
    effective = next(one for one in answer["medicines"] if one["medicine"] == "tramadol")["effective"]["CYP2D6"]
    assert (effective["phenotype"], effective["activity_score"]) == ("Poor Metabolizer", 0.0)
    assert ["citalopram", "paroxetine"] in [one["medicines"] for one in answer["conflicts"] if one["kind"] == "duplicate"]
    page = (tmp_path / "pgx.html").read_text(encoding="utf-8")
    assert "Simvastatin, SLCO1B1 poor function" in page
    assert "if it is kept, simvastatin: at most 20 mg a day" in page
    offered = {one["medicine"] for row in answer["medicines"] if row["medicine"] == "citalopram" for one in row["alternatives"]}
    assert "sertraline" in offered
    assert "escitalopram" not in offered
    assert (tmp_path / "pgx.pdf").read_bytes()[:5] == b"%PDF-"
    assert json.loads((tmp_path / "pgx.json").read_text(encoding="utf-8")) == answer
    resources = {one["resource"]["resourceType"] for one in json.loads((tmp_path / "pgx.fhir.json").read_bytes())["entry"]}
    assert {"Patient", "Observation", "DiagnosticReport"} <= resources


def test_what_is_avoided_for_life_comes_from_genes_alone() -> None:
    answer = report(str(EXAMPLE))
    avoided = {one["medicine"] for one in answer["avoid_for_life"]}
    assert {"clopidogrel", "simvastatin"} <= avoided
    assert not avoided & {"metformin", "spironolactone", "tramadol"}
    assert "CYP2C19" not in [one["gene"] for one in answer["tests"]]
    taken = [len(one["medicines_taken"]) for one in answer["tests"]]
    assert taken == sorted(taken, reverse=True)


def test_the_methods_page_shows_positions_and_pairs() -> None:
    method = report(*STENT, "--explain", "CYP2C19")["method"]
    assert method["call"]["diplotypes"] == [method["pairs"][0]["pair"]] == ["*2/*2"]
    read = {one["rsid"]: one["read"] for one in method["positions"]}
    assert set(read["rs4244285"]) - {"|", "/"} == {"A"}


@pytest.mark.parametrize(("words", "code"), [([*STENT], 2), ([STENT[0], "--explain", "CYP2C19", "--json"], 2),
                                             ([*STENT, "--explain", "ABC", "--json"], 3)])  # fmt: skip
def test_what_cannot_be_reported_is_refused(words: list[str], code: int) -> None:
    assert main(["pgx", "report", *words]) == code
