"""After a rotation the old key opens nothing, and nothing lies in the open."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from singula.cli.main import main
from tests.serve.requests import person


def test_the_old_key_opens_nothing_afterwards(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("sqlcipher3")
    data = tmp_path / "store"
    for name, byte in (("old", "ab"), ("new", "cd")):
        (tmp_path / name).write_text(byte * 32)
    file = tmp_path / "in.json"
    file.write_text(json.dumps({**person("p1")[0], "name": [{"family": "Canarywood"}]}))
    common = ["--data", str(data), "--json"]
    assert main(["import", str(file), *common, "--key-file", str(tmp_path / "old")]) == 0
    for path in data.rglob("*"):
        assert path.is_dir() or b"Canarywood" not in path.read_bytes()
    assert main(["key", "rotate", "--key-file", str(tmp_path / "old"), "--new-key-file", str(tmp_path / "new"), *common]) == 0
    capsys.readouterr()
    assert main(["audit", "verify", *common, "--key-file", str(tmp_path / "new")]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True
    assert main(["consent", "show", "p1", *common, "--key-file", str(tmp_path / "new")]) == 0
    assert json.loads(capsys.readouterr().out)["patient"] == "p1"
    for wrong in (["--key-file", str(tmp_path / "old")], []):
        assert main(["consent", "show", "p1", *common, *wrong]) == 3
        assert capsys.readouterr().out == ""
