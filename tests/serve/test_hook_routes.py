"""CDS Hooks over HTTP: told, silent, refused; from prefetch, from the store, and never of whom one may not see."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from singula.serve.gate import Client
from tests.serve.conftest import Server, start
from tests.serve.requests import order_request, person

SIGN = "/cds-services/singula-order-sign"


@pytest.mark.shared
def test_the_visible_cases_hold_over_http_from_store_and_from_prefetch(shared: Path) -> None:
    server = start()
    for name in ("v1", "v2", "v3"):
        bundle = json.loads((shared / f"samples/interop/made/{name}.stu3.json").read_text())
        server.gate.load(*(entry["resource"] for entry in bundle["entry"]))
    reader = server.gate.token("clinician", "user/*.rs", opens=["v1", "v2", "v3"])
    stranger = server.gate.token("clinician", "user/*.rs")
    for line in (shared / "vectors/interop/cds_cases.jsonl").read_text().splitlines():
        case = json.loads(line)
        body = dict(case["inputs"]["request"])
        if not case["inputs"].get("as_is"):
            body["hookInstance"] = "5d2e6d0e-9a4d-4d63-9d8e-000000000001"
        path = f"/cds-services/singula-{case['inputs']['hook']}"
        answers = [server.post(path, json=body, token=reader)]
        if case["inputs"]["store_or_prefetch_from"]:
            bundle = json.loads((shared / "samples/interop" / case["inputs"]["store_or_prefetch_from"]).read_text())
            answers.append(server.post(path, json={**body, "prefetch": prefetch_of(bundle)}, token=stranger))
        for answer in answers:
            judge(answer, case)


def prefetch_of(bundle: dict[str, Any]) -> dict[str, Any]:
    resources = [entry["resource"] for entry in bundle["entry"]]
    kinds = {"conditions": "Condition", "medications": "MedicationRequest", "statements": "MedicationStatement",
             "allergies": "AllergyIntolerance", "genetics": "Observation"}  # fmt: skip
    made: dict[str, Any] = {"patient": next(one for one in resources if one["resourceType"] == "Patient")}
    for key, kind in kinds.items():
        found = [{"resource": one} for one in resources if one["resourceType"] == kind]
        made[key] = {"resourceType": "Bundle", "type": "searchset", "entry": found}
    return made


def judge(answer: Any, case: dict[str, Any]) -> None:
    expected = case["expected"]
    assert answer.status_code == expected["status"], (case["id"], answer.text)
    if expected["status"] != 200:
        assert answer.json()["resourceType"] == "OperationOutcome"
        return
    cards = answer.json()["cards"]
    if "cards" in expected:
        assert len(cards) == expected["cards"], case["id"]
        return
    assert len(cards) >= expected["cards_min"], case["id"]
    assert cards[0]["indicator"] in expected["indicator"]
    assert all(word in json.dumps(cards) for word in expected["mentions"])
    assert bool(cards[0].get("suggestions")) is expected["suggestion"]
    for card in cards:
        assert len(card["summary"]) < 140
        assert card["uuid"]
        assert all(one["uuid"] for one in card["suggestions"])


def test_discovery_is_open_and_calling_is_not(server: Server) -> None:
    found = server.http.get("/cds-services").json()["services"]
    assert [one["id"] for one in found] == ["singula-patient-view", "singula-order-select", "singula-order-sign"]
    assert server.http.post(SIGN, json=order_request("clopidogrel")).status_code == 401
    assert server.post("/cds-services/other", json={}).status_code == 404


def test_an_unknown_and_an_invisible_person_look_the_same(server: Server) -> None:
    answers = [server.post(SIGN, json=order_request("clopidogrel", patient=one)) for one in ("p2", "nobody")]
    assert [one.status_code for one in answers] == [412, 412]
    assert answers[0].json() == answers[1].json()


def test_what_the_person_denied_is_not_used_from_prefetch_either(server: Server) -> None:
    genetics = {"resourceType": "Bundle", "entry": [{"resource": person("p1")[1]}]}
    body = order_request("clopidogrel", prefetch={"patient": person("p1")[0], "genetics": genetics})
    assert len(server.post(SIGN, json=body).json()["cards"]) == 1
    server.gate.denied["p1"] = {("Observation", "p1-geno")}
    assert server.post(SIGN, json=body).json()["cards"] == []
    assert server.post(SIGN, json=order_request("clopidogrel")).json()["cards"] == []


def test_a_reasoned_override_silences_the_card_for_that_order_only(server: Server) -> None:
    (card,) = server.post(SIGN, json=order_request("clopidogrel")).json()["cards"]
    told: dict[str, Any] = {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": "2026-06-01T10:00:00Z"}
    path = f"{SIGN}/feedback"
    assert server.post(path, json={"feedback": [told]}).status_code == 200
    assert len(server.post(SIGN, json=order_request("clopidogrel")).json()["cards"]) == 1
    told["overrideReason"] = {"reason": card["overrideReasons"][0], "userComment": "seen by cardiology"}
    assert server.post(path, json={"feedback": [told]}).status_code == 200
    assert server.post(SIGN, json=order_request("clopidogrel")).json()["cards"] == []
    assert len(server.post(SIGN, json=order_request("clopidogrel", draft="d7")).json()["cards"]) == 1
    assert server.post(path, json={"feedback": [{**told, "outcome": "ignored"}]}).status_code == 400
    rules = server.get("/overrides").json()["rules"]
    assert rules == {"clopidogrel": {"overridden": 2, "shown": 3}}


def test_a_patient_view_tells_of_the_whole_plan(server: Server) -> None:
    server.gate.load({"resourceType": "MedicationRequest", "id": "m1", "status": "active", "intent": "order",
                      "subject": {"reference": "Patient/p1"}, "medicationCodeableConcept": {"text": "clopidogrel"}})  # fmt: skip
    body = {"hook": "patient-view", "hookInstance": "1", "context": {"userId": "Practitioner/1", "patientId": "p1"}}
    cards = server.post("/cds-services/singula-patient-view", json=body).json()["cards"]
    assert 1 <= len(cards) <= 5
    assert "clopidogrel" in cards[0]["summary"].lower()


@pytest.fixture
def key() -> ECKey:
    return ECKey.generate_key("P-384", {"kid": "k1", "use": "sig"})


def signed(key: ECKey, header: dict[str, Any] | None = None, **claims: Any) -> str:
    now = int(time.time())
    usual = {"iss": "https://ehr.example", "aud": f"http://127.0.0.1:8000{SIGN}", "exp": now + 200, "iat": now, "jti": "one"}
    whole = {name: value for name, value in {**usual, **claims}.items() if value is not None}
    return jwt.encode({"alg": "ES384", "kid": "k1", **(header or {})}, whole, key, algorithms=["ES384"])


def register(server: Server, key: ECKey) -> None:
    jwks = {"keys": [key.as_dict(private=False)]}
    server.gate.clients["ehr"] = Client("ehr", "EHR", False, ("system/*.rs",), jwks=jwks, cds_issuer="https://ehr.example")
    server.gate.open_to["client:ehr"] = {"p1"}


def test_an_ehr_signs_its_own_token_and_it_counts_once(server: Server, key: ECKey) -> None:
    register(server, key)
    token = signed(key)
    assert len(server.post(SIGN, json=order_request("clopidogrel"), token=token).json()["cards"]) == 1
    assert server.post(SIGN, json=order_request("clopidogrel"), token=token).status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://other.example"},
        {"aud": "http://127.0.0.1:8000/cds-services"},
        {"aud": ["http://evil.example"]},
        {"exp": int(time.time()) - 60},
        {"exp": int(time.time()) + 4000},
        {"exp": None},
        {"jti": None},
        {"jti": ""},
        {"iat": int(time.time()) + 4000},
        {"nbf": int(time.time()) + 4000},
    ],
)
def test_a_token_with_a_wrong_claim_is_refused(server: Server, key: ECKey, wrong: dict[str, Any]) -> None:
    register(server, key)
    assert server.post(SIGN, json=order_request("clopidogrel"), token=signed(key, **wrong)).status_code == 401


def test_another_key_and_another_door_are_refused(server: Server, key: ECKey) -> None:
    register(server, key)
    other = ECKey.generate_key("P-384", {"kid": "k1"})
    assert server.post(SIGN, json=order_request("clopidogrel"), token=signed(other)).status_code == 401
    assert server.get("/fhir/Patient/p1", token=signed(key, aud="http://127.0.0.1:8000/fhir/Patient/p1")).status_code == 401
    for broken in ("a.b.c", "..", signed(key)[:-10], signed(key).split(".")[1]):
        assert server.post(SIGN, json=order_request("clopidogrel"), token=broken).status_code == 401


@pytest.mark.shared
def test_the_public_simulators_requests_are_answered(shared: Path, server: Server) -> None:
    import tarfile

    with tarfile.open(shared / "samples/interop/cds-hooks.tar.gz") as archive:
        for hook in ("order-select", "patient-view"):
            member = archive.extractfile(f"cds-hooks/request-as-sent-by-simulator-{hook}.json")
            assert member is not None
            answer = server.post(f"/cds-services/singula-{hook}", content=member.read())
            assert answer.status_code in (200, 412)
