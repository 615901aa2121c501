"""Notices go out of a real outbox to a real receiver: once, in order, after faults, and only what the subscriber may see."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from singula.govern.outbox import MOST_TRIES
from singula.knowledge import load_knowledge
from singula.serve.delivering import Deliverer
from singula.serve.desk import Desk
from singula.serve.settings import Settings
from tests.govern.conftest import DOC, Shop, shop
from tests.serve.real import RealServer, serve_shop

__all__ = ["shop"]
CONTENT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-payload-content"
FILTER = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-filter-criteria"


@dataclass
class Receiver:
    """A little server that keeps what it is sent, and answers as it is told."""

    port: int = 0
    answers: list[int] = field(default_factory=list)
    got: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.got.append((dict(self.headers), json.loads(body)))
            status = made.answers.pop(0) if made.answers else 200
            self.send_response(status)
            if status == 302:
                self.send_header("Location", f"http://127.0.0.1:{made.port}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class Site:
    """A server whose outbox is emptied by hand."""

    real: RealServer
    settings: Settings
    receiver: Receiver
    token: str

    def deliver(self, now: float = 4e9) -> int:
        desk = Desk(self.settings, self.real.shop.gateway, load_knowledge())
        count = 0
        while Deliverer(desk).deliver_next(now):
            count += 1
        return count

    def subscribe(self, **changes: Any) -> Any:
        return self.real.post("/fhir/Subscription", self.token, json={**asked(self.receiver.address), **changes})

    def result(self, patient: str = "p1", **more: Any) -> str:
        code = {"coding": [{"system": "http://loinc.org", "code": "2160-0"}]}
        doc = {"resourceType": "Observation", "status": "final", "code": code,
               "subject": {"reference": f"Patient/{patient}"}, **more}  # fmt: skip
        answer = self.real.post("/fhir/Observation", self.token, json=doc)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    @property
    def kinds(self) -> list[str]:
        return [notice_of(body)["type"] for _, body in self.receiver.got]


def asked(endpoint: str, criteria: str = "Observation?code=2160-0", content: str = "full-resource") -> dict[str, Any]:
    channel = {"type": "rest-hook", "endpoint": endpoint, "payload": "application/fhir+json",
               "_payload": {"extension": [{"url": CONTENT, "valueCode": content}]},
               "header": ["Authorization: Bearer receivers-secret"]}  # fmt: skip
    return {
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "new creatinine",
        "criteria": criteria,
        "channel": channel,
    }


def notice_of(bundle: dict[str, Any]) -> dict[str, Any]:
    parameters = bundle["entry"][0]["resource"]["parameter"]
    return {one["name"]: next((value for name, value in one.items() if name != "name"), None) for one in parameters}


@pytest.fixture
def site(shop: Shop, receiver: Receiver) -> Site:
    shop.run("consent", "grant", "p1", "--actor", "user:doc")
    settings = Settings(subscription_endpoints=(receiver.address,))
    real = serve_shop(shop, settings)
    return Site(real, settings, receiver, real.token("doc"))


def test_a_subscription_is_greeted_and_then_told(site: Site) -> None:
    from fhir.resources.R4B.bundle import Bundle
    from fhir.resources.R4B.parameters import Parameters

    made = site.subscribe()
    assert made.status_code == 201, made.text
    name = made.json()["id"]
    assert made.json()["status"] == "requested"
    site.result()
    assert site.deliver() == 1
    assert site.kinds == ["handshake"]
    assert site.real.get(f"/fhir/Subscription/{name}", site.token).json()["status"] == "active"
    identity = site.result()
    site.result(code={"coding": [{"code": "718-7"}]})
    assert site.deliver() == 2
    assert site.kinds == ["handshake", "event-notification"]
    headers, bundle = site.receiver.got[-1]
    assert headers["Authorization"] == "Bearer receivers-secret"
    assert headers["Content-Type"] == "application/fhir+json"
    for _, one in site.receiver.got:
        Bundle.model_validate(one)
        Parameters.model_validate(one["entry"][0]["resource"])
    told = notice_of(bundle)
    assert (bundle["type"], told["status"], told["events-since-subscription-start"]) == ("history", "active", "1")
    assert bundle["entry"][1]["resource"]["id"] == identity
    assert bundle["entry"][1]["request"] == {"method": "POST", "url": "Observation"}
    assert site.deliver() == 0
    status = site.real.get(f"/fhir/Subscription/{name}/$status", site.token).json()["entry"][0]["resource"]
    assert {"name": "events-since-subscription-start", "valueString": "1"} in status["parameter"]


def test_the_receivers_secret_is_shown_and_kept_to_nobody(site: Site) -> None:
    made = site.subscribe().json()
    assert made["channel"]["header"] == ["Authorization: ***"]
    for file in (site.real.shop.folder / "store").rglob("*"):
        assert file.is_dir() or b"receivers-secret" not in file.read_bytes(), file
    changed = site.real.ask("PUT", f"/fhir/Subscription/{made['id']}", site.token, json={**made, "reason": "other words"})
    assert changed.status_code == 200, changed.text
    site.deliver()
    assert site.receiver.got[-1][0]["Authorization"] == "Bearer receivers-secret"


@pytest.mark.parametrize(("content", "entries"), [("empty", 1), ("id-only", 2), ("full-resource", 2)])
def test_only_as_much_is_told_as_was_asked_for(site: Site, content: str, entries: int) -> None:
    assert site.subscribe(**asked(site.receiver.address, content=content)).status_code == 201
    site.deliver()
    identity = site.result()
    site.deliver()
    bundle = site.receiver.got[-1][1]
    assert len(bundle["entry"]) == entries
    assert (identity in json.dumps(bundle)) == (content != "empty")
    assert ("2160-0" in json.dumps(bundle)) == (content == "full-resource")


def test_nothing_is_told_that_the_subscriber_may_not_see_when_it_is_sent(site: Site) -> None:
    site.subscribe(criteria="Observation")
    site.deliver()
    site.result()
    site.real.shop.run("consent", "revoke", "p1")
    assert site.deliver() == 1
    assert site.kinds == ["handshake"]
    site.real.shop.load({"resourceType": "Observation", "id": "other", "status": "final", "code": {"text": "x"},
                         "subject": {"reference": "Patient/p2"}})  # fmt: skip
    assert site.deliver() == 1
    site.real.shop.run("consent", "grant", "p2", "--actor", "user:doc")
    site.real.shop.load({"resourceType": "Observation", "id": "other2", "status": "final", "code": {"text": "y"},
                         "subject": {"reference": "Patient/p2"}})  # fmt: skip
    site.deliver()
    assert site.kinds == ["handshake", "event-notification"]
    assert site.receiver.got[-1][1]["entry"][1]["resource"]["id"] == "other2"
    site.real.shop.run("user", "disable", "doc")
    site.real.shop.load({"resourceType": "Observation", "id": "other3", "status": "final", "code": {"text": "z"},
                         "subject": {"reference": "Patient/p2"}})  # fmt: skip
    site.deliver()
    assert len(site.receiver.got) == 2


def test_a_receiver_that_fails_is_tried_later_and_no_notice_overtakes_another(site: Site) -> None:
    site.subscribe()
    site.deliver()
    first, second = site.result(), site.result()
    site.receiver.answers[:] = [503, 302]
    now = 4e9
    assert site.deliver(now) == 1
    assert site.deliver(now + 1.9) == 0
    assert site.deliver(now + 2.1) == 1
    assert site.deliver(now + 5.9) == 0
    assert site.deliver(now + 6.2) == 2
    sent = [body["entry"][1]["resource"]["id"] for _, body in site.receiver.got[1:]]
    assert sent == [first, first, first, second]
    numbers = [notice_of(body)["events-since-subscription-start"] for _, body in site.receiver.got[1:]]
    assert numbers == ["1", "1", "1", "2"]


def test_what_waits_outlives_the_server(site: Site) -> None:
    site.subscribe()
    site.deliver()
    identity = site.result()
    site.real.gateway.store.close()
    again = serve_shop(site.real.shop, site.settings)
    desk = Desk(site.settings, again.gateway, load_knowledge())
    assert Deliverer(desk).deliver_next(4e9)
    assert site.receiver.got[-1][1]["entry"][1]["resource"]["id"] == identity


def test_a_receiver_that_never_answers_ends_the_subscription(site: Site) -> None:
    name = site.subscribe().json()["id"]
    site.receiver.answers[:] = [500] * MOST_TRIES
    for attempt in range(MOST_TRIES):
        assert site.deliver(4e9 + attempt * 4000.0) == 1
    assert site.real.get(f"/fhir/Subscription/{name}", site.token).json()["status"] == "error"
    site.result()
    assert site.deliver(5e9) == 0
    last = [one for one in site.real.shop.run("audit", "list")["entries"] if one["event"].startswith("notice")][-1]
    assert (last["event"], last["outcome"]) == ("notice-handshake", "8")


@pytest.mark.parametrize(
    "endpoint",
    ["http://127.0.0.1:1/hook", "http://127.0.0.1/hook", "https://127.0.0.1/hook", "http://169.254.169.254/latest", "file:///etc/passwd",
     "http://localhost/hook", "", "http://127.0.0.1@evil.example/hook"],
)  # fmt: skip
def test_an_address_that_is_not_named_is_refused(site: Site, endpoint: str) -> None:
    answer = site.subscribe(channel={**asked("x")["channel"], "endpoint": endpoint})
    assert answer.status_code == 422
    assert site.deliver() == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"criteria": "Nonsense?x=1"}, {"criteria": "AuditEvent"}, {"criteria": "Consent"}, {"criteria": "Subscription"},
        {"criteria": "Observation?nonsense=1"}, {"criteria": "Observation?_include=Observation:patient"},
        {"criteria": "Observation?patient.name=x"}, {"criteria": "Observation?_has:Observation:patient:code=1"},
        {"criteria": "http://elsewhere.example/topic"},
    ],
)  # fmt: skip
def test_a_criteria_that_is_not_done_is_refused(site: Site, changes: dict[str, Any]) -> None:
    assert site.subscribe(**changes).status_code == 422


@pytest.mark.parametrize("change", [{"type": "email"}, {"payload": "text/plain"}, {"header": ["no colon"]},
                                    {"header": ["Host: x"]},
                                    {"header": ["A: b\r\nC: d"]}])  # fmt: skip
def test_a_channel_that_is_not_done_is_refused(site: Site, change: dict[str, Any]) -> None:
    assert site.subscribe(channel={**asked(site.receiver.address)["channel"], **change}).status_code == 422


def test_the_topic_of_the_backport_is_understood(site: Site) -> None:
    topic = f"{site.settings.fhir_base}/SubscriptionTopic/record-changed"
    made = site.subscribe(
        criteria=topic, _criteria={"extension": [{"url": FILTER, "valueString": "Observation?patient=Patient/p1"}]}
    )
    assert made.status_code == 201, made.text
    site.deliver()
    site.result()
    site.deliver()
    assert notice_of(site.receiver.got[-1][1])["topic"] == topic


def test_scopes_bound_what_is_subscribed_and_others_see_nothing_of_it(site: Site) -> None:
    narrow = site.real.token("doc", "user/Subscription.cruds user/Observation.s")
    assert site.real.post("/fhir/Subscription", narrow, json=asked(site.receiver.address)).status_code == 403
    assert site.real.post("/fhir/Subscription", narrow, json=asked(site.receiver.address, content="id-only")).status_code == 201
    name = site.subscribe().json()["id"]
    site.real.shop.run("user", "add", "eve", "--role", "clinician")
    eve = site.real.token("eve")
    assert site.real.get(f"/fhir/Subscription/{name}", eve).status_code == 404
    assert site.real.get(f"/fhir/Subscription/{name}/$status", eve).status_code == 404
    assert site.real.ask("DELETE", f"/fhir/Subscription/{name}", eve).status_code == 404
    assert site.real.get("/fhir/Subscription", eve).json()["total"] == 0
    assert site.real.get("/fhir/Subscription", site.token).json()["total"] == 2
    assert site.real.ask("DELETE", f"/fhir/Subscription/{name}", site.token).status_code == 204
    assert site.real.get("/fhir/Subscription", site.token).json()["total"] == 1


def test_what_is_sent_is_told_in_the_persons_log_and_erasure_empties_the_box(site: Site) -> None:
    site.subscribe()
    site.deliver()
    site.result()
    site.deliver()
    entries = site.real.shop.run("audit", "list", "--patient", "p1")["entries"]
    assert ("user:doc", "notice-event") in [(one["actor"], one["event"]) for one in entries]
    site.result()
    site.real.shop.run("erase", "p1", "--yes")
    assert site.deliver() == 0


def test_a_subscription_ends_when_it_says(site: Site) -> None:
    name = site.subscribe(end="2030-01-01T00:00:00Z").json()["id"]
    assert site.deliver(4e9) == 0
    assert site.real.get(f"/fhir/Subscription/{name}", site.token).json()["status"] == "off"
    assert site.real.gateway.open(DOC, "TREAT").subscriber("nothing") is None
