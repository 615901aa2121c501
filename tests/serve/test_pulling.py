"""Fetching a record from another server: our own, reached over a socket."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from singula.cli.main import main
from singula.errors import BadInput, Refused
from singula.serve.gate import Client
from singula.sources.fhir_peer import Peer, Program
from tests.serve.test_running import running_server


def test_a_record_is_fetched_with_a_token_and_becomes_a_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running_server() as (base, made):
        (tmp_path / "token").write_text(made.clinician)
        out = tmp_path / "p1.json"
        words = ["fhir", "pull", f"{base}/fhir", "p1", "-o", str(out), "--token-file", str(tmp_path / "token"), "--json"]
        assert main(words) == 0
        assert json.loads(capsys.readouterr().out)["resources"] == 2
        assert main(["plan", str(out), "--json"]) == 0
        assert main([*words[:3], "p2", *words[4:]]) == 3
        assert main(["fhir", "pull", f"{base}/fhir", "p1", "-o", str(out)]) == 2


def test_a_backend_program_signs_in_and_fetches(tmp_path: Path) -> None:
    key = ECKey.generate_key("P-384", {"kid": "k1"})
    with running_server() as (base, made):
        jwks = {"keys": [key.as_dict(private=False)]}
        made.gate.clients["robot"] = Client("robot", "Robot", False, ("system/*.rs",), jwks=jwks)
        made.gate.open_to["client:robot"] = {"p1"}
        peer = Peer(f"{base}/fhir")
        peer.sign_in(Program("robot", key.as_dict(private=True)))
        bundle = peer.pull("p1")
        assert {one["resource"]["id"] for one in bundle["entry"]} == {"p1", "p1-geno"}
        with pytest.raises(Refused):
            peer.sign_in(Program("other", key.as_dict(private=True)))
        with pytest.raises(BadInput):
            peer.sign_in(Program("robot", {"kty": "EC"}))
        peer.close()


@pytest.mark.parametrize("base", ["http://ehr.example/fhir", "ftp://127.0.0.1/", "ehr.example"])
def test_a_token_never_travels_in_the_open(base: str) -> None:
    with pytest.raises(BadInput):
        Peer(base)


def test_a_server_that_is_not_there_is_one_sentence() -> None:
    peer = Peer("http://127.0.0.1:9/fhir", "t")
    with pytest.raises(BadInput, match="cannot be reached"):
        peer.pull("p1")
    peer.close()
