"""After a rotation the old key opens nothing, and nothing lies in the open."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from singula.cli.main import main
from singula.govern import accounts
from singula.govern.gateway import open_gateway
from singula.knowledge import load_knowledge
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
    with_old = ["--key-file", str(tmp_path / "old")]
    assert main(["user", "add", "doc", "--role", "clinician", *common, *with_old]) == 0
    capsys.readouterr()
    assert main(["user", "totp", "doc", *common, *with_old]) == 0
    secret = json.loads(capsys.readouterr().out)["secret"]
    assert main(["audit", "checkpoint", "-o", str(tmp_path / "mark"), "--data", str(data), *with_old]) == 0
    assert main(["key", "rotate", "--key-file", str(tmp_path / "old"), "--new-key-file", str(tmp_path / "new"), *common]) == 0
    capsys.readouterr()
    opened = open_gateway(data, load_knowledge(), key=bytes.fromhex("cd" * 32))
    with opened.store.reading() as connection:
        factor = opened.door._factor(accounts.find_account(connection, "doc"))
    assert factor is not None
    assert factor.secret == secret
    opened.store.close()
    with_new = ["--key-file", str(tmp_path / "new")]
    assert main(["audit", "verify", "--checkpoint", str(tmp_path / "mark"), *common, *with_new]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True
    assert main(["audit", "verify", *common, "--key-file", str(tmp_path / "new")]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True
    assert main(["consent", "show", "p1", *common, "--key-file", str(tmp_path / "new")]) == 0
    assert json.loads(capsys.readouterr().out)["patient"] == "p1"
    for wrong in (["--key-file", str(tmp_path / "old")], []):
        assert main(["consent", "show", "p1", *common, *wrong]) == 3
        assert capsys.readouterr().out == ""
