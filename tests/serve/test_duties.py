"""Duties of SMART 2.2 and (g)(10) that only a whole server can show: keys by address, brands, groups, notes, TLS."""

from __future__ import annotations

import datetime
import ipaddress
import json
import os
import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from singula.errors import BadInput
from singula.govern import accounts
from singula.knowledge import load_knowledge
from singula.serve.brands import brand_bundle
from singula.serve.desk import Desk
from singula.serve.running import make_server
from singula.serve.settings import Settings
from singula.serve.smart import key_sets
from tests.govern.conftest import Shop, shop
from tests.serve.real import RealServer, serve_shop
from tests.serve.test_running import free_port

__all__ = ["shop"]
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TOKEN = "http://127.0.0.1:8000/oauth/token"
MINE = {"subject": {"reference": "Patient/p1"}}


@pytest.fixture
def real(shop: Shop) -> RealServer:
    shop.run("consent", "grant", "p1", "--actor", "user:doc")
    return serve_shop(shop)


class KeyHost:
    """Sends a key set, with a header that says how long it may be kept."""

    def __init__(self) -> None:
        self.keys: dict[str, Any] = {"keys": []}
        self.cache = ""
        self.status = 200
        self.asked = 0
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                host.asked += 1
                body = json.dumps(host.keys).encode()
                self.send_response(host.status)
                if host.cache:
                    self.send_header("Cache-Control", host.cache)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/keys"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def host() -> Iterator[KeyHost]:
    made = KeyHost()
    yield made
    made.close()


def sign_in(real: RealServer, key: ECKey, number: int) -> int:
    now = int(time.time())
    claims = {"iss": "backend", "sub": "backend", "aud": TOKEN, "exp": now + 200, "iat": now, "jti": f"one-{number}"}
    made = jwt.encode({"alg": "ES384", "kid": str(key.kid)}, claims, key, algorithms=["ES384"])
    form = {
        "grant_type": "client_credentials",
        "scope": "system/Patient.rs",
        "client_assertion_type": ASSERTION,
        "client_assertion": made,
    }
    return int(real.http.post("/oauth/token", data=form).status_code)


def test_a_programs_keys_are_fetched_from_its_address_and_kept_as_long_as_it_says(
    real: RealServer, host: KeyHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (ECKey.generate_key("P-384", {"kid": name, "use": "sig"}) for name in ("first", "second"))
    host.keys = {"keys": [first.as_dict(private=False)]}
    real.shop.run("client", "add", "backend", "--jwks-url", host.address, "--scope", "system/*.rs")
    assert [sign_in(real, first, 1), sign_in(real, first, 2), host.asked] == [200, 200, 2]
    assert sign_in(real, second, 3) == 401
    host.cache = "max-age=100"
    assert [sign_in(real, first, 4), sign_in(real, first, 5), host.asked] == [200, 200, 4]
    host.keys = {"keys": [second.as_dict(private=False)]}
    assert sign_in(real, second, 6) == 401
    moment = time.monotonic() + 101
    monkeypatch.setattr(key_sets.key_set, "__defaults__", (lambda: moment,))
    assert sign_in(real, second, 7) == 200
    assert host.asked == 5


def test_a_key_set_that_is_none_lets_nobody_in(real: RealServer, host: KeyHost) -> None:
    key = ECKey.generate_key("P-384", {"kid": "k", "use": "sig"})
    real.shop.run("client", "add", "backend", "--jwks-url", host.address, "--scope", "system/*.rs")
    for keys, status in (({"keys": "x"}, 200), ([], 200), ({"keys": [key.as_dict(private=False)]}, 302), ({}, 500)):
        host.keys, host.status = keys, status  # type: ignore[assignment]
        assert sign_in(real, key, int(time.time() * 1e6)) == 401
    for address in ("http://keys.example/jwks", "ftp://127.0.0.1/keys", "http://127.0.0.1.evil.example/keys"):
        real.shop.run("client", "add", "other", "--jwks-url", address, "--scope", "system/*.rs", code=3)
        assert not key_sets.is_protected(address) or address.startswith("ftp")


def test_a_refresh_token_lives_for_more_than_three_months_and_so_does_what_it_turns_into(real: RealServer) -> None:
    from singula.govern.parties import Grant
    from singula.store import schema

    def life(secret: str) -> float:
        with real.gateway.store.reading() as connection:
            row = accounts.find_token(connection, "refresh", secret)
        return float(row.expires) - time.time()

    real.shop.run("client", "add", "app", "--public", "--redirect", "app://back", "--scope", "patient/*.rs offline_access")
    grant = Grant("app", ("patient/*.rs", "offline_access"), "ann", "p1", with_refresh=True)
    first = real.gateway.give(grant).refresh_token
    assert first is not None
    assert life(first) > 92 * 86_400
    second = real.gateway.renew(first, "app", ())
    assert second is not None
    assert second.refresh_token is not None
    assert life(second.refresh_token) > 92 * 86_400
    assert schema.token.name == "token"


def test_the_encounter_of_a_launch_is_there_to_read(real: RealServer) -> None:
    real.shop.load({"resourceType": "Encounter", "id": "e1", "status": "in-progress", "class": {"code": "AMB"}, **MINE})
    doc = real.token("doc")
    opened = real.post("/launches", doc, json={"patient": "p1", "encounter": "e1"})
    assert opened.status_code == 201
    assert real.get("/fhir/Encounter/e1", doc).json()["subject"] == MINE["subject"]


def test_a_group_export_holds_the_members_of_the_group_alone(real: RealServer) -> None:
    real.shop.run("consent", "grant", "p2", "--actor", "user:doc")
    group = {"resourceType": "Group", "id": "g1", "type": "person", "actual": True,
             "member": [{"entity": {"reference": "Patient/p1"}}]}  # fmt: skip
    real.shop.load(group)
    doc = real.token("doc")
    begun = real.get("/fhir/Group/g1/$export?_type=Patient", doc, headers={"Prefer": "respond-async"})
    assert begun.status_code == 202, begun.text
    where = begun.headers["content-location"].removeprefix("http://127.0.0.1:8000")
    for _ in range(100):
        told = real.get(where, doc)
        if told.status_code == 200:
            break
        time.sleep(0.05)
    (file,) = told.json()["output"]
    lines = real.get(file["url"].removeprefix("http://127.0.0.1:8000"), doc).text.splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["p1"]


def test_medicines_notes_and_who_made_them_come_with_a_search(real: RealServer) -> None:
    category = {
        "coding": [
            {"system": "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category", "code": "clinical-note"}
        ]
    }
    note = {"coding": [{"system": "http://loinc.org", "code": "11506-3"}]}
    real.shop.load(
        {"resourceType": "Medication", "id": "med", "code": {"text": "clopidogrel"}},
        {"resourceType": "MedicationRequest", "id": "m1", "status": "active", "intent": "order",
         "medicationReference": {"reference": "Medication/med"}, **MINE},
        {"resourceType": "DocumentReference", "id": "d1", "status": "current", "category": [category], "type": note,
         "date": "2026-01-02T00:00:00Z", "content": [{"attachment": {"contentType": "text/plain", "data": "eA=="}}], **MINE},
        {"resourceType": "DiagnosticReport", "id": "r1", "status": "final", "code": note,
         "category": [{"coding": [{"code": "LP29684-5"}]}], **MINE},
        {"resourceType": "Provenance", "id": "v1", "target": [{"reference": "DocumentReference/d1"}],
         "recorded": "2026-01-02T00:00:00Z", "agent": [{"who": {"display": "ward"}}]},
    )  # fmt: skip
    doc = real.token("doc")

    def found(query: str) -> list[str]:
        return [
            f"{one['resource']['resourceType']}/{one['resource']['id']}"
            for one in real.get(f"/fhir/{query}", doc).json()["entry"]
        ]

    assert found("MedicationRequest?patient=p1&intent=order&_include=MedicationRequest:medication") == [
        "MedicationRequest/m1",
        "Medication/med",
    ]
    notes = "DocumentReference?patient=p1&category=clinical-note&_revinclude=Provenance:target"
    assert found(notes) == ["DocumentReference/d1", "Provenance/v1"]
    assert found("DiagnosticReport?patient=p1&category=LP29684-5") == ["DiagnosticReport/r1"]


def test_missing_data_stay_marked_as_missing(real: RealServer) -> None:
    unknown = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "unknown"}]}
    url = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
    sent = {"resourceType": "Observation", "status": "final", "code": {"text": "smoking"}, "dataAbsentReason": unknown,
            "_effectiveDateTime": {"extension": [{"url": url, "valueCode": "unknown"}]}, **MINE}  # fmt: skip
    doc = real.token("doc")
    made = real.post("/fhir/Observation", doc, json=sent)
    assert made.status_code == 201, made.text
    read = real.get(f"/fhir/Observation/{made.json()['id']}", doc).json()
    assert {name: read[name] for name in sent} == sent


def test_the_server_says_that_linked_records_are_not_opened(real: RealServer) -> None:
    told = real.http.get("/fhir/metadata").json()["rest"][0]["resource"]
    (patient,) = [one for one in told if one["type"] == "Patient"]
    assert patient["documentation"].startswith("Patient.link is not followed")
    linked = {"resourceType": "Patient", "id": "p1", "link": [{"other": {"reference": "Patient/p2"}, "type": "seealso"}]}
    real.shop.load(linked)
    assert real.get("/fhir/Patient/p2", real.token("ann", "patient/*.rs")).status_code == 404


BRAND = {"resourceType": "Organization", "name": "Ward and Lane Hospital",
         "identifier": [{"system": "urn:ietf:rfc:3986", "value": "https://hospital.example"}],
         "telecom": [{"system": "url", "value": "https://hospital.example"}]}  # fmt: skip
CLINIC = {**BRAND, "name": "Ward Clinic", "identifier": [{"system": "https://ids.example", "value": "17"}],
          "partOf": {"reference": "Organization/brand-0"}}  # fmt: skip


def test_the_brands_an_organisation_gives_are_published(shop: Shop, tmp_path: Path) -> None:
    from fhir.resources.R4B.bundle import Bundle

    file = tmp_path / "brands.json"
    file.write_text(json.dumps([BRAND, CLINIC]))
    os.utime(file, (1_780_000_000, 1_780_000_000))
    real = serve_shop(shop, Settings(brands=str(file)))
    told = real.http.get("/.well-known/smart-configuration").json()
    assert told["user_access_brand_identifier"] == BRAND["identifier"][0]  # type: ignore[index]
    answer = real.http.get(
        told["user_access_brand_bundle"].removeprefix("http://127.0.0.1:8000"), headers={"Origin": "https://a.example"}
    )
    assert answer.headers["access-control-allow-origin"] == "*"
    bundle = answer.json()
    Bundle.model_validate(bundle)
    assert bundle["timestamp"] == "2026-05-28T20:26:40Z"
    endpoint, *brands = [one["resource"] for one in bundle["entry"]]
    assert (endpoint["address"], endpoint["resourceType"]) == ("http://127.0.0.1:8000/fhir", "Endpoint")
    assert all({"reference": "Endpoint/singula-endpoint"} in one["endpoint"] for one in brands)
    assert all(one["resource"]["meta"]["lastUpdated"] == bundle["timestamp"] for one in bundle["entry"])
    matching = [one for one in brands if told["user_access_brand_identifier"] in one["identifier"]]
    assert [one["name"] for one in matching] == ["Ward and Lane Hospital"]
    plain = serve_shop(shop)
    assert plain.http.get("/static/brands.json").status_code == 404
    assert "user_access_brand_bundle" not in plain.http.get("/.well-known/smart-configuration").json()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([], "holds no Organization"),
        ({**BRAND, "identifier": []}, "lacks its name or an identifier"),
        ({**BRAND, "name": ""}, "lacks its name"),
        ([BRAND, {**CLINIC, "identifier": BRAND["identifier"]}], "share the identifier"),
        ({**BRAND, "_alias": [{"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
                                              "valueCode": "masked"}]}]}, "is masked"),
    ],
)  # fmt: skip
def test_brands_that_cannot_be_published_are_refused(tmp_path: Path, content: Any, words: str) -> None:
    file = tmp_path / "brands.json"
    file.write_text(json.dumps(content))
    with pytest.raises(BadInput, match=words):
        brand_bundle(Settings(brands=str(file)))
    with pytest.raises(BadInput, match="cannot be read"):
        brand_bundle(Settings(brands=str(tmp_path / "none.json")))


def certificate(folder: Path) -> tuple[Path, Path]:
    """Write a certificate of this machine and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - datetime.timedelta(hours=1)).not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    paths = folder / "tls.crt", folder / "tls.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


def test_transport_is_encrypted_with_tls_1_2_or_newer(shop: Shop, tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    settings = Settings(port=free_port(), tls_cert=str(cert), tls_key=str(key))
    server = make_server(Desk(settings, shop.gateway, load_knowledge()))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        versions = []
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = ssl.create_default_context(cafile=str(cert))
            context.minimum_version = context.maximum_version = version
            answer = httpx.get(f"{settings.base}/healthz", verify=context, trust_env=False)
            versions.append((answer.status_code, "strict-transport-security" in answer.headers))
        assert versions == [(200, True), (200, True)]
        assert settings.base.startswith("https://")
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.load_verify_locations(cafile=str(cert))
        old.set_ciphers("ALL:@SECLEVEL=0")
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises(httpx.HTTPError):
            httpx.get(f"{settings.base}/healthz", verify=old, trust_env=False)
        with pytest.raises(httpx.HTTPError):
            httpx.get(f"{settings.base.replace('https', 'http')}/healthz", trust_env=False)
    finally:
        server.should_exit = True
        thread.join()
