"""The pages: signed in, one's own records, no script, and a way out."""

from __future__ import annotations

import re

import pytest

from singula.serve.gate import Account
from tests.serve.conftest import Server


@pytest.fixture
def cookie(server: Server) -> str:
    server.gate.accounts["doc"] = ("correct horse battery", Account("doc", "clinician"))
    server.gate.open_to["user:doc"] = {"p1"}
    answer = server.http.post("/login", data={"username": "doc", "password": "correct horse battery"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=lax" in answer.headers["set-cookie"]
    return f"singula-session={answer.cookies['singula-session']}"


def test_one_sees_the_records_one_may_open_and_their_plans(server: Server, cookie: str) -> None:
    page = server.http.get("/", headers={"Cookie": cookie})
    assert re.findall(r"/people/(\w+)/plan", page.text) == ["p1"]
    for path in ("/people/p1/plan", "/people/p1/words"):
        plan = server.http.get(path, headers={"Cookie": cookie})
        assert plan.status_code == 200
        assert "default-src 'none'" in plan.headers["content-security-policy"]
        assert "<script" not in plan.text
    assert server.http.get("/people/p2/plan", headers={"Cookie": cookie}).status_code == 404


def test_a_session_opens_pages_and_no_other_door(server: Server, cookie: str) -> None:
    assert server.http.get("/fhir/Patient/p1", headers={"Cookie": cookie}).status_code == 401
    assert server.http.post("/cds-services/singula-order-sign", headers={"Cookie": cookie}, json={}).status_code == 401


def test_signing_out_needs_the_pages_own_form_and_ends_the_session(server: Server, cookie: str) -> None:
    assert server.http.post("/logout", headers={"Cookie": cookie}, data={"seal": "x"}).status_code == 403
    page = server.http.get("/", headers={"Cookie": cookie}).text
    seal = re.search(r'name="seal" value="(\w+)"', page)
    assert seal is not None
    assert server.http.post("/logout", headers={"Cookie": cookie}, data={"seal": seal[1]}).status_code == 303
    assert server.http.get("/", headers={"Cookie": cookie, "Accept": "text/html"}).status_code == 303


def test_a_wrong_password_and_a_strange_file_end_in_a_refusal(server: Server) -> None:
    assert server.http.get("/login").status_code == 200
    refused = server.http.post("/login", data={"username": "doc", "password": "<b>guess"})
    assert refused.status_code == 401
    assert "guess" not in refused.text
    assert server.http.get("/static/pages.css").headers["content-type"].startswith("text/css")
    for name in ("..%2fweb.py", "pages.html", "x.css"):
        assert server.http.get(f"/static/{name}").status_code == 404


def test_a_person_sets_up_a_second_factor_and_takes_it_away(server: Server, cookie: str) -> None:
    import time

    from singula.govern.one_time import Factor, code_at, counter_at

    def send(**fields: str) -> tuple[int, str]:
        page = server.http.get("/account/second-factor", headers={"Cookie": cookie}).text
        seal = re.findall(r'name="seal" value="(\w+)"', page)[-1]
        answer = server.http.post("/account/second-factor", headers={"Cookie": cookie}, data={"seal": seal, **fields})
        return answer.status_code, answer.text

    status, page = send(deed="begin")
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", page)
    assert status == 200
    assert secret is not None
    assert "data:image/svg+xml" in page
    assert send(deed="confirm", otp="000000")[0] == 401
    status, page = send(deed="confirm", otp=code_at(Factor(secret[1]).key, counter_at(time.time())))
    assert (status, len(re.findall(r"<li><code>", page))) == (200, 10)
    assert secret[1] not in server.http.get("/account/second-factor", headers={"Cookie": cookie}).text
    assert send(deed="remove", otp="any")[0] == 200
    forged = server.http.post("/account/second-factor", headers={"Cookie": cookie}, data={"seal": "x", "deed": "begin"})
    assert forged.status_code == 403
    assert server.get("/account/second-factor").status_code == 403
