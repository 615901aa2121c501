"""The FHIR door: reading, searching and writing as R4 has it, and nothing of whom one may not see."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.serve.conftest import Server
from tests.serve.requests import person

GE = "http://terminology.hl7.org/CodeSystem/v2-0074"


def observation(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "2160-0"}]},
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": "2026-02-03",
        "valueQuantity": {"value": 1.2, "unit": "mg/dL", "system": "http://unitsofmeasure.org", "code": "mg/dL"},
        **more,
    }


def test_metadata_lists_types_parameters_and_every_operation(server: Server) -> None:
    made = server.http.get("/fhir/metadata").json()
    assert (made["resourceType"], made["fhirVersion"]) == ("CapabilityStatement", "4.0.1")
    rest = made["rest"][0]
    assert rest["security"]["service"][0]["coding"][0]["code"] == "SMART-on-FHIR"
    kinds = {one["type"]: one for one in rest["resource"]}
    assert {"name": "patient", "type": "reference"} in kinds["Observation"]["searchParam"]
    assert {"find-subject-variants", "find-population-dx-implications", "everything", "export", "plan"} <= {
        one["name"] for one in rest["operation"]
    }


@pytest.mark.parametrize("path", ["/.well-known/smart-configuration", "/fhir/.well-known/smart-configuration"])
def test_the_well_known_document_is_json_whatever_is_accepted(server: Server, path: str) -> None:
    answer = server.http.get(path, headers={"Accept": "text/html"})
    assert answer.headers["content-type"].startswith("application/json")
    made = answer.json()
    assert made["token_endpoint"] == "http://127.0.0.1:8000/oauth/token"
    assert made["code_challenge_methods_supported"] == ["S256"]
    assert {"launch-standalone", "client-public", "client-confidential-asymmetric", "permission-v2", "permission-patient",
            "sso-openid-connect"} <= set(made["capabilities"])  # fmt: skip


def test_a_row_is_read_and_what_is_not_visible_looks_like_what_is_not_there(server: Server) -> None:
    answer = server.get("/fhir/Observation/p1-geno")
    assert answer.status_code == 200
    assert answer.headers["etag"] == 'W/"1"'
    assert answer.headers["content-type"] == "application/fhir+json"
    hidden, absent = (server.get(f"/fhir/Observation/{one}") for one in ("p2-geno", "nothing"))
    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert hidden.text.replace("p2-geno", "ID") == absent.text.replace("nothing", "ID")
    assert server.get("/fhir/Nonsense/1").status_code == 404
    for path in ("/fhir/Observation/p2-geno/_history", "/fhir/Observation/p1-geno/_history/2", "/fhir/Patient/p2/$everything",
                 "/fhir/Patient/p2/$plan"):  # fmt: skip
        assert server.get(path).status_code == 404, path


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("patient=p1", ["p1-geno", "lab"]),
        ("patient=Patient/p1&category=" + GE + "|GE", ["p1-geno"]),
        ("subject=Patient/p1&code=84413-4", ["p1-geno"]),
        ("code=http://loinc.org|84413-4,2160-0", ["p1-geno", "lab"]),
        ("code=|84413-4", []),
        ("date=ge2025-01-01&date=lt2026-01-01", ["p1-geno"]),
        ("value-quantity=gt1.1|http://unitsofmeasure.org|mg/dL", ["lab"]),
        ("component-code=48018-6", ["p1-geno"]),
        ("combo-code=48018-6", ["p1-geno"]),
        ("patient.gender=female&_sort=-date", ["p1-geno", "lab"]),
        ("patient:Patient.gender=male", []),
        ("_id=lab", ["lab"]),
        ("status:not=final", []),
        ("patient=p2", []),
        ("unknown=1", ["p1-geno", "lab"]),
    ],
)
def test_searches_find_what_r4_says(server: Server, query: str, ids: list[str]) -> None:
    server.gate.load(observation(id="lab"))
    for answer in (
        server.get(f"/fhir/Observation?{query}"),
        server.post("/fhir/Observation/_search", content=query, headers={"Content-Type": "application/x-www-form-urlencoded"}),
    ):
        bundle = answer.json()
        assert answer.status_code == 200, answer.text
        assert [one["resource"]["id"] for one in bundle.get("entry", [])] == ids
        assert bundle["total"] == len(ids)


def test_strict_handling_refuses_what_is_unknown(server: Server) -> None:
    strict = {"Prefer": "handling=strict"}
    assert server.get("/fhir/Observation?unknown=1", headers=strict).status_code == 400
    assert server.get("/fhir/Observation?code=1", headers=strict).status_code == 200
    for bad in ("date=yesterday", "_count=many", "value-quantity=x", "_total=perhaps", "_has:x=1", "date=ge2026-13-01"):
        assert server.get(f"/fhir/Observation?{bad}").status_code == 400, bad


def test_pages_includes_and_counts(server: Server) -> None:
    server.gate.load(observation(id="lab"))
    bundle = server.get("/fhir/Observation?_count=1&_include=Observation:patient").json()
    assert [one["search"]["mode"] for one in bundle["entry"]] == ["match", "include"]
    assert bundle["entry"][1]["resource"]["id"] == "p1"
    following = next(one["url"] for one in bundle["link"] if one["relation"] == "next")
    second = server.get(following.removeprefix("http://127.0.0.1:8000")).json()
    assert second["entry"][0]["resource"]["id"] == "lab"
    assert all(one["relation"] != "next" for one in second["link"])
    count = server.get("/fhir/Observation?_summary=count").json()
    assert count["total"] == 2
    assert "entry" not in count
    back = server.get("/fhir/Patient?_id=p1&_revinclude=Observation:patient").json()
    assert [one["resource"]["id"] for one in back["entry"]] == ["p1", "p1-geno", "lab"]
    has = server.get("/fhir/Patient?_has:Observation:patient:code=84413-4").json()
    assert [one["resource"]["id"] for one in has["entry"]] == ["p1"]
    short = server.get("/fhir/Observation?_elements=status&_id=lab").json()["entry"][0]["resource"]
    assert set(short) == {"resourceType", "id", "meta", "status"}


def test_scopes_decide_on_types_and_interactions(server: Server) -> None:
    narrow = server.gate.token("clinician", "user/Observation.r", opens=["p1"])
    assert server.get("/fhir/Observation/p1-geno", token=narrow).status_code == 200
    for method, path in (("GET", "/fhir/Observation?patient=p1"), ("GET", "/fhir/Patient/p1"), ("POST", "/fhir/Observation")):
        answer = server.ask(method, path, token=narrow, **({"json": {}} if method == "POST" else {}))
        assert answer.status_code == 403, path
        assert answer.json()["issue"][0]["code"] == "forbidden"
    chained = server.gate.token("clinician", "user/Observation.rs", opens=["p1"])
    for query in ("patient.gender=female", "_has:DiagnosticReport:result:code=1"):
        assert server.get(f"/fhir/Observation?{query}", token=chained).status_code == 403
    included = server.get("/fhir/Observation?_include=Observation:patient", token=chained).json()
    assert [one["search"]["mode"] for one in included["entry"]] == ["match"]


def test_a_scope_with_a_query_shows_those_rows_only(server: Server) -> None:
    server.gate.load(observation(id="lab"))
    token = server.gate.token("patient", "patient/Observation.rs?code=http://loinc.org|2160-0", "p1")
    found = server.get("/fhir/Observation", token=token).json()
    assert [one["resource"]["id"] for one in found["entry"]] == ["lab"]
    assert server.get("/fhir/Observation/lab", token=token).status_code == 200
    assert server.get("/fhir/Observation/p1-geno", token=token).status_code == 404


def test_writing_is_checked_and_versions_are_kept(server: Server) -> None:
    made = server.post("/fhir/Observation", json=observation(id="mine"))
    assert made.status_code == 201, made.text
    identity = made.json()["id"]
    assert identity != "mine"
    assert made.headers["location"].endswith(f"/fhir/Observation/{identity}/_history/1")
    changed = observation(id=identity, status="amended")
    assert server.ask("PUT", f"/fhir/Observation/{identity}", json=changed, headers={"If-Match": 'W/"7"'}).status_code == 412
    updated = server.ask("PUT", f"/fhir/Observation/{identity}", json=changed, headers={"If-Match": 'W/"1"'})
    assert updated.headers["etag"] == 'W/"2"'
    patch = [{"op": "replace", "path": "/status", "value": "corrected"}]
    assert server.ask("PATCH", f"/fhir/Observation/{identity}", json=patch).json()["status"] == "corrected"
    assert server.get(f"/fhir/Observation/{identity}/_history").json()["total"] == 3
    assert server.get(f"/fhir/Observation/{identity}/_history/1").json()["status"] == "final"
    assert server.ask("DELETE", f"/fhir/Observation/{identity}").status_code == 204
    assert server.get(f"/fhir/Observation/{identity}").status_code == 410


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"subject": {"reference": "Patient/p2"}}, 403),
        ({"subject": {"reference": "Patient/nobody"}}, 403),
        ({"subject": {"reference": "https://evil.example/Patient/p1"}}, 400),
        ({"subject": {"reference": "../Patient/p2"}}, 400),
        ({"status": "nonsense"}, 422),
        ({"id": "../../etc"}, 400),
        ({"resourceType": "Patient"}, 400),
        ({"contained": [{"resourceType": "Consent"}]}, 400),
    ],
)
def test_what_may_not_be_written_is_refused_and_nothing_is_stored(server: Server, change: dict[str, Any], status: int) -> None:
    before = len(server.gate.rows)
    answer = server.post("/fhir/Observation", json=observation(**change))
    assert answer.status_code == status, answer.text
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert len(server.gate.rows) == before


def test_consents_and_the_audit_are_never_written_by_clients(server: Server) -> None:
    for kind in ("Consent", "AuditEvent", "Provenance"):
        assert server.post(f"/fhir/{kind}", json={"resourceType": kind, "status": "active"}).status_code == 403
    foreign = server.ask("PUT", "/fhir/Observation/p2-geno", json=observation(id="p2-geno"))
    assert foreign.status_code == 404
    stolen = server.ask("PUT", "/fhir/Observation/p1-geno", json=observation(id="p1-geno", subject={"reference": "Patient/p2"}))
    assert stolen.status_code == 404


def entries(*found: tuple[str, str, Any]) -> list[dict[str, Any]]:
    return [{"fullUrl": f"urn:uuid:{n}", "request": {"method": method, "url": url}, **({"resource": one} if one else {})}
            for n, (method, url, one) in enumerate(found)]  # fmt: skip


def test_a_transaction_is_done_whole_or_not_at_all(server: Server) -> None:
    report = {
        "resourceType": "DiagnosticReport",
        "status": "final",
        "code": {"text": "panel"},
        "subject": {"reference": "Patient/p1"},
        "result": [{"reference": "urn:uuid:0"}],
    }
    body = {"resourceType": "Bundle", "type": "transaction", "entry": entries(("POST", "Observation", observation()),
            ("POST", "DiagnosticReport", report), ("GET", "Patient/p1", None))}  # fmt: skip
    answer = server.post("/fhir", json=body)
    assert answer.status_code == 200, answer.text
    made = answer.json()["entry"]
    assert [one["response"]["status"] for one in made] == ["201", "201", "200"]
    assert made[1]["resource"]["result"][0]["reference"] == f"Observation/{made[0]['resource']['id']}"
    before = len(server.gate.rows)
    body["entry"] = entries(("POST", "Observation", observation()), ("POST", "Consent", {"resourceType": "Consent"}))
    assert server.post("/fhir", json=body).status_code == 403
    assert len(server.gate.rows) == before


def test_each_entry_of_a_batch_stands_for_itself(server: Server) -> None:
    body = {"resourceType": "Bundle", "type": "batch", "entry": entries(("GET", "Observation/p1-geno", None),
            ("GET", "Observation/p2-geno", None), ("GET", "Observation?patient=p1", None), ("POST", "Observation", observation()),
            ("GET", "http://evil.example/Patient/1", None), ("BREW", "Coffee", None))}  # fmt: skip
    made = server.post("/fhir", json=body).json()["entry"]
    assert [one["response"]["status"] for one in made] == ["200", "404", "200", "201", "400", "400"]


def test_everything_and_the_plan_of_a_person(server: Server) -> None:
    everything = server.get("/fhir/Patient/p1/$everything").json()
    assert {one["resource"]["id"] for one in everything["entry"]} == {"p1", "p1-geno"}
    plan = server.post("/fhir/Patient/p1/$plan").json()
    assert plan["resourceType"] == "Bundle"
    assert any(one["resource"]["resourceType"] == "CarePlan" for one in plan["entry"])


def test_an_export_is_made_in_the_background_for_the_one_who_asked(server: Server) -> None:
    assert server.get("/fhir/$export").status_code == 400
    asked = {"Prefer": "respond-async", "Accept": "application/fhir+json"}
    for path in ("/fhir/$export", "/fhir/Patient/$export?_type=Observation"):
        started = server.get(path, headers=asked)
        assert started.status_code == 202
        where = started.headers["content-location"].removeprefix("http://127.0.0.1:8000")
        for _ in range(100):
            status = server.get(where)
            if status.status_code == 200:
                break
            time.sleep(0.01)
        manifest = status.json()
        output = {one["type"]: one for one in manifest["output"]}
        assert output["Observation"]["count"] == 1
        file = server.get(output["Observation"]["url"].removeprefix("http://127.0.0.1:8000"))
        assert file.headers["content-type"] == "application/fhir+ndjson"
        assert json.loads(file.text.strip())["id"] == "p1-geno"
        other = server.gate.token("clinician", "user/*.rs", opens=["p1"])
        assert server.get(where, token=other).status_code == 404
    assert server.ask("DELETE", where).status_code == 202
    assert server.get(where).status_code == 404


def test_genomics_operations_answer_and_refuse(server: Server) -> None:
    found = server.get("/fhir/$find-subject-specific-haplotypes?subject=p1&haplotypes=CYP2C19*2")
    assert found.json()["parameter"][0]["part"][1] == {"name": "presence", "valueBoolean": True}
    body = {"resourceType": "Parameters", "parameter": [{"name": "subject", "valueString": "p1"},
            {"name": "genes", "valueString": "HGNC:2621"}]}  # fmt: skip
    assert server.post("/fhir/Patient/$find-subject-haplotypes", json=body).status_code == 200
    assert server.get("/fhir/$find-subject-variants?subject=p1").status_code == 400
    assert server.get("/fhir/$find-subject-specific-variants?subject=p1&variants=banana").status_code == 400
    answers = [server.get(f"/fhir/$find-subject-haplotypes?subject={one}&genes=CYP2C19") for one in ("p2", "nobody")]
    assert [one.status_code for one in answers] == [404, 404]
    group = server.get("/fhir/$find-population-specific-haplotypes?haplotypes=CYP2C19*2&includePatientList=true").json()
    assert {"name": "numerator", "valueQuantity": {"value": 1}} in group["parameter"][0]["part"]
    assert {"name": "denominator", "valueQuantity": {"value": 1}} in group["parameter"][0]["part"]


def test_hostile_bodies_and_addresses_end_in_a_refusal(server: Server) -> None:
    deep = "[" * 5000 + "]" * 5000
    for content in (b"", b"{", b"[]", b"null", b"\xff\xfe", deep.encode(), b'{"resourceType": "Observation", "a": 1, "a": 2}',
                    b'{"resourceType": 7}', b'{"resourceType": "Bundle", "type": "batch", "entry": [7]}'):  # fmt: skip
        for path in ("/fhir/Observation", "/fhir", "/fhir/$find-subject-variants", "/cds-services/singula-order-sign"):
            answer = server.post(path, content=content, headers={"Content-Type": "application/fhir+json"})
            assert answer.status_code < 500, (path, content[:40], answer.text)
    for path in ("/fhir/Observation/%00", "/fhir/Observation/..%2f..", "/fhir/Observation?code=%ff", "/fhir/$nonsense",
                 "/fhir/Observation/" + "x" * 200, "/fhir/Observation?" + "code=1&" * 400):  # fmt: skip
        assert server.get(path).status_code in (200, 400, 404), path


def test_another_persons_rows_never_come_along(server: Server) -> None:
    server.gate.load({"resourceType": "List", "id": "both", "status": "current", "mode": "working",
                      "subject": {"reference": "Patient/p1"},
                      "entry": [{"item": {"reference": "Observation/p2-geno"}}]})  # fmt: skip
    text = server.get("/fhir/List?_include=List:item").text
    assert '"p2-geno"' not in text
    assert person("p2")[0]["id"] not in {one["resource"]["id"] for one in server.get("/fhir/Patient").json()["entry"]}
