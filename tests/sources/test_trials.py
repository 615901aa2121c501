"""Trials are judged criterion by criterion: untested genes and free text are never a match."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from singula.cli.main import main
from singula.errors import BadInput, UnsafeInput
from singula.sources.trials import read_trials


def ctml(match: Any, **arm: Any) -> dict[str, Any]:
    arms = [{"arm_code": "A", "match": match, **arm}]
    return {"protocol_no": "T1", "short_title": "made", "status": "open", "treatment_list": {"step": [{"arm": arms}]}}


def judge(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], sample: dict[str, Any], *trials: dict[str, Any]
) -> list[dict[str, Any]]:
    (tmp_path / "s.json").write_text(json.dumps({"sample_id": "s", "tumour_type": "LUAD", **sample}), encoding="utf-8")
    folder = tmp_path / "trials"
    folder.mkdir(exist_ok=True)
    for number, trial in enumerate(trials):
        (folder / f"{number}.json").write_text(json.dumps(trial), encoding="utf-8")
    assert main(["trials", "match", str(tmp_path / "s.json"), "--trials", str(folder), "--json"]) == 0
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["samples"][0]["trials"]
    return found


KRAS = {"genomic": {"hugo_symbol": "KRAS", "variant_category": "Mutation", "protein_change": "p.G12C"}}
NO_KRAS = {"genomic": {"hugo_symbol": "KRAS", "variant_category": "!Mutation"}}
G12C = {"variants": [{"gene": "KRAS", "protein_change": "p.G12C"}]}


@pytest.mark.parametrize(
    ("sample", "match", "status"),
    [
        (G12C, [KRAS], "match"),
        ({"tested_genes": ["KRAS"]}, [KRAS], "no_match"),
        ({}, [KRAS], "possible"),
        ({"variants": [{"gene": "KRAS", "protein_change": "p.G13D"}]}, [KRAS], "possible"),
        ({}, [NO_KRAS], "possible"),
        ({"tested_genes": ["KRAS"]}, [NO_KRAS], "match"),
        (G12C, [NO_KRAS], "no_match"),
        ({}, [{"clinical": {"age_numerical": ">=18"}}], "possible"),
        ({"person": {"age_years": 17}}, [{"clinical": {"age_numerical": ">=18"}}], "no_match"),
        ({}, [{"clinical": {"oncotree_primary_diagnosis": "Non-Small Cell Lung Cancer"}}], "match"),
        ({}, [{"clinical": {"oncotree_primary_diagnosis": "!Melanoma"}}], "match"),
        ({}, [{"clinical": {"oncotree_primary_diagnosis": "_LIQUID_"}}], "no_match"),
        ({"prior_therapies": []}, [{"prior_treatments": {"drug": "!osimertinib"}}], "match"),
        ({}, [{"prior_treatments": {"drug": "!osimertinib"}}], "possible"),
        ({}, [{"or": [KRAS, {"clinical": {"oncotree_primary_diagnosis": "_SOLID_"}}]}], "match"),
        ({}, [{"clinical": {"disease_status": "Metastatic"}}], "possible"),
    ],
)
def test_a_criterion_is_met_failed_or_not_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], sample: dict[str, Any], match: Any, status: str
) -> None:
    (arm,) = judge(tmp_path, capsys, sample, ctml(match))
    assert arm["status"] == status
    assert arm[{"match": "reasons", "possible": "unknown", "no_match": "failed"}[status]]


def test_a_suspended_arm_is_closed_and_still_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (arm,) = judge(tmp_path, capsys, G12C, ctml([KRAS], arm_suspended="Y"))
    assert (arm["status"], arm["open"]) == ("match", False)


def test_free_text_of_a_registry_is_shown_and_never_a_match(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = {
        "protocolSection": {
            "identificationModule": {"nctId": "NCT00000001", "briefTitle": "made"},
            "statusModule": {"overallStatus": "RECRUITING"},
            "eligibilityModule": {"minimumAge": "18 Years", "sex": "ALL", "eligibilityCriteria": "* no brain metastases"},
        }
    }
    (arm,) = judge(tmp_path, capsys, {"person": {"age_years": 50}}, study)
    assert (arm["status"], arm["open"]) == ("possible", True)
    assert "no brain metastases: to be checked by a person" in arm["unknown"]


def test_coded_biomarkers_of_the_nci_are_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trial = {
        "nct_id": "NCT2",
        "eligibility": {"structured": {"min_age_in_years": 18, "gender": "BOTH"}},
        "biomarkers": [{"name": "KRAS G12C Mutation", "eligibility_criterion": "exclusion"}],
        "current_trial_status": "Active",
    }
    (arm,) = judge(tmp_path, capsys, {**G12C, "person": {"age_years": 50}}, trial)
    assert arm["status"] == "no_match"


def test_anchors_and_what_is_no_trial_are_refused(tmp_path: Path) -> None:
    bomb = tmp_path / "a.yaml"
    bomb.write_text("a: &x\n  - 1\nb: *x\n")
    with pytest.raises((UnsafeInput, BadInput), match="anchors"):
        read_trials(bomb)
    (tmp_path / "b.json").write_text("{}")
    with pytest.raises(BadInput, match="holds no trial"):
        read_trials(tmp_path / "b.json")


@pytest.mark.shared
def test_all_reference_pairs_are_right(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = shared / "vectors/tumour/trials"
    assert main(["trials", "match", str(folder / "samples.jsonl"), "--trials", str(folder / "trials"), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    got = {
        f"{s['sample_id']}/{t['trial_id']}/{t['arm']}": (t["status"], t["open"]) for s in answer["samples"] for t in s["trials"]
    }
    wanted = [json.loads(line) for line in (folder / "expected.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(wanted) == 54
    assert [one["id"] for one in wanted if got[one["id"]] != (one["status"], one["open"])] == []


@pytest.mark.shared
def test_every_public_trial_file_is_read(shared: Path) -> None:
    files = [
        one
        for one in sorted((shared / "samples/tumour/trials").iterdir())
        if one.name.startswith(("ctml_11", "ctml_tmb", "ctml_massive", "biomcp"))
    ]
    assert len(files) > 5
    assert all(read_trials(one).arms for one in files)
