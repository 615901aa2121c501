"""The person sees who saw their data and why; emergency access is told; nobody else reads the log."""

from __future__ import annotations

import re
import time

import pytest

from singula.errors import Refused
from singula.govern import glass
from tests.govern.conftest import DOC, Shop, shop
from tests.serve.real import RealServer, serve_shop

__all__ = ["shop"]
NEED = "unconscious in the emergency room"


@pytest.fixture
def real(shop: Shop) -> RealServer:
    shop.run("user", "add", "aud", "--role", "auditor")
    shop.run("consent", "grant", "p1", "--actor", "user:doc", "--purpose", "TREAT")
    return serve_shop(shop)


def cells(page: str) -> list[list[str]]:
    return [re.findall(r"<td>(.*?)</td>", row) for row in re.findall(r"<tr[^>]*>(.*?)</tr>", page, re.DOTALL)]


def test_the_log_says_who_what_for_and_by_which_permission(real: RealServer) -> None:
    rule = real.shop.run("consent", "show", "p1")["provisions"][0]
    real.get("/fhir/Observation/p1-geno", real.token("doc"))
    ann = real.token("ann", "patient/*.rs")
    page = real.get("/people/p1/access", ann)
    assert page.status_code == 200
    lines = [one[1:] for one in cells(page.text) if one]
    assert ["doc (clinician)", "read Observation/p1-geno", "treatment",
            f"your permission of {rule['recorded'][:10]} ({rule['id']})"] in lines  # fmt: skip
    assert lines[0][:2] == ["ann (the person&#39;s own account)", "looked at this log"]
    as_json = real.get("/people/p1/access", ann, headers={"Accept": "application/json"}).json()
    assert as_json["lines"][0]["deed"] == "looked at this log"
    assert 'role="alert"' not in page.text


def test_an_emergency_access_is_told_with_its_need(real: RealServer) -> None:
    doc = real.token("doc")
    assert real.get("/fhir/Patient/p2", doc).status_code == 404
    headers = {"Singula-Purpose": "BTG", "Singula-Reason": NEED}
    assert real.get("/fhir/Patient/p2", doc, headers=headers).status_code == 200
    real.shop.run("user", "add", "bob", "--role", "patient", "--patient", "p2")
    page = real.get("/people/p2/access", real.token("bob", "patient/*.rs")).text
    assert "Emergency access." in page
    assert f"emergency access: {NEED}" in page
    assert real.gateway.emergencies("p2") == 1
    assert real.gateway.emergencies("p1") == 0
    events = real.shop.run("audit", "list", "--event", "break-glass")["entries"]
    assert [(one["actor"], one["details"]["reason"]) for one in events] == [("user:doc", NEED)]


def test_one_statement_of_need_carries_for_an_hour(real: RealServer, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    with real.gateway.store.writing() as connection:
        assert glass.use(connection, "user:doc", NEED, now) == glass.BEGUN
        assert glass.use(connection, "user:doc", f" {NEED.upper()} ", now + 3599) == glass.GOING_ON
        assert glass.use(connection, "user:doc", NEED, now + 3600) == glass.OVER
        assert glass.use(connection, "user:eve", NEED, now + 3600) == glass.BEGUN
        assert glass.use(connection, "user:doc", "another statement", now + 3600) == glass.BEGUN
        assert glass.use(connection, "user:doc", NEED, now + 40 * 86_400) == glass.BEGUN
    monkeypatch.setattr(time, "time", lambda: now + 41 * 86_400 + 3601)
    with real.gateway.store.writing() as connection:
        glass.use(connection, "user:doc", NEED, now + 41 * 86_400)
    with pytest.raises(Refused, match="60 minutes"):
        real.gateway.open(DOC, "BTG", NEED)
    assert real.shop.run("audit", "list")["entries"][-1]["event"] == "break-glass-refused"


def test_why_is_answered_to_the_person_and_the_auditor_alone(real: RealServer) -> None:
    asked = "actor=user:doc&purpose=TREAT&resource=Observation/p1-geno"
    ann, auditor, doc = real.token("ann", "patient/*.rs"), real.token("aud"), real.token("doc")
    for token in (ann, auditor):
        told = real.get(f"/people/p1/why?{asked}", token).json()
        assert (told["decision"], told["labels"]) == ("permit", ["genetics"])
    real.shop.run("consent", "revoke", "p1", "--label", "genetics")
    assert real.get(f"/people/p1/why?{asked}", ann).json()["decision"] == "deny"
    page = real.get("/people/p1/access?actor=user:doc&label=genetics", ann).text
    assert "They cannot see it:" in page
    for path in (f"/people/p1/why?{asked}", "/people/p1/access"):
        assert real.get(path, doc).status_code == 404
        assert real.get(path.replace("p1/", "p2/"), ann).status_code == 404
        assert real.get(path.replace("p1/", "nobody/"), auditor).status_code == 404
        assert real.get(path, real.token("aud", "user/Patient.rs")).status_code == 403
    assert real.get("/people/p1/why", ann).json()["actor"] == "role:clinician"
    assert real.get("/access?patient=p1", auditor).headers["location"] == "/people/p1/access"
    assert real.get("/access?patient=../x", auditor).status_code == 404


def test_a_long_log_has_pages(real: RealServer, monkeypatch: pytest.MonkeyPatch) -> None:
    from singula.govern import access_log

    monkeypatch.setattr(access_log, "PAGE", 3)
    ann = real.token("ann", "patient/*.rs")
    for _ in range(4):
        real.get("/fhir/Patient/p1", ann)
    first = real.get("/people/p1/access", ann).text
    older = re.search(r"/people/p1/access\?before=(\d+)", first)
    assert older is not None
    second = real.get(older[0], ann, headers={"Accept": "application/json"}).json()
    assert len(second["lines"]) == 3
    assert all(one["seq"] < int(older[1]) for one in second["lines"])
