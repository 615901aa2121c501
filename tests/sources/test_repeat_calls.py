"""Repeat loci are classed by their counts; what was not called or is not known is said so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from singula.cli.main import main
from singula.errors import BadInput
from singula.sources.repeat_calls import read_repeats

HEAD = "##fileformat=VCFv4.1\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n"
ROW = "{chrom}\t100\t.\tC\t<STR20>,<STR45>\t.\t{passed}\tEND=160;REF=19;REPID={locus};RL=57;RU=CAG\tGT:REPCN\t1/2:{counts}\n"


def test_each_allele_gets_its_class(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.vcf"
    rows = [("HTT", "20/45", "PASS"), ("AR", "21", "PASS"), ("HTT", "./17", "LowDepth"), ("NOWHERE", "5/5", "PASS")]
    path.write_text(HEAD + "".join(ROW.format(chrom="4", locus=name, counts=n, passed=passed) for name, n, passed in rows))
    assert main(["germline", "repeats", str(path), "--json"]) == 0
    loci = json.loads(capsys.readouterr().out)["loci"]
    assert [[one["status"] for one in locus["alleles"]] for locus in loci] == [
        ["normal", "full_mutation"],
        ["normal"],
        ["not_called", "normal"],
        ["unknown_locus", "unknown_locus"],
    ]
    assert [locus["confirmed"] for locus in loci] == [True, True, False, True]


def test_a_file_without_repeats_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.vcf"
    path.write_text(HEAD)
    with pytest.raises(BadInput, match="no repeat locus"):
        read_repeats(path)
