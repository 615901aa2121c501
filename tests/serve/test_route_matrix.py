"""Every route meets every kind of caller who should not get through; a new route without a case fails here."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from starlette.routing import Route

from singula.serve.guard import is_open
from tests.serve.conftest import Server, start
from tests.serve.requests import order_request

PATIENT, RAW, KIND = "p1", "p1-geno", "Observation"
DATA = ("Observation", "Patient", "CYP2C19", "1960-02-03")
GENOMIC = {"subject": PATIENT, "ranges": "NC_000010.11:1-2", "variants": "NC_000010.11:1:A:T", "genes": "CYP2C19",
           "haplotypes": "CYP2C19*2"}  # fmt: skip
CASES = ("no token", "unknown token", "token in the address", "wrong person", "wrong scope", "consent withdrawn")
WITHOUT_ROWS = {"/readyz", "/metrics", "/overrides", "/launch", "/access"}
SCOPE_FREE = WITHOUT_ROWS | {"/fhir/$export-status/{id}", "/fhir/$export-file/{id}/{type}", "/fhir", "/fhir/"}


def routes(server: Server) -> list[tuple[str, str]]:
    application = server.http.application.app
    found = []
    for route in itertools.chain(flatten(application.routes)):
        if isinstance(route, Route) and hasattr(route, "path"):
            found += [(method, route.path) for method in sorted((route.methods or set()) - {"HEAD", "OPTIONS"})]
    return sorted(set(found))


def flatten(found: Any) -> Any:
    for route in found:
        inner = getattr(route, "routes", None) or getattr(getattr(route, "original_router", None), "routes", None)
        if inner and not isinstance(route, Route):
            yield from flatten(inner)
        else:
            yield route


def address(path: str) -> str:
    made = path.replace("{type}", KIND).replace("{id}", PATIENT if "Patient/{id}" in path else RAW)
    made = made.replace("{version}", "1").replace("{service}", "singula-order-sign")
    return made + ("?" + "&".join(f"{name}={value}" for name, value in GENOMIC.items()) if "$find" in path else "")


def ask(server: Server, method: str, path: str, token: str | None) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    headers["Prefer"] = "respond-async"
    body: Any = {"resourceType": "Observation", "id": RAW, "status": "final", "code": {"text": "x"},
                 "subject": {"reference": f"Patient/{PATIENT}"}}  # fmt: skip
    if "cds-services" in path:
        body = order_request("clopidogrel", patient=PATIENT)
    elif "$find" in path:
        body = {"resourceType": "Parameters", "parameter": [{"name": k, "valueString": v} for k, v in GENOMIC.items()]}
    elif path.rstrip("/").endswith("/fhir"):
        body = {"resourceType": "Bundle", "type": "transaction",
                "entry": [{"request": {"method": "GET", "url": f"Observation/{RAW}"}}]}  # fmt: skip
    if path.endswith("_search"):
        return server.http.request(method, path, headers=headers, data={"patient": PATIENT})
    if method in ("POST", "PUT", "PATCH"):
        return server.http.request(method, path, headers=headers, json=body)
    return server.http.request(method, path, headers=headers)


SERVER = start()
ROUTES = routes(SERVER)
CLOSED = [one for one in ROUTES if not is_open(*one)]


def test_the_document_of_routes_lists_every_route() -> None:
    told = SERVER.http.get("/openapi.json").json()["paths"]
    listed = {(method.upper(), path) for path, one in told.items() for method in one}
    assert {one for one in ROUTES if one[1] not in ("/openapi.json",)} <= listed
    assert ("GET", "/fhir/{type}/{id}") in listed
    assert len(CLOSED) > 80


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("method", "path"), CLOSED)
def test_nobody_gets_through_who_should_not(method: str, path: str, case: str) -> None:
    where = address(path)
    if case == "no token":
        assert ask(SERVER, method, where, None).status_code == 401
    elif case == "unknown token":
        answer = ask(SERVER, method, where, "0" * 16)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["issue"][0]["code"] == "login"
    elif case == "token in the address":
        joined = "&" if "?" in where else "?"
        assert ask(SERVER, method, f"{where}{joined}access_token={SERVER.clinician}", SERVER.clinician).status_code == 401
    elif case == "wrong scope":
        answer = ask(SERVER, method, where, SERVER.gate.token("clinician", "user/Immunization.c openid", opens=["p1"]))
        allowed = (400, 403, 404) if path in SCOPE_FREE else (400, 403) if "feedback" in path else (403,)
        assert answer.status_code in ((200, 303, *allowed) if path in WITHOUT_ROWS else allowed), answer.text
    else:
        who = SERVER.gate.token("patient", "patient/*.cruds", "p2") if case == "wrong person" else withdrawn()
        answer = ask(SERVER, method, where, who)
        assert answer.status_code < 500
        for word in ("CYP2C19 *2/*2", "1960-02-03"):
            assert f'"{word}"' not in answer.text, (path, answer.text[:300])
        if "{id}" in path and "$export" not in path and "Group" not in path:
            assert answer.status_code == 404, answer.text


def withdrawn() -> str:
    token = SERVER.gate.token("clinician", "user/*.cruds", opens=["p1"])
    SERVER.gate.open_to[SERVER.gate.callers[token].actor].clear()
    return token


def test_a_browser_is_sent_to_sign_in_and_a_program_is_told() -> None:
    page = SERVER.http.get("/fhir/Patient/p1", headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, "/login")
    assert SERVER.http.get("/nothing/here").status_code == 401
    assert SERVER.http.get("/fhir/Patient/p1", headers={"Accept": "application/json"}).status_code == 401


def test_too_large_a_body_is_refused_whether_or_not_it_says_so() -> None:
    from singula.serve.settings import Settings

    small = start(Settings(body_bytes=1000))

    async def chunks() -> Any:
        for _ in range(20):
            yield b"x" * 100

    for content in (b"x" * 1001, chunks()):
        assert small.post("/fhir/Observation", content=content, headers={"Content-Type": "application/json"}).status_code == 413


def test_one_address_cannot_flood_the_server() -> None:
    from singula.serve.settings import Settings

    slow = start(Settings(requests_burst=5, requests_per_second=1))
    answers = [slow.http.get("/healthz") for _ in range(8)]
    assert {one.status_code for one in answers} == {200, 429}
    assert answers[-1].headers["retry-after"] == "1"


def test_only_named_origins_may_call_from_a_page() -> None:
    from singula.serve.settings import Settings

    made = start(Settings(allow_origin=("https://ehr.example",)))
    asked = {"Origin": "https://ehr.example", "Access-Control-Request-Method": "POST"}
    answer = made.http.request("OPTIONS", "/cds-services/singula-order-sign", headers=asked)
    assert answer.headers["access-control-allow-origin"] == "https://ehr.example"
    assert "Authorization" in answer.headers["access-control-allow-headers"]
    other = made.http.get("/cds-services", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in other.headers


def test_measures_and_logs_hold_no_health_data(caplog: pytest.LogCaptureFixture) -> None:
    from singula.serve import logs

    made = start()
    operator = made.gate.token("operator", "openid")
    logs.LOGGER.propagate = True
    with caplog.at_level("INFO", "singula.serve"):
        made.get("/fhir/Patient/p1?name=Canary")
        made.get("/fhir/Observation?patient=p1&code=Canary")
        made.post("/cds-services/singula-order-sign", json=order_request("clopidogrel"))
    written = "\n".join(logs.JsonLines().format(one) for one in caplog.records)
    measured = made.get("/metrics", token=operator).text
    assert 'route="/fhir/{type}"' in measured
    assert "singula_request_seconds_bucket" in measured
    for text in (written, measured):
        assert all(word not in text for word in ("Canary", "p1", made.clinician))
    assert made.get("/metrics").status_code == 403


def test_a_fault_inside_tells_nothing(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    made = start()
    monkeypatch.setattr(made.gate, "open", lambda *_: 1 / 0)
    answer = made.get("/fhir/Patient/p1")
    assert answer.status_code == 500
    assert "division" not in answer.text
    assert answer.json()["resourceType"] == "OperationOutcome"


def test_every_refusal_is_told_to_the_audit_before_it_is_answered() -> None:
    made = start()
    narrow = made.gate.token("clinician", "user/Immunization.rs", opens=["p1"])
    made.http.get("/fhir/Patient/p1?name=Canary")
    made.get("/fhir/Patient/p1", token="0" * 16)
    made.get("/fhir/Patient/p1", token=narrow)
    made.get("/fhir/Patient/p1")
    assert made.gate.refusals == [
        ("", "Patient/p1", 401),
        ("", "Patient/p1", 401),
        (made.gate.callers[narrow].actor, "Patient/p1", 403),
    ]
