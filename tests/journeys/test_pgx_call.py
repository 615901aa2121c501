"""The allele caller through the command line, gene by gene against what the reference caller answered."""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from singula.cli.main import main

pytestmark = [pytest.mark.shared, pytest.mark.slow]
GOLDEN = {
    "official": ["official_100samples.vcf.gz"],
    "synthetic_phased": ["synthetic_phased.vcf.gz"],
    "synthetic_unphased": ["synthetic_unphased.vcf.gz"],
    "synthetic_missing": ["synthetic_missing.vcf.gz"],
    "made_hostile": ["made_hostile.vcf.gz"],
    "getrm": ["NA18526.vcf", "NA18565.vcf"],
}
LISTS = ("diplotypes", "components", "lookup", "phenotypes", "activity_scores")
UNORDERED = ("diplotypes", "lookup")


def call(shared: Path, files: Sequence[Path], *options: str) -> dict[str, Any]:
    words = ["pgx", "call", *map(str, files), "--json", *options]
    words += ["--definitions", str(shared / "samples/pgx/definitions")]
    with redirect_stdout(StringIO()) as printed:
        code = main(words)
    assert code in (0, 3)
    answer: dict[str, Any] = json.loads(printed.getvalue())
    return answer


def plain(call_of_gene: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    """Write a call so that two that mean the same are equal: the order of strands and of a list says nothing."""
    shown: dict[str, Any] = {"status": call_of_gene["status"]}
    for key in keys:
        values = call_of_gene.get(key, [])
        if key in UNORDERED:
            values = ["/".join(sorted(part.strip() for part in value.split("/"))) for value in values]
        shown[key] = sorted(values)
    return shown


@pytest.mark.parametrize("name", GOLDEN)
def test_every_call_is_that_of_the_reference_caller(shared: Path, name: str) -> None:
    with gzip.open(shared / f"vectors/pgx/golden_{name}.tsv.gz", "rt", encoding="utf-8") as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    files = [shared / "samples/pgx/golden" / file for file in GOLDEN[name]]
    answer = call(shared, files, *(["--outside-calls", "beside"] if name == "getrm" else []))
    given = {(sample["sample"], gene["gene"]): gene for sample in answer["samples"] for gene in sample["genes"]}
    assert rows
    for row in rows:
        where = (row["sample"], row["gene"])
        wanted = {"status": row["status"], **{key: [one for one in row[key].split(" OR ") if one] for key in LISTS}}
        stated = [key for key in LISTS if wanted[key] != ["-"]]
        assert plain(given[where], stated) == plain(wanted, stated), where


def test_every_made_case_is_called_as_the_reference_says(shared: Path) -> None:
    cases = [json.loads(line) for line in (shared / "vectors/pgx/call_cases.jsonl").read_text(encoding="utf-8").splitlines()]
    by_options = defaultdict(list)
    for case in cases:
        by_options[tuple(case["inputs"]["options"])].append(case)
    for options, group in by_options.items():
        files = sorted({shared / "samples/pgx/cases" / case["inputs"]["vcf"] for case in group})
        flags = [f"--{option.replace('_', '-')}" for option in options]
        answer = call(shared, files, "--outside-calls", "beside", *flags)
        given = {(sample["file"], gene["gene"]): gene for sample in answer["samples"] for gene in sample["genes"]}
        for case in group:
            wanted = case["expected"]
            keys = [key for key in LISTS if key in wanted]
            found = given[case["inputs"]["vcf"], case["inputs"]["gene"]]
            assert plain(found, keys) == plain({"status": found["status"], **wanted}, keys), case["id"]
            assert found["status"] == wanted.get("status", found["status"]), case["id"]
