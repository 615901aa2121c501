"""Tumour files of every kind are told by content; bad rows are named and the rest is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from singula.cli.main import main
from singula.errors import BadInput
from singula.knowledge import load_knowledge
from singula.methods.tumour.tables import load_tumour_tables
from singula.sources.tumour_files import read_tumour_file
from singula.sources.tumour_samples import TumourReading

MAF = "#version 2.4\nHugo_Symbol\tTumor_Sample_Barcode\tNCBI_Build\tVariant_Classification\t{change}\tt_alt_count\tt_ref_count\n"
CSQ = (
    '##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequence annotations from Ensembl VEP. Format: '
    'Allele|Consequence|SYMBOL|HGVSc|HGVSp|CANONICAL|MANE_SELECT">\n'
)
VCF = "##fileformat=VCFv4.2\n{annotation}#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tNORMAL\tTUMOR\n"


def read(path: Path, tumour_type: str | None = "LUAD", clinical: Path | None = None) -> TumourReading:
    return read_tumour_file(path, load_tumour_tables(load_knowledge()), tumour_type, clinical, None)


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("change", ["HGVSp_Short", "Protein_Change", "Amino_Acid_Change", "hgvsp_short"])
def test_a_maf_is_read_whatever_its_change_column_is_called(tmp_path: Path, change: str) -> None:
    path = write(tmp_path / "a.maf", MAF.format(change=change) + "EGFR\ts1\t38\tMissense_Mutation\tp.L858R\t30\t70\n")
    (sample,) = read(path).samples
    (variant,) = sample.variants
    assert (variant.gene, variant.alteration.start, variant.vaf, variant.origin, sample.build) == (
        "EGFR",
        858,
        0.3,
        "somatic",
        "GRCh38",
    )


def test_a_bad_maf_row_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    rows = "EGFR\ts1\n\ts1\t38\tMissense_Mutation\tp.L858R\t\t\nKRAS\ts1\t38\tMissense_Mutation\tp.G12C\t\t\n"
    reading = read(write(tmp_path / "a.maf", MAF.format(change="HGVSp_Short") + rows))
    assert [one.split(":")[1] for one in reading.refused] == ["3", "4"]
    assert [variant.gene for variant in reading.samples[0].variants] == ["KRAS"]


def test_two_builds_in_one_sample_are_refused(tmp_path: Path) -> None:
    rows = "EGFR\ts1\t37\tMissense_Mutation\tp.L858R\t\t\nKRAS\ts1\thg38\tMissense_Mutation\tp.G12C\t\t\n"
    reading = read(write(tmp_path / "a.maf", MAF.format(change="HGVSp_Short") + rows))
    assert reading.samples == []
    assert "GRCh37 and GRCh38" in reading.refused[0]


def test_a_clinical_table_gives_tumour_types_and_markers(tmp_path: Path) -> None:
    maf = write(tmp_path / "a.maf", MAF.format(change="HGVSp_Short") + "KRAS\ts1\t38\tMissense_Mutation\tp.G12C\t\t\n")
    clinical = write(tmp_path / "c.tsv", "SAMPLE_ID\tONCOTREE_CODE\tMSI\tTMB_PER_MB\ns1\tCOAD\tHigh\t12.5\n")
    (sample,) = read(maf, None, clinical).samples
    assert (sample.tumour_type, dict(sample.biomarkers)) == ("COAD", {"msi": "high", "tmb_per_mb": 12.5})


def test_vep_fields_are_found_by_the_header_and_mane_is_chosen(tmp_path: Path) -> None:
    info = (
        "CSQ=T|missense_variant|OTHER|c.1A>T|ENSP1:p.Ala1Val||,T|missense_variant|BRAF|c.1799T>A|ENSP2:p.Val600Glu||NM_004333.6"
    )
    row = f"7\t140753336\t.\tA\tT\t.\tPASS\t{info}\tGT:AD:DP\t0/0:50,0:50\t0/1:60,40:100\n"
    path = write(tmp_path / "a.vcf", VCF.format(annotation=CSQ) + row + row.replace("PASS", "weak"))
    (sample,) = read(path).samples
    (variant,) = sample.variants
    assert (variant.gene, variant.text, variant.vaf, variant.depth, variant.origin) == (
        "BRAF",
        "p.Val600Glu",
        0.4,
        100,
        "somatic",
    )


def test_a_splice_site_gets_its_codon_from_the_coding_position(tmp_path: Path) -> None:
    info = "CSQ=T|splice_donor_variant|MET|ENST1:c.3028+1G>T||YES|"
    row = f"7\t116771849\t.\tG\tT\t.\tPASS\t{info}\tGT\t0/0\t0/1\n"
    (sample,) = read(write(tmp_path / "a.vcf", VCF.format(annotation=CSQ) + row)).samples
    assert sample.variants[0].text == "X1010_splice"


def test_a_vcf_without_annotation_says_so(tmp_path: Path) -> None:
    row = "7\t116771849\t.\tG\tT\t.\tPASS\t.\tGT\t0/0\t0/1\n"
    reading = read(write(tmp_path / "a.vcf", VCF.format(annotation="") + row))
    assert reading.samples[0].variants == ()
    assert "annotate it first" in reading.notes["TUMOR"][0]


def test_a_bad_line_of_samples_is_refused_and_the_rest_is_answered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = ['{"sample_id": "a", "tumour_type": "LUAD"}', "{", '{"sample_id": "b", "tumour_type": "NOPE"}']
    path = write(tmp_path / "a.jsonl", "\n".join(lines) + "\n")
    assert main(["tumour", "annotate", str(path), "--json"]) == 3
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert [one["sample_id"] for one in answer["samples"]] == ["a"]
    assert len(answer["quality"]) == 2


@pytest.mark.parametrize("text", ["", "hello\n", "Hugo_Symbol\tOther\nA\tB\n", '{"sample_id": 1}'])
def test_what_is_no_tumour_file_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadInput):
        read(write(tmp_path / "a.json", text), None)


@pytest.mark.shared
def test_the_leukaemia_cohort_is_read_whole(shared: Path) -> None:
    reading = read(shared / "samples/tumour/maf/tcga_laml.maf.gz", "AML")
    assert (len(reading.samples), sum(len(one.variants) for one in reading.samples)) == (193, 2207)


@pytest.mark.shared
def test_a_phenopacket_gives_its_tumour_type(shared: Path) -> None:
    (sample,) = read(shared / "samples/tumour/own/phenopacket_braf.json", None).samples
    assert (sample.tumour_type, sample.variants[0].gene) == ("MEL", "BRAF")
