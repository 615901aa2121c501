"""Tumour files become specimens of the record, with what could not be read told."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from singula.cli.main import main
from singula.knowledge import load_knowledge
from singula.record import TumourSpecimen
from singula.sources.reading import Reading, read_inputs

SAMPLE = {
    "schema": "singula.tumour-sample/1",
    "sample_id": "one",
    "tumour_type": "LUAD",
    "variants": [{"gene": "EGFR", "protein_change": "p.L858R", "origin": "somatic", "vaf": 0.2}],
    "fusions": [{"five_prime": "EML4", "three_prime": "ALK"}],
    "copy_number": [{"gene": "MDM2", "call": "amplification"}],
    "biomarkers": {"tmb_per_mb": 4.2, "msi": "stable"},
    "tested_genes": ["EGFR", "ALK"],
    "prior_therapies": ["cisplatin"],
    "pathology": {"extent": "advanced"},
}
MAF = (
    "Hugo_Symbol\tChromosome\tStart_Position\tReference_Allele\tTumor_Seq_Allele2\tVariant_Classification\tHGVSp_Short\t"
    "Tumor_Sample_Barcode\nBRAF\t7\t140453136\tA\tT\tMissense_Mutation\tp.V600E\tT1\n"
)


def read(path: Path) -> Reading:
    return read_inputs([path], load_knowledge(), as_of=date(2026, 11, 1))


def specimen(reading: Reading) -> TumourSpecimen:
    (record,) = reading.records
    (found,) = [fact for fact in record.facts if isinstance(fact, TumourSpecimen)]
    return found


def test_a_sample_is_kept_whole(tmp_path: Path) -> None:
    (tmp_path / "tumour.json").write_text(json.dumps(SAMPLE))
    found = specimen(read(tmp_path / "tumour.json"))
    assert found.tumour_type == "LUAD"
    assert [(one.gene, one.text, one.vaf) for one in found.changes] == [("EGFR", "p.L858R", 0.2)]
    assert found.fusions == (("EML4", "ALK"),)
    assert [(one.gene, one.event) for one in found.copy_number] == [("MDM2", "amplification")]
    assert found.biomarkers == {"tmb_per_mb": 4.2, "msi": "stable"}
    assert (found.tested_genes, found.prior_therapies, found.pathology) == (
        ("ALK", "EGFR"),
        ("cisplatin",),
        {"extent": "advanced"},
    )
    assert found.labels == ("genetics",)


def test_a_maf_leaves_the_tumour_type_open(tmp_path: Path) -> None:
    (tmp_path / "tumour.maf").write_text(MAF)
    found = specimen(read(tmp_path / "tumour.maf"))
    assert found.tumour_type is None
    assert [(one.gene, one.text) for one in found.changes] == [("BRAF", "p.V600E")]


def test_a_vcf_with_a_tumour_column_is_no_germline_file(tmp_path: Path) -> None:
    head = (
        "##fileformat=VCFv4.2\n"
        '##INFO=<ID=CSQ,Number=.,Type=String,Description="VEP. Format: Allele|Consequence|SYMBOL|HGVSc|HGVSp">\n'
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tNORMAL\tTUMOR\n"
    )
    row = "7\t140753336\t.\tA\tT\t.\tPASS\tCSQ=T|missense_variant|BRAF|c.1799T>A|p.Val600Glu\tGT\t0/0\t0/1\n"
    (tmp_path / "tumour.vcf").write_text(head + row)
    reading = read(tmp_path / "tumour.vcf")
    assert reading.inputs[0].format == "tumour"
    assert [(one.gene, one.text) for one in specimen(reading).changes] == [("BRAF", "p.Val600Glu")]


@pytest.mark.shared
def test_a_phenopacket_about_a_tumour_is_read(shared: Path) -> None:
    found = specimen(read(shared / "samples/tumour/own/phenopacket_braf.json"))
    assert (found.tumour_type, found.changes[0].gene) == ("MEL", "BRAF")


def test_what_cannot_be_read_of_a_sample_is_told(tmp_path: Path) -> None:
    bad = {**SAMPLE, "variants": [{"gene": "EGFR", "protein_change": "p.G858R"}, {"protein_change": "p.L1M"}]}
    (tmp_path / "tumour.json").write_text(json.dumps(bad))
    messages = " ".join(one.message for one in read(tmp_path / "tumour.json").problems)
    assert "the residue is not that of the transcript in use" in messages
    assert "a variant names no gene" in messages


def test_the_bundled_lung_plan_judges_every_therapy_for_this_person(capsys: pytest.CaptureFixture[str]) -> None:
    examples = Path(__file__).parents[2] / "examples"
    assert main(["plan", str(examples / "lung"), "--json", "--as-of", "2026-11-26"]) == 0
    plan = json.loads(capsys.readouterr().out)
    choose = next(one for one in plan["actions"] if one["kind"] == "treat")
    by_name = {one["name"]: one for one in choose["alternatives"]}
    assert by_name["osimertinib"]["rank"] is None
    assert "strong CYP3A inducers" in by_name["osimertinib"]["reason"]
    assert by_name["amivantamab+lazertinib"]["rank"] is None
    assert by_name["afatinib"]["rank"] == 1
    assert next(one for one in plan["actions"] if one["target"]["name"] == "germline-BRCA2")["kind"] == "refer"


def test_the_bundled_breast_plan_says_where_the_gain_is_smaller_than_the_harm(capsys: pytest.CaptureFixture[str]) -> None:
    examples = Path(__file__).parents[2] / "examples"
    assert main(["plan", str(examples / "breast"), "--json", "--as-of", "2026-11-26"]) == 0
    plan = json.loads(capsys.readouterr().out)
    grid = next(one for one in plan["options"] if one["problem"] == "breast-cancer-after-surgery")
    assert [one["option"] for one in grid["ranked"]] == ["endocrine", "bisphosphonate"]
    assert "smaller than the harm" in grid["excluded"][0]["reason"]
    assert next(one for one in plan["actions"] if one["target"]["name"] == "tamoxifen")["kind"] == "stop"
