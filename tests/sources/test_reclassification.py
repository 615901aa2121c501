"""A new release of ClinVar names the people whose findings it changes, with the letters."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from singula.cli.main import main
from singula.errors import BadInput
from singula.sources.reclassification import read_report

HEAD = "##fileformat=VCFv4.1\n##fileDate={date}\n##reference=GRCh38\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
REVIEW = "CLNREVSTAT=criteria_provided,_single_submitter"
PERSON = """\
##fileformat=VCFv4.2
##contig=<ID=chr1,length=248956422>
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tAnna
chr1\t100\t.\tA\tG\t.\tPASS\t.\tGT:GQ\t0/1:99
chr1\t200\t.\tA\tG\t.\tPASS\t.\tGT:GQ\t0/1:99
chr1\t300\t.\tA\tG\t.\tPASS\t.\tGT:GQ\t0/1:10
chr1\t400\t.\tA\tG\t.\tPASS\t.\tGT:GQ\t1/1:99
"""


def release(folder: Path, date: str, classes: dict[int, str]) -> Path:
    folder.mkdir()
    path = folder / "clinvar.vcf"
    rows = [
        f"1\t{number * 100}\t{number}\tA\tG\t.\t.\tCLNSIG={word};{REVIEW};GENEINFO=BRCA2:1\n" for number, word in classes.items()
    ]
    path.write_text(HEAD.format(date=date) + "".join(rows))
    assert main(["kb", "import", "clinvar", str(path), "--to", str(folder)]) == 0
    return folder


def test_upgrades_downgrades_and_withdrawals_reach_the_person(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = release(tmp_path / "old", "2026-01-01", {1: "Pathogenic", 2: "Uncertain_significance", 3: "Pathogenic", 4: "Benign"})
    new = release(tmp_path / "new", "2026-06-01", {1: "Likely_benign", 2: "Likely_pathogenic", 5: "Pathogenic"})
    vcf = tmp_path / "anna.vcf"
    vcf.write_text(PERSON)
    capsys.readouterr()
    assert main(["germline", "report", str(vcf), "--knowledge", str(old), "--all", "--json"]) == 0
    saved = tmp_path / "anna.json"
    saved.write_text(capsys.readouterr().out)
    assert main(["kb", "diff", str(old), str(new), "--reports", str(saved), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert {key: answer["clinvar"][key] for key in ("new", "upgraded", "downgraded", "withdrawn")} == {
        "new": 1,
        "upgraded": 1,
        "downgraded": 1,
        "withdrawn": 1,
    }
    (person,) = answer["persons"]
    assert {one["variation_id"]: one["change"] for one in person["changes"]} == {
        "1": "downgraded",
        "2": "upgraded",
        "3": "withdrawn",
    }
    assert all("BRCA2" in one["letter_person"] for one in person["changes"])


def test_what_is_no_saved_report_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("{}")
    with pytest.raises(BadInput, match="no saved germline report"):
        read_report(path)


@pytest.mark.parametrize(
    "content",
    ["{}", "[]", '{"knowledge": [], "samples": [{}]}', '{"knowledge": [], "samples": [{"sample": "A", "findings": [1]}]}'],
)
def test_a_damaged_report_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(content.replace("{", '{"schema": "singula.germline/1",', 1).replace(",}", "}"))
    with pytest.raises(BadInput):
        read_report(path)
