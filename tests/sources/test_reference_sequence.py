"""Insertions and deletions are the same however a caller wrote them, once the reference is at hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from singula.cli.main import main
from singula.errors import BadInput
from singula.sources.reference_sequence import ReferenceSequence

#              1234567890123456789012345
SEQUENCE = "GGGCACACACAGGGAAAAAATTTCG"
FASTA = ">chr1 made\n" + "\n".join(SEQUENCE[at : at + 10] for at in range(0, len(SEQUENCE), 10)) + "\n>chr2\nACGT\n"


@pytest.fixture(params=["scanned", "indexed", "windows lines"])
def reference(request: pytest.FixtureRequest, tmp_path: Path) -> ReferenceSequence:
    path = tmp_path / "ref.fa"
    path.write_bytes((FASTA.replace("\n", "\r\n") if request.param == "windows lines" else FASTA).encode())
    if request.param == "indexed":
        (tmp_path / "ref.fa.fai").write_text("chr1\t25\t11\t10\t11\nchr2\t4\t45\t4\t5\n")
    return ReferenceSequence(path)


def test_bases_are_read_by_place(reference: ReferenceSequence) -> None:
    assert reference.fetch("1", 1, 25) == SEQUENCE
    assert reference.fetch("1", 9, 12) == "ACAG"
    assert reference.fetch("1", -5, 3) == "GGG"
    assert reference.fetch("1", 24, 99) == "CG"
    assert reference.fetch("2", 2, 3) == "CG"
    assert (reference.fetch("1", 26, 30), reference.fetch("3", 1, 2)) == ("", "")


@pytest.mark.parametrize(
    ("given", "leftmost", "furthest"),
    [
        ((8, "CAC", "C"), (3, "GCA", "G"), 9),
        ((9, "ACA", "A"), (3, "GCA", "G"), 9),
        ((6, "C", "CAC"), (3, "G", "GCA"), 11),
        ((19, "AA", "A"), (14, "GA", "G"), 19),
        ((20, "A", "AA"), (14, "G", "GA"), 20),
        ((12, "G", "T"), (12, "G", "T"), 12),
        ((1, "GG", "G"), (1, "GG", "G"), 2),
        ((5, "TTT", "T"), (5, "TTT", "T"), 5),
    ],
)
def test_every_spelling_has_one_leftmost_form(
    reference: ReferenceSequence, given: tuple[int, str, str], leftmost: tuple[int, str, str], furthest: int
) -> None:
    assert reference.align("1", *given) == leftmost
    assert reference.furthest("1", *given) == furthest


def test_a_long_repeat_is_followed_beyond_one_window(tmp_path: Path) -> None:
    path = tmp_path / "ref.fa"
    path.write_text(">1\nT" + "CA" * 1000 + "GG\n")
    reference = ReferenceSequence(path)
    assert reference.align("1", 1999, "ACA", "A") == (1, "TCA", "T")
    assert reference.furthest("1", 1, "TCA", "T") == 1999


@pytest.mark.parametrize(
    ("content", "index", "words"),
    [
        (b"\x1f\x8b\x08rest", None, "is compressed"),
        (b"ACGT\n", None, "is no FASTA"),
        (b">1\nACGT\nAC\nACGT\n", None, "ref.fa:4: lines of one sequence differ"),
        (b">1\nAC\nACGT\n", None, "ref.fa:3: lines of one sequence differ"),
        (b">1\nACGT\n", "1\tmany\t3\t4\t5\n", "ref.fa.fai:1: is no line of a FASTA index"),
    ],
)
def test_a_file_that_cannot_be_read_by_place_is_refused(tmp_path: Path, content: bytes, index: str | None, words: str) -> None:
    path = tmp_path / "ref.fa"
    path.write_bytes(content)
    if index:
        (tmp_path / "ref.fa.fai").write_text(index)
    with pytest.raises(BadInput, match=words):
        ReferenceSequence(path)


def test_a_caller_that_writes_rightmost_is_understood_only_with_the_reference(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\n"
    (tmp_path / "a.vcf").write_text(head + "chr1\t9\t.\tACA\tA\t.\tPASS\t.\tGT:GQ\t0/1:90\n")
    (tmp_path / "sites.tsv").write_text("id\tchrom\tpos\tref\talt\nleft\t1\t3\tGCA\tG\n")
    (tmp_path / "ref.fa").write_text(FASTA)
    asked = ["genome", "resolve", str(tmp_path / "a.vcf"), "--sites", str(tmp_path / "sites.tsv"), "--json"]
    answers = []
    for more in ([], ["--reference", str(tmp_path / "ref.fa")]):
        assert main([*asked, *more]) == 0
        answers.append(json.loads(capsys.readouterr().out)["samples"][0]["sites"][0])
    assert [(one["status"], one["dosage"]) for one in answers] == [("hom_ref_assumed", 0), ("called", 1)]
