"""An imported release calls as the release itself does, and its guidance stands beside the packaged advice."""

from __future__ import annotations

import json
import zipfile
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from singula.cli.main import main
from singula.knowledge import load_knowledge
from singula.knowledge.verification import verify_packs

PERSON = {
    "schema": "singula.pgx-record/1", "id": "made", "person": {"age_years": 50, "sex": "female"},
    "genotypes": [{"gene": "CYP2C19", "diplotype": "*2/*2"}, {"gene": "DPYD", "activity_score": "1.0"}],
    "medicines": [{"name": "citalopram", "status": "proposed"}, {"name": "capecitabine", "status": "proposed"}],
}  # fmt: skip


def run(*words: str) -> Any:
    with redirect_stdout(StringIO()) as printed:
        assert main([*words, "--json"]) == 0
    return json.loads(printed.getvalue())


@pytest.mark.shared
def test_imported_definitions_call_as_the_release_folder_does(shared: Path, tmp_path: Path) -> None:
    definitions, vcf = shared / "samples/pgx/definitions", str(shared / "samples/pgx/golden/official_100samples.vcf.gz")
    packed, folder = tmp_path / "release.zip", tmp_path / "knowledge"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(definitions.rglob("*.json.gz")):
            archive.write(path, path.relative_to(definitions))
    assert main(["kb", "import", "pharmcat", str(packed), "--to", str(folder)]) == 0
    by_import = run("pgx", "call", vcf, "--knowledge", str(folder))
    by_folder = run("pgx", "call", vcf, "--definitions", str(definitions))
    assert by_import["samples"] == by_folder["samples"]
    assert by_import["knowledge"] == [{"pack": "pharmcat", "version": "2025-11-05-00-25"}]
    assert not [fault for fault in verify_packs(load_knowledge(folder)) if fault.pack == "pharmcat"]


@pytest.mark.shared
def test_imported_guidance_is_found_by_phenotype_and_score(shared: Path, tmp_path: Path) -> None:
    release = shared / "samples/pgx/importers/pharmcat_v2.9.0_guidelines_cpic_dpwg.tgz"
    assert main(["kb", "import", "pharmcat", str(release), "--to", str(tmp_path / "knowledge")]) == 0
    person = tmp_path / "person.json"
    person.write_text(json.dumps(PERSON))
    answers = {one["medicine"]: one for one in run("pgx", "advise", str(person), "--knowledge", str(tmp_path / "knowledge"))[
        "records"][0]["medicines"]}  # fmt: skip
    citalopram = {one["body"]: one for one in answers["citalopram"]["imported_guidance"]}
    assert set(citalopram) == {"CPIC", "DPWG"}
    assert citalopram["CPIC"]["strength"] == "Strong"
    assert citalopram["CPIC"]["key"] == "CYP2C19=Poor Metabolizer"
    assert {one["key"] for one in answers["capecitabine"]["imported_guidance"]} == {"DPYD=1.0"}
    rows = load_knowledge(tmp_path / "knowledge").pack("pharmcat").table("guidance")
    assert len({row.medicine for row in rows}) > 90


def cpic(day: str, words: str) -> str:
    return json.dumps({
        "recommendation": [{"id": 1, "drugid": "RxNorm:2556", "lookupkey": {"CYP2C19": "Poor Metabolizer"},
                            "population": "general", "classification": "Strong", "drugrecommendation": words}],
        "drug": [{"drugid": "RxNorm:2556", "name": "citalopram"}], "change_log": [{"date": day}],
    })  # fmt: skip


def test_a_new_cpic_release_tells_whose_advice_it_changes(tmp_path: Path) -> None:
    person = tmp_path / "people.jsonl"
    other = {**PERSON, "id": "other", "genotypes": [{"gene": "CYP2C19", "diplotype": "*1/*1"}]}
    person.write_text(f"{json.dumps(PERSON)}\n{json.dumps(other)}\n")
    for side, day, words in (("old", "2025-01-01", "first wording"), ("new", "2026-01-01", "second wording")):
        export = tmp_path / f"{side}.json"
        export.write_text(cpic(day, words))
        assert main(["kb", "import", "cpic", str(export), "--to", str(tmp_path / side)]) == 0
    answer = run("kb", "diff", str(tmp_path / "old"), str(tmp_path / "new"), "--records", str(person), "--as-of", "2026-02-01")
    assert [(one["id"], one["medicine"]) for one in answer["advice"]] == [("made", "citalopram")]
    assert answer["advice"][0]["before"]["imported_guidance"][0]["text"] == "first wording"
    assert answer["changes"][0]["after"] == {"text": "second wording"}


def test_what_is_no_release_is_refused(tmp_path: Path) -> None:
    empty, export = tmp_path / "empty", tmp_path / "export.json"
    empty.mkdir()
    export.write_text('{"allele": []}')
    assert main(["kb", "import", "pharmcat", str(empty), "--to", str(tmp_path / "kb")]) == 3
    assert main(["kb", "import", "cpic", str(export), "--to", str(tmp_path / "kb")]) == 3
    assert list((tmp_path / "kb").iterdir()) == []
