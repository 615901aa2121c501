"""Consent goes out as FHIR and comes in as FHIR, and what is not understood is refused rather than guessed."""

from __future__ import annotations

from typing import Any

import pytest

from singula.errors import BadInput
from singula.govern.consent import Provision
from singula.govern.consent_resources import consent_resource, read_consent
from singula.knowledge import load_knowledge
from tests.govern.conftest import ANN, DOC, Shop

TEXT = {"resourceType": "Consent", "id": "c-1", "status": "active", "patient": {"reference": "Patient/p1"},
        "scope": {"text": "privacy"}, "category": [{"text": "privacy"}]}  # fmt: skip
GENETICS = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "GDIS"}


def consent(**provision: Any) -> dict[str, Any]:
    return {**TEXT, "provision": provision}


def test_what_goes_out_comes_back_the_same() -> None:
    from fhir.resources.R4B.consent import Consent

    knowledge = load_knowledge()
    held = [
        Provision("c1", "permit", actors=("user:doc", "role:clinician"), purposes=("TREAT",), from_=1767225600.0),
        Provision("c2", "deny", labels=("genetics", "family-history"), until=1798761600.0),
        Provision("c3", "permit", status="ended"),
    ]
    made = consent_resource("p1", 4, held, knowledge)
    Consent.model_validate(made)
    assert [one["id"] for one in made["provision"]["provision"]] == ["c1", "c2"]
    back = read_consent(made, knowledge)
    assert back.patient == "p1"
    assert [(one.decision, one.labels, one.actors, one.purposes, one.from_, one.until) for one in back.provisions] == [
        (one.decision, one.labels, one.actors, one.purposes, one.from_, one.until) for one in held[:2]
    ]
    Consent.model_validate(consent_resource("p1", 0, [], knowledge))


def test_exceptions_inherit_from_their_parent() -> None:
    root = consent(type="permit", actor=[{"reference": {"reference": "Practitioner/doc"}}], purpose=[{"code": "TREAT"}],
                   provision=[{"type": "deny", "securityLabel": [GENETICS]}])  # fmt: skip
    found = read_consent(root, load_knowledge()).provisions
    assert [(one.decision, one.labels, one.actors, one.purposes) for one in found] == [
        ("permit", ("*",), ("user:doc",), ("TREAT",)),
        ("deny", ("genetics",), ("user:doc",), ("TREAT",)),
    ]
    plain = read_consent(consent(type="deny"), load_knowledge()).provisions
    assert [(one.decision, one.labels) for one in plain] == [("deny", ("*",))]
    assert read_consent({**consent(type="permit"), "status": "inactive"}, load_knowledge()).provisions == ()


@pytest.mark.parametrize(
    ("provision", "words"),
    [
        ({"type": "permit", "provision": [{"type": "deny", "provision": [{"type": "permit"}]}]}, "more than once"),
        ({"type": "permit", "class": [{"code": "Observation"}]}, "narrows by class"),
        ({"type": "permit", "dataPeriod": {"start": "2020"}}, "narrows by dataPeriod"),
        ({"type": "permit", "securityLabel": [{"code": "R"}]}, "names the label R"),
        ({"type": "permit", "actor": [{"reference": {"display": "Dr X"}}]}, "names an actor"),
        ({"type": "maybe"}, "neither permit nor deny"),
    ],
)
def test_what_is_not_understood_is_refused(provision: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        read_consent(consent(**provision), load_knowledge())
    with pytest.raises(BadInput, match="names no patient"):
        read_consent({**consent(type="permit"), "patient": {"display": "somebody"}}, load_knowledge())


def test_an_imported_consent_opens_and_its_end_closes(shop: Shop) -> None:
    view = shop.gateway.open(DOC, "TREAT")
    assert view.read("Patient", "p1") is None
    permit = consent(type="permit", actor=[{"reference": {"reference": "Practitioner/doc"}}])
    assert shop.load(permit)["imported"] == {"Consent": 1}
    assert view.read("Patient", "p1") is not None
    assert view.read("Consent", "c-1") is None
    assert shop.run("consent", "show", "p1")["version"] == 1
    shop.load(permit)
    told = shop.run("consent", "show", "p1")
    assert (told["version"], len(told["provisions"]), told["provisions"][0]["recorded_by"]) == (1, 1, "Consent/c-1")
    shop.load({**permit, "status": "inactive"})
    assert view.read("Patient", "p1") is None
    told = shop.load(consent(type="permit", data=[{"meaning": "instance", "reference": {"reference": "Observation/x"}}]))
    assert "narrows by data" in told["rejected"][0]["reason"]


def test_a_person_reads_their_own_consent_and_log_and_nobody_elses(shop: Shop) -> None:
    shop.run("consent", "grant", "p1", "--actor", "user:doc")
    gateway = shop.gateway
    gateway.open(DOC, "TREAT").read("Patient", "p1")
    own = gateway.open(ANN, "PATRQT")
    assert own.read("Consent", "consent-p1").resource["provision"]["provision"][0]["type"] == "permit"  # type: ignore[union-attr]
    log = own.disclosed("AuditEvent")
    reads = [one for one in log if one.resource["subtype"][0]["code"] == "read" and one.resource["agent"][-1]["requestor"]]
    assert reads[-1].resource["agent"][2]["who"]["identifier"]["value"] == "user:doc"
    assert own.read("AuditEvent", log[0].id) is not None
    assert own.read("Consent", "consent-p2") is None
    others = [one for one in shop.run("audit", "list")["entries"] if one["patient"] != "p1"]
    assert own.read("AuditEvent", f"audit-{others[0]['seq']}") is None
    assert gateway.open(DOC, "TREAT").disclosed("AuditEvent") == ()
    assert gateway.open(DOC, "TREAT").read("Consent", "consent-p1") is None
