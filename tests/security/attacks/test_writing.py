"""Attacks 10 to 14: smuggled writes, requests made through the server, forged tokens, sign-in detours, injected searches."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from singula.errors import BadInput
from singula.govern.parties import Client
from singula.serve.addresses import is_allowed, pin, resolve
from singula.serve.fhir.search import read_search
from singula.serve.hooks.fetch import fetch_person
from singula.serve.hooks.request import HookRequest
from singula.sources.search_paths import search_parameters
from tests.govern.conftest import DOC
from tests.security.attacks.conftest import corpus, observation
from tests.serve.real import RealServer
from tests.serve.requests import order_request

SIGN = "/cds-services/singula-order-sign"


def entry(method: str, url: str, resource: Any = None) -> dict[str, Any]:
    return {"request": {"method": method, "url": url}, **({"resource": resource} if resource else {})}


def transaction(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}


MINE, OTHERS = observation("p1"), observation("p2")
CONSENT = {"resourceType": "Consent", "status": "active", "scope": {"text": "x"}, "category": [{"text": "x"}],
           "patient": {"reference": "Patient/p1"}, "policyRule": {"text": "x"}}  # fmt: skip
WRITES: list[tuple[str, str, Any, tuple[int, ...]]] = [
    ("POST", "/fhir/Observation", OTHERS, (403,)),
    ("POST", "/fhir/Observation", observation("nobody"), (403,)),
    ("POST", "/fhir/Observation", observation("p1", focus=[{"reference": "Patient/p2"}]), (403,)),
    ("POST", "/fhir/Observation", observation("p1", derivedFrom=[{"reference": "Observation/p2-geno"}]), (403,)),
    ("POST", "/fhir/Observation", {**MINE, "subject": {"reference": "https://evil.example/fhir/Patient/p1"}}, (400,)),
    ("POST", "/fhir/Observation", {**MINE, "subject": {"reference": "../Patient/p1"}}, (400,)),
    ("POST", "/fhir/Observation", {**MINE, "id": "../x"}, (400,)),
    ("POST", "/fhir/Observation", {**MINE, "id": "a" * 65}, (400,)),
    ("POST", "/fhir/Observation", {**MINE, "contained": [{"resourceType": "Patient", "id": "p2"}]}, (400,)),
    ("POST", "/fhir/Observation", {**MINE, "contained": [{**CONSENT, "id": "c"}]}, (400,)),
    ("POST", "/fhir/Patient", {"resourceType": "Observation"}, (400,)),
    ("POST", "/fhir/Consent", CONSENT, (403,)),
    ("POST", "/fhir/AuditEvent", {"resourceType": "AuditEvent"}, (403,)),
    ("PUT", "/fhir/Observation/p2-geno", {**OTHERS, "id": "p2-geno"}, (404,)),
    ("PUT", "/fhir/Observation/p1-geno", {**OTHERS, "id": "p1-geno"}, (404,)),
    ("PUT", "/fhir/Observation/p1-geno", {**MINE, "id": "p2-geno"}, (400,)),
    ("PUT", "/fhir/Observation/made-up", {**MINE, "id": "made-up"}, (404,)),
    ("PUT", "/fhir/Observation?code=x", MINE, (404, 405)),
    ("DELETE", "/fhir/Observation/p2-geno", None, (404,)),
    ("DELETE", "/fhir/Observation?patient=p1", None, (404, 405)),
    ("PATCH", "/fhir/Observation/p1-geno", [{"op": "replace", "path": "/subject/reference", "value": "Patient/p2"}], (404,)),
    ("POST", "/fhir", transaction(entry("POST", "Consent", CONSENT)), (403,)),
    ("POST", "/fhir", transaction(entry("POST", "Observation", MINE), entry("POST", "Observation", OTHERS)), (403,)),
    ("POST", "/fhir", transaction(entry("POST", "Observation", MINE), entry("PUT", "AuditEvent/audit-1", MINE)), (400, 403, 404)),
    ("POST", "/fhir", transaction(entry("DELETE", "Observation/p2-geno")), (404,)),
    ("POST", "/fhir", transaction(entry("GET", "http://evil.example/fhir/Patient/1")), (400,)),
    ("POST", "/fhir", transaction({**entry("PUT", "Observation/p1-geno", MINE), "request": {
        "method": "PUT", "url": "Observation/p1-geno", "ifNoneExist": "code=x"}}), (400,)),
]  # fmt: skip


def test_attack_10_no_smuggled_write_stores_anything(real: RealServer) -> None:
    doc = real.token("doc")

    def kept() -> list[tuple[str, str, int]]:
        from sqlalchemy import select

        from singula.store import schema

        with real.gateway.store.reading() as connection:
            rows = connection.execute(select(schema.resource.c.type, schema.resource.c.id, schema.resource.c.version))
            return sorted((row.type, row.id, row.version) for row in rows)

    before = kept()
    for method, path, body, allowed in WRITES:
        more = {"json": body} if body is not None else {}
        headers = {"Content-Type": "application/json-patch+json"} if method == "PATCH" else {}
        answer = real.ask(method, path, doc, headers=headers, **more)
        assert answer.status_code in allowed, (method, path, body, answer.status_code, answer.text)
        assert kept() == before, (method, path, body)
    for condition in ("If-None-Exist",):
        assert real.post("/fhir/Observation", doc, json=MINE, headers={condition: "code=x"}).status_code == 400
    assert real.shop.run("consent", "show", "p1")["version"] == 1


@pytest.mark.shared
def test_attack_11_only_addresses_of_the_list_are_called(shared: Path) -> None:
    import json

    lines = (shared / "vectors/platform/attacks/urls.jsonl").read_text(encoding="utf-8").splitlines()
    for case in map(json.loads, lines):
        assert is_allowed(case["url"], case["allow_list"]) is case["allowed"], case["id"]


@pytest.mark.parametrize("address", ["10.0.0.7", "127.0.0.1", "169.254.169.254", "192.168.1.1", "::1", "fd00::1", "0.0.0.0",
                                     "100.64.0.1", "::ffff:127.0.0.1"])  # fmt: skip
def test_attack_11_a_name_of_a_private_address_is_not_called(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in ("93.184.216.34", address)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert resolve("https://ehr.example/fhir") is None
    assert pin("https://ehr.example/fhir/Patient/1") is None


def test_attack_11_a_name_that_changes_its_address_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])

    def resolver(*_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in next(answers)]

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    pinned = pin("https://ehr.example/fhir/Patient/1")
    assert pinned is not None
    assert (pinned.target, pinned.host, pinned.name) == ("https://93.184.216.34/fhir/Patient/1", "ehr.example", "ehr.example")


@pytest.fixture
def ehr() -> Iterator[tuple[str, list[tuple[str, str | None]]]]:
    """A FHIR server that sends the caller on to another address, and keeps who came with which token."""
    seen: list[tuple[str, str | None]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append((self.path, self.headers.get("Authorization")))
            self.send_response(302)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/fhir", seen
    server.shutdown()
    server.server_close()
    thread.join()


def hook(server: str) -> HookRequest:
    return HookRequest("order-sign", "one", "p1", None, fhir_server=server, authorization={"access_token": "secret-of-ehr"})


def test_attack_11_a_hook_follows_no_redirect_and_gives_its_token_to_nobody_else(
    ehr: tuple[str, list[tuple[str, str | None]]],
) -> None:
    server, seen = ehr
    assert fetch_person(hook(server), ("patient", "genetics"), (server,)) is None
    assert [path for path, _ in seen] == ["/fhir/Patient/p1"]
    seen.clear()
    for other in (server.replace("127.0.0.1", "127.0.0.1.evil.example"), f"{server}@evil.example", "http://127.0.0.1:9/fhir"):
        assert fetch_person(hook(other), ("patient",), (server,)) is None
    assert fetch_person(hook(server), ("patient",), ()) is None
    assert seen == []


def forged(key: ECKey) -> Iterator[str]:
    now = int(time.time())
    claims = {"iss": "https://ehr.example", "aud": f"http://127.0.0.1:8000{SIGN}", "exp": now + 200, "iat": now, "jti": "a"}
    public = key.as_pem(private=False)
    yield jwt.encode(
        {"alg": "HS256", "kid": "k1"}, claims, OctKey.import_key(public.replace(b"-----", b"")), algorithms=["HS256"]
    )
    yield jwt.encode({"alg": "ES384", "kid": "../../etc/passwd"}, claims, ECKey.generate_key("P-384"), algorithms=["ES384"])
    own = ECKey.generate_key("P-384")
    yield jwt.encode({"alg": "ES384", "kid": "k1", "jwk": own.as_dict(private=False)}, claims, own, algorithms=["ES384"])
    yield jwt.encode({"alg": "ES384", "kid": "k1", "jku": "http://127.0.0.1:9/keys"}, claims, own, algorithms=["ES384"])
    good = jwt.encode({"alg": "ES384", "kid": "k1"}, claims, key, algorithms=["ES384"])
    yield f"eyJhbGciOiJub25lIn0.{good.split('.')[1]}."
    yield f"eyJhbGciOiJub25lIn0.{good.split('.')[1]}.x"


def test_attack_12_forged_and_repeated_tokens_open_nothing(real: RealServer) -> None:
    from singula.govern import accounts

    key = ECKey.generate_key("P-384", {"kid": "k1", "use": "sig"})
    client = Client(
        "ehr", "EHR", False, ("system/*.rs",), jwks={"keys": [key.as_dict(private=False)]}, cds_issuer="https://ehr.example"
    )
    with real.gateway.writing() as connection:
        accounts.add_client(connection, client, None)
    real.shop.run("consent", "grant", "p1", "--actor", "client:ehr")
    body = order_request("clopidogrel")
    for token in forged(key):
        assert real.post(SIGN, token, json=body).status_code == 401
    now = int(time.time())
    claims = {"iss": "https://ehr.example", "aud": f"http://127.0.0.1:8000{SIGN}", "exp": now + 200, "iat": now, "jti": "b"}
    good = jwt.encode({"alg": "ES384", "kid": "k1"}, claims, key, algorithms=["ES384"])
    assert [real.post(SIGN, good, json=body).status_code for _ in range(2)] == [200, 401]


def test_attack_13_sign_in_sends_nobody_elsewhere(real: RealServer) -> None:
    real.shop.run("client", "add", "app", "--public", "--redirect", "https://app.example/back", "--scope", "patient/*.rs")
    usual = {"response_type": "code", "client_id": "app", "redirect_uri": "https://app.example/back", "state": "s",
             "scope": "patient/*.rs",
             "aud": "http://127.0.0.1:8000/fhir", "code_challenge": "c" * 43, "code_challenge_method": "S256"}  # fmt: skip
    for redirect in ("https://evil.example/", "https://app.example/back/../x", "https://app.example/back?x", "//app.example/back",
                     "https://app.example@evil.example/back", "javascript:alert(1)", ""):  # fmt: skip
        answer = real.http.get("/oauth/authorize", params={**usual, "redirect_uri": redirect}, follow_redirects=False)
        assert (answer.status_code, answer.headers.get("location")) == (400, None), redirect
    for changed, error in (({"code_challenge_method": "plain"}, "invalid_request"), ({"aud": ""}, "invalid_request"),
                           ({"aud": "https://evil.example/fhir"}, "invalid_request"),
                           ({"response_type": "token"}, "unsupported")):  # fmt: skip
        answer = real.http.get("/oauth/authorize", params={**usual, **changed}, follow_redirects=False)
        assert answer.headers["location"].startswith(f"https://app.example/back?error={error}"), changed
    form = {"grant_type": "authorization_code", "client_id": "app", "code": "guess", "redirect_uri": usual["redirect_uri"],
            "code_verifier": "v" * 43}  # fmt: skip
    refused = real.http.post("/oauth/token", data=form)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


@pytest.mark.shared
def test_attack_14_a_hostile_value_finds_no_more_than_a_nonsense_word(shared: Path, real: RealServer) -> None:
    view = real.gateway.open(DOC, "TREAT")
    values = [*corpus(shared, "search_values", "value"), "x'; DELETE FROM resource; --"]

    def found(kind: str, name: str, value: str) -> set[str]:
        try:
            return {one.id for one in view.search(read_search(kind, [(name, value)], is_strict=True)).rows}
        except BadInput:
            return set()

    with view.atomically():
        for kind in ("Patient", "Observation", "MedicationRequest"):
            for name in (*search_parameters(kind), "_sort"):
                for value in values:
                    assert "p2" not in found(kind, name, value)
                    assert name == "_sort" or not found(kind, name, value) - {"p1", "p1-geno"}
        assert found("Patient", "_id", "p1") == {"p1"}
        assert found("Patient", "name", "' OR '1'='1") == set()
        assert found("Patient", "name", "%") == set()
