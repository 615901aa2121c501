"""Alterations are read as laboratories write them; what cannot be read is said to be so, never guessed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from singula.knowledge import load_knowledge
from singula.methods.tumour.alteration_text import read_alteration, split_partners
from singula.methods.tumour.alteration_view import show_alteration
from singula.methods.tumour.tables import load_tumour_tables


@pytest.mark.parametrize(
    ("text", "kind", "consequence", "start", "end"),
    [
        ("p.Val600Glu", "protein_change", "missense_variant", 600, 600),
        ("p.(Gly12Cys)", "protein_change", "missense_variant", 12, 12),
        ("NP_004324.2:p.Val600Glu", "protein_change", "missense_variant", 600, 600),
        ("V600_K601delinsEI", "protein_change", "missense_variant", 600, 601),
        ("E746_A750delinsIP", "protein_change", "inframe_deletion", 746, 750),
        ("D770delinsGY", "protein_change", "inframe_insertion", 770, 770),
        ("WQ288fs", "protein_change", "frameshift_variant", 288, 289),
        ("W288CfsTer12", "protein_change", "frameshift_variant", 288, 288),
        ("*757Kext*36", "protein_change", "stop_lost", 757, 757),
        ("X1010_splice", "protein_change", "splice_region_variant", 1010, 1010),
        ("963_1010splice", "protein_range", "splice_region_variant", 963, 1010),
        ("G719", "position", None, 719, 719),
    ],
)
def test_a_protein_change_is_read(text: str, kind: str, consequence: str | None, start: int, end: int) -> None:
    read = read_alteration(text)
    assert (read.kind, read.consequence, read.start, read.end) == (kind, consequence, start, end)


@pytest.mark.parametrize(
    ("text", "partners"),
    [
        ("EML4::ALK", ("EML4", "ALK")),
        ("EML4--ALK", ("EML4", "ALK")),
        ("HLA-A-ROS1", ("HLA-A", "ROS1")),
        ("NKX2-1-ALK", ("NKX2-1", "ALK")),
        ("C11orf95-RELA", ("C11orf95", "RELA")),
        ("ALK", None),
        ("a-b", None),
    ],
)
def test_partners_are_split_at_the_right_hyphen(text: str, partners: tuple[str, str] | None) -> None:
    assert split_partners(text) == partners


@pytest.mark.parametrize(
    "text", ["", "p.?", "p.=", "600", "V600Z", "p.V600E extra words", "intron variant", "\uff36600E", "V600E\n"]
)
def test_what_says_nothing_comparable_is_unparsed(text: str) -> None:
    assert read_alteration(text, "BRAF").kind in ("unparsed", "protein_change" if text.strip() == "V600E" else "unparsed")


def test_a_residue_of_another_transcript_is_a_mismatch() -> None:
    tables = load_tumour_tables(load_knowledge())
    assert show_alteration("p.V600E", "BRAF", tables)["reference_check"] == "match"
    assert show_alteration("p.A600E", "BRAF", tables)["reference_check"] == "mismatch"
    assert show_alteration("p.A20000V", "TTN", tables)["reference_check"] == "unknown"


@given(st.text(max_size=40))
def test_no_text_ends_in_an_error(text: str) -> None:
    assert read_alteration(text, "BRAF").kind


@given(st.from_regex(r"[A-Z*]{0,3}\d{1,4}(_[A-Z]?\d{1,4})?(del|ins|dup|delins|fs|ext|_splice|=)?[A-Z*\d]{0,4}", fullmatch=True))
def test_codons_that_were_read_stand_in_order(text: str) -> None:
    read = read_alteration(text)
    if read.start is not None:
        assert read.end is not None
        assert read.start <= read.end


@pytest.mark.shared
def test_all_reference_strings_are_read(shared: Path) -> None:
    tables = load_tumour_tables(load_knowledge())
    lines = (shared / "vectors/tumour/parse/parse.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 144
    wrong = {}
    for line in lines:
        case = json.loads(line)
        shown = show_alteration(case["inputs"]["alteration"], case["inputs"].get("gene"), tables)
        differing = {key: shown.get(key) for key, value in case["expected"].items() if shown.get(key) != value}
        if differing:
            wrong[case["id"]] = differing
    assert wrong == {}
