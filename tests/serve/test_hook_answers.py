"""Orders that must raise a card do, safe orders stay silent, and a request that is none is refused."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from singula.errors import BadInput
from singula.knowledge import load_knowledge
from singula.serve.hooks.answers import leave_out, read_prefetch, write_cards
from singula.serve.hooks.request import HookRequest, read_feedback, read_request
from singula.serve.hooks.services import PREFETCH, SERVICES, find_service
from tests.serve.requests import order_request, person

AS_OF = date(2026, 6, 1)


def ask(body: dict[str, Any], hook: str = "order-sign") -> HookRequest:
    service = find_service(f"singula-{hook}")
    assert service is not None
    return read_request(json.dumps(body).encode(), service)


def cards_of(body: dict[str, Any], resources: list[dict[str, Any]], hook: str = "order-sign") -> list[dict[str, Any]]:
    return list(write_cards(ask(body, hook), resources, load_knowledge(), as_of=AS_OF).cards)


@pytest.mark.shared
def test_the_visible_cases_hold(shared: Path) -> None:
    for line in (shared / "vectors/interop/cds_cases.jsonl").read_text().splitlines():
        case = json.loads(line)
        inputs, expected = case["inputs"], case["expected"]
        if expected["status"] != 200:
            continue
        bundle = json.loads((shared / "samples/interop" / inputs["store_or_prefetch_from"]).read_text())
        request = {"hookInstance": "5d2e6d0e-9a4d-4d63-9d8e-000000000001", **inputs["request"]}
        cards = cards_of(request, [entry["resource"] for entry in bundle["entry"]], inputs["hook"])
        if "cards" in expected:
            assert len(cards) == expected["cards"], case["id"]
            continue
        assert len(cards) >= expected["cards_min"], case["id"]
        assert cards[0]["indicator"] in expected["indicator"]
        assert all(word in json.dumps(cards) for word in expected["mentions"])
        assert bool(cards[0].get("suggestions")) is expected["suggestion"]


def test_a_risky_order_is_told_and_a_safe_one_is_not() -> None:
    (card,) = cards_of(order_request("clopidogrel"), person())
    assert card["indicator"] == "critical"
    assert "CYP2C19" in card["summary"]
    assert card["selectionBehavior"] == "at-most-one"
    assert cards_of(order_request("acetaminophen", "161"), person()) == []


def test_only_the_selected_order_is_judged_and_the_others_are_context() -> None:
    body = order_request("acetaminophen", "161", hook="order-select", also="clopidogrel")
    assert cards_of(body, person(), "order-select") == []
    body["context"]["selections"] = ["MedicationRequest/d2"]
    assert len(cards_of(body, person(), "order-select")) == 1


def test_a_card_keeps_its_uuid_until_person_order_or_evidence_change_and_an_override_silences_it() -> None:
    request = ask(order_request("clopidogrel"))
    first = write_cards(request, person(), load_knowledge(), as_of=AS_OF)
    later = write_cards(request, person(), load_knowledge(), as_of=date(2026, 6, 2))
    assert first.cards[0]["uuid"] == later.cards[0]["uuid"]
    assert leave_out(later, {first.cards[0]["uuid"]}).cards == ()
    other = write_cards(ask(order_request("clopidogrel", draft="d9")), person(), load_knowledge(), as_of=AS_OF)
    assert other.cards[0]["uuid"] != first.cards[0]["uuid"]


def test_every_service_says_what_it_wants_sent_along() -> None:
    assert [one.hook for one in SERVICES] == ["patient-view", "order-select", "order-sign"]
    assert set(SERVICES[0].describe()) == {"hook", "id", "title", "description", "prefetch"}
    assert find_service("nothing") is None


def test_a_page_an_outcome_or_another_person_is_no_prefetch() -> None:
    whole = {"patient": person()[0], "genetics": {"resourceType": "Bundle", "entry": [{"resource": person()[1]}]}}
    assert read_prefetch(ask(order_request("clopidogrel", prefetch=whole))).is_enough
    for key, broken in (
        ("genetics", {"resourceType": "Bundle", "link": [{"relation": "next", "url": "x"}]}),
        ("genetics", {"resourceType": "OperationOutcome"}),
        ("genetics", {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "OperationOutcome"}}]}),
        ("patient", {"resourceType": "Patient", "id": "other"}),
    ):
        found = read_prefetch(ask(order_request("clopidogrel", prefetch={**whole, key: broken})))
        assert key in found.missing
        assert not found.is_enough
    assert set(found.missing) < set(PREFETCH)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("hook",), "patient-view"),
        (("hookInstance",), None),
        (("context", "patientId"), None),
        (("context", "patientId"), "../../etc"),
        (("context", "draftOrders"), None),
        (("context", "draftOrders"), []),
        (("context", "draftOrders", "entry", 0, "resource", "status"), "banana"),
        (("context", "draftOrders", "entry", 0, "resource", "subject", "reference"), "Patient/other"),
        (("context", "draftOrders", "entry", 0, "resource"), 7),
        (("context",), "p1"),
    ],
)
def test_a_request_that_breaks_the_specification_is_refused(path: tuple[Any, ...], value: Any) -> None:
    body = order_request("clopidogrel")
    place: Any = body
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(BadInput):
        ask(body)


def test_earlier_names_and_prefixed_ids_are_understood() -> None:
    body = order_request("clopidogrel", hook="order-review")
    body["context"]["patientId"] = "Patient/p1"
    assert ask(body).patient == "p1"


def test_feedback_is_read_and_an_unknown_outcome_refused() -> None:
    reason = {"reason": {"system": "s", "code": "tolerated"}, "userComment": "for years"}
    told = {"feedback": [{"card": "c1", "outcome": "overridden", "overrideReason": reason, "outcomeTimestamp": "t"}]}
    (one,) = read_feedback(json.dumps(told).encode())
    assert (one.card, one.outcome, one.comment) == ("c1", "overridden", "for years")
    assert one.reason == {"system": "s", "code": "tolerated"}
    for bad in (
        {"feedback": [{"card": "c1", "outcome": "ignored"}]},
        {"feedback": []},
        {},
        {"feedback": [{"outcome": "accepted"}]},
    ):
        with pytest.raises(BadInput):
            read_feedback(json.dumps(bad).encode())
