"""Every broken input ends in exit 3 with one telling line, or is read with its fault told; never in a trace or a silent use."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from singula.cli.main import main
from singula.knowledge import load_knowledge
from singula.record import Unknown
from singula.sources.reading import read_inputs
from tests.security.broken_inputs import GOOD, REFUSED, USABLE

LONGEST_LINE = 500


def _show(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any], str]:
    code = main(["record", "show", str(path), "--facts", "--json"])
    printed = capsys.readouterr()
    return code, json.loads(printed.out), printed.err


@pytest.mark.parametrize("name", REFUSED)
def test_a_broken_input_is_refused_in_one_telling_line(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, words = REFUSED[name]
    (tmp_path / name).write_bytes(data)
    code, shown, line = _show(tmp_path / name, capsys)
    assert code == 3
    assert line.startswith("singula record: ")
    assert line.count("\n") == 1
    assert len(line) <= LONGEST_LINE
    assert name in line
    assert words in line
    assert (shown["persons"], shown["facts"], shown["fact_list"]) == ([], {}, [])
    assert [one["read"] for one in shown["inputs"]] == [False]


@pytest.mark.parametrize("name", USABLE)
def test_a_fault_in_a_usable_input_is_told(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, words = USABLE[name]
    (tmp_path / name).write_bytes(data)
    code, shown, line = _show(tmp_path / name, capsys)
    assert (code, line) == (0, "")
    assert any(words in problem["message"] for problem in shown["problems"]), shown["problems"]
    assert all(problem["input"] == str(tmp_path / name) for problem in shown["problems"])


def test_one_broken_file_does_not_spoil_the_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.json").write_bytes(GOOD)
    (tmp_path / "b.json").write_bytes(GOOD[:-30])
    code, shown, line = _show(tmp_path, capsys)
    assert (code, line) == (0, "")
    assert [(Path(one["path"]).name, one["read"]) for one in shown["inputs"]] == [("a.json", True), ("b.json", False)]
    assert [(problem["severity"], Path(problem["input"]).name) for problem in shown["problems"]] == [("error", "b.json")]
    assert shown["facts"] == {"measurement": 1}


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, line = _show(tmp_path / "nowhere.json", capsys)
    assert code == 3
    assert "nowhere.json" in line


def test_an_implausible_value_is_kept_but_not_used(tmp_path: Path) -> None:
    (tmp_path / "mixed.json").write_bytes(USABLE["mixed-units.json"][0])
    (record,) = read_inputs([tmp_path / "mixed.json"], load_knowledge(), as_of=date(2026, 11, 1)).records
    (fact,) = record.facts
    assert not fact.usable
    assert isinstance(record.number("creatinine"), Unknown)
