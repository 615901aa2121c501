"""Sites are resolved on a stated ground: nothing is called reference where nobody looked."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from singula.cli.main import main
from singula.errors import BadInput
from singula.methods.genome.normalisation import trim_alleles
from singula.methods.genome.resolver import Coverage, SiteCall, resolve_site
from singula.record.genome import SiteStatus
from singula.sources.chain_file import read_chain
from singula.sources.regions import Regions

KNOWN = (SiteStatus.CALLED, SiteStatus.HOM_REF_BLOCK, SiteStatus.HOM_REF_REGIONS)


def resolve(
    *records: SiteCall, site: tuple[int, str, str] = (100, "A", "G"), coverage: Coverage | None = None
) -> tuple[str, str | None, int | None]:
    position, ref, _ = trimmed = trim_alleles(*site)
    over = [one for one in records if one.position <= position + len(ref) - 1 and one.last >= position]
    found = resolve_site(trimmed, over, coverage or Coverage(has_chromosome=True, is_gvcf=False), 20)
    return found.status.value, found.genotype, found.dosage


def call(position: int, ref: str, alts: str, alleles: tuple[int | None, ...], **more: Any) -> SiteCall:
    return SiteCall(position, ref, tuple(alts.split(",")) if alts else (), alleles, **{"depth": 30, "quality": 99, **more})


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (call(100, "A", "G", (0, 1)), ("called", "0/1", 1)),
        (call(100, "A", "C,G", (1, 2)), ("called", "1/2", 1)),
        (call(100, "A", "C", (1, 1)), ("called", "2/2", 0)),
        (call(99, "CA", "CG", (0, 1)), ("called", "0/1", 1)),
        (call(100, "A", "G", (1, 0), is_phased=True), ("called", "1|0", 1)),
        (call(100, "A", "G", (1,)), ("called", "1", 1)),
        (call(100, "A", "G", (None, 1)), ("no_call", None, None)),
        (call(100, "A", "G,<NON_REF>", (1, 2)), ("no_call", None, None)),
        (call(100, "A", "G", (0, 1), depth=0), ("not_covered", None, None)),
        (call(100, "A", "G", (0, 1), quality=19), ("low_quality", None, None)),
        (call(100, "A", "G", (0, 1), filter="LowQual"), ("low_quality", None, None)),
        (call(100, "T", "G", (0, 1)), ("ref_mismatch", None, None)),
        (call(98, "CAA", "C", (0, 1)), ("spanned", None, None)),
        (call(100, "AT", "A", (0, 1)), ("called", "0/0", 0)),
        (call(90, "N", "<NON_REF>", (0, 0), end=120), ("hom_ref_block", "0/0", 0)),
        (call(90, "N", "<NON_REF>", (0, 0), end=120, depth=0), ("not_covered", None, None)),
        (call(90, "N", "<NON_REF>", (0, 0), end=120, quality=0), ("low_quality", None, None)),
        (call(90, "N", "", (0, 0), end=120), ("hom_ref_block", "0/0", 0)),
        (call(100, "A", "", (0, 0)), ("called", "0/0", 0)),
    ],
)
def test_one_record_gives_its_status(record: SiteCall, expected: tuple[str, str | None, int | None]) -> None:
    assert resolve(record) == expected


@pytest.mark.parametrize(
    ("coverage", "status"),
    [
        (Coverage(has_chromosome=False, is_gvcf=False), "not_covered"),
        (Coverage(has_chromosome=True, is_gvcf=True), "not_covered"),
        (Coverage(has_chromosome=True, is_gvcf=False), "hom_ref_assumed"),
        (Coverage(True, False, lambda _: True), "hom_ref_regions"),
        (Coverage(True, False, lambda _: False), "not_covered"),
    ],
)
def test_no_record_is_reference_only_where_the_bases_were_looked_at(coverage: Coverage, status: str) -> None:
    assert resolve(coverage=coverage)[0] == status


def test_the_weakest_base_of_a_longer_site_decides() -> None:
    block = call(100, "A", "<NON_REF>", (0, 0), end=101)
    assert resolve(block, site=(100, "ACG", "A"), coverage=Coverage(True, True))[0] == "not_covered"


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 40))
def test_no_negative_survives_where_coverage_was_taken_away(seed: int, holes: int) -> None:
    chance = random.Random(seed)
    covered = [True] * 400
    for _ in range(holes):
        start = chance.randrange(400)
        covered[start : start + chance.randrange(1, 60)] = [False] * len(covered[start : start + chance.randrange(1, 60)])
    covered = covered[:400] + [False] * max(0, 400 - len(covered))
    blocks, at = [], 0
    while at < 400:
        end = at
        while end + 1 < 400 and covered[end + 1] == covered[at]:
            end += 1
        if covered[at]:
            blocks.append(call(at, "N", "<NON_REF>", (0, 0), end=end))
        at = end + 1
    for _ in range(20):
        position, length = chance.randrange(390), chance.randrange(1, 8)
        status, _, dosage = resolve(*blocks, site=(position, "N" * length, "N"), coverage=Coverage(True, True))
        looked_at = all(covered[position : position + 1]) if length == 1 else all(covered[position : position + length])
        if not looked_at:
            assert status == "not_covered"
            assert dosage is None


def test_regions_are_half_open_and_joined(tmp_path: Path) -> None:
    path = tmp_path / "a.bed"
    path.write_text("track\nchr1\t10\t20\nchr1\t20\t30\n1\t5\t11\n")
    inside = Regions(path).on("1")
    assert [inside(place) for place in (5, 6, 10, 30, 31)] == [False, True, True, True, False]
    path.write_text("chr1\tten\t20\n")
    with pytest.raises(BadInput, match=r"a\.bed:1"):
        Regions(path)


CHAIN = "chain 1 chr1 1000 + 100 200 chr2 500 - 50 150 1\n40 10 20\n50\n"


def test_a_chain_leads_there_and_back(tmp_path: Path) -> None:
    path = tmp_path / "a.chain"
    path.write_text(CHAIN)
    there, back = read_chain(path), read_chain(path, inverted=True)
    lifted = there.lift("1", 101)
    assert (lifted.chromosome, lifted.position, lifted.strand) == ("2", 450, "-")
    assert there.lift("1", 145).status == "unmapped"
    for position in (101, 140, 151, 200):
        found = there.lift("1", position)
        assert found.position is not None
        assert back.lift("2", found.position).position == position


def test_alleles_turn_round_on_the_minus_strand(tmp_path: Path) -> None:
    path = tmp_path / "a.chain"
    path.write_text(CHAIN)
    assert read_chain(path).lift_variant("1", 101, "AC", "A") == ("2", 449, "GT", "T")
    assert read_chain(path).lift_variant("1", 139, "ACG", "A") is None


def test_header_and_stated_build_have_to_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    vcf = tmp_path / "a.vcf"
    vcf.write_text(
        "##fileformat=VCFv4.2\n##contig=<ID=chr1,length=248956422>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n"
    )
    sites = tmp_path / "s.tsv"
    sites.write_text("id\tchrom\tpos\tref\talt\na\t1\t5\tA\tG\n")
    assert main(["genome", "resolve", str(vcf), "--sites", str(sites), "--build", "GRCh37", "--json"]) == 3
    assert "GRCh38" in capsys.readouterr().err


@pytest.mark.shared
def test_every_reference_site_is_resolved_alike(shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checked = 0
    for line in (shared / "vectors/germline/cli/resolve.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        inputs = {
            name: str(shared / "samples/germline" / one[8:]) if str(one).startswith("samples:") else one
            for name, one in case["inputs"].items()
        }
        sites = tmp_path / f"{case['id']}.tsv"
        sites.write_text("id\tchrom\tpos\tref\talt\n" + "".join("\t".join(map(str, one)) + "\n" for one in inputs["sites"]))
        command = ["genome", "resolve", inputs["vcf"], "--sites", str(sites), "--build", inputs["build"], "--json"]
        command += ["--min-gq", str(inputs["min_gq"]), *(["--regions", inputs["regions"]] if "regions" in inputs else [])]
        assert main(command) == 0
        got = {
            one["sample"]: {site["id"]: site for site in one["sites"]} for one in json.loads(capsys.readouterr().out)["samples"]
        }
        for sample, wanted in case["expected"]["samples"].items():
            for site, answer in wanted.items():
                assert {key: got[sample][site][key] for key in answer} == answer, (case["id"], sample, site)
                checked += 1
    assert checked == 1734


@pytest.mark.shared
def test_every_reference_position_is_lifted_alike(shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = json.loads((shared / "vectors/germline/cli/lift.jsonl").read_text(encoding="utf-8"))
    sites = tmp_path / "s.tsv"
    sites.write_text("id\tchrom\tpos\n" + "".join("\t".join(map(str, one)) + "\n" for one in case["inputs"]["sites"]))
    chain = shared / "samples/germline" / case["inputs"]["chain"][8:]
    assert main(["genome", "lift", str(sites), "--chain", str(chain), "--json"]) == 0
    got = {one["id"]: one for one in json.loads(capsys.readouterr().out)["sites"]}
    wanted = case["expected"]["sites"]
    assert {name: {key: got[name][key] for key in one} for name, one in wanted.items()} == wanted
