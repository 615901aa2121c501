"""Calls made elsewhere, in the shape of each program: what is read, and what is said of the rows that are wrong. All made up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from singula.cli.main import main
from singula.errors import BadInput
from singula.knowledge import load_knowledge
from singula.methods.genome.gene_call import GeneCall
from singula.sources.outside_calls import OutsideCall
from singula.sources.outside_files import is_outside_file, read_outside_file
from singula.sources.pgx_calls import call_outside, load_tables

STARPHASE = json.dumps(
    {
        "pbstarphase_version": "1.4.0",
        "gene_details": {
            "CYP2D6": {"simple_diplotypes": None, "diplotypes": [{"hap1": "*4.001 + *68", "hap2": "*1.001"}]},
            "CYP2C19": {"diplotypes": [{"diplotype": "NO_MATCH/NO_MATCH"}]},
            "MT-RNR1": {"diplotypes": [{"diplotype": "m.1555A>G/m.1555A>G"}]},
        },
    }
)
ALDY = (
    "#Sample\tGene\tSolutionID\tMajor\tMinor\tCopy\tAllele\n#Solution 1: *1.001, *4.001, *4.001\n"
    "S1\tCYP2D6\t1\t*1/*4+*4\t1.001;4.001;4.001\t0\t1.001\nS1\tCYP2D6\t1\t*1/*4+*4\t1.001;4.001;4.001\t1\t4.001\n"
    "S1\tCYP2D6\t2\t*4/*1+*4\t1.001;4.001;4.001\t0\t1.001\n"
)
STELLARPGX = (
    "-----\n\nCYP2D6 Star Allele Calling with StellarPGx\n\n-----\n\nInitially computed CN = 3\n\nCandidate alleles:\n[x]\n\n"
    "Result:\n*10/*36+*10\n\n\nActivity score:\n1.0\n\n\nMetaboliser status:\nNormal metaboliser (NM)\n"
)
LABORATORY = (
    "Gene;Diplotype;Phenotype;Activity score\nCYP2C19;*2/17;;\ncyp2d6;CYP2D6*1x2/CYP2D6*1;;\nTPMT;*1/*3A/*3C;;\n"
    "DPYD;;;1,5\nCYP2C9;;;many\nHLA-B;*15:11:01/*07:02;;\nNUDT15;*1/;;\nF5;rs6025 reference (C)/rs6025 variant (T);;\n"
)


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def calls(file: Path) -> dict[str, GeneCall]:
    return call_outside(read_outside_file(file).calls, load_tables(load_knowledge()))


def test_starphase_is_read_by_gene_and_no_match_is_no_call(tmp_path: Path) -> None:
    found = calls(write(tmp_path, "person.json", STARPHASE))
    assert (found["CYP2D6"].diplotypes, found["CYP2D6"].activity_scores) == (("*1/*4 + *68",), ("1.0",))
    assert found["CYP2C19"].diplotypes == () and found["CYP2C19"].phenotypes == ()
    assert "StarPhase makes no call of CYP2C19" in found["CYP2C19"].reasons
    assert found["MT-RNR1"].phenotypes == ("increased risk of aminoglycoside-induced hearing loss",)


def test_solutions_of_aldy_are_alternatives_and_equal_copies_are_counted(tmp_path: Path) -> None:
    read = read_outside_file(write(tmp_path, "a.aldy", ALDY))
    assert [(one.sample, one.diplotype) for one in read.calls] == [("S1", "*1/*4x2"), ("S1", "*4/*1+*4")]
    assert calls(tmp_path / "a.aldy")["CYP2D6"].activity_scores == ("1.0",)


def test_the_score_of_a_program_is_compared_and_the_tables_decide(tmp_path: Path) -> None:
    found = calls(write(tmp_path, "s.alleles", STELLARPGX))["CYP2D6"]
    assert (found.activity_scores, found.phenotypes) == (("0.5",), ("Intermediate Metabolizer",))
    assert any("StellarPGx says Normal Metabolizer" in reason for reason in found.reasons)


@pytest.mark.parametrize(
    ("diplotype", "score"),
    [
        ("*36+*10/*36+*10", "0.5"),
        ("*68+*4/*1", "1.0"),
        ("*13 + *1/*36 + *10x2", "1.5"),
        ("*1x2/*1", "3.0"),
        ("*1x3/*4", "≥3.0"),
        ("*9x2/*4", "0.5"),
    ],
)
def test_copies_and_tandems_have_the_sum_of_their_parts(diplotype: str, score: str) -> None:
    found = call_outside((OutsideCall("CYP2D6", diplotype),), load_tables(load_knowledge()))["CYP2D6"]
    assert found.activity_scores == (score,)


@pytest.mark.parametrize("diplotype", ["*1xN/*4", "*4"])
def test_what_is_not_stated_has_no_score(diplotype: str) -> None:
    found = call_outside((OutsideCall("CYP2D6", diplotype),), load_tables(load_knowledge()))["CYP2D6"]
    assert (found.activity_scores, found.phenotypes) == ((), ("Indeterminate",))


def test_wrong_rows_of_a_laboratory_are_told_and_the_others_called(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path, "report.csv", LABORATORY)
    assert main(["pgx", "call", str(file), "--json"]) == 3
    answer = json.loads(capsys.readouterr().out)
    assert [(one["gene"], one["message"].split(": ")[0]) for one in answer["errors"]] == [
        ("CYP2C19", "report.csv:2"),
        ("TPMT", "report.csv:4"),
        ("CYP2C9", "report.csv:6"),
        ("NUDT15", "report.csv:8"),
    ]
    assert "write *17" in answer["errors"][0]["message"]
    genes = {one["gene"]: one for one in answer["samples"][0]["genes"]}
    assert genes["CYP2D6"]["phenotype"] == "Ultrarapid Metabolizer"
    assert genes["DPYD"]["phenotype"] == "Intermediate Metabolizer"
    assert "*15:11 positive" in genes["HLA-B"]["phenotypes"]
    assert genes["F5"]["phenotype"] == "Factor V Leiden heterozygous"


def test_fhir_genotypes_and_haplotypes_are_calls(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def seen(number: int, loinc: str, value: str) -> dict[str, object]:
        gene = {"code": {"coding": [{"system": "http://loinc.org", "code": "48018-6"}]}}
        return {
            "resourceType": "Observation",
            "id": f"o{number}",
            "status": "final",
            "subject": {"reference": "Patient/made-up"},
            "code": {"coding": [{"system": "http://loinc.org", "code": loinc}]},
            "valueCodeableConcept": {"text": value},
            "component": [{**gene, "valueCodeableConcept": {"text": value.partition(" ")[0]}}],
        }

    observations = [
        seen(1, "84413-4", "CYP2D6 *1/*4"),
        seen(2, "84414-2", "CYP2C19 *2"),
        seen(3, "84414-2", "CYP2C19 *17"),
    ]
    person = {"resourceType": "Patient", "id": "made-up"}
    entries = [{"resource": one} for one in (person, *observations)]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    file = write(tmp_path, "bundle.json", json.dumps(bundle))
    assert main(["pgx", "call", str(file), "--json"]) == 0
    sample = json.loads(capsys.readouterr().out)["samples"][0]
    found = {one["gene"]: (one["diplotypes"], one["phenotype"]) for one in sample["genes"]}
    assert found == {
        "CYP2D6": (["*1/*4"], "Intermediate Metabolizer"),
        "CYP2C19": (["*2/*17"], "Intermediate Metabolizer"),
    }


def test_a_vcf_and_unknown_json_are_none_of_these(tmp_path: Path) -> None:
    assert not is_outside_file(write(tmp_path, "a.vcf", "##fileformat=VCFv4.2\n#CHROM\tPOS\n"))
    assert not is_outside_file(write(tmp_path, "b.json", '{"resourceType": "Bundle"}'))
    with pytest.raises(BadInput, match="gene_details"):
        read_outside_file(write(tmp_path, "c.json", '{"pbstarphase_version": "1.4.0"}'))


def test_a_sample_that_no_input_has_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    genome = Path("examples/stent/genome.vcf")
    (row,) = [line for line in genome.read_text(encoding="utf-8").splitlines() if line.startswith("#CHROM")]
    sample = row.split("\t")[9]
    outside = write(tmp_path, "calls.aldy", ALDY.replace("S1\t", f"{sample}\t"))
    assert main(["pgx", "call", str(genome), "--outside-calls", str(outside), "--json"]) == 0
    capsys.readouterr()
    outside.write_text(ALDY, encoding="utf-8")
    assert main(["pgx", "call", str(genome), "--outside-calls", str(outside), "--json"]) == 3
    (error,) = json.loads(capsys.readouterr().out)["errors"]
    assert "speaks of sample 'S1', which is in none of the inputs" in error["message"]
