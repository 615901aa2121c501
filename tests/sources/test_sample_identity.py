"""A genome whose X chromosome contradicts the record says nothing until it is confirmed whose it is."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import pytest

from singula.knowledge import load_knowledge
from singula.record import Genotype, Record, Variant
from singula.sources.reading import read_inputs
from tests.security.broken_inputs import PERSON, bundle

HEAD = (
    "##fileformat=VCFv4.2\n##contig=<ID=chr10,length=133797422>\n##contig=<ID=chr11,length=135086622>\n"
    "##contig=<ID=chrX,length=156040895>\n"
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tp\n"
)
CYP2C19_2 = "chr10\t94781859\t.\tG\tA\t.\tPASS\t.\tGT\t1/1\n"
FACTOR_V = "chr11\t46739505\t.\tG\tA\t.\tPASS\t.\tGT\t0/1\n"


def read(folder: Path, gender: str, on_x: list[str], first_base: int = 50_000_000) -> tuple[Record, list[str]]:
    (folder / "person.json").write_bytes(bundle({**PERSON, "id": "p", "gender": gender}))
    rows = [f"chrX\t{first_base + 1000 * number}\t.\tA\tG\t.\tPASS\t.\tGT\t{one}\n" for number, one in enumerate(on_x)]
    with gzip.open(folder / "genome.vcf.gz", "wt") as out:
        out.write(HEAD + CYP2C19_2 + FACTOR_V + "".join(rows))
    reading = read_inputs([folder], load_knowledge(), as_of=date(2026, 11, 1))
    (record,) = reading.records
    return record, [one.message for one in reading.problems if one.severity == "error"]


@pytest.mark.parametrize(("gender", "on_x"), [("male", ["0/1", "1/1"] * 20), ("female", ["1/1"] * 40), ("female", ["1"] * 40)])
def test_a_genome_of_the_other_sex_is_set_aside_with_all_that_was_read_from_it(
    tmp_path: Path, gender: str, on_x: list[str]
) -> None:
    record, errors = read(tmp_path, gender, on_x)
    assert [fact for fact in record.facts if isinstance(fact, Genotype | Variant)] == []
    assert record.assays == ()
    (message,) = errors
    assert f"the record says {gender}: nothing is said from it" in message


@pytest.mark.parametrize(
    ("gender", "on_x", "inferred"),
    [
        ("female", ["0/1", "1/1"] * 20, "female"),
        ("male", ["1/1"] * 40, "male"),
        ("male", ["0/1"] * 19, None),
        ("male", ["0/1", *["1/1"] * 6] * 6, None),
    ],
    ids=["woman", "man", "too few", "between"],
)
def test_a_fitting_or_unclear_genome_speaks(tmp_path: Path, gender: str, on_x: list[str], inferred: str | None) -> None:
    record, errors = read(tmp_path, gender, on_x)
    assert errors == []
    assert record.assays[0].inferred_sex == inferred
    calls = {fact.gene: fact.diplotype for fact in record.facts if isinstance(fact, Genotype)}
    assert calls["CYP2C19"] == "*2/*2"


def test_pseudo_autosomal_variants_tell_nothing_of_sex(tmp_path: Path) -> None:
    record, errors = read(tmp_path, "male", ["0/1"] * 40, first_base=100_000)
    assert (errors, record.assays[0].inferred_sex) == ([], None)
