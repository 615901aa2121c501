"""Audit and consent through the FHIR door: the person's own, the auditor's whole, nobody else's anything."""

from __future__ import annotations

import base64

import pytest

from tests.govern.conftest import Shop, shop
from tests.serve.real import RealServer, serve_shop

__all__ = ["shop"]


@pytest.fixture
def real(shop: Shop) -> RealServer:
    shop.run("user", "add", "aud", "--role", "auditor")
    shop.run("consent", "grant", "p1", "--actor", "user:doc")
    return serve_shop(shop)


def test_the_person_sees_who_read_what_and_the_auditor_sees_all(real: RealServer) -> None:
    from fhir.resources.R4B.bundle import Bundle

    doc, ann, auditor = real.token("doc"), real.token("ann", "patient/*.rs"), real.token("aud")
    real.get("/fhir/Observation/p1-geno", doc)
    real.get("/fhir/Patient?name=Canarywood&_id=p1", doc)
    real.get("/fhir/Patient/p2", doc)
    mine = real.get("/fhir/AuditEvent?_count=100", ann).json()
    Bundle.model_validate(mine)
    assert {entity["what"]["reference"] for one in mine["entry"] for entity in one["resource"]["entity"]
            if entity["type"]["code"] == "1"} == {"Patient/p1"}  # fmt: skip
    reads = real.get("/fhir/AuditEvent?action=R&_count=100", ann).json()
    assert "Observation/p1-geno" in str(reads)
    assert reads["total"] < mine["total"]
    everything = real.get("/fhir/AuditEvent?_count=3", auditor).json()
    assert everything["total"] > mine["total"]
    assert [link["relation"] for link in everything["link"]] == ["self", "next"]
    following = real.get(everything["link"][1]["url"].removeprefix("http://127.0.0.1:8000"), auditor).json()
    assert not {one["resource"]["id"] for one in following["entry"]} & {one["resource"]["id"] for one in everything["entry"]}
    of_p1 = real.get("/fhir/AuditEvent?patient=p1&_count=1000", auditor).json()
    assert of_p1["total"] == mine["total"] + 2
    whole = real.get("/fhir/AuditEvent?_count=1000", auditor).json()
    queries = [entity["query"] for one in whole["entry"] for entity in one["resource"].get("entity", ()) if "query" in entity]
    assert b"Patient?name=***&_id=p1" in [base64.b64decode(one) for one in queries]


def test_one_entry_is_read_by_its_id_and_a_clinician_reads_none(real: RealServer) -> None:
    doc, auditor = real.token("doc"), real.token("aud")
    assert real.get("/fhir/AuditEvent/audit-1", auditor).json()["id"] == "audit-1"
    assert real.get("/fhir/AuditEvent/audit-1", doc).status_code == 404
    assert real.get("/fhir/AuditEvent/audit-999999", auditor).status_code == 404
    assert real.get("/fhir/AuditEvent", doc).json()["total"] == 0
    assert real.get("/fhir/AuditEvent?_include=AuditEvent:patient", auditor).status_code == 400
    assert real.get("/fhir/AuditEvent", real.token("aud", "user/Patient.rs")).status_code == 403
    assert real.ask("PUT", "/fhir/AuditEvent/audit-1", auditor, json={"resourceType": "AuditEvent"}).status_code in (403, 404)


def test_consent_is_the_persons_to_read(real: RealServer) -> None:
    ann = real.token("ann", "patient/*.rs")
    found = real.get("/fhir/Consent", ann).json()
    assert [one["resource"]["id"] for one in found["entry"]] == ["consent-p1"]
    assert real.get("/fhir/Consent/consent-p1", ann).json()["provision"]["provision"][0]["type"] == "permit"
    assert real.get("/fhir/Consent?status=inactive", ann).json()["total"] == 0
    assert real.get("/fhir/Consent", real.token("doc")).json()["total"] == 0
    assert real.get("/fhir/Consent/consent-p1", real.token("doc")).status_code == 404


def test_refused_requests_are_in_the_chain(real: RealServer) -> None:
    real.http.get("/fhir/Patient/p1")
    real.get("/fhir/Patient/p1", real.token("doc", "user/Observation.rs"))
    found = [one for one in real.shop.run("audit", "list")["entries"] if one["event"] == "request-refused"]
    assert [(one["actor"], one["resource"], one["details"]["status"]) for one in found] == [
        ("", "Patient/p1", 401),
        ("user:doc", "Patient/p1", 403),
    ]
    assert len({one["request_id"] for one in found}) == 2
    assert real.shop.run("audit", "verify")["ok"] is True
