"""From a request and the person's resources to cards: quiet where nothing would change, silent after a reasoned override."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from threading import Lock
from typing import Any

import orjson

from singula.deliver.cds_cards import Card, DraftOrder, cards_for_orders, cards_for_plan
from singula.deliver.fhir_ids import stable_uuid
from singula.govern.resources_read import read_resources
from singula.knowledge import Knowledge
from singula.pipeline import plan
from singula.plan.model import Plan
from singula.record import Medicine, Record
from singula.serve.hooks.request import HookRequest
from singula.serve.hooks.services import NEEDED_KEYS, PREFETCH
from singula.sources.fhir_values import place_of

Resource = Mapping[str, Any]


@dataclass(frozen=True)
class Prefetched:
    """What the caller sent along: the resources, and which keys of the template are missing or not whole."""

    resources: tuple[Resource, ...]
    missing: tuple[str, ...]

    @property
    def is_enough(self) -> bool:
        """Tell whether the person and their genetic results came along."""
        return not set(NEEDED_KEYS) & set(self.missing)


@dataclass(frozen=True)
class Answer:
    """Cards with what each is about, for the statistics of overrides."""

    cards: tuple[Card, ...]
    rules: tuple[str, ...]


def read_prefetch(request: HookRequest) -> Prefetched:
    """Take the resources out of a prefetch; a page of more, an OperationOutcome or another person's Patient does not count."""
    resources: list[Resource] = []
    missing = []
    for key in dict.fromkeys((*PREFETCH, *request.prefetch)):
        found = _whole(request.prefetch.get(key))
        if found is None or (key == "patient" and not _is_person(found, request.patient)):
            missing.append(key)
        else:
            resources.extend(found)
    unique = {(one.get("resourceType"), one.get("id") or id(one)): one for one in resources}
    return Prefetched(tuple(unique.values()), tuple(key for key in missing if key in PREFETCH))


def _whole(value: Any) -> list[Resource] | None:
    if not isinstance(value, Mapping) or value.get("resourceType") in (None, "OperationOutcome"):
        return None
    if value["resourceType"] != "Bundle":
        return [value]
    entries = value.get("entry") or []
    links = value.get("link") or []
    inside = [one.get("resource") for one in entries if isinstance(one, Mapping)] if isinstance(entries, list) else []
    is_page = isinstance(links, list) and any(isinstance(one, Mapping) and one.get("relation") == "next" for one in links)
    found = [one for one in inside if isinstance(one, Mapping) and isinstance(one.get("resourceType"), str)]
    if is_page or any(one["resourceType"] == "OperationOutcome" for one in found):
        return None
    return found


def _is_person(found: Sequence[Resource], patient: str) -> bool:
    return any(one.get("resourceType") == "Patient" and one.get("id") == patient for one in found)


def write_cards(
    request: HookRequest, resources: Sequence[Resource], knowledge: Knowledge, *, as_of: date, plan_link: str | None = None
) -> Answer:
    """Judge the orders, or the whole record, and write the cards.

    Parameters
    ----------
    request : HookRequest
        The question.
    resources : sequence of dict
        What is known about the person and may be used.
    knowledge : Knowledge
        The packs to reason with.
    as_of : date
        The day of the answer.
    plan_link : str, optional
        Address of the page with the whole plan.

    Returns
    -------
    Answer
        A card has the same uuid as long as person, order, advice and evidence are the same.
    """
    drafts = [_in_hand(draft, request.patient, number) for number, draft in enumerate(request.drafts)]
    record = read_resources([*resources, *drafts], request.patient, knowledge, as_of=as_of, shown="request")
    if record is None:
        return Answer((), ())
    made = plan(record, knowledge)
    if request.hook == "patient-view":
        cards = cards_for_plan(made, plan_link=plan_link)
        rules = tuple(str(card["summary"].split(":", 1)[0]) for card in cards)
        return Answer(tuple(_named(card, made, "", request.patient) for card in cards), rules)
    return _judge_orders(request, made, _orders(request, drafts, record), plan_link, knowledge)


def _orders(request: HookRequest, drafts: Sequence[Resource], record: Record) -> dict[str, list[DraftOrder]]:
    medicines = {source.where: fact for fact in record.of_shape(Medicine) for source in fact.sources}
    orders: dict[str, list[DraftOrder]] = {}
    for original, draft in zip(request.drafts, drafts, strict=True):
        fact = medicines.get(place_of(draft))
        if fact is not None and original in request.judged:
            for name in fact.ingredients:
                orders.setdefault(name, []).append(DraftOrder(name, original))
    return orders


def _judge_orders(
    request: HookRequest, made: Plan, orders: Mapping[str, list[DraftOrder]], plan_link: str | None, knowledge: Knowledge
) -> Answer:
    cards: list[Card] = []
    rules: list[str] = []
    for name in dict.fromkeys(action.target.name for action in made.actions):
        if name in orders:
            ids = ",".join(sorted(str(one.resource.get("id", "")) for one in orders[name]))
            for card in cards_for_orders(made, orders[name], plan_link=plan_link, knowledge=knowledge):
                cards.append(_named(card, made, f"{name} {ids}", request.patient))
                rules.append(name)
    return Answer(tuple(cards), tuple(rules))


def _in_hand(draft: dict[str, Any], patient: str, number: int) -> dict[str, Any]:
    identity = draft.get("id") or f"draft-{number}"
    return {**draft, "id": identity, "status": "draft", "subject": {"reference": f"Patient/{patient}"}}


def _named(card: Card, made: Plan, order: str, patient: str) -> Card:
    """Give the card the uuid of its person, order, advice and evidence, so that an override can be found again."""
    versions = {one.pack: one.version for one in made.knowledge}
    return {**card, "uuid": stable_uuid(patient, {"order": order, "summary": card["summary"], "packs": versions})}


class Answers:
    """Answers kept by what they were made of: an order is chosen, then signed, and the same question has the same answer.

    Nothing is kept longer than a day's question; a changed row, order, day or pack makes another key.
    """

    def __init__(self, most: int = 256) -> None:
        self._kept: OrderedDict[bytes, Answer] = OrderedDict()
        self._most = most
        self._lock = Lock()

    def find(
        self, request: HookRequest, resources: Sequence[Resource], knowledge: Knowledge, *, as_of: date, plan_link: str | None
    ) -> Answer:
        """Return the cards, made anew only where they have to be."""
        made_of = [request.hook, request.patient, as_of.isoformat(), plan_link, id(knowledge), request.drafts, request.judged]
        key = hashlib.sha256(orjson.dumps([*made_of, list(resources)])).digest()
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None:
            return kept
        made = write_cards(request, resources, knowledge, as_of=as_of, plan_link=plan_link)
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made


def leave_out(answer: Answer, silenced: Collection[str]) -> Answer:
    """Leave out the cards a reasoned override has silenced."""
    kept = [(card, rule) for card, rule in zip(answer.cards, answer.rules, strict=True) if card["uuid"] not in silenced]
    return replace(answer, cards=tuple(card for card, _ in kept), rules=tuple(rule for _, rule in kept))
