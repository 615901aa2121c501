"""A person permits and takes back on a page of their own, each as easily as the other, and it holds at once."""

from __future__ import annotations

import io
import re

import pytest

from tests.govern.conftest import Shop, shop
from tests.serve.real import RealServer, serve_shop

__all__ = ["shop"]
PASSWORD = "correct horse battery"
PAGE = "/people/p1/consent"


@pytest.fixture
def real(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> RealServer:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    shop.run("user", "password", "ann")
    return serve_shop(shop)


@pytest.fixture
def cookie(real: RealServer) -> str:
    answer = real.http.post("/login", data={"username": "ann", "password": PASSWORD}, follow_redirects=False)
    return f"singula-session={answer.cookies['singula-session']}"


def send(real: RealServer, cookie: str, **fields: str) -> tuple[int, str]:
    page = real.http.get(PAGE, headers={"Cookie": cookie}).text
    seal = re.findall(r'name="seal" value="(\w+)"', page)[-1]
    answer = real.http.post(PAGE, headers={"Cookie": cookie}, data={"seal": seal, **fields}, follow_redirects=False)
    return answer.status_code, answer.text


def test_a_permission_opens_and_taking_it_back_closes(real: RealServer, cookie: str) -> None:
    doc = real.token("doc")
    assert real.get("/fhir/Patient/p1", doc).status_code == 404
    assert send(real, cookie, deed="grant", actor="user:doc", purpose="TREAT")[0] == 303
    assert real.get("/fhir/Patient/p1", doc).status_code == 200
    assert send(real, cookie, deed="revoke", label="genetics")[0] == 303
    assert real.get("/fhir/Observation/p1-geno", doc).status_code == 404
    page = real.http.get(PAGE, headers={"Cookie": cookie}).text
    assert ("user:doc" in page, "treatment" in page, "Take back" in page, "Open again" in page) == (True, True, True, True)
    permit, deny = re.findall(r'name="rule" value="(\w+)"', page)
    assert send(real, cookie, deed="end", rule=deny)[0] == 303
    assert real.get("/fhir/Observation/p1-geno", doc).status_code == 200
    assert send(real, cookie, deed="end", rule=permit)[0] == 303
    assert real.get("/fhir/Patient/p1", doc).status_code == 404
    assert send(real, cookie, deed="end", rule=permit)[0] == 404
    events = [one["event"] for one in real.shop.run("audit", "list", "--actor", "user:ann")["entries"]]
    assert [one for one in events if one in ("consent-grant", "consent-revoke")] == ["consent-grant", *["consent-revoke"] * 3]


@pytest.mark.parametrize(
    "fields",
    [
        {"deed": "grant"}, {"deed": "grant", "actor": "doc"}, {"deed": "grant", "actor": "user:"}, {"deed": "nothing"},
        {"deed": "revoke"}, {"deed": "grant", "actor": "user:doc", "until": "tomorrow"},
    ],
)  # fmt: skip
def test_a_form_that_says_too_little_changes_nothing(real: RealServer, cookie: str, fields: dict[str, str]) -> None:
    status, page = send(real, cookie, **fields)
    assert status == 400
    assert 'role="alert"' in page
    assert real.shop.run("consent", "show", "p1")["provisions"] == []


def test_nobody_else_sees_or_changes_it(real: RealServer, cookie: str) -> None:
    assert real.http.get("/people/p2/consent", headers={"Cookie": cookie}).status_code == 404
    assert real.http.post(PAGE, headers={"Cookie": cookie}, data={"seal": "x", "deed": "grant"}).status_code == 403
    real.shop.run("user", "add", "aud", "--role", "auditor")
    for user in ("doc", "aud"):
        assert real.get(PAGE, real.token(user)).status_code == 404
        assert real.post(PAGE, real.token(user), data={"deed": "grant", "actor": "user:doc"}).status_code == 404
    ann = real.token("ann", "patient/*.cruds")
    assert real.get(PAGE, ann).status_code == 200
    assert real.post(PAGE, ann, data={"deed": "grant", "actor": "user:doc"}).status_code == 403
    assert real.shop.run("consent", "show", "p1")["version"] == 0
