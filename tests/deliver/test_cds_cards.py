"""Cards speak of the orders in hand, within the limits of CDS Hooks 2.0."""

from __future__ import annotations

import json

from singula.deliver.cds_cards import DraftOrder, cards_for_orders, cards_for_plan
from tests.deliver.plans import empty_plan, full_plan, with_text

CLOPIDOGREL = DraftOrder("clopidogrel", {"resourceType": "MedicationRequest", "id": "d1", "status": "draft", "intent": "order",
                         "medicationCodeableConcept": {"text": "clopidogrel"}, "dosageInstruction": [{"text": "75 mg"}],
                         "subject": {"reference": "Patient/1"}})  # fmt: skip
OMEPRAZOLE = DraftOrder("omeprazole", {"resourceType": "MedicationRequest", "id": "d2", "status": "draft"})
PARACETAMOL = DraftOrder("paracetamol", {"resourceType": "MedicationRequest", "id": "d3", "status": "draft"})


def test_one_card_per_medicine_in_hand_and_none_for_a_safe_order() -> None:
    cards = cards_for_orders(full_plan(), [PARACETAMOL, OMEPRAZOLE, CLOPIDOGREL])
    assert [card["indicator"] for card in cards] == ["critical", "warning"]
    assert cards_for_orders(full_plan(), [PARACETAMOL]) == []
    assert cards_for_orders(empty_plan(), [CLOPIDOGREL]) == []


def test_replacing_keeps_the_drafts_id_and_names_the_medicine_that_is_open() -> None:
    (card,) = cards_for_orders(full_plan(), [CLOPIDOGREL])
    labels = [one["label"] for one in card["suggestions"]]
    assert labels == ["Replace with Ticagrelor", "Remove Clopidogrel"]
    assert [one["isRecommended"] for one in card["suggestions"]] == [True, False]
    replaced = card["suggestions"][0]["actions"][0]
    assert replaced["type"] == "update"
    assert replaced["resource"]["id"] == "d1"
    assert replaced["resource"]["medicationCodeableConcept"]["text"] == "Ticagrelor"
    assert "dosageInstruction" not in replaced["resource"]
    assert card["suggestions"][1]["actions"] == [
        {"type": "delete", "description": "Remove Clopidogrel", "resourceId": "MedicationRequest/d1"}
    ]
    assert card["selectionBehavior"] == "at-most-one"


def test_a_dose_change_keeps_the_whole_draft() -> None:
    (card,) = cards_for_orders(full_plan(), [OMEPRAZOLE])
    action = card["suggestions"][0]["actions"][0]
    assert action["resource"]["id"] == "d2"
    assert action["resource"]["note"][0]["text"].startswith("−50 to −25 %")


def test_cards_are_the_same_for_the_same_plan_and_ids_differ_between_cards() -> None:
    first, second = (cards_for_orders(full_plan(), [CLOPIDOGREL, OMEPRAZOLE]) for _ in range(2))
    assert json.dumps(first) == json.dumps(second)
    ids = [card["uuid"] for card in first] + [one["uuid"] for card in first for one in card["suggestions"]]
    assert len(set(ids)) == len(ids)


def test_the_whole_plan_gives_at_most_five_cards_most_urgent_first() -> None:
    cards = cards_for_plan(full_plan(), plan_link="https://ehr.example/singula")
    assert len(cards) == 5
    assert cards[0]["summary"].startswith("Replace clopidogrel")
    assert cards[0]["links"] == [{"label": "The whole plan", "url": "https://ehr.example/singula", "type": "smart"}]


def test_summaries_are_short_and_detail_holds_no_raw_markup() -> None:
    for card in cards_for_plan(with_text(full_plan(), "<img src=x onerror=alert(1)>" + "y" * 500)):
        assert len(card["summary"]) < 140
        assert "<img" not in card["detail"]
        assert card["indicator"] in ("info", "warning", "critical")
        assert {"system", "code", "display"} == set(card["overrideReasons"][0])
