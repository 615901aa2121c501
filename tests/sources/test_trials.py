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


REGISTRY = {
    "identificationModule": {"nctId": "NCT00000001", "briefTitle": "made"},
    "eligibilityModule": {"minimumAge": "18 Years", "eligibilityCriteria": "* no brain metastases"},
}


@pytest.mark.parametrize(
    ("status", "is_open"),
    [("RECRUITING", True), ("NOT_YET_RECRUITING", False), ("ACTIVE_NOT_RECRUITING", False), ("COMPLETED", False)],
)
def test_only_a_trial_that_recruits_is_open(tmp_path: Path, status: str, is_open: bool) -> None:
    study = {"protocolSection": {**REGISTRY, "statusModule": {"overallStatus": status}}}
    (tmp_path / "t.json").write_text(json.dumps({"studies": [study]}), encoding="utf-8")
    (arm,) = read_trials(tmp_path / "t.json").arms
    assert arm.is_open is is_open


def nci(**more: Any) -> dict[str, Any]:
    return {"nct_id": "NCT3", "eligibility": {"structured": {}}, "current_trial_status": "Active", **more}


@pytest.mark.parametrize(
    ("disease", "status"),
    [
        ({"name": "Melanoma", "inclusion_indicator": "TRIAL"}, "no_match"),
        ({"name": "Lung Adenocarcinoma", "inclusion_indicator": "TRIAL"}, "possible"),
        ({"name": "Melanoma", "inclusion_indicator": "TREE"}, "possible"),
        ({"name": "Melanoma"}, "possible"),
        ({"name": "by its concept", "inclusion_indicator": "TRIAL", "nci_thesaurus_concept_id": "C3512"}, "possible"),
        ({"name": "by its concept", "inclusion_indicator": "TRIAL", "nci_thesaurus_concept_id": "C3224"}, "no_match"),
    ],
)
def test_a_disease_is_asked_for_only_where_the_registry_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], disease: dict[str, Any], status: str
) -> None:
    (arm,) = judge(tmp_path, capsys, {}, nci(diseases=[disease]))
    assert arm["status"] == status
    if "inclusion_indicator" not in disease:
        assert "diagnosis Melanoma: whether it is included is not said: to be checked by a person" in arm["unknown"]


def test_coded_receptors_are_judged_and_ancestors_of_a_biomarker_are_not_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    coded = [
        {"name": "Estrogen Receptor Negative", "inclusion_indicator": "TRIAL", "eligibility_criterion": "inclusion"},
        {"name": "Receptor Gene", "inclusion_indicator": "TREE", "eligibility_criterion": "inclusion"},
    ]
    (arm,) = judge(tmp_path, capsys, {"biomarkers": {"er": "positive"}}, nci(biomarkers=coded))
    assert arm["failed"] == ["er negative (is positive)"]
    assert not any("Receptor Gene" in one["criterion"] for one in arm["criteria"])


def actin(*criteria: Any, **cohort: Any) -> dict[str, Any]:
    return {
        "identification": {"trialId": "A1", "open": True, "acronym": "made"},
        "generalEligibility": [{"references": [], "function": one} for one in criteria],
        "cohorts": [{"metadata": {"cohortId": "X", "open": True, **cohort}, "eligibility": []}],
    }


@pytest.mark.parametrize(
    ("sample", "function", "state"),
    [
        ({"person": {"age_years": 70}}, "IS_AT_LEAST_X_YEARS_OLD[18]", "met"),
        ({"person": {"age_years": 17}}, {"rule": "IS_AT_LEAST_X_YEARS_OLD", "parameters": ["18"]}, "could_be_met"),
        ({"person": {"ecog": 2}}, "HAS_WHO_STATUS_OF_AT_MOST_X[1]", "could_be_met"),
        ({}, "HAS_WHO_STATUS_OF_AT_MOST_X[1]", "unknown"),
        (G12C, {"rule": "ACTIVATING_MUTATION_IN_ANY_GENES_X", "parameters": [["KRAS", "NRAS"]]}, "met"),
        (G12C, {"rule": "WILDTYPE_OF_GENE_X", "parameters": ["KRAS"]}, "not_met"),
        ({"tested_genes": ["KRAS"]}, {"rule": "WILDTYPE_OF_GENE_X", "parameters": ["KRAS"]}, "met"),
        ({}, {"rule": "WILDTYPE_OF_GENE_X", "parameters": ["KRAS"]}, "unknown"),
        (G12C, {"rule": "MUTATION_IN_GENE_X_OF_ANY_PROTEIN_IMPACTS_Y", "parameters": ["KRAS", "G12C;G12D"]}, "met"),
        (G12C, {"rule": "NOT", "parameters": [{"rule": "ACTIVATING_MUTATION_IN_GENE_X", "parameters": ["KRAS"]}]}, "not_met"),
        ({"prior_therapies": []}, "HAS_HAD_TREATMENT_NAME_X[osimertinib]", "could_be_met"),
        ({"prior_therapies": ["osimertinib"]}, "HAS_HAD_TREATMENT_NAME_X[osimertinib]", "met"),
        ({"prior_therapies": ["cisplatin"]}, "HAS_HAD_ANY_CANCER_TREATMENT", "met"),
        ({"biomarkers": {"msi": "high"}}, "MSI_SIGNATURE", "met"),
        ({}, "HAS_ADEQUATE_VEIN_ACCESS", "unknown"),
    ],
)
def test_an_actin_criterion_is_told_on_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], sample: dict[str, Any], function: Any, state: str
) -> None:
    (arm,) = judge(tmp_path, capsys, sample, actin(function))
    states = {one["state"] for one in arm["criteria"]}
    assert state in states
    assert arm["status"] == {"met": "match", "unknown": "possible"}.get(state, "no_match")
    assert all(one.get("if") for one in arm["criteria"] if one["state"] == "could_be_met")


def test_a_closed_cohort_is_closed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (arm,) = judge(tmp_path, capsys, {"person": {"age_years": 70}}, actin("IS_AT_LEAST_X_YEARS_OLD[18]", open=False))
    assert (arm["arm"], arm["status"], arm["open"]) == ("X", "match", False)


def test_missing_facts_are_named_with_the_arms_they_would_settle(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "trials").mkdir()
    asked = [ctml([KRAS]), ctml([NO_KRAS, {"clinical": {"age_numerical": ">=18"}}]), ctml([KRAS], arm_suspended="Y")]
    judge(tmp_path, capsys, {}, *asked)
    main(["trials", "match", str(tmp_path / "s.json"), "--trials", str(tmp_path / "trials"), "--json"])
    (answer,) = json.loads(capsys.readouterr().out)["samples"]
    assert answer["collect"] == [{"fact": "KRAS tested", "open_arms": 2}, {"fact": "age", "open_arms": 1}]


def test_of_two_matches_the_one_of_the_better_tier_comes_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    uncertain = {"genomic": {"hugo_symbol": "AAMP", "variant_category": "Mutation"}}
    sample = {"variants": [*G12C["variants"], {"gene": "AAMP", "protein_change": "p.R10H"}]}
    first, second = judge(
        tmp_path, capsys, sample, {**ctml([uncertain]), "protocol_no": "A"}, {**ctml([KRAS]), "protocol_no": "B"}
    )
    assert [(one["trial_id"], one["tier"]) for one in (first, second)] == [("B", "I-A"), ("A", "III")]


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
