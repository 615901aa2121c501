"""What annotating a MAF of 100,000 rows costs, start of the program included; run with ``make bench``."""

from __future__ import annotations

import random
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

ROWS, PEOPLE = 100_000, 200
CHANGES = (("FLT3", "p.D835Y"), ("NPM1", "p.W288fs"), ("IDH2", "p.R140Q"), ("DNMT3A", "p.R882H"), ("TTN", "p.A100T"))
HEAD = "Hugo_Symbol\tNCBI_Build\tVariant_Classification\tTumor_Sample_Barcode\tHGVSp_Short\n"


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a made-up cohort: few genes of note, many changes that mean nothing."""
    path = tmp_path_factory.mktemp("maf") / "cohort.maf"
    chance = random.Random(1)
    with path.open("w", encoding="ascii") as out:
        out.write(HEAD)
        for number in range(ROWS):
            gene, change = chance.choice(CHANGES)
            shown = f"p.A{chance.randrange(1, 30_000)}T" if gene == "TTN" else change
            out.write(f"{gene}\tGRCh38\tMissense_Mutation\tmade-{number % PEOPLE}\t{shown}\n")
    return path


def test_a_hundred_thousand_rows_are_annotated(benchmark: Any, cohort: Path) -> None:
    command = [sys.executable, "-m", "singula", "tumour", "annotate", str(cohort), "--tumour-type", "AML", "--json"]

    def annotate() -> bytes:
        return subprocess.run(command, check=True, capture_output=True).stdout

    answer = orjson.loads(benchmark.pedantic(annotate, rounds=3))
    assert len(answer["samples"]) == PEOPLE
    benchmark.extra_info["peak_mb"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
