"""Releases of therapy claims become packs that match, contradict and are guarded like the packaged table."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from singula.cli.main import main
from singula.errors import BadInput
from singula.knowledge import Pack, load_knowledge
from singula.knowledge.verification import verify_packs
from singula.sources.profile_words import load_profile_reader

CIVIC = "civic/civic_2022-12_extract.tsv.gz"
LEGACY = "moalmanac/molecular-oncology-almanac_2026-05.json.gz"
REFERENCED = "moalmanac/moalmanac-db_referenced_2026-05.tar.gz"
NEWER_HEADER = (
    "molecular_profile", "molecular_profile_id", "disease", "doid", "phenotypes", "therapies", "therapy_interaction_type",
    "evidence_type", "evidence_direction", "evidence_level", "significance", "evidence_statement", "citation_id", "source_type",
    "asco_abstract_id", "citation", "nct_ids", "rating", "evidence_status", "evidence_id", "variant_origin", "last_review_date",
    "evidence_civic_url", "molecular_profile_civic_url", "is_flagged",
)  # fmt: skip
SAMPLE: dict[str, Any] = {"schema": "singula.tumour-sample/1", "sample_id": "synthetic", "tumour_type": "LUAD"}


def run(*words: str, code: int = 0) -> Any:
    with redirect_stdout(printed := io.StringIO()):
        assert main([*words]) == code
    return json.loads(printed.getvalue())


def make(source: str, file: Path, folder: Path) -> Pack:
    assert main(["kb", "import", source, str(file), "--to", str(folder)]) == 0
    return Pack(folder / source)


def civic_file(folder: Path, *rows: dict[str, str]) -> Path:
    usual = {"evidence_type": "Predictive", "evidence_direction": "Supports", "significance": "Sensitivity/Response",
             "evidence_status": "accepted", "evidence_level": "B", "citation": "Made et al., 2025", "citation_id": "1",
             "source_type": "PubMed", "last_review_date": "2025-11-01 00:00:00 UTC", "is_flagged": "false",
             "variant_origin": "Somatic", "evidence_statement": "The source's own sentence."}  # fmt: skip
    lines = ["\t".join(NEWER_HEADER), *("\t".join({**usual, **row}.get(name, "") for name in NEWER_HEADER) for row in rows)]
    path = folder / "nightly-ClinicalEvidenceSummaries.tsv"
    path.write_text("\n".join(lines) + "\n")
    return path


def annotate(folder: Path, knowledge: Path, **fields: Any) -> dict[str, Any]:
    path = folder / "sample.json"
    path.write_text(json.dumps({**SAMPLE, **fields}))
    answer: dict[str, Any] = run("tumour", "annotate", str(path), "--knowledge", str(knowledge), "--json")["samples"][0]
    return answer


def rows_of(answer: dict[str, Any], prefix: str) -> list[tuple[str, str, str]]:
    return [("+".join(one["medicines"]), one["direction"], one["tier"]) for one in answer["therapies"]
            if one["row_id"].startswith(prefix)]  # fmt: skip


@pytest.mark.shared
@pytest.mark.parametrize(
    ("source", "file", "claims"), [("civic", CIVIC, 182), ("moalmanac", LEGACY, 690), ("moalmanac", REFERENCED, 1700)]
)
def test_a_real_release_becomes_a_sound_pack_without_the_sources_sentences(
    shared: Path, tmp_path: Path, source: str, file: str, claims: int
) -> None:
    pack = make(source, shared / "samples/tumour" / file, tmp_path)
    assert pack.manifest["claims"] >= claims
    assert len(pack.manifest["source_sha256"]) == 64
    assert not [fault for fault in verify_packs(load_knowledge(tmp_path)) if fault.pack == source]
    written = "".join(path.read_text() for path in pack.folder.iterdir())
    assert "granted approval" not in written
    assert "similar overall survival" not in written


@pytest.mark.shared
def test_the_older_civic_header_matches_the_rows_it_holds(shared: Path, tmp_path: Path) -> None:
    make("civic", shared / "samples/tumour" / CIVIC, tmp_path / "kb")
    answer = annotate(
        tmp_path,
        tmp_path / "kb",
        tumour_type="SKCM",
        variants=[{"gene": "MAP2K1", "protein_change": "p.P124S", "origin": "somatic"}],
    )
    assert ("selumetinib", "resistance", "II-D") in rows_of(answer, "EID12")


def test_the_newer_civic_header_reads_joined_profiles_and_leaves_out_what_it_must(tmp_path: Path) -> None:
    rows = (
        {"evidence_id": "901", "molecular_profile": "EGFR L858R AND NOT EGFR T790M", "disease": "Lung Non-small Cell Carcinoma",
         "therapies": "Gefitinib,Erlotinib", "therapy_interaction_type": "Substitutes"},
        {"evidence_id": "902", "molecular_profile": "v::ALK Fusion", "disease": "Lung Non-small Cell Carcinoma",
         "therapies": "Crizotinib", "evidence_level": "E"},
        {"evidence_id": "903", "molecular_profile": "EGFR L858R", "disease": "Lung Adenocarcinoma", "therapies": "Afatinib",
         "evidence_status": "submitted"},
        {"evidence_id": "904", "molecular_profile": "EGFR L858R", "disease": "Lung Adenocarcinoma", "therapies": "A,B"},
        {"evidence_id": "905", "molecular_profile": "EML4::ALK Fusion AND ALK F1174L", "disease": "Lung Adenocarcinoma",
         "therapies": "Crizotinib", "significance": "Resistance"},
    )  # fmt: skip
    pack = make("civic", civic_file(tmp_path, *rows), tmp_path / "kb")
    assert {row.expression for row in pack.table("therapies")} == {"EGFR:L858R AND NOT EGFR:T790M", "EML4::ALK AND ALK:F1174L"}
    assert {row.entry: row.why for row in pack.table("left_out")}.keys() == {"EID902", "EID903", "EID904"}
    found = annotate(tmp_path, tmp_path / "kb", variants=[{"gene": "EGFR", "protein_change": "p.L858R", "origin": "somatic"}])
    assert rows_of(found, "EID901") == [("gefitinib", "sensitivity", "II-C"), ("erlotinib", "sensitivity", "II-C")]


@pytest.mark.shared
def test_a_biomarker_marked_absent_is_wanted_absent(shared: Path, tmp_path: Path) -> None:
    pack = make("moalmanac", shared / "samples/tumour" / REFERENCED, tmp_path)
    mast_cells = {
        row.expression for row in pack.table("therapies") if row.oncotree == ("ASM",) and row.medicines == ("imatinib",)
    }
    assert mast_cells == {"NOT KIT:D816V", "WT(KIT:D816V)"}
    leukaemia = {row.expression for row in pack.table("therapies") if row.medicines == ("blinatumomab",)}
    assert any("WT(BCR::ABL1)" in one for one in leukaemia)
    wanting_none = {row.medicines for row in pack.table("therapies") if "WT(BCR::ABL1)" in row.expression}
    assert wanting_none == {("blinatumomab",)}
    venetoclax = {row.expression for row in pack.table("therapies") if row.medicines == ("venetoclax",)}
    assert "del17p=absent" in venetoclax
    refused = {row.why for row in pack.table("left_out")}
    assert "the biomarker BCR::ABL1 is marked absent and the indication does not say so" in refused


@pytest.mark.shared
def test_an_older_assertion_with_sensitivity_zero_opens_nothing(shared: Path, tmp_path: Path) -> None:
    pack = make("moalmanac", shared / "samples/tumour" / LEGACY, tmp_path / "kb")
    closed = {(row.medicines, row.expression) for row in pack.table("therapies") if row.direction == "no_benefit"}
    assert (("imatinib",), "PDGFRA:D842V") in closed
    assert (("cetuximab",), "NRAS:oncogenic_mutation") in closed
    answer = annotate(tmp_path, tmp_path / "kb", tumour_type="GIST",
                      variants=[{"gene": "PDGFRA", "protein_change": "p.D842V", "origin": "somatic"}])  # fmt: skip
    assert ("imatinib", "no_benefit", "I-B") in rows_of(answer, "MOA-451")
    assert "MOA-451 (MOAlmanac MOA-451) stands over MOA-450 (MOAlmanac MOA-450)" in answer["conflicts"][0]["rule"]


@pytest.mark.shared
def test_a_lung_cancer_with_a_driver_gets_no_immunotherapy_from_a_release(shared: Path, tmp_path: Path) -> None:
    make("moalmanac", shared / "samples/tumour" / REFERENCED, tmp_path / "kb")
    answer = annotate(
        tmp_path, tmp_path / "kb", biomarkers={"pdl1_tps_percent": 80}, tested_genes=["EGFR", "ALK", "ROS1"],
        variants=[{"gene": "EGFR", "protein_change": "p.L858R", "origin": "somatic"}],
    )  # fmt: skip
    assert not {one for one in rows_of(answer, "") if one[0] in ("pembrolizumab", "cemiplimab") and one[1] == "sensitivity"}


def test_oncokb_annotations_keep_neither_sample_nor_token(tmp_path: Path) -> None:
    path = tmp_path / "oncokb-2026-11-20.maf"
    path.write_text(
        "#token secret-token\nHugo_Symbol\tTumor_Sample_Barcode\tHGVSp_Short\tONCOTREE_CODE\tLEVEL_1\tLEVEL_R1\tTX_CITATIONS\n"
        "EGFR\tpatient-seven\tp.T790M\tLUAD\tOsimertinib\tGefitinib,Erlotinib\tPMID: 27959700\n"
        "KRAS\tpatient-seven\tp.G12C\t\tSotorasib\t\t\n"
    )
    pack = make("oncokb", path, tmp_path / "kb")
    written = "".join(file.read_text() for file in pack.folder.iterdir())
    assert "patient-seven" not in written
    assert "secret-token" not in written
    assert pack.date == "2026-11-20"
    assert [row.entry for row in pack.table("left_out")] == ["KRAS G12C in no tumour type"]
    answer = annotate(tmp_path, tmp_path / "kb", variants=[{"gene": "EGFR", "protein_change": "p.T790M", "origin": "somatic"}])
    assert set(rows_of(answer, "OncoKB")) == {
        ("osimertinib", "sensitivity", "I-A"), ("gefitinib", "resistance", "I-A"), ("erlotinib", "resistance", "I-A"),
    }  # fmt: skip


def test_answers_of_oncokbs_interface_are_read(tmp_path: Path) -> None:
    answer = {
        "query": {"hugoSymbol": "BRAF", "alteration": "V600E"}, "lastUpdate": "10/24/2026",
        "treatments": [{"level": "LEVEL_1", "drugs": [{"drugName": "Vemurafenib"}, {"drugName": "Cobimetinib"}],
                        "levelAssociatedCancerType": {"code": "MEL", "name": "Melanoma"}, "pmids": ["25265494"]},
                       {"level": "LEVEL_Dx2", "drugs": [], "levelAssociatedCancerType": {"code": "HCL"}}],
    }  # fmt: skip
    path = tmp_path / "answers.json"
    path.write_text(json.dumps([answer]))
    pack = make("oncokb", path, tmp_path / "kb")
    (row,) = pack.table("therapies")
    assert (row.medicines, row.expression, row.oncotree, row.tier) == (
        ("cobimetinib", "vemurafenib"),
        "BRAF:V600E",
        ("MEL",),
        "I-A",
    )
    assert (pack.date, pack.citation(row.citation)) == ("2026-10-24", "OncoKB LEVEL_1 (PMID 25265494)")


@pytest.mark.shared
def test_the_whole_tree_comes_in_by_table_and_by_json_and_old_codes_are_followed(shared: Path, tmp_path: Path) -> None:
    table = make("oncotree", shared / "facts/tumour/oncotree_2025_10_03.tsv", tmp_path / "a").table("tumour_types")
    assert len(table) == 898
    document = [{"code": row.code, "name": row.name, "parent": row.parent, "mainType": row.main_type, "history":
                 ["OLDLUAD"] if row.code == "LUAD" else [], "externalReferences": {"NCI": list(row.nci or ())}}
                for row in table]  # fmt: skip
    path = tmp_path / "oncotree_2026_01_05.json"
    path.write_text(json.dumps(document))
    make("oncotree", path, tmp_path / "kb")
    answer = annotate(tmp_path, tmp_path / "kb", tumour_type="OLDLUAD",
                      variants=[{"gene": "EGFR", "protein_change": "p.L858R", "origin": "somatic"}])  # fmt: skip
    assert answer["tumour_type"] == "LUAD"
    assert ("osimertinib", "sensitivity", "I-A") in rows_of(answer, "s-egfr")


def test_the_tree_download_with_levels_is_read(tmp_path: Path) -> None:
    path = tmp_path / "oncotree-2026-01-05.txt"
    path.write_text("level_1\tlevel_2\thistory\nLung (LUNG)\tNew Tumour (NEWT)\tOLDT\n")
    rows = {row.code: (row.parent, row.earlier) for row in make("oncotree", path, tmp_path).table("tumour_types")}
    assert rows == {"TISSUE": (None, None), "LUNG": ("TISSUE", ("OLDT",)), "NEWT": ("LUNG", ("OLDT",))}


def test_an_older_release_does_not_replace_a_newer_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = {"evidence_id": "1", "molecular_profile": "BRAF V600E", "disease": "Melanoma", "therapies": "Vemurafenib"}
    make("civic", civic_file(tmp_path, row), tmp_path)
    older = civic_file(tmp_path, {**row, "last_review_date": "2024-01-01"})
    assert main(["kb", "import", "civic", str(older), "--to", str(tmp_path)]) == 3
    assert "the newer one stays" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("source", "text"), [("civic", "a\tb\n"), ("moalmanac", "{}"), ("oncokb", "a\tb\n"), ("oncotree", "a\tb\n")]
)
def test_what_is_no_release_is_refused_and_leaves_nothing(tmp_path: Path, source: str, text: str) -> None:
    path = tmp_path / "release-2026-01-01.txt"
    path.write_text(text)
    assert main(["kb", "import", source, str(path), "--to", str(tmp_path / "kb")]) == 3
    assert list((tmp_path / "kb").iterdir()) == []


def test_a_contradiction_is_shown_with_the_rule_and_the_row_that_stands(tmp_path: Path) -> None:
    row = {"evidence_id": "77", "molecular_profile": "EGFR L858R", "disease": "Lung Non-small Cell Carcinoma",
           "therapies": "Osimertinib", "significance": "Resistance"}  # fmt: skip
    make("civic", civic_file(tmp_path, row), tmp_path / "kb")
    answer = annotate(tmp_path, tmp_path / "kb", variants=[{"gene": "EGFR", "protein_change": "p.L858R", "origin": "somatic"}])
    (conflict,) = [one for one in answer["conflicts"] if "EID77" in one["rows"]]
    assert "s-egfr-osimertinib (FDA TAGRISSO) stands over EID77 (CIViC EID77) by what says it" in conflict["rule"]


def golden(folder: Path, **fields: Any) -> str:
    path = folder / "golden.json"
    path.write_text(json.dumps({**SAMPLE, **fields}))
    return str(path)


@pytest.mark.parametrize(
    ("rows", "change", "code"),
    [
        ((), "lost", 3),
        (({"significance": "Resistance"},), "flipped", 3),
        (({"evidence_level": "C"},), "moved", 0),
        (({},), None, 0),
    ],
)
def test_a_release_that_loses_or_flips_a_golden_therapy_fails(
    tmp_path: Path, rows: Sequence[dict[str, str]], change: str | None, code: int
) -> None:
    usual = {"evidence_id": "5", "molecular_profile": "NTRK1 G595R", "disease": "Lung Adenocarcinoma", "therapies": "Madeupinib"}
    other = {"evidence_id": "6", "molecular_profile": "BRAF K601E", "disease": "Melanoma", "therapies": "Otherinib"}
    make("civic", civic_file(tmp_path, usual, other), tmp_path / "old")
    make("civic", civic_file(tmp_path, *({**usual, **row} for row in rows), other), tmp_path / "new")
    patient = golden(tmp_path, variants=[{"gene": "NTRK1", "protein_change": "p.G595R", "origin": "somatic"}])
    answer = run("kb", "diff", str(tmp_path / "old"), str(tmp_path / "new"), "--tumours", patient, "--json", code=code)
    assert [one["change"] for tumour in answer["tumours"] for one in tumour["changes"]] == ([change] if change else [])


def test_a_golden_tumour_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    make("civic", civic_file(tmp_path, {"evidence_id": "6", "molecular_profile": "BRAF K601E", "disease": "Melanoma",
                                        "therapies": "Otherinib"}), tmp_path / "kb")  # fmt: skip
    patient = golden(tmp_path, tumour_type="NOSUCH")
    assert main(["kb", "diff", str(tmp_path / "kb"), str(tmp_path / "kb"), "--tumours", patient]) == 3


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ("NPM1 EXON 12 MUTATION", "NPM1:exon(11):frameshift"),
        ("PDGFRA D842_I843DELINSVM", "PDGFRA:D842_I843delinsVM"),
        ("NPM1 W288FS", "NPM1:range(288-288):frameshift"),
        ("KRAS G12", "KRAS:codon(12)"),
        ("v::RET Fusion", "RET:fusion"),
        ("ERBB2 AMPLIFICATION", "ERBB2:amplification"),
        ("VHL R161* (c.481C>T)", "VHL:R161*"),
        (
            "EGFR T790M AND (EGFR L858R OR EGFR Exon 19 Deletion)",
            "EGFR:T790M AND ( EGFR:L858R OR EGFR:exon(19):inframe_deletion )",
        ),
        ("PDCD1 EXPRESSION", None),
    ],
)
def test_a_profile_is_read_into_the_language_of_the_table(profile: str, expected: str | None) -> None:
    assert load_profile_reader().read_profile(profile) == expected


def test_a_tar_that_refers_to_what_is_not_there_is_refused(tmp_path: Path) -> None:
    from singula.sources.moalmanac import TABLES, import_moalmanac

    path = tmp_path / "moalmanac.tar"
    with tarfile.open(path, "w") as packed:
        for name in TABLES:
            data = json.dumps({"last_updated": "2026-01-01"} if name == "about" else [{"id": 1}]).encode()
            member = tarfile.TarInfo(f"{name}.json")
            member.size = len(data)
            packed.addfile(member, io.BytesIO(data))
    with pytest.raises(BadInput, match="refers to what is not there"):
        import_moalmanac(path, tmp_path)


def test_a_further_change_closes_what_its_parent_opens(tmp_path: Path) -> None:
    row = {"evidence_id": "8", "molecular_profile": "BRAF K601E", "disease": "Melanoma", "therapies": "Otherinib"}
    make("civic", civic_file(tmp_path, row), tmp_path / "kb")
    changes = [{"gene": "EGFR", "protein_change": change, "origin": "somatic"} for change in ("p.L858R", "p.C797S")]
    (conflict,) = annotate(tmp_path, tmp_path / "kb", variants=changes)["conflicts"]
    assert "r-egfr-osimertinib (literature) stands over" in conflict["rule"]
    assert conflict["rule"].endswith("by a further change, which the other does not speak of")
