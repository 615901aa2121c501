"""All files of a plan, whole or not at all, always the same bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from singula.deliver import files
from singula.deliver.files import plan_to_json, render_outputs, write_outputs
from singula.errors import BadInput
from singula.plan.model import Plan
from tests.deliver.plans import empty_plan, empty_record, full_plan, record

NAMES = ("plan.json", "plan.html", "patient.html", "plan.pdf", "plan.fhir.json", "calendar.ics")


def test_every_file_is_written_and_named(tmp_path: Path) -> None:
    written = write_outputs(full_plan(), record(), tmp_path / "new" / "out")
    assert tuple(path.name for path in written) == NAMES
    assert sorted(path.name for path in (tmp_path / "new" / "out").iterdir()) == sorted(NAMES)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["out"]


def test_files_of_the_reader_stay_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "plan.json").write_text("old")
    write_outputs(full_plan(), record(), tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert json.loads((tmp_path / "plan.json").read_bytes())["schema"] == "singula.plan/1"


def test_nothing_is_written_where_one_file_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "_put_in_place", fail)
    with pytest.raises(BadInput, match="No space left"):
        write_outputs(full_plan(), record(), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(BadInput, match="choose another folder"):
        write_outputs(empty_plan(), empty_record(), tmp_path / "out")
    assert (tmp_path / "out").read_text() == "a file"


def test_the_same_plan_is_the_same_bytes() -> None:
    assert render_outputs(full_plan(), record()) == render_outputs(full_plan(), record())


def test_unknowns_are_null_and_an_option_nobody_carries_out_is_absent() -> None:
    content = json.loads(plan_to_json(full_plan()))
    screen = next(one for one in content["actions"] if one["kind"] == "screen")
    treat = next(one for one in content["actions"] if one["kind"] == "treat")
    assert screen["benefit"] is None
    assert screen["due"] == {
        "date": "2026-03-01", "status": "overdue", "interval_months": 120, "until_age_years": 75, "last_done": None,
    }  # fmt: skip
    assert "option" not in screen
    assert treat["option"] == "dash-diet"
    assert content["considered"][0]["next_due"] == "2027-01-02"


def test_options_have_the_shape_of_the_contract() -> None:
    grid = json.loads(plan_to_json(full_plan()))["options"][0]
    assert grid["problem"] == "hypertension"
    ranked = {"option", "kind", "expected_sbp_mmhg", "adherence_probability", "burden", "score", "why", "evidence"}
    assert ranked <= set(grid["ranked"][0])
    assert {"option", "reason"} <= set(grid["excluded"][0])
    assert grid["combined"] == {"naive_sum_sbp_mmhg": -12.0, "expected_sbp_mmhg": -9.0}


def test_plan_json_reads_back_as_the_same_plan() -> None:
    assert Plan.model_validate_json(plan_to_json(full_plan())) == full_plan()
