"""A genome file read for ClinVar: the quick count agrees with the resolver, and nothing is negative where nobody looked."""

from __future__ import annotations

import json
import random
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from singula.cli.main import main
from singula.knowledge import load_knowledge
from singula.methods.genome.inherited import report_inherited
from singula.methods.genome.resolver import NEGATIVE
from singula.record.genome import SiteStatus
from singula.sources.clinvar import no_release
from singula.sources.clinvar_files import ClinVarRelease, read_clinvar
from singula.sources.clinvar_store import ClinVarEntry, TableWriter
from singula.sources.germline import GermlineInput, gene_rules, read_germline
from singula.sources.site_calls import AskedSite

HEAD = """\
##fileformat=VCFv4.2
##contig=<ID=chr{chromosome},length={length}>
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS
"""
BLOCK = "chr1\t{first}\t.\tN\t<NON_REF>\t.\t.\tEND={last}\tGT:DP:GQ\t0/0:{depth}:{quality}\n"


def made_release(chance: random.Random) -> ClinVarRelease:
    writer = TableWriter()
    for number in range(60):
        ref = "".join(chance.choice("ACGT") for _ in range(chance.choice([1, 1, 1, 3, 90])))
        entry = ClinVarEntry(
            "1", chance.randrange(1, 2000), ref, "A" if ref != "A" else "C", str(number), "pathogenic", 2, "TP53", ""
        )
        writer.add(entry, reported=True)
    return ClinVarRelease("GRCh38", "2026-01-01", writer.finish())


def made_rows(chance: random.Random, blocks: bool) -> tuple[list[str], set[int]]:
    rows, at, looked_at = [], 1, set()
    while at < 2100:
        last = at + chance.randrange(1, 150)
        depth, quality = chance.choice([30, 30, 0]), chance.choice([99, 99, 5])
        if blocks and chance.random() < 0.8:
            rows.append(BLOCK.format(first=at, last=last, depth=depth, quality=quality))
            looked_at.update(range(at, last + 1) if depth and quality > 20 else ())
        elif not blocks and chance.random() < 0.3:
            rows.append(f"chr1\t{at}\t.\tN\tT\t.\tPASS\t.\tGT:DP:GQ\t0/1:{depth}:{quality}\n")
        at = last + 1
    return rows, looked_at


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32), st.booleans(), st.booleans())
def test_counting_at_once_is_resolving_one_by_one(tmp_path: Path, seed: int, blocks: bool, with_regions: bool) -> None:
    chance = random.Random(seed)
    release = made_release(chance)
    rows, looked_at = made_rows(chance, blocks)
    vcf = tmp_path / "a.vcf"
    vcf.write_text(HEAD.format(chromosome="1", length=248956422) + "".join(rows))
    regions = None
    if with_regions:
        regions = tmp_path / "a.bed"
        regions.write_text("".join(f"chr1\t{start}\t{start + chance.randrange(1, 300)}\n" for start in range(0, 2100, 250)))
    reading = read_germline(GermlineInput(vcf, regions=regions), release)
    states = reading.look(0, ["TP53"])
    (negative,) = report_inherited(states.states, gene_rules(load_knowledge()), ["TP53"], states.basis).negatives
    single: dict[str, int] = {}
    for entry in release.entries:
        found = reading.reader.resolve(AskedSite("", entry.chromosome, entry.position, entry.ref, entry.alt), 0)
        single[found.status.value] = single.get(found.status.value, 0) + 1
        bases = range(entry.position, entry.position + len(entry.ref))
        if blocks and found.status in NEGATIVE:
            assert looked_at.issuperset(bases)
    assert dict(negative.basis) == single
    if any(SiteStatus(status) not in (*NEGATIVE, SiteStatus.HOM_REF_ASSUMED) for status in single):
        assert negative.status in ("incomplete", "not_assessed")


TAKEN_AWAY = {"no record": None, "no depth": (0, 99), "poor quality": (30, 5)}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(1, 2000), st.integers(1, 400)), max_size=6),
    st.sampled_from(sorted(TAKEN_AWAY)),
    st.integers(0),
)
def test_no_negative_survives_where_coverage_is_taken_away(
    tmp_path: Path, gaps: list[tuple[int, int]], how: str, seed: int
) -> None:
    release = made_release(random.Random(seed))
    lost = {base for first, length in gaps for base in range(first, first + length)}
    rows = []
    for is_lost, bases in groupby(range(1, 2400), key=lost.__contains__):
        run = list(bases)
        depth_quality = TAKEN_AWAY[how] if is_lost else (30, 99)
        if depth_quality is not None:
            rows.append(BLOCK.format(first=run[0], last=run[-1], depth=depth_quality[0], quality=depth_quality[1]))
    vcf = tmp_path / "a.vcf"
    vcf.write_text(HEAD.format(chromosome="1", length=248956422) + "".join(rows))
    states = read_germline(GermlineInput(vcf), release).look(0, ["TP53"])
    (negative,) = report_inherited(states.states, gene_rules(load_knowledge()), ["TP53"], states.basis).negatives
    entries = list(release.entries)
    seen = sum(lost.isdisjoint(range(one.position, one.position + len(one.ref))) for one in entries)
    told = {SiteStatus(status): count for status, count in negative.basis.items()}
    assert sum(told.get(status, 0) for status in NEGATIVE) == seen
    assert told.get(SiteStatus.HOM_REF_ASSUMED, 0) == 0
    assert (negative.status == "negative") is (seen == len(entries))


def founders(vcf: Path, build: str | None = None) -> dict[tuple[str, str], tuple[str, int | None]]:
    rows = load_knowledge().pack("germline").table("founder_variants")
    calls = read_germline(GermlineInput(vcf, build), no_release(), rows).founders(0, rows)
    return {(one.row.gene, one.row.name): (one.resolved.status.value, one.resolved.dosage) for one in calls}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("chr1\t169519049\t.\tT\tC\t.\tPASS\t.\tGT:GQ\t1/1:99\n", ("called", 0)),
        ("chr1\t169519049\t.\tT\tC\t.\tPASS\t.\tGT:GQ\t0/1:99\n", ("called", 1)),
        ("chr1\t5\t.\tT\tC\t.\tPASS\t.\tGT:GQ\t0/1:99\n", ("not_covered", None)),
    ],
)
def test_factor_v_leiden_is_the_reference_of_grch37(tmp_path: Path, row: str, expected: tuple[str, int | None]) -> None:
    vcf = tmp_path / "a.vcf"
    vcf.write_text(HEAD.format(chromosome="1", length=249250621) + row)
    assert founders(vcf)["F5", "Leiden R534Q"] == expected


def test_the_mitochondrion_of_hg19_is_not_looked_at(tmp_path: Path) -> None:
    writer = TableWriter()
    writer.add(ClinVarEntry("MT", 3243, "A", "G", "9589", "pathogenic", 3, "MT-TL1", ""), reported=True)
    release = ClinVarRelease("GRCh37", "2026-01-01", writer.finish())
    vcf = tmp_path / "a.vcf"
    vcf.write_text(HEAD.format(chromosome="M", length=16571) + "chrM\t3243\t.\tA\tG\t.\tPASS\t.\tGT:GQ\t0/1:99\n")
    reading = read_germline(GermlineInput(vcf, "GRCh37"), release)
    assert reading.look(0, ["MT-TL1"]).states == []
    assert any("16,571" in note for note in reading.notes)


SUMMARY = """\
#AlleleID GeneSymbol ClinicalSignificance LastEvaluated PhenotypeList Assembly Chromosome ReviewStatus VariationID PositionVCF
1 BRCA2 Pathogenic;_drug_response Jan_05,_2026 A_condition|not_provided GRCh38 13 reviewed_by_expert_panel 9325 32340300 GT G
1 BRCA2 Pathogenic Jan_05,_2026 A_condition GRCh37 13 reviewed_by_expert_panel 9325 32914437 GT G
2 BRCA2 Conflicting_classifications_of_pathogenicity - - GRCh38 13 criteria_provided,_conflicting_classifications 7 5 A C
3 BRCA2 Pathogenic - - GRCh38 13 criteria_provided,_single_submitter 8 -1 na na
"""


def test_variant_summary_is_read_as_the_vcf_is(tmp_path: Path) -> None:
    path = tmp_path / "variant_summary.txt"
    header, *rows = SUMMARY.split("\n")
    header += " ReferenceAlleleVCF AlternateAlleleVCF"
    path.write_text("\n".join([header, *rows]).replace(" ", "\t").replace("_", " "))
    release = read_clinvar(path, load_knowledge())
    (entry,) = release.entries
    assert (entry.name, entry.stars, entry.condition) == ("13-32340300-GT-G", 3, "A condition")
    assert (release.build, release.date, release.counts["conflicting"]) == ("GRCh38", "2026-01-05", 1)
    assert release.table.version(7) == ("conflicting", 1)


def test_secondary_findings_not_asked_for_are_withheld(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    vcf = tmp_path / "a.vcf"
    row = "chr13\t32340300\t.\tGT\tG\t.\tPASS\t.\tGT:GQ\t0/1:99\n"
    vcf.write_text(HEAD.format(chromosome="1", length=248956422) + row)
    answers: list[dict[str, Any]] = []
    for more in ([], ["--withhold-secondary"]):
        assert main(["germline", "report", str(vcf), "--json", *more]) == 0
        answers.extend(json.loads(capsys.readouterr().out)["samples"])
    assert [one["gene"] for one in answers[0]["founder_variants"]["carried"]] == ["BRCA2"]
    assert answers[1]["founder_variants"]["carried"] == []
    assert answers[1]["negatives"] == []


def test_a_mitochondrial_allele_is_told_with_its_share(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    release = tmp_path / "clinvar.vcf"
    release.write_text(
        "##fileformat=VCFv4.1\n##reference=GRCh38\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
        "MT\t3243\t9589\tA\tG\t.\t.\tCLNSIG=Pathogenic;CLNREVSTAT=reviewed_by_expert_panel;GENEINFO=MT-TL1:4567\n"
    )
    vcf = tmp_path / "a.vcf"
    row = "chrM\t3243\t.\tA\tG\t.\tPASS\t.\tGT:AD:GQ\t0/1:70,30:99\n"
    vcf.write_text(HEAD.format(chromosome="1", length=248956422) + row)
    assert main(["germline", "report", str(vcf), "--clinvar", str(release), "--json"]) == 0
    ((finding,),) = [one["findings"] for one in json.loads(capsys.readouterr().out)["samples"]]
    assert (finding["variant"], finding["inheritance"], finding["secondary_finding"]) == ("MT-3243-A-G", "MT", False)
    assert "30%" in finding["notes"][0]
