"""Annotations supply evidence with reasons; the traps of truncation, frequency and ClinVar are seen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from singula.cli.main import main
from singula.deliver.evidence_view import read_limits
from singula.knowledge import load_knowledge
from singula.methods.genome.automatic_evidence import AnnotatedVariant, classify_variant, combine_views, gather_evidence

LIMITS = read_limits(load_knowledge())


def codes(gene: str = "BRCA2", terms: str = "missense_variant", **more: object) -> list[str]:
    return [one.code for one in gather_evidence(AnnotatedVariant(gene, tuple(terms.split("&")), **more), LIMITS)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (codes(terms="stop_gained", exon=(10, 27)), ["PVS1"]),
        (codes(terms="stop_gained", exon=(27, 27)), ["PVS1_Moderate"]),
        (codes(terms="frameshift_variant"), ["PVS1_Strong"]),
        (codes("KCNJ2", "stop_gained", exon=(1, 2)), []),
        (codes(terms="start_lost", exon=(1, 27)), ["PVS1_Moderate"]),
        (codes(frequency=0.06), ["BA1"]),
        (codes(frequency=0.02), ["BS1"]),
        (codes(frequency=0.0), ["PM2_Supporting"]),
        (codes(revel=0.95), ["PP3_Strong"]),
        (codes(revel=0.8), ["PP3_Moderate"]),
        (codes(revel=0.5), []),
        (codes(revel=0.1), ["BP4_Moderate"]),
        (codes(terms="synonymous_variant", splice=0.02), ["BP7"]),
        (codes(terms="synonymous_variant", splice=0.5), ["PP3"]),
        (codes(terms="inframe_deletion"), ["PM4"]),
    ],
)
def test_each_piece_follows_its_rule(found: list[str], expected: list[str]) -> None:
    assert found == expected


def test_common_truncations_stay_benign_by_points_and_disagree_with_the_rules_of_2015() -> None:
    found = classify_variant(codes(terms="stop_gained", exon=(2, 27), frequency=0.06))
    assert found["classification"] == "benign"


def test_the_distance_to_the_next_class_is_told() -> None:
    found = classify_variant(["PM4"])
    assert (found["points"], found["to_pathogenic_side"], found["to_benign_side"]) == (2, 4, 3)


@pytest.mark.parametrize(
    ("own", "clinvar", "shown"),
    [
        ("likely_pathogenic", ("benign", 3), "benign"),
        ("uncertain_significance", ("pathogenic", 2), "pathogenic"),
        ("likely_benign", ("pathogenic", 1), "uncertain_significance"),
        ("likely_pathogenic", ("pathogenic", 1), "pathogenic"),
        ("uncertain_significance", None, "uncertain_significance"),
    ],
)
def test_two_stars_decide_and_disagreement_is_shown(own: str, clinvar: tuple[str, int] | None, shown: str) -> None:
    assert combine_views(own, clinvar)[0] == shown


VCF = """\
##fileformat=VCFv4.2
##contig=<ID=chr13,length=114364328,assembly=GRCh38>
##INFO=<ID=CSQ,Number=.,Type=String,Description="From VEP. Format: Allele|Consequence|SYMBOL|EXON|HGVSp|MAX_AF">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS
chr13\t32398489\t.\tA\tT,G\t.\tPASS\tCSQ=T|stop_gained|BRCA2|27/27|p.K3326*|0.007,G|missense_variant|BRCA2|27/27||\tGT:GQ\t0/1:99
chr13\t32340300\t.\tGT\tG\t.\tPASS\tCSQ=-|frameshift_variant|BRCA2|11/27|p.Ser1982fs|0\tGT:GQ\t0/1:99
"""


def test_a_person_gets_evidence_and_a_human_may_add(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.vcf"
    path.write_text(VCF)
    command = ["germline", "classify", str(path), "--json"]
    assert main([*command, "--add", "13-32398489-A-T:BS3,BP5"]) == 0
    shown = {one["variant"]: one for one in json.loads(capsys.readouterr().out)["variants"]}
    assert [one["code"] for one in shown["13-32340300-GT-G"]["evidence"]] == ["PM2_Supporting", "PVS1"]
    assert shown["13-32340300-GT-G"]["classification"] == "likely_pathogenic"
    assert [one["code"] for one in shown["13-32398489-A-T"]["evidence"]] == ["PVS1_Moderate", "BS3", "BP5"]
    assert main([*command, "--add", "1-1-A-T:PS3"]) == 2
