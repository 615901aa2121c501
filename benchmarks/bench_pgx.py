"""What calling all genes costs: one sample, a hundred, two thousand, a biobank of 200,000, and a gene with thirty open strands.

Run with ``make bench``. The cohorts are made from the packaged positions: phased, of five hundred different genomes.
"""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
from operator import itemgetter
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

import singula as package
from singula.knowledge import load_knowledge
from singula.methods.genome.definitions import GeneDefinition
from singula.methods.genome.gene_call import Options, call_gene
from singula.methods.genome.observed import Observed
from singula.sources.pgx_calls import PgxTables, callable_definitions, load_tables

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(package.__file__).parents[1])}
SHARED = Path(os.environ.get("SINGULA_SHARED", Path(__file__).parents[2] / "shared"))
DEFINITIONS = SHARED / "samples/pgx/definitions"
PEOPLE = (1, 100, 2_000, 200_000)
OPEN_STRANDS = 30


@pytest.fixture(scope="module")
def tables() -> PgxTables:
    """Return the complete release where it is there, else the packaged core tables."""
    return load_tables(load_knowledge(), DEFINITIONS if DEFINITIONS.is_dir() else None)


def write_cohort(path: Path, definitions: dict[str, GeneDefinition], people: int) -> None:
    """Write a VCF; a sample is one of five hundred genomes, so that patterns repeat as they do between people."""
    chance = random.Random(people)
    genome_of = itemgetter(*chance.choices(range(500), k=people), 0)
    places = sorted(
        {(one.chromosome, one.position, one.ref, one.alts) for each in definitions.values() for one in each.positions}
    )
    with path.open("w", encoding="ascii") as out:
        names = "\t".join(f"s{number}" for number in range(people))
        out.write(f"##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{names}\n")
        for chromosome, position, ref, alts in places:
            share = chance.choice((0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.001, 0.01, 0.05, 0.2)) if alts else 0.0
            strands = [f"{int(chance.random() < share)}|{int(chance.random() < share)}" for _ in range(500)]
            column = "\t".join(genome_of(strands)[:-1])
            out.write(f"{chromosome}\t{position}\t.\t{ref}\t{','.join(alts) or '.'}\t50\tPASS\t.\tGT\t{column}\n")


@pytest.mark.parametrize("people", PEOPLE)
def test_all_genes_of_a_cohort(benchmark: Any, tables: PgxTables, tmp_path: Path, people: int) -> None:
    path = tmp_path / "cohort.vcf"
    write_cohort(path, callable_definitions(tables), people)
    release = ["--definitions", str(DEFINITIONS)] if DEFINITIONS.is_dir() else []
    ask = ["cohort", str(path), "-o", str(tmp_path / "tables")] if people > PEOPLE[2] else ["call", str(path), "--json"]
    command = [sys.executable, "-m", "singula", "pgx", *ask, *release]

    def whole_command() -> float:
        started = perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
        return perf_counter() - started

    wall = benchmark.pedantic(whole_command, rounds=1)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    benchmark.extra_info.update(samples_per_s=people / wall, peak_mb=peak)
    print(f"\n{people:,} samples: {wall:.2f} s, {people / wall:,.0f} samples/s, highest memory of all {peak:.0f} MB")


@pytest.mark.parametrize("gene", ["RYR1", "CYP2D6"])
def test_thirty_open_strands(benchmark: Any, tables: PgxTables, gene: str) -> None:
    definition = tables.definitions.get(gene)
    if definition is None or len(definition.positions) < OPEN_STRANDS:
        pytest.skip(f"{gene} has fewer than {OPEN_STRANDS} positions in these definitions")
    open_at = random.Random(1).sample([n for n, one in enumerate(definition.positions) if one.alts], OPEN_STRANDS)
    seen = tuple(
        Observed((one.ref, one.alts[0])) if number in open_at else Observed((one.ref, one.ref), "*")
        for number, one in enumerate(definition.positions)
    )
    for options in (Options(), Options(all_candidates=True)):
        call_gene(definition, tables.phenotypes.get(gene), seen, options)
    benchmark(call_gene, definition, tables.phenotypes.get(gene), seen, Options())
