"""The lint of the allele tables finds what was spoiled in a copy of them, and nothing in the tables themselves."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from singula.assess.medicines.genes import ABBREVIATIONS, SCORE_RULE
from singula.knowledge import Pack, load_knowledge
from singula.knowledge.pgx_lint import lint_advice, lint_alleles

DATA = Path(__file__).parents[2] / "src" / "singula" / "knowledge" / "data"


def spoiled(tmp_path: Path, pack: str, table: str, change: Callable[[str], str]) -> Pack:
    folder = tmp_path / pack
    shutil.copytree(DATA / pack, folder)
    file = folder / f"{table}.tsv"
    before = file.read_text(encoding="utf-8")
    after = change(before)
    assert after != before
    file.write_text(after, encoding="utf-8")
    return Pack(folder)


def swap(pattern: str, replacement: str) -> Callable[[str], str]:
    return lambda text: re.sub(pattern, replacement, text, count=1, flags=re.MULTILINE)


def test_the_packaged_tables_have_no_fault() -> None:
    packs = load_knowledge().packs
    assert list(lint_alleles(packs["pgx"])) == []
    assert list(lint_advice(packs["pgx_advice"])) == []


SPOILS = {
    "a base that is the reference": (
        "alleles",
        r"^(CYP2C19\t\*2\t.*rs4244285\t\d+\t)A\tmust",
        r"\1G\tmust",
        "is the reference base G",
    ),
    "a base nobody reads": ("alleles", r"^(CYP2C19\t\*2\t.*rs4244285\t\d+\t)A\tmust", r"\1T\tmust", "neither REF nor"),
    "an rsID of another gene": ("alleles", r"rs4244285", "rs4149056", "is no position of the gene"),
    "an alternative equal to REF": (
        "positions",
        r"^(CYP2C19\trs4244285\tchr10\t94781859\tG\t)A",
        r"\1G",
        "is the reference base",
    ),
    "an rsID at two places": ("positions", r"^(CYP2C19\t)rs12769205", r"\1rs58973490", "stands at 2 positions"),
    "a padded indel": ("positions", r"\tGA\tG\t", "\tGAA\tGA\t", "is not written in the shortest form"),
    "two alleles with one key": ("alleles", r"^(TPMT\t)\*3A(\t.*\n)TPMT\t\*3A(\t.*\n)", r"\1*3X\2TPMT\t*3X\3", "same bases"),
    "a hole in the phenotypes": ("function_pairs", r"^TPMT\tNo function\tNo function\t.*\n", "", "has a hole at No function"),
    "a function without its value": ("alleles", r"^(CYP2C9\t\*2\t.*\tDecreased function\t)0\.5", r"\1", "no activity value"),
}


@pytest.mark.parametrize("fault", SPOILS)
def test_a_spoiled_allele_table_is_found_out(tmp_path: Path, fault: str) -> None:
    table, pattern, replacement, message = SPOILS[fault]
    if fault == "two alleles with one key":
        twice = spoiled(tmp_path, "pgx", table, lambda text: text + re.sub(r"\t\*2\t", "\t*2X\t", rows_of(text, "CYP2C9\t*2\t")))
        found = list(lint_alleles(twice))
    else:
        found = list(lint_alleles(spoiled(tmp_path, "pgx", table, swap(pattern, replacement))))
    assert any(message in sentence for sentence in found), found


def rows_of(text: str, start: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if line.startswith(start))


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [("percent_low", "25", "asks for less"), ("alternatives", "{medicine}", "alternative to itself")],
)
def test_a_spoiled_row_of_advice_is_found_out(tmp_path: Path, column: str, value: str, message: str) -> None:
    def spoil(text: str) -> str:
        head, *rows = text.splitlines()
        names = head.split("\t")
        at = next(number for number, row in enumerate(rows) if "\treduce_dose\t" in row)
        cells = rows[at].split("\t")
        cells[names.index(column)] = value.format(medicine=cells[names.index("medicine")])
        return "\n".join([head, *rows[:at], "\t".join(cells), *rows[at + 1 :]]) + "\n"

    found = list(lint_advice(spoiled(tmp_path, "pgx_advice", "actions", spoil)))
    assert any(message in sentence for sentence in found), found


def test_every_key_of_the_advice_is_one_that_a_phenotype_table_yields() -> None:
    knowledge = load_knowledge()
    pack = knowledge.pack("pgx")
    phenotypes = {row.phenotype.lower() for row in (*pack.table("function_pairs"), *pack.table("activity_cuts"))}
    stray = set()
    for row in knowledge.pack("pgx_advice").table("actions"):
        for key in re.split(r"[|+]", row.key):
            name = ABBREVIATIONS.get(key.strip(), key.strip())
            known = (
                SCORE_RULE.match(name)
                or name in ("any", "not tested")
                or re.fullmatch(r"\*[\dA-Z]+/\*[\dA-Z]+|\*\d\d:\d\d (positive|negative)", name)
                or name.lower() in phenotypes
            )
            if not known:
                stray.add((row.genes, name))
    assert stray == GIVEN_ONLY


GIVEN_ONLY = {
    ("MT-RNR1", "increased risk"),
    ("MT-RNR1", "normal risk"),
    ("MT-RNR1", "uncertain risk"),
}
"""Keys of genes whose results are given, or need an imported release."""


@pytest.mark.shared
def test_every_position_agrees_with_the_official_sample(shared: Path) -> None:
    import gzip
    import json

    official: dict[str, set[tuple[int, str, str]]] = {}
    for path in sorted((shared / "samples/pgx/definitions/alleles").glob("*_translation.json.gz")):
        document = json.loads(gzip.decompress(path.read_bytes()))
        official[document["gene"]] = {(one["position"], one["ref"], one.get("rsid") or "") for one in document["variants"]}
    rows = [row for row in load_knowledge().pack("pgx").table("positions") if row.gene in official]
    assert len(rows) > 100
    assert [(row.gene, row.rsid) for row in rows if (row.position, row.ref, row.rsid or "") not in official[row.gene]] == []
