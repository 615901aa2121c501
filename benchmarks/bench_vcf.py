"""What reading a VCF of 1,000,000 rows costs beside ``gzip -dc FILE | wc -l``; run with ``make bench``."""

from __future__ import annotations

import gzip
import random
import resource
import shutil
import subprocess
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from singula.knowledge import load_knowledge
from singula.methods.genome.gene_call import Options
from singula.sources.pgx_calls import call_file, load_tables

ROWS = 1_000_000
HEAD = """\
##fileformat=VCFv4.2
##contig=<ID=chr1,length=248956422,assembly=GRCh38>
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tmade
"""


@pytest.fixture(scope="module")
def million(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write one sample's variants over 22 chromosomes, as a genome has them."""
    path = tmp_path_factory.mktemp("vcf") / "million.vcf.gz"
    chance = random.Random(1)
    with gzip.open(path, "wt", compresslevel=6, encoding="ascii") as out:
        out.write(HEAD)
        for number in range(ROWS):
            place = 10_000 + 3_000 * (number % (ROWS // 22 + 1)) + chance.randrange(3_000)
            ref, alt = chance.sample("ACGT", 2)
            out.write(
                f"chr{1 + number // (ROWS // 22 + 1)}\t{place}\t.\t{ref}\t{alt}\t50\tPASS\tDP=30;AF=0.5\tGT:DP:GQ\t0/1:30:99\n"
            )
    return path


def children_cpu() -> float:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime


def test_calls_from_a_million_rows_beside_gzip(benchmark: Any, million: Path) -> None:
    tables = load_tables(load_knowledge(), None, "GRCh38")
    count = f"{shutil.which('gzip')} -dc {million} | wc -l"
    floor = []
    for _ in range(3):
        before = children_cpu()
        subprocess.run(["/bin/sh", "-c", count], check=True, capture_output=True)
        floor.append(children_cpu() - before)

    def user_cpu_of_calling() -> float:
        before = process_time()
        assert len(list(call_file(million, tables, Options()))) == 1
        return process_time() - before

    reader = [user_cpu_of_calling() for _ in range(3)]
    benchmark.extra_info.update(gzip_wc_cpu_s=min(floor), reader_cpu_s=min(reader), ratio=min(reader) / min(floor))
    print(f"\nreader {min(reader):.2f} s, gzip | wc {min(floor):.2f} s, ratio {min(reader) / min(floor):.1f}")
    benchmark.pedantic(user_cpu_of_calling, rounds=1)
