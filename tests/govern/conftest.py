"""A store on disk with two persons, a clinician and a patient's account, and the command line that fills it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from singula.cli.main import main
from singula.govern.gateway import Gateway, open_gateway
from singula.govern.parties import Caller
from singula.knowledge import load_knowledge
from tests.serve.requests import person

DOC = Caller("user:doc", "clinician", ("user/*.cruds",))
ANN = Caller("user:ann", "patient", ("patient/*.rs",), "p1")


@dataclass
class Shop:
    """A store on disk and the command line that fills it."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    address: str | None = None

    def run(self, *words: str, code: int = 0) -> Any:
        assert main([*words, "--data", str(self.folder / "store"), "--json"]) == code, self.capsys.readouterr().err
        text = self.capsys.readouterr().out
        return json.loads(text) if text.strip() else None

    def load(self, *resources: dict[str, Any]) -> Any:
        file = self.folder / "in.json"
        file.write_text(
            json.dumps({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]})
        )
        return self.run("import", str(file))

    @property
    def gateway(self) -> Gateway:
        return open_gateway(self.folder / "store", load_knowledge(), address=self.address)


@pytest.fixture
def shop(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shop:
    for name in ("SINGULA_DATA", "SINGULA_KEY_FILE", "SINGULA_KEY_COMMAND", "SINGULA_KEY", "SINGULA_DATABASE"):
        monkeypatch.delenv(name, raising=False)
    return fill(Shop(tmp_path, capsys))


def fill(made: Shop) -> Shop:
    made.load(*person("p1"), *person("p2", "CYP2C19 *1/*1"))
    made.run("user", "add", "doc", "--role", "clinician")
    made.run("user", "add", "ann", "--role", "patient", "--patient", "p1")
    return made
