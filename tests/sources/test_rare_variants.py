"""Rare alleles of a person in a family, and features from the files that carry them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from singula.cli.main import main
from singula.errors import BadInput
from singula.knowledge import load_knowledge
from singula.methods.genome.inheritance_fit import RareAllele
from singula.sources.family_file import read_family
from singula.sources.phenotype_features import Features, read_features
from singula.sources.rare_variants import RareInput, read_rare_variants

HEAD = (
    "##fileformat=VCFv4.2\n##contig=<ID=chrX,length=156040895>\n##contig=<ID=chr7,length=159345973>\n"
    "##contig=<ID=chr10,length=133797422>\n"
    '##INFO=<ID=CSQ,Number=.,Type=String,Description="VEP. Format: Allele|Consequence|SYMBOL|gnomADe_AF">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tchild\tmother\tfather\n"
)
PED = "f child father mother 1 2\nf mother 0 0 2 1\nf father 0 0 1 1\n"


def row(place: str, letters: str, annotation: str, *genotypes: str) -> str:
    ref, alt = letters.split(">")
    chromosome, position = place.split(":")
    return f"{chromosome}\t{position}\t.\t{ref}\t{alt}\t.\tPASS\tCSQ={alt[-1]}|{annotation}\tGT:GQ\t" + "\t".join(
        f"{one}:90" if ":" not in one else one for one in genotypes
    )


def written(folder: Path, *rows: str) -> Path:
    path = folder / "trio.vcf"
    path.write_text(HEAD + "\n".join(rows) + "\n")
    (folder / "trio.ped").write_text(PED)
    return path


def read(path: Path, **more: str) -> dict[str, list[RareAllele]]:
    return read_rare_variants(RareInput(path, path.parent / "trio.ped", **more), load_knowledge()).by_gene  # type: ignore[arg-type]


def test_parents_tell_what_is_new_and_what_comes_from_whom(tmp_path: Path) -> None:
    found = read(
        written(
            tmp_path,
            row("chr10:121496701", "A>C", "missense_variant|FGFR2|", "0/1", "0/0", "0/0"),
            row("chr7:117559590", "ATCT>A", "inframe_deletion|CFTR|0.007", "0/1", "0/1", "0/0"),
            row("chr7:117587799", "G>A", "missense_variant|CFTR|0.0001", "0/1", "./.", "0/1"),
            row("chrX:31000000", "G>A", "stop_gained|DMD|", "1", "0/1", "0"),
        )
    )
    assert found["FGFR2"] == [RareAllele("10-121496701-A-C", 1, in_mother=False, in_father=False)]
    assert [(one.name, one.in_mother, one.in_father) for one in found["CFTR"]] == [
        ("7-117559590-ATCT-A", True, False),
        ("7-117587799-G-A", None, True),
    ]
    assert found["DMD"] == [
        RareAllele("X-31000000-G-A", 1, single_chromosome=True, in_mother=True, in_father=False, carried_by_unaffected=True)
    ]


def test_common_harmless_filtered_and_doubtful_rows_are_left_out(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        row("chr7:1000", "A>C", "missense_variant|ONE|0.02", "0/1", "0/0", "0/0"),
        row("chr7:2000", "A>C", "synonymous_variant|TWO|", "0/1", "0/0", "0/0"),
        row("chr7:3000", "A>C", "missense_variant|THREE|", "0/1:5", "0/0", "0/0"),
        row("chr7:4000", "A>C", "missense_variant|FOUR|", "0/1", "0/0", "0/0").replace("PASS", "LowQual"),
        row("chr7:5000", "A>C", "missense_variant|FIVE|", "0/0", "0/1", "0/0"),
        row("chr7:6000", "A>C,G", "missense_variant|SIX|1e-05", "1/2", "0/1", "0/2"),
    )
    assert {gene: [one.name for one in alleles] for gene, alleles in read(path).items()} == {"SIX": ["7-6000-A-C", "7-6000-A-G"]}


def test_whose_variants_are_asked_for_has_to_be_clear(tmp_path: Path) -> None:
    path = written(tmp_path, row("chr7:1000", "A>C", "missense_variant|ONE|", "0/1", "0/1", "0/0"))
    with pytest.raises(BadInput, match="3 samples; name the person with --sample"):
        read_rare_variants(RareInput(path), load_knowledge())
    with pytest.raises(BadInput, match="has no sample 'uncle'"):
        read(path, sample="uncle")
    (tmp_path / "trio.ped").write_text(PED.replace("2 1", "2 2"))
    assert list(read(path)) == ["ONE"]
    (tmp_path / "trio.ped").write_text(PED.replace("1 2\n", "1 1\n"))
    with pytest.raises(BadInput, match="0 affected people"):
        read(path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("f child father\n", "1: has 3 columns"),
        (PED + "f child 0 0 1 1\n", "4: 'child' stands there twice"),
        ("f child mother father 1 2\nf mother 0 0 2 1\n", "'mother' is named as a parent of 'child', but is female"),
    ],
)
def test_a_damaged_ped_is_refused_by_line(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "a.ped"
    path.write_text(text)
    with pytest.raises(BadInput, match=words):
        read_family(path)


def coded(kind: str, code: str, **more: object) -> dict[str, object]:
    return {"resourceType": kind, "code": {"coding": [{"system": "http://human-phenotype-ontology.org", "code": code}]}, **more}


REFUTED = {"coding": [{"code": "refuted"}]}
BUNDLE = {
    "resourceType": "Bundle",
    "entry": [
        {"resource": {"resourceType": "Patient", "gender": "female"}},
        {"resource": coded("Condition", "HP:0001250")},
        {"resource": coded("Condition", "HP:0001249", verificationStatus=REFUTED)},
        {"resource": coded("Observation", "HP:0000252", valueBoolean=False)},
        {"resource": coded("Observation", "HP:0000256", status="entered-in-error")},
    ],
}
FAMILY = {
    "proband": {
        "subject": {"sex": "MALE"},
        "phenotypicFeatures": [{"type": {"id": "HP:0001250"}}, {"type": {"id": "HP:0001249"}, "excluded": True}],
    }
}


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (json.dumps(BUNDLE), Features(("HP:0001250",), ("HP:0001249", "HP:0000252"), "female")),
        (json.dumps(FAMILY), Features(("HP:0001250",), ("HP:0001249",), "male")),
        ("HP:0001250 seizure\n! HP:0001249\n", Features(("HP:0001250",), ("HP:0001249",))),
    ],
)
def test_features_are_read_with_those_that_are_absent(tmp_path: Path, content: str, found: Features) -> None:
    path = tmp_path / "features"
    path.write_text(content)
    assert read_features(path) == found


def test_a_file_without_features_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "features.txt"
    path.write_text("seizures\n")
    with pytest.raises(BadInput, match="names no feature"):
        read_features(path)


def test_a_new_allele_in_the_fitting_gene_wins(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, row("chr10:121496701", "A>C", "missense_variant|FGFR2|", "0/1", "0/0", "0/0"))
    features = tmp_path / "features.txt"
    features.write_text("HP:0001159\nHP:0000520\nHP:0000316\n")
    asked = ["rare", "rank", "--features", str(features), "--vcf", str(path), "--ped", str(tmp_path / "trio.ped"), "--json"]
    assert main(asked) == 0
    answer = json.loads(capsys.readouterr().out)
    first = answer["genes"][0]
    assert (first["gene"], first["variants"]) == ("FGFR2", ["10-121496701-A-C"])
    assert first["genotype"]["why"] == "one allele suffices; new in this person: neither parent has it"
    assert answer["diseases"][0]["inheritance"] == ["dominant"]


@pytest.mark.shared
def test_a_published_exome_puts_the_known_allele_first(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("genmod", reason="gene coordinates come from the package genmod")
    folder = shared / "samples/germline"
    asked = ["rare", "rank", "--features", str(folder / "Pfeiffer_phenopacket.json"), "--build", "GRCh37"]
    assert main([*asked, "--vcf", str(folder / "Pfeiffer_exome.GRCh37.vcf.gz"), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["genes"][0]["gene"], answer["genes"][0]["variants"]) == ("FGFR2", ["10-123256215-T-G"])
