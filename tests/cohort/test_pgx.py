"""A cohort's tables say of each person what the caller and the adviser say of that person alone."""

from __future__ import annotations

import csv
import json
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from singula.cli.main import main

pytestmark = pytest.mark.shared


def run(*words: str) -> Any:
    with redirect_stdout(StringIO()) as printed:
        assert main([*words, "--json"]) == 0
    return json.loads(printed.getvalue())


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


@pytest.mark.parametrize("name", ["official_100samples", "made_hostile"])
def test_calls_are_those_of_each_person_alone(shared: Path, tmp_path: Path, name: str) -> None:
    path, definitions = str(shared / f"samples/pgx/golden/{name}.vcf.gz"), str(shared / "samples/pgx/definitions")
    answer = run("pgx", "call", path, "--definitions", definitions)
    run("pgx", "cohort", path, "--definitions", definitions, "-o", str(tmp_path))
    rows = table(tmp_path / f"{name}.calls.tsv")
    assert [row["sample"] for row in rows] == [one["sample"] for one in answer["samples"]]
    for row, sample in zip(rows, answer["samples"], strict=True):
        for gene in sample["genes"]:
            names = " or ".join(gene["diplotypes"]) or " + ".join(gene["components"]) or gene["status"]
            assert row[gene["gene"]] == names
            assert row[f"{gene['gene']}_phenotype"] == " or ".join(gene["phenotypes"])


def test_advice_and_frequencies_follow_and_a_second_run_reads_nothing(shared: Path, tmp_path: Path) -> None:
    path = str(shared / "samples/pgx/golden/official_100samples.vcf.gz")
    groups = tmp_path / "groups.tsv"
    first = run("pgx", "cohort", path, "-o", str(tmp_path / "out"))["files"]
    rows = table(tmp_path / "out/official_100samples.calls.tsv")
    advice = table(tmp_path / "out/official_100samples.advice.tsv")
    poor = [row["sample"] for row in rows if row["CYP2C19_phenotype"] == "Poor Metabolizer"]
    assert poor
    assert {row["clopidogrel"] for row in advice if row["sample"] in poor} <= {"avoid", "alternative"}
    normal = {row["sample"] for row in rows if row["CYP2C19_phenotype"] == "Normal Metabolizer"}
    assert {row["clopidogrel"] for row in advice if row["sample"] in normal} == {""}
    assert first == [{"name": "official_100samples", "samples": len(rows), "done_before": False}]
    assert run("pgx", "cohort", path, "-o", str(tmp_path / "out"))["files"][0]["done_before"] is True
    groups.write_text("".join(f"{row['sample']}\t{'east' if number % 2 else 'west'}\n" for number, row in enumerate(rows)))
    again = run("pgx", "cohort", path, "-o", str(tmp_path / "out"), "--ancestry", str(groups))["files"][0]
    assert again["done_before"] is False
    shares = [row for row in table(tmp_path / "out/frequencies.tsv") if row["gene"] == "CYP2C19" and row["what"] == "phenotype"]
    counted = {row["ancestry"]: int(row["samples"]) for row in shares if row["value"] == "Poor Metabolizer"}
    assert counted["all"] == len(poor) == counted.get("east", 0) + counted.get("west", 0)
    assert {int(row["of"]) for row in shares if row["ancestry"] == "all"} == {len(rows)}
