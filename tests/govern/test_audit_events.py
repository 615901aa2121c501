"""Entries of the audit as FHIR: held to the published truth table of IHE Basic Audit Log Patterns and to the R4 models."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from singula.govern.audit_events import audit_event
from singula.govern.occasion import Occasion, on_occasion
from singula.serve.fhir.search import read_search
from tests.govern.conftest import ANN, DOC, Shop

Rule = Mapping[str, Any]


def pairs(found: Any) -> list[list[str]]:
    return [[one["system"], one["code"]] for one in found.get("coding", [found])]


def faults(event: Mapping[str, Any], rule: Rule, *, of_patient: bool) -> Iterator[str]:
    """Yield what an AuditEvent lacks of the table's row."""
    if rule["type"] not in pairs(event["type"]):
        yield "type"
    if not any(one in rule["subtype_one_of"] for sub in event["subtype"] for one in pairs(sub)):
        yield "subtype"
    for name in ("action", "outcome"):
        if event[name] != rule[name]:
            yield name
    for name, agent in rule["agents"].items():
        wanted = [agent["type"]] if "type" in agent else agent["type_one_of"]
        found = [one for one in event["agent"] if any(code in wanted for code in pairs(one["type"]))]
        found = [one for one in found if one["requestor"]] if agent.get("requestor") else found
        if not agent["min"] <= len(found) <= agent["max"]:
            yield f"agent {name}: {len(found)}"
        yield from (f"agent {name}.{key}" for one in found for key in agent["needs"] if key not in one)
        yield from (f"agent {name}.{key}" for one in found for key in agent.get("forbids") or () if key in one)
    yield from entity_faults(event, rule, of_patient=of_patient)


def entity_faults(event: Mapping[str, Any], rule: Rule, *, of_patient: bool) -> Iterator[str]:
    """Yield what is wrong with the things an AuditEvent speaks of."""
    for name, entity in rule["entities"].items():
        if entity is None:
            continue
        roles = [entity["role"]] if "role" in entity else entity.get("role_one_of")
        found = [one for one in event.get("entity", ()) if pairs(one["type"]) == [entity["type"]]]
        found = [one for one in found if roles is None or pairs(one["role"])[0] in roles] if name != "transaction" else found
        least = int(of_patient) if name == "patient" else entity["min"]
        if len(found) < least or len(found) > entity.get("max", 1):
            yield f"entity {name}: {len(found)}"
        key = "query" if name == "query" else "what"
        yield from (f"entity {name}.{key}" for one in found if key not in one)
        yield from (f"entity {name}.{no}" for one in found for no in entity.get("forbids") or () if no in one)


@pytest.fixture
def rules(shared: Path) -> Mapping[str, Rule]:
    made: Mapping[str, Rule] = json.loads((shared / "facts/platform/balp_rules.json").read_text())["rules"]
    return made


@pytest.mark.shared
def test_the_table_itself_accepts_the_published_examples(shared: Path, rules: Mapping[str, Rule]) -> None:
    lines = (shared / "vectors/platform/balp_examples.ndjson").read_text().splitlines()
    for case in map(json.loads, lines):
        name = case["profile"].rpartition(".")[2]
        event = case["resource"]
        assert list(faults(event, rules[name.removeprefix("Patient")], of_patient=name.startswith("Patient"))) == [], event["id"]
    assert len(lines) == 31


@pytest.mark.shared
def test_what_is_done_through_the_gateway_keeps_to_the_table(shop: Shop, rules: Mapping[str, Rule]) -> None:
    shop.run("consent", "grant", "p1", "--actor", "user:doc")
    view = shop.gateway.open(DOC, "TREAT")
    with on_occasion(Occasion("0123456789abcdef", "192.0.2.7", "Observation?code=84413-4")):
        made = view.create({"resourceType": "Observation", "status": "final", "code": {"text": "x"},
                            "subject": {"reference": "Patient/p1"}})  # fmt: skip
        view.read("Observation", made.id)
        view.update({**made.resource, "status": "amended"}, None)
        view.delete("Observation", made.id)
        view.search(read_search("Observation", [("code", "84413-4")], is_strict=True))
    entries = shop.run("audit", "list")["entries"][-5:]
    names = ("Create", "Read", "Update", "Delete", "Query")
    for name, entry in zip(names, entries, strict=True):
        event = audit_event(entry, "https://singula.example/fhir")
        assert list(faults(event, rules[name], of_patient=True)) == [], (name, event)
        assert event["meta"]["profile"] == [f"https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.Patient{name}"]
        assert event["agent"][0]["network"] == {"address": "192.0.2.7", "type": "2"}
        assert event["agent"][2]["purposeOfUse"][0]["coding"][0]["code"] == "TREAT"
    queries = [one["query"] for one in audit_event(entries[-1], "x")["entity"] if "query" in one]
    assert base64.b64decode(queries[0]) == b"Observation?code=84413-4"


def test_every_sort_of_entry_is_a_valid_resource(shop: Shop) -> None:
    from fhir.resources.R4B.auditevent import AuditEvent

    shop.run("token", "issue", "--user", "doc", "--scope", "user/*.rs")
    shop.run("consent", "explain", "p1")
    gateway = shop.gateway
    gateway.sign_in("nobody", "nothing", "")
    gateway.open(DOC, "BTG", "unconscious in the emergency room").person("p1")
    gateway.open(ANN, "PATRQT").history("Patient", "p1")
    shop.run("client", "add", "app", "--secret", "--scope", "system/*.rs")
    shop.run("erase", "p2", "--yes")
    entries = shop.run("audit", "list")["entries"]
    assert len({one["event"] for one in entries}) > 8
    for entry in entries:
        AuditEvent.model_validate(audit_event(entry, "Singula"))


def test_the_export_as_fhir_is_one_resource_a_line(shop: Shop) -> None:
    file = shop.folder / "events.ndjson"
    shop.run("audit", "export", "--fhir", "-o", str(file))
    found = [json.loads(line) for line in file.read_text().splitlines()]
    assert {one["resourceType"] for one in found} == {"AuditEvent"}
    assert [one["id"] for one in found] == [f"audit-{number}" for number in range(1, len(found) + 1)]
