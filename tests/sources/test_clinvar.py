"""ClinVar releases are read and joined: traps of the release, of builds, of coverage."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from singula.cli.main import main
from singula.errors import BadInput, KnowledgeMissing
from singula.knowledge import load_knowledge
from singula.methods.genome.inherited import GeneRule, report_inherited
from singula.methods.genome.resolver import Resolved
from singula.record.genome import SiteStatus
from singula.sources.clinvar import find_clinvar, import_clinvar
from singula.sources.clinvar_files import read_clinvar
from singula.sources.clinvar_store import ClinVarEntry

RELEASE = """\
##fileformat=VCFv4.1
##fileDate=2026-02-26
##reference=GRCh38
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
1\t100\t11\tAC\tAG\t.\t.\tCLNSIG=Pathogenic;CLNREVSTAT=reviewed_by_expert_panel;GENEINFO=GENE1:1|LOC2:2;CLNDN=not_provided|Some_disease
1\t200\t12\tA\tG\t.\t.\tCLNSIG=Benign;GENEINFO=GENE1:1
1\t300\t13\tA\t.\t.\t.\tCLNSIG=Pathogenic
1\t400\t14\tA\tT\t.\t.\tCLNSIGCONF=x;GENEINFO=GENE1:1
1\t500\t15\tA\tT\t.\t.\tCLNSIG=Likely_pathogenic|association|risk_factor;GENEINFO=GENE2:1
"""


def test_a_release_gives_its_pathogenic_alleles_trimmed_and_counts_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "clinvar.vcf"
    path.write_text(RELEASE)
    release = read_clinvar(path, load_knowledge())
    assert [(one.name, one.stars, one.gene, one.condition) for one in release.entries] == [
        ("1-101-C-G", 3, "GENE1", "Some disease"),
        ("1-500-A-T", 0, "GENE2", ""),
    ]
    assert (release.build, release.date, release.counts["benign"], release.counts["no_classification"]) == (
        "GRCh38",
        "2026-02-26",
        1,
        1,
    )


def test_an_imported_release_says_the_same_as_its_vcf(tmp_path: Path) -> None:
    path = tmp_path / "clinvar.vcf"
    path.write_text(RELEASE)
    folder = import_clinvar(path, tmp_path)
    assert find_clinvar(folder, load_knowledge()).entries == read_clinvar(path, load_knowledge()).entries
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []
    with pytest.raises(KnowledgeMissing, match="kb import clinvar"):
        find_clinvar(None, load_knowledge())


def test_a_damaged_import_says_to_import_again(tmp_path: Path) -> None:
    path = tmp_path / "clinvar.vcf"
    path.write_text(RELEASE)
    folder = import_clinvar(path, tmp_path)
    (folder / "text.npy").write_bytes(b"no array")
    with pytest.raises(BadInput, match="import it again"):
        find_clinvar(folder, load_knowledge())


@pytest.mark.parametrize("text", ["", "##fileformat=VCFv4.1\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"])
def test_what_is_no_release_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "clinvar.vcf"
    path.write_text(text)
    with pytest.raises(BadInput):
        read_clinvar(path, load_knowledge())


def entry(gene: str, number: int = 1, stars: int = 2) -> ClinVarEntry:
    return ClinVarEntry("1", number, "A", "G", str(number), "pathogenic", stars, gene, "")


def called(genotype: str) -> Resolved:
    return Resolved(SiteStatus.CALLED, genotype, genotype.count("1"), has_alternative="1" in genotype)


RULES = {"DOM": GeneRule("DOM", "AD", "any_plp"), "REC": GeneRule("REC", "AR", "biallelic_plp"), "OTHER": GeneRule("OTHER", "AR")}


@pytest.mark.parametrize(
    ("carried", "carrier", "secondary", "phase"),
    [
        ([("DOM", "0/1")], False, True, None),
        ([("REC", "0/1")], True, False, None),
        ([("REC", "1/1")], False, True, None),
        ([("REC", "0|1"), ("REC", "1|0")], False, True, "trans"),
        ([("REC", "0|1"), ("REC", "0|1")], True, False, "cis"),
        ([("REC", "0/1"), ("REC", "0/1")], False, True, "unknown"),
        ([("OTHER", "0/1")], True, False, None),
    ],
)
def test_the_rule_of_a_gene_makes_a_carrier_or_a_secondary_finding(
    carried: list[tuple[str, str]], carrier: bool, secondary: bool, phase: str | None
) -> None:
    states = [(entry(gene, number), called(genotype)) for number, (gene, genotype) in enumerate(carried)]
    for one in report_inherited(states, RULES, []).findings:
        assert (one.is_carrier, one.is_secondary, one.phase) == (carrier, secondary, phase)


def test_without_a_star_an_allele_is_no_secondary_finding() -> None:
    (one,) = report_inherited([(entry("DOM", stars=0), called("0/1"))], RULES, []).findings
    assert not one.is_secondary


def test_a_doubtful_call_is_unconfirmed_and_no_finding() -> None:
    doubtful = Resolved(SiteStatus.LOW_QUALITY, has_alternative=True)
    answer = report_inherited([(entry("DOM"), doubtful)], RULES, ["DOM"])
    assert answer.findings == ()
    assert len(answer.unconfirmed) == 1


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["called", "hom_ref_block"], "negative"),
        (["called", "hom_ref_assumed"], "negative_assumed"),
        (["called", "not_covered"], "incomplete"),
        (["not_covered", "low_quality"], "not_assessed"),
        ([], "not_assessed"),
    ],
)
def test_a_negative_says_what_it_rests_on(statuses: list[str], expected: str) -> None:
    states = [(entry("DOM", number), Resolved(SiteStatus(one), "0/0", 0)) for number, one in enumerate(statuses)]
    (negative,) = report_inherited(states, RULES, ["DOM"]).negatives
    assert negative.status == expected
    assert sum(negative.basis.values()) == len(statuses)


@pytest.mark.shared
def test_every_reference_report_is_reached(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = shared / "samples/germline"
    for line in (shared / "vectors/germline/cli/report.jsonl").read_text(encoding="utf-8").splitlines():
        case: dict[str, Any] = json.loads(line)
        inputs, expected = case["inputs"], case["expected"]
        command = [
            "germline",
            "report",
            str(folder / inputs["vcf"][8:]),
            "--clinvar",
            str(folder / inputs["clinvar"][8:]),
            "--json",
        ]
        command += ["--build", inputs["build"]] if "build" in inputs else []
        command += ["--chain", str(folder / inputs["chain"][8:])] if "chain" in inputs else []
        command += ["--genes", ",".join(inputs["genes"])] if "genes" in inputs else []
        code = main(command)
        output = capsys.readouterr().out
        assert code == expected.get("exit_code", 0), case["id"]
        got = {one["sample"]: one for one in json.loads(output)["samples"]} if output else {}
        for sample, wanted in expected.get("samples", {}).items():
            findings = {one["variation_id"]: one for one in got[sample]["findings"]}
            assert sorted(findings) == sorted(one["variation_id"] for one in wanted["findings"])
            for one in wanted["findings"]:
                assert {key: findings[one["variation_id"]][key] for key in one} == one
            unconfirmed = sorted(one["variation_id"] for one in got[sample]["unconfirmed"])
            assert unconfirmed == sorted(one if isinstance(one, str) else one["variation_id"] for one in wanted["unconfirmed"])
            statuses = {one["gene"]: one["status"] for one in got[sample]["negatives"]}
            assert {gene: statuses[gene] for gene in wanted.get("negatives", {})} == wanted.get("negatives", {})
