"""Polygenic sums equal those others computed; where a score cannot be placed honestly it abstains and says why."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from singula.cli.main import main
from singula.errors import BadInput
from singula.methods.genome.score_matching import MatchedAlleles, match_alleles
from singula.sources.score_files import read_score_file
from singula.sources.score_risks import read_score_risks

VCF = "##fileformat=VCFv4.2\n##contig=<ID=chr1,length=248956422>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\tB\n"
ROWS = "chr1\t10\t.\tA\tG\t.\tPASS\t.\tGT\t0/1\t1/1\nchr1\t20\t.\tC\tT\t.\tPASS\t.\tGT\t0/0\t./.\n"
SCORE = (
    "#pgs_id=MADE\n#genome_build=GRCh38\n"
    "chr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\n1\t10\tG\tA\t0.5\n1\t20\tC\tT\t-1\n"
)


@pytest.mark.parametrize(
    ("effect", "other", "ref", "alts", "found"),
    [
        ("G", "A", "A", ("G",), MatchedAlleles("A", "G", True)),
        ("A", "G", "A", ("G",), MatchedAlleles("A", "G", False)),
        ("C", "T", "A", ("G",), MatchedAlleles("A", "G", True)),
        ("T", "C", "A", ("G",), MatchedAlleles("A", "G", False)),
        ("T", "A", "A", ("T",), None),
        ("C", "A", "A", ("G",), None),
        ("G", None, "A", ("G",), MatchedAlleles("A", "G", True)),
        ("T", "A", "A", ("C", "T"), None),
        ("CT", "C", "C", ("CT",), MatchedAlleles("C", "CT", True)),
    ],
)
def test_alleles_are_matched_on_either_strand_and_ambiguous_ones_dropped(
    effect: str, other: str | None, ref: str, alts: tuple[str, ...], found: MatchedAlleles | None
) -> None:
    assert match_alleles(effect, other, ref, alts, keep_ambiguous=False) == found


def score(tmp_path: Path, capsys: pytest.CaptureFixture[str], *more: str, text: str = SCORE) -> list[dict[str, Any]]:
    (tmp_path / "a.vcf").write_text(VCF + ROWS)
    (tmp_path / "s.txt").write_text(text)
    assert main(["prs", "score", str(tmp_path / "a.vcf"), "--score", str(tmp_path / "s.txt"), "--json", *more]) == 0
    return [one["scores"][0] for one in json.loads(capsys.readouterr().out)["samples"]]


def test_sums_count_the_effect_allele_and_leave_missing_ones_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = score(tmp_path, capsys)
    assert (one["sum"], one["average"], one["missing"]) == (-1.5, -0.375, 0)
    assert (two["sum"], two["average"], two["missing"]) == (1.0, 0.5, 1)


def test_a_missing_genotype_gets_the_mean_dosage_where_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, two = score(tmp_path, capsys, "--missing", "mean")
    assert two["sum"] == 1.0 - 2.0
    assert two["basis"]["imputed"] == 1


def test_a_score_of_which_too_little_matches_abstains(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, _ = score(tmp_path, capsys, text=SCORE + "1\t30\tG\tA\t0.1\n")
    assert one["abstained"]
    assert "2 of 3 variants" in one["reason"]


def test_weights_that_cannot_be_summed_make_it_abstain(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        SCORE.replace("effect_weight", "effect_weight\tis_haplotype")
        .replace("0.5\n", "0.5\tFalse\n")
        .replace("-1\n", "-1\tFalse\n")
    )
    rows = text + "".join(f"1\t{place}\tG\tA\t0.0001\tFalse\n" for place in range(40, 46)) + "1\t60\tG\tA\t0.5\tTrue\n"
    one, _ = score(tmp_path, capsys, "--min-match", "0.1", text=rows)
    assert "carry over 5 % of the weight" in one["reason"]


def test_nobody_is_compared_with_a_population_that_was_not_stated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reference = tmp_path / "r.tsv"
    reference.write_text("score_id\tpopulation\tmean\tsd\nMADE\tEUR\t-1\t0.5\n")
    unplaced, _ = score(tmp_path, capsys, "--reference", str(reference))
    assert (unplaced["z"], unplaced["abstained"]) == (None, True)
    other, _ = score(tmp_path, capsys, "--reference", str(reference), "--population", "AFR")
    assert (other["z"], other["abstained"]) == (None, True)
    placed, _ = score(tmp_path, capsys, "--reference", str(reference), "--population", "EUR")
    assert placed["z"] == -1.0
    assert math.isclose(placed["percentile"], 15.865525393145708)


def test_scores_of_one_trait_have_to_agree_before_a_place_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.vcf").write_text(VCF + ROWS)
    asked = ["prs", "score", str(tmp_path / "a.vcf"), "--reference", str(tmp_path / "r.tsv"), "--population", "EUR", "--json"]
    for name in ("ONE", "TWO"):
        (tmp_path / f"{name}.txt").write_text(SCORE.replace("MADE", f"{name}\n#trait_mapped=gout"))
        asked += ["--score", str(tmp_path / f"{name}.txt")]
    rows = "score_id\tpopulation\tmean\tsd\nONE\tEUR\t-1\t0.5\nTWO\tEUR\t{mean}\t0.5\n"
    (tmp_path / "r.tsv").write_text(rows.format(mean=-1.2))
    assert main([*asked, "--sample", "A"]) == 0
    agreed = json.loads(capsys.readouterr().out)["samples"][0]["traits"][0]
    assert (agreed["trait"], agreed["scores"], agreed["abstained"]) == ("gout", ["ONE", "TWO"], False)
    assert math.isclose(agreed["percentile"], (15.865525393145708 + 27.425311775007355) / 2)
    (tmp_path / "r.tsv").write_text(rows.format(mean=-2.5))
    assert main([*asked, "--sample", "A"]) == 0
    parted = json.loads(capsys.readouterr().out)["samples"][0]["traits"][0]
    assert (parted["percentile"], parted["abstained"]) == (None, True)
    assert parted["reason"] == "the scores contradict each other (percentiles: ONE 16, TWO 98)"
    (tmp_path / "r.tsv").write_text(rows.format(mean=1).replace("TWO", "SIX"))
    assert main([*asked, "--sample", "A"]) == 0
    assert json.loads(capsys.readouterr().out)["samples"][0]["traits"][0]["reason"].startswith("1 of 2 scores could be placed")


RISKS = (
    "score_id\thazard_ratio_per_sd\tfrom_years\tto_years\tincidence_per_100000\tmortality_per_100000\n"
    "MADE\t1.5\t50\t60\t200\t500\nMADE\t1.5\t60\t70\t400\t1000\n"
)


def test_a_place_becomes_a_risk_only_over_ages_with_known_rates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "r.tsv").write_text("score_id\tpopulation\tmean\tsd\nMADE\tEUR\t-1\t0.5\n")
    (tmp_path / "risk.tsv").write_text(RISKS)
    asked = ("--reference", str(tmp_path / "r.tsv"), "--population", "EUR", "--risk", str(tmp_path / "risk.tsv"))
    risk = score(tmp_path, capsys, *asked, "--ages", "50,70")[0]["risk"]
    hazard = [0.002, 0.004]
    alive, expected = 1.0, 0.0
    shift = math.exp(math.log(1.5) * -1.0 - math.log(1.5) ** 2 / 2)
    for rate, other in zip([shift * one for one in hazard], [0.005, 0.01], strict=True):
        expected += alive * rate / (rate + other) * (1 - math.exp(-10 * (rate + other)))
        alive *= math.exp(-10 * (rate + other))
    assert math.isclose(risk["risk_percent"], 100 * expected, rel_tol=1e-9)
    assert risk["risk_percent"] < risk["population_risk_percent"]
    unknown = score(tmp_path, capsys, *asked, "--ages", "50,80")[0]["risk"]
    assert unknown["risk_percent"] is None
    assert "has no band for the ages 70 to 80" in unknown["reason"]
    unplaced = score(tmp_path, capsys, "--risk", str(tmp_path / "risk.tsv"), "--ages", "50,70")[0]
    assert (unplaced["z"], unplaced["risk"]) == (None, None)


@pytest.mark.parametrize(
    ("old", "new"), [("1.5\t60", "1.6\t60"), ("1.5\t50", "-1\t50"), ("200", "many")], ids=["two ratios", "below 0", "no number"]
)
def test_a_damaged_table_of_risks_is_refused(tmp_path: Path, old: str, new: str) -> None:
    (tmp_path / "risk.tsv").write_text(RISKS.replace(old, new))
    with pytest.raises(BadInput, match=r"risk\.tsv:[23]"):
        read_score_risks(tmp_path / "risk.tsv")


def test_variants_that_carry_too_little_of_the_variance_make_it_abstain(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = (
        SCORE.replace("effect_weight\n", "effect_weight\tallelefrequency_effect\n")
        .replace("0.5\n", "0.5\t0.3\n")
        .replace("-1\n", "-1\t0.3\n")
    )
    one, _ = score(tmp_path, capsys, "--min-match", "0.1", text=rows + "1\t30\tG\tA\t2\t0.5\n")
    assert math.isclose(one["variance_share"], (0.42 * 0.25 + 0.42) / (0.42 * 0.25 + 0.42 + 2))
    assert one["reason"] == "the matched variants carry 21% of the score's variance; 75 % are needed"


def test_a_score_in_another_build_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.vcf").write_text(VCF + ROWS)
    (tmp_path / "s.txt").write_text(SCORE.replace("GRCh38", "GRCh37"))
    assert main(["prs", "score", str(tmp_path / "a.vcf"), "--score", str(tmp_path / "s.txt")]) == 3


@pytest.mark.parametrize("text", ["", "#pgs_id=X\n", "a\tb\n1\t2\n", SCORE + "1\t30\tG\tA\tmuch\n"])
def test_what_is_no_scoring_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "s.txt"
    path.write_text(text)
    with pytest.raises(BadInput):
        read_score_file(path)


def is_as_wanted(got: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        return all(got.get(key, 0) == value for key, value in wanted.items())
    if isinstance(wanted, float):
        return got is not None and math.isclose(got, wanted, abs_tol=1e-6)
    return bool(got == wanted)


@pytest.mark.shared
def test_every_reference_sum_is_reached(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, checked = shared / "samples/germline", 0
    for line in (shared / "vectors/germline/cli/prs.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        inputs = {
            key: str(folder / one[8:]) if isinstance(one, str) and one.startswith("samples:") else one
            for key, one in case["inputs"].items()
        }
        command = ["prs", "score", inputs["vcf"], "--json", "--build", inputs["build"], "--missing", inputs["missing"]]
        for one in inputs["scores"]:
            command += ["--score", str(folder / one[8:])]
        for option in ("sites", "regions", "reference", "population"):
            command += [f"--{option}", inputs[option]] if inputs.get(option) else []
        command += ["--sample", ",".join(inputs["samples"])] if inputs.get("samples") else []
        assert main(command) == 0
        got = {
            (one["sample"], two["score_id"]): two
            for one in json.loads(capsys.readouterr().out)["samples"]
            for two in one["scores"]
        }
        for name, wanted in case["expected"]["scores"].items():
            common = {key: value for key, value in wanted.items() if key != "samples"}
            for sample, own in wanted["samples"].items():
                answer = got[(sample, name)]
                wrong = {
                    key: answer.get(key) for key, value in {**common, **own}.items() if not is_as_wanted(answer.get(key), value)
                }
                assert wrong == {}, (case["id"], sample, name)
                checked += 1
    assert checked == 645


@pytest.mark.shared
def test_every_reference_adjustment_is_reached(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = json.loads((shared / "vectors/germline/cli/adjust.jsonl").read_text(encoding="utf-8"))
    files = [str(shared / "samples/germline" / case["inputs"][key][8:]) for key in ("reference", "target")]
    assert main(["prs", "adjust", "--reference", files[0], "--target", files[1], "--json"]) == 0
    got = {one["sample"]: one for one in json.loads(capsys.readouterr().out)["samples"]}
    wanted = case["expected"]["samples"]
    assert len(wanted) == 464
    assert max(abs(got[name]["z_norm1"] - one["z_norm1"]) for name, one in wanted.items()) < 1e-6
    assert max(abs(got[name]["z_norm2"] - one["z_norm2"]) for name, one in wanted.items()) < 1e-3
