"""Whatever the document of routes allows, and much it does not, never ends in a fault of the server."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from singula.sources.search_paths import SEARCH, search_parameters
from tests.serve.conftest import start
from tests.serve.test_route_matrix import CLOSED, ROUTES, address

SERVER = start()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["resourceType", "id", "entry", "resource", "hook", "context", "draftOrders", "parameter", "name", "type",
                         "request", "url", "method", "valueString", "status", "subject", "reference", "prefetch", "feedback"])
        | st.text(max_size=8), inner, max_size=5),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(CLOSED), JSON, st.text(max_size=30), st.dictionaries(st.text(max_size=10), st.text(max_size=20), max_size=3)
)
def test_no_route_answers_with_a_fault(route: tuple[str, str], body: Any, part: str, query: dict[str, str]) -> None:
    method, path = route
    made = path
    for name in ("{id}", "{type}", "{service}", "{version}"):
        made = made.replace(name, quote(part, safe="") or "x")
    more = {"content": json.dumps(body).encode()} if method in ("POST", "PUT", "PATCH") else {}
    answer = SERVER.ask(method, f"{made}?{urlencode(query)}", headers={"Content-Type": "application/fhir+json"}, **more)
    assert answer.status_code < 500, (method, made, body)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(SEARCH)), st.data())
def test_no_search_answers_with_a_fault(kind: str, data: Any) -> None:
    names = st.sampled_from(
        [*search_parameters(kind), "_sort", "_count", "_include", "_revinclude", "_total", "_has:Observation:code:x"]
    )
    pairs = data.draw(st.lists(st.tuples(names, st.text(max_size=30)), max_size=4))
    modifier = data.draw(st.sampled_from(["", ":not", ":missing", ":exact", ":text", ":Patient", ".name", ":in"]))
    query = urlencode([(name + modifier, value) for name, value in pairs])
    assert SERVER.get(f"/fhir/{kind}?{query}").status_code < 500, query


@pytest.mark.shared
def test_hostile_values_find_no_more_than_a_nonsense_word(shared: Path) -> None:
    values = [
        json.loads(line)["value"] for line in (shared / "vectors/platform/attacks/search_values.jsonl").read_text().splitlines()
    ]
    for kind in ("Patient", "Observation", "MedicationRequest"):
        for name in search_parameters(kind):
            for value in values:
                answer = SERVER.get(f"/fhir/{kind}?{urlencode({name: value})}")
                assert answer.status_code in (200, 400), (kind, name, value)
                if answer.status_code == 200 and value.strip():
                    assert answer.json()["total"] <= 2


@pytest.mark.slow
def test_what_the_document_describes_never_ends_in_a_fault() -> None:
    told = SERVER.http.get("/openapi.json").json()
    rng = random.Random(7)
    for path, methods in told["paths"].items():
        for method in methods:
            for _ in range(3):
                junk = "".join(rng.choice("aé%/\\<>'\"{}0 ") for _ in range(12))
                where = address(path).replace("p1-geno", quote(junk, safe="")) if rng.random() < 0.5 else address(path)
                answer = SERVER.ask(
                    method.upper(), where, headers={"Content-Type": rng.choice(["application/json", "text/plain", ""])}
                )
                assert answer.status_code < 500, (method, where)
    assert len(ROUTES) >= 100
