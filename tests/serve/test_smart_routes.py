"""SMART App Launch: only the right program, the right person, the right code, once."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from singula.serve.gate import Account, Client
from tests.serve.conftest import Server

AUD = "http://127.0.0.1:8000/fhir"
TOKEN = "http://127.0.0.1:8000/oauth/token"
REDIRECT = "https://app.example/back?x=1"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
USUAL = {"response_type": "code", "client_id": "app", "redirect_uri": REDIRECT, "state": "s1", "aud": AUD,
         "scope": "openid fhirUser launch/patient patient/*.rs offline_access", "code_challenge": CHALLENGE,
         "code_challenge_method": "S256"}  # fmt: skip


@dataclass
class Browser:
    server: Server
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, **more: Any) -> Any:
        answer = self.server.http.request(method, path, cookies=None, headers={"Cookie": self.jar}, **more)
        self.cookies |= dict(answer.cookies)
        return answer

    @property
    def jar(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def fill(self, page: str, **values: str) -> dict[str, str]:
        return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.replace("&amp;", "&"))) | values


@pytest.fixture
def browser(server: Server) -> Browser:
    scopes = ("openid", "offline_access", "launch/patient", "patient/*.rs", "user/Observation.rs")
    server.gate.clients["app"] = Client("app", "The App", True, scopes, (REDIRECT,))
    server.gate.accounts["ann"] = ("correct horse battery", Account("ann", "patient", "p1"))
    server.gate.accounts["doc"] = ("correct horse battery", Account("doc", "clinician"))
    server.gate.open_to |= {"user:ann": {"p1"}, "user:doc": {"p1"}}
    return Browser(server)


def sign_in(browser: Browser, name: str, **changed: str) -> Any:
    page = browser.ask("GET", "/oauth/authorize", params={**USUAL, **changed})
    assert page.status_code == 200
    assert page.text.count('<form method="post" action="/oauth/authorize"') == 1
    form = browser.fill(page.text, username=name, password="correct horse battery")
    answer = browser.ask("POST", "/oauth/authorize", data=form)
    assert answer.text.count("<form") == 1
    return answer


def code_for(browser: Browser, name: str = "ann", decision: str = "approve", **changed: str) -> dict[str, str]:
    page = sign_in(browser, name, **changed)
    values = {"decision": decision} | ({"patient": "p1"} if 'name="patient"' in page.text else {})
    answer = browser.ask("POST", "/oauth/authorize", data=browser.fill(page.text, **values))
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith(REDIRECT)
    return {name: found[0] for name, found in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def exchange(browser: Browser, used_code: str, **changed: str) -> Any:
    form = {"grant_type": "authorization_code", "code": used_code, "redirect_uri": REDIRECT, "client_id": "app",
            "code_verifier": VERIFIER}  # fmt: skip
    return browser.ask("POST", "/oauth/token", data={**form, **changed})


def test_a_person_lets_an_app_in_and_it_reads_their_record(browser: Browser) -> None:
    found = code_for(browser)
    assert found["state"] == "s1"
    answer = exchange(browser, found["code"])
    assert answer.headers["cache-control"] == "no-store"
    made = answer.json()
    assert (made["token_type"], made["patient"], made["expires_in"]) == ("Bearer", "p1", 900)
    assert browser.server.get("/fhir/Patient/p1", token=made["access_token"]).status_code == 200
    assert browser.server.get("/fhir/Patient/p2", token=made["access_token"]).status_code == 404
    jwks = browser.server.http.get("/oauth/jwks").json()
    claims = jwt.decode(made["id_token"], RSAKey.import_key(jwks["keys"][0]), algorithms=["RS256"]).claims
    assert (claims["iss"], claims["aud"]) == ("http://127.0.0.1:8000/oauth", "app")
    told = browser.server.http.get("/oauth/.well-known/openid-configuration").json()
    assert (told["issuer"], told["jwks_uri"]) == (claims["iss"], "http://127.0.0.1:8000/oauth/jwks")
    assert claims["fhirUser"] == f"{AUD}/Patient/p1"
    assert "d" not in jwks["keys"][0]


def test_a_clinician_chooses_among_the_records_they_may_open(browser: Browser) -> None:
    page = sign_in(browser, "doc")
    assert '<select id="patient" name="patient">' in page.text
    form = browser.fill(page.text, decision="approve", patient="p2")
    answer = browser.ask("POST", "/oauth/authorize", data=form)
    assert "error=access_denied" in answer.headers["location"]
    assert exchange(browser, code_for(browser, "doc")["code"]).json()["patient"] == "p1"


def test_who_refuses_lets_nobody_in(browser: Browser) -> None:
    assert code_for(browser, decision="deny") == {"x": "1", "error": "access_denied", "state": "s1",
                                                  "error_description": "the person refused"}  # fmt: skip


def test_a_code_counts_once_and_its_tokens_end_when_it_is_tried_again(browser: Browser) -> None:
    code = code_for(browser)["code"]
    made = exchange(browser, code).json()
    again = exchange(browser, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert browser.server.get("/fhir/Patient/p1", token=made["access_token"]).status_code == 401


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"code_verifier": "v" * 42}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_request"),
        ({"redirect_uri": "https://app.example/other"}, "invalid_grant"),
        ({"code": "x"}, "invalid_grant"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "invalid_request"),
    ],
)
def test_a_code_is_worth_nothing_in_other_hands(browser: Browser, changed: dict[str, str], error: str) -> None:
    answer = exchange(browser, code_for(browser)["code"], **changed)
    assert answer.status_code == (401 if error == "invalid_client" else 400)
    assert answer.json()["error"] == error


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"aud": "https://other.example/fhir"}, "invalid_request"),
        ({"aud": ""}, "invalid_request"),
        ({"state": ""}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "nonsense"}, "invalid_scope"),
        ({"scope": "system/*.rs"}, "invalid_scope"),
        ({"launch": "x"}, "invalid_request"),
    ],
)
def test_a_faulty_request_goes_back_to_the_program_with_the_error(browser: Browser, changed: dict[str, str], error: str) -> None:
    answer = browser.ask("GET", "/oauth/authorize", params={**USUAL, **changed})
    assert answer.status_code == 303
    assert parse_qs(urlsplit(answer.headers["location"]).query)["error"] == [error]


STRANGE = [
    {"client_id": "nobody"},
    {"redirect_uri": "https://evil.example"},
    {"redirect_uri": ""},
    {"redirect_uri": REDIRECT + "/more"},
    {"redirect_uri": "https://app.example/back"},
]


@pytest.mark.parametrize("changed", STRANGE)
def test_an_unknown_program_or_address_is_never_redirected_to(browser: Browser, changed: dict[str, str]) -> None:
    answer = browser.ask("GET", "/oauth/authorize", params={**USUAL, **changed})
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert answer.headers["content-type"].startswith("text/html")


def test_a_wrong_password_is_never_repeated_and_a_changed_form_counts_nothing(browser: Browser) -> None:
    page = browser.ask("GET", "/oauth/authorize", params=USUAL)
    form = browser.fill(page.text, username="ann", password="wrong-secret-word")
    refused = browser.ask("POST", "/oauth/authorize", data=form)
    assert refused.status_code == 401
    assert "wrong-secret-word" not in refused.text
    page = sign_in(browser, "ann")
    form = browser.fill(page.text, decision="approve", scope="openid patient/*.cruds user/Observation.rs")
    assert browser.ask("POST", "/oauth/authorize", data=form).status_code == 200
    other = Browser(browser.server)
    assert other.ask("POST", "/oauth/authorize", data=browser.fill(page.text, decision="approve")).status_code == 200


def test_refresh_tokens_turn_over_and_belong_to_their_program(browser: Browser) -> None:
    made = exchange(browser, code_for(browser)["code"]).json()
    form = {"grant_type": "refresh_token", "refresh_token": made["refresh_token"], "client_id": "app"}
    second = browser.ask("POST", "/oauth/token", data=form).json()
    assert second["access_token"] != made["access_token"]
    assert browser.ask("POST", "/oauth/token", data=form).json()["error"] == "invalid_grant"
    browser.server.gate.clients["other"] = Client("other", "Other", True, ("openid",), ())
    stolen = {**form, "refresh_token": second["refresh_token"], "client_id": "other"}
    assert browser.ask("POST", "/oauth/token", data=stolen).json()["error"] == "invalid_grant"


@pytest.fixture
def backend(browser: Browser) -> tuple[Browser, RSAKey]:
    key = RSAKey.generate_key(2048, {"kid": "k1"})
    browser.server.gate.clients["robot"] = Client("robot", "Robot", False, ("system/Observation.rs",), (),
                                                  {"keys": [key.as_dict(private=False)]})  # fmt: skip
    browser.server.gate.open_to["client:robot"] = {"p1"}
    return browser, key


def assertion(key: Any, header: dict[str, Any] | None = None, **changed: Any) -> dict[str, str]:
    now = int(time.time())
    usual: dict[str, Any] = {"iss": "robot", "sub": "robot", "aud": TOKEN, "exp": now + 200, "jti": str(now) + "x"}
    claims = {name: value for name, value in {**usual, **changed}.items() if value is not None}
    head = {"alg": "RS384", "kid": "k1", **(header or {})}
    signed = jwt.encode(head, claims, key, algorithms=[head["alg"]])
    return {"grant_type": "client_credentials", "scope": "system/*.rs", "client_assertion_type": ASSERTION,
            "client_assertion": signed}  # fmt: skip


def test_a_backend_program_signs_and_gets_what_it_is_registered_for(backend: tuple[Browser, RSAKey]) -> None:
    browser, key = backend
    form = assertion(key)
    made = browser.ask("POST", "/oauth/token", data=form).json()
    assert (made["scope"], made["expires_in"]) == ("system/Observation.rs", 300)
    assert browser.server.get("/fhir/Observation/p1-geno", token=made["access_token"]).status_code == 200
    assert browser.server.get("/fhir/Patient/p1", token=made["access_token"]).status_code == 403
    assert browser.ask("POST", "/oauth/token", data=form).json()["error"] == "invalid_client"
    for scope in ("patient/*.rs", "system/Patient.rs", ""):
        wrong = assertion(key, jti=f"j{scope}") | {"scope": scope}
        assert browser.ask("POST", "/oauth/token", data=wrong).json()["error"] == "invalid_scope"


@pytest.mark.parametrize(
    "changed",
    [{"iss": "app"}, {"sub": "app"}, {"aud": "http://127.0.0.1:8000"}, {"exp": int(time.time()) - 100}, {"jti": None},
     {"exp": int(time.time()) + 4000}, {"exp": None}, {"nbf": int(time.time()) + 4000}, {"aud": None}, {"sub": None}],
)  # fmt: skip
def test_a_wrong_assertion_is_refused(backend: tuple[Browser, RSAKey], changed: dict[str, Any]) -> None:
    browser, key = backend
    answer = browser.ask("POST", "/oauth/token", data=assertion(key, **changed))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def by_hand(secret: bytes, token: str) -> dict[str, str]:
    """Sign with HMAC, the public key being the secret."""
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"k1"}').decode().rstrip("=")
    signed = f"{head}.{token.split('.')[1]}"
    seal = base64.urlsafe_b64encode(hmac.new(secret, signed.encode(), hashlib.sha256).digest()).decode().rstrip("=")
    return {"grant_type": "client_credentials", "scope": "system/*.rs", "client_assertion_type": ASSERTION,
            "client_assertion": f"{signed}.{seal}"}  # fmt: skip


def test_confused_algorithms_and_foreign_keys_are_refused(backend: tuple[Browser, RSAKey]) -> None:
    browser, key = backend
    forged = [
        assertion(RSAKey.generate_key(2048, {"kid": "k1"})),
        assertion(key, {"kid": "k2"}),
        assertion(key, {"alg": "RS256"}),
        by_hand(key.as_pem(private=False), assertion(key)["client_assertion"]),
        assertion(key) | {"client_assertion_type": "other"},
        assertion(key) | {"client_id": "app"},
        assertion(RSAKey.generate_key(2048, {"kid": "k1"}), {"jku": "http://127.0.0.1:1/jwks"}),
    ]
    head, body, _ = assertion(key)["client_assertion"].split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none","kid":"k1"}').decode().rstrip("=")
    forged += [assertion(key) | {"client_assertion": f"{none}.{body}."}, assertion(key) | {"client_assertion": f"{head}.{body}."}]
    for form in forged:
        assert browser.ask("POST", "/oauth/token", data=form).json()["error"] == "invalid_client"


def test_introspection_is_for_programs_that_prove_themselves_and_revocation_ends_a_token(browser: Browser) -> None:
    gate = browser.server.gate
    gate.clients["site"] = Client("site", "Site", False, ("user/*.rs",), ())
    gate.secrets["site"] = "s3cret"
    made = exchange(browser, code_for(browser)["code"]).json()
    proof = {"Authorization": "Basic " + base64.b64encode(b"site:s3cret").decode()}
    ask = browser.server.http.post
    told = ask("/oauth/introspect", data={"token": made["access_token"]}, headers=proof).json()
    assert (told["active"], told["client_id"]) == (True, "app")
    assert ask("/oauth/introspect", data={"token": "x"}, headers=proof).json() == {"active": False}
    for wrong in ({"client_id": "app"}, {"client_id": "site", "client_secret": "guess"}, {}):
        assert ask("/oauth/introspect", data={"token": made["access_token"], **wrong}).status_code == 401
    assert ask("/oauth/revoke", data={"token": made["access_token"], "client_id": "app"}).status_code == 200
    assert browser.server.get("/fhir/Patient/p1", token=made["access_token"]).status_code == 401
    assert ask("/oauth/revoke", data={"token": "unknown", "client_id": "app"}).status_code == 200


def test_an_ehr_opens_a_record_for_the_program_it_starts(browser: Browser) -> None:
    opened = browser.server.post("/launches", json={"patient": "p1", "encounter": "e1"})
    assert opened.status_code == 201
    found = code_for(browser, "doc", scope="launch patient/*.rs openid", launch=opened.json()["launch"])
    made = exchange(browser, found["code"]).json()
    assert (made["patient"], made["encounter"], made["need_patient_banner"]) == ("p1", "e1", True)
    assert browser.server.post("/launches", json={"patient": "p2"}).status_code == 404


def test_forms_that_are_none_end_in_an_error(browser: Browser) -> None:
    for content, kind in ((b"\xff", "application/x-www-form-urlencoded"), (b"{}", "application/json"),
                          (b"a=1&a=2", "application/x-www-form-urlencoded")):  # fmt: skip
        for path in ("/oauth/token", "/oauth/introspect", "/oauth/revoke", "/oauth/authorize"):
            answer = browser.server.http.post(path, content=content, headers={"Content-Type": kind})
            assert answer.status_code == 400, path
            assert answer.json()["error"] == "invalid_request"
