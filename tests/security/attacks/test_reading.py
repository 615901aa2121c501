"""Attacks 1 to 4: other people's ids, leaks by searching, denied data inside findings, relatives' names."""

from __future__ import annotations

import json
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from singula.govern import accounts
from singula.serve.guard import is_open
from singula.store import schema
from tests.govern.conftest import Shop
from tests.security.attacks.conftest import CANARY, observation
from tests.serve.real import RealServer, serve_shop
from tests.serve.requests import person
from tests.serve.test_route_matrix import address, routes

QUERIES = (
    "/fhir/Patient", "/fhir/Patient?_summary=count", "/fhir/Observation?_total=accurate&_count=1", "/fhir/Patient?_id=p2",
    "/fhir/Patient?_revinclude=Observation:patient", "/fhir/Observation?_include=Observation:patient&_include:iterate=*",
    "/fhir/Patient?_has:Observation:patient:code=84413-4", "/fhir/Observation?patient.birthdate=1960-02-03",
    "/fhir/Observation?subject:Patient.gender=female", "/fhir/Observation?patient=p2", "/fhir/List?_include=List:item",
    "/fhir/Patient/p1/$everything", "/fhir/Observation/p1-geno/_history", "/fhir/Patient?_revinclude=*&_include=*",
)  # fmt: skip


def test_attack_01_another_persons_id_opens_nothing_on_any_route(real: RealServer) -> None:
    ann = real.token("ann", "patient/*.cruds user/*.cruds")
    revoked, disabled = real.token("ann", "patient/*.cruds"), real.token("doc")
    expired = real.token("ann", "patient/*.cruds")
    with real.gateway.store.writing() as connection:
        hashed = accounts.hash_of(expired)
        connection.execute(update(schema.token).where(schema.token.c.hash == hashed).values(expires=time.time() - 1))
    real.shop.run("token", "revoke", revoked)
    real.shop.run("user", "disable", "doc")
    closed = [one for one in routes(real) if not is_open(*one)]  # type: ignore[arg-type]
    assert len(closed) > 80
    for method, path in closed:
        where = address(path).replace("p1", "p2")
        more: dict[str, Any] = {"json": {}} if method in ("POST", "PUT", "PATCH") else {}
        for token in (revoked, disabled, expired, "x" * 43):
            assert real.ask(method, where, token, **more).status_code == 401, (method, where)
        answer = real.ask(method, where, ann, **more)
        assert answer.status_code < 500, (method, where, answer.text)
        assert "CYP2C19 *1/*1" not in answer.text
        assert "1960-02-03" not in answer.text or "p2" not in answer.text, (method, where)


def bodies(real: RealServer, token: str) -> list[Any]:
    found = []
    for query in QUERIES:
        made = real.get(query, token).json()
        for entry in made.get("entry", ()):
            entry.get("resource", {}).get("meta", {}).pop("lastUpdated", None)
        found.append((query, made))
    asked = ("Observation/p2-geno", "Patient/p2", "Patient")
    entries = [{"request": {"method": "GET", "url": one}} for one in asked]
    batch = {"resourceType": "Bundle", "type": "batch", "entry": entries}
    answers = real.post("/fhir", token, json=batch).json()["entry"]
    return [*found, [(one["response"]["status"], one.get("resource", {}).get("total")) for one in answers]]


def test_attack_02_answers_are_those_of_a_store_that_never_held_the_other_person(real: RealServer, tmp_path: Path) -> None:
    both = {"resourceType": "List", "id": "both", "status": "current", "mode": "working", "subject": {"reference": "Patient/p1"},
            "entry": [{"item": {"reference": "Observation/p2-geno"}}]}  # fmt: skip
    real.shop.load(both, {**observation("p2"), "id": "p2-more", "derivedFrom": [{"reference": "Observation/p2-geno"}]})
    alone = Shop(tmp_path / "alone", real.shop.capsys)
    alone.folder.mkdir()
    alone.load(*person("p1"))
    alone.run("user", "add", "doc", "--role", "clinician")
    alone.run("consent", "grant", "p1", "--actor", "user:doc")
    other = serve_shop(alone)
    assert bodies(real, real.token("doc")) == bodies(other, other.token("doc"))


def test_attack_03_a_denied_result_is_as_if_never_tested(real: RealServer, tmp_path: Path) -> None:
    medicine = {"resourceType": "MedicationRequest", "id": "m1", "status": "active", "intent": "order",
                "subject": {"reference": "Patient/p1"}, "medicationCodeableConcept": {"text": "clopidogrel"}}  # fmt: skip
    real.shop.load(medicine)
    doc = real.token("doc")
    open_ = real.get("/fhir/Patient/p1/$plan", doc).content
    real.shop.run("consent", "revoke", "p1", "--label", "genetics")
    denied = real.get("/fhir/Patient/p1/$plan", doc).content
    twin = Shop(tmp_path / "twin", real.shop.capsys)
    twin.folder.mkdir()
    twin.load(person("p1")[0], medicine)
    twin.run("user", "add", "doc", "--role", "clinician")
    twin.run("consent", "grant", "p1", "--actor", "user:doc")
    other = serve_shop(twin)
    assert denied == other.get("/fhir/Patient/p1/$plan", other.token("doc")).content
    assert denied != open_
    page = real.get("/people/p1/plan", doc).text
    assert page == other.get("/people/p1/plan", other.token("doc")).text


def test_attack_04_no_relative_is_named_in_what_leaves_the_record(real: RealServer, tmp_path: Path) -> None:
    history = {"resourceType": "FamilyMemberHistory", "id": "f1", "status": "completed", "patient": {"reference": "Patient/p1"},
               "name": f"Aunt {CANARY}", "text": {"status": "generated", "div": f"<div>{CANARY}</div>"},
               "relationship": {"text": "maternal aunt"}, "condition": [{"code": {"text": "breast cancer"}}]}  # fmt: skip
    real.shop.load(history)
    doc = real.token("doc")
    for path in ("/fhir/FamilyMemberHistory/f1", "/fhir/FamilyMemberHistory", "/fhir/FamilyMemberHistory/f1/_history/1",
                 "/fhir/FamilyMemberHistory/f1/_history", "/fhir/Patient/p1/$everything", "/fhir/Patient/p1/$plan",
                 "/fhir/Patient?_revinclude=FamilyMemberHistory:patient"):  # fmt: skip
        answer = real.get(path, doc)
        assert answer.status_code == 200, path
        assert CANARY not in answer.text, path
    assert "maternal aunt" in real.get("/fhir/FamilyMemberHistory/f1", doc).text
    assert CANARY in real.get("/fhir/FamilyMemberHistory/f1", real.token("ann", "patient/*.rs")).text
    real.shop.run("export", "p1", "-o", str(tmp_path / "p1.zip"))
    with zipfile.ZipFile(tmp_path / "p1.zip") as archive:
        assert all(CANARY.encode() not in archive.read(name) for name in archive.namelist())
        assert json.loads(archive.read("fhir/FamilyMemberHistory.ndjson"))["relationship"]["text"] == "maternal aunt"
    real.shop.run("consent", "revoke", "p1", "--label", "family-history")
    assert real.get("/fhir/FamilyMemberHistory/f1", doc).status_code == 404


@pytest.mark.parametrize("kind", ["Consent", "AuditEvent"])
def test_attack_02_what_governs_access_is_searched_by_nobody_else(real: RealServer, kind: str) -> None:
    found = real.get(f"/fhir/{kind}?patient=p1", real.token("doc")).json()
    assert (found["total"], found.get("entry")) == (0, None)
