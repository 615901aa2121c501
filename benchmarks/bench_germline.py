"""What a germline report of 1,000,000 rows costs beside ``gzip -dc FILE | wc -l``, and what importing a ClinVar release costs.

Run with ``make bench``. The release is made: 4,000,000 records with the shape of ClinVar's, two of a hundred pathogenic.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import resource
import shutil
import subprocess
import sys
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import pytest

import singula as package
from singula.sources.clinvar import open_release

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(package.__file__).parents[1])}
ROWS, RECORDS = 1_000_000, 4_000_000
SCORES, VARIANTS = 100, 1_000
SCORE_HEAD = "#pgs_id=made{0}\n#genome_build=GRCh38\nchr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\n"
PER_CHROMOSOME = ROWS // 22 + 1
HEAD = """\
##fileformat=VCFv4.2
##contig=<ID=chr1,length=248956422,assembly=GRCh38>
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tmade
"""
RELEASE_HEAD = "##fileformat=VCFv4.1\n##fileDate=2026-02-26\n##reference=GRCh38\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
CLASSES = ("Pathogenic", "Likely_pathogenic") + ("Uncertain_significance",) * 50 + ("Likely_benign",) * 40 + ("Benign",) * 8
INFO = (
    "ALLELEID={0};CLNDISDB=MONDO:MONDO:0015356,MedGen:C0027672;CLNDN=Hereditary_cancer|not_provided;CLNHGVS=NC_000001.11:g.{0}A>G;"
    "CLNREVSTAT=criteria_provided,_single_submitter;CLNSIG={1};CLNVC=single_nucleotide_variant;GENEINFO=GENE{2}:1;"
    "MC=SO:0001583|missense_variant;ORIGIN=1"
)


@pytest.fixture(scope="module")
def million(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write one sample's variants over 22 chromosomes, five FORMAT fields, as callers write them."""
    path = tmp_path_factory.mktemp("vcf") / "million.vcf.gz"
    chance = random.Random(1)
    with gzip.open(path, "wt", compresslevel=6, encoding="ascii") as out:
        out.write(HEAD)
        for number in range(ROWS):
            place = 10_000 + 3_000 * (number % PER_CHROMOSOME) + chance.randrange(3_000)
            ref, alt = chance.sample("ACGT", 2)
            reads, quality = chance.randrange(8, 25), chance.randrange(20, 100)
            info = f"AC=1;AF=0.500;AN=2;BQRS={chance.uniform(-3, 3):.3f};DP={2 * reads};FS={chance.uniform(0, 9):.3f};MQ=60"
            sample = f"0/1:{reads},{reads}:{2 * reads}:{quality}:{chance.randrange(99, 900)},0,{chance.randrange(99, 900)}"
            name = 1 + number // PER_CHROMOSOME
            out.write(f"chr{name}\t{place}\t.\t{ref}\t{alt}\t{quality}\tPASS\t{info}\tGT:AD:DP:GQ:PL\t{sample}\n")
    return path


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a release of full size."""
    path = tmp_path_factory.mktemp("clinvar") / "clinvar.vcf.gz"
    per_chromosome = RECORDS // 22 + 1
    with gzip.open(path, "wt", compresslevel=1, encoding="ascii") as out:
        out.write(RELEASE_HEAD)
        for number in range(RECORDS):
            chromosome, place = 1 + number // per_chromosome, 10_000 + 700 * (number % per_chromosome)
            info = INFO.format(number, CLASSES[number % len(CLASSES)], number // 500)
            out.write(f"{chromosome}\t{place}\t{number}\tA\tG\t.\t.\t{info}\n")
    return path


def children_cpu() -> float:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime


def cost_of(command: list[str]) -> float:
    before = children_cpu()
    subprocess.run(command, check=True, capture_output=True, env=ENVIRONMENT)
    return children_cpu() - before


def test_a_release_is_imported_and_a_report_made(benchmark: Any, million: Path, release: Path, tmp_path: Path) -> None:
    singula = [sys.executable, "-m", "singula"]
    started = perf_counter()
    subprocess.run([*singula, "kb", "import", "clinvar", str(release), "--to", str(tmp_path)], check=True, env=ENVIRONMENT)
    imported = perf_counter() - started
    before = process_time()
    opened = open_release(tmp_path / "clinvar")
    load = process_time() - before
    floor = min(cost_of(["/bin/sh", "-c", f"{shutil.which('gzip')} -dc {million} | wc -l"]) for _ in range(3))
    report = [*singula, "germline", "report", str(million), "--knowledge", str(tmp_path), "--json"]
    cost = min(cost_of(report) for _ in range(3))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    benchmark.extra_info.update(
        import_s=imported, load_cpu_s=load, gzip_wc_cpu_s=floor, report_cpu_s=cost, ratio=cost / floor, peak_mb=peak
    )
    print(
        f"\nimport {imported:.1f} s, open {load:.3f} s, {len(opened.table):,} alleles; report {cost:.2f} s user CPU,"
        f" gzip | wc {floor:.2f} s, ratio {cost / floor:.1f}; highest memory of all {peak:.0f} MB"
    )
    benchmark.pedantic(cost_of, args=(report,), rounds=1)


def test_a_hundred_scores_of_a_thousand_variants_take_one_pass(benchmark: Any, million: Path, tmp_path: Path) -> None:
    with gzip.open(million, "rt", encoding="ascii") as lines:
        rows = [line.split("\t", 5)[:5] for line in islice(lines, HEAD.count("\n"), None, 10)]
    scores = []
    for number in range(SCORES):
        path = tmp_path / f"made{number}.txt"
        chosen = rows[number::SCORES][:VARIANTS]
        body = "".join(f"{row[0].removeprefix('chr')}\t{row[1]}\t{row[4]}\t{row[3]}\t0.01\n" for row in chosen)
        path.write_text(SCORE_HEAD.format(number) + body, encoding="ascii")
        scores.extend(("--score", str(path)))
    score = [sys.executable, "-m", "singula", "prs", "score", str(million), "--keep-ambiguous", "--json"]
    answer = json.loads(subprocess.run([*score, *scores], check=True, capture_output=True, env=ENVIRONMENT).stdout)
    assert [one["matched"] for one in answer["samples"][0]["scores"]] == [VARIANTS] * SCORES
    floor = min(cost_of(["/bin/sh", "-c", f"{shutil.which('gzip')} -dc {million} | wc -l"]) for _ in range(3))
    alone, together = cost_of([*score, *scores[:2]]), cost_of([*score, *scores])
    benchmark.extra_info.update(one_s=alone, hundred_s=together, ratio=together / floor)
    print(f"\none score {alone:.2f} s user CPU, a hundred {together:.2f} s, gzip | wc {floor:.2f} s")
    benchmark.pedantic(cost_of, args=([*score, *scores],), rounds=1)
