"""An entry of the audit as a FHIR R4 AuditEvent, by IHE Basic Audit Log Patterns where it is a FHIR interaction."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DCM = "http://dicom.nema.org/resources/ontology/DCM"
EVENT_TYPE = "http://terminology.hl7.org/CodeSystem/audit-event-type"
INTERACTION = "http://hl7.org/fhir/restful-interaction"
PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
PROVENANCE = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
ENTITY, ROLE = "http://terminology.hl7.org/CodeSystem/audit-entity-type", "http://terminology.hl7.org/CodeSystem/object-role"
SOURCE = "http://terminology.hl7.org/CodeSystem/security-source-type"
BALP = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit."
REQUEST = "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType"
ACTOR = "urn:singula:actor"
SOURCE_ROLE, DESTINATION_ROLE, APPLICATION = (DCM, "110153"), (DCM, "110152"), (DCM, "110150")
IP_ADDRESS, MACHINE, ADDRESS = "2", "1", "5"


@dataclass(frozen=True)
class Pattern:
    """How one interaction is told: by which code, and in which roles program, server and person take part."""

    name: str
    subtype: str
    action: str
    client: tuple[str, str]
    server: tuple[str, str]
    user: str


READ = Pattern("Read", "read", "R", DESTINATION_ROLE, SOURCE_ROLE, "IRCP")
PATTERNS: Mapping[str, Pattern] = {
    "create": Pattern("Create", "create", "C", SOURCE_ROLE, DESTINATION_ROLE, "AUT"),
    "read": READ,
    "update": Pattern("Update", "update", "U", SOURCE_ROLE, DESTINATION_ROLE, "AUT"),
    "delete": Pattern("Delete", "delete", "D", APPLICATION, (PROVENANCE, "custodian"), "AUT"),
    "search": Pattern("Query", "search-type", "E", SOURCE_ROLE, DESTINATION_ROLE, "IRCP"),
}
OPERATIONS = {"history": "history-instance", "open": "operation", "open-many": "operation"}
OTHERS: Mapping[str, tuple[str, str]] = {
    "sign-in": ("110114", "110122"),
    "sign-in-refused": ("110114", "110122"),
    "sign-out": ("110114", "110123"),
    "break-glass": ("110113", "110127"),
    "audit-broken": ("110113", "110128"),
    "request-refused": ("110113", "110126"),
    "user-add": ("110113", "110137"),
    "user-disable": ("110113", "110137"),
    "user-password": ("110113", "110137"),
    "user-totp": ("110113", "110137"),
    "client-add": ("110113", "110136"),
    "key-rotate": ("110113", "110129"),
    "token": ("110113", "110137"),
    "token-renewed": ("110113", "110137"),
    "token-refused": ("110113", "110137"),
    "token-revoked": ("110113", "110137"),
    "import": ("110107", "110107"),
    "export": ("110106", "110106"),
    "erase": ("110105", "110105"),
    "notice-event": ("110106", "110106"),
    "notice-handshake": ("110106", "110106"),
    "audit-read": ("110101", "110101"),
}
APPLICATION_ACTIVITY = ("110100", "110100")


def audit_event(entry: Mapping[str, Any], site: str) -> dict[str, Any]:
    """Write an entry as an AuditEvent.

    Parameters
    ----------
    entry : mapping
        Of the audit.
    site : str
        Address of the FHIR server the entry was made by, or its name.

    Returns
    -------
    dict
        AuditEvent R4; a FHIR interaction that was done claims its BALP profile.

    References
    ----------
    IHE ITI Basic Audit Log Patterns, profiles IHE.BasicAudit.Create, Read, Update, Delete, Query and their Patient- variants.
    """
    event = str(entry["event"])
    base = event.removesuffix("-refused")
    pattern = PATTERNS.get(base) or READ
    made: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "id": f"audit-{entry['seq']}",
        **_kind(event, base),
        "action": entry["action"],
        "recorded": entry["time"],
        "outcome": entry["outcome"],
        "agent": _agents(entry, pattern, site),
        "source": {"site": site, "observer": {"display": "Singula"}, "type": [{"system": SOURCE, "code": "4"}]},
    }
    entities = _entities(entry, base)
    if entities:
        made["entity"] = entities
    if event in PATTERNS:
        made["meta"] = {"profile": [f"{BALP}{'Patient' if entry['patient'] else ''}{PATTERNS[event].name}"]}
    return made


def _kind(event: str, base: str) -> dict[str, Any]:
    code = PATTERNS[base].subtype if base in PATTERNS else OPERATIONS.get(base)
    if code:
        return {"type": _coding((EVENT_TYPE, "rest")), "subtype": [_coding((INTERACTION, code))]}
    if event.startswith("consent-"):
        deed = "update" if event in ("consent-grant", "consent-revoke") else "read"
        return {"type": _coding((EVENT_TYPE, "rest")), "subtype": [_coding((INTERACTION, deed))]}
    kind, sort = OTHERS.get(event, APPLICATION_ACTIVITY)
    return {"type": _coding((DCM, kind)), "subtype": [{**_coding((DCM, sort)), "display": event}]}


def _agents(entry: Mapping[str, Any], pattern: Pattern, site: str) -> list[dict[str, Any]]:
    sort, _, name = str(entry["actor"]).partition(":")
    address = entry["details"].get("address")
    network = {"address": address, "type": IP_ADDRESS} if address else {"address": "localhost", "type": MACHINE}
    program = {"identifier": {"system": ACTOR, "value": name}} if sort == "client" else {"display": "program of the person"}
    reach = ADDRESS if "://" in site else MACHINE
    agents: list[dict[str, Any]] = [
        {"type": _concept(pattern.client), "who": program, "requestor": sort == "client", "network": network},
        {"type": _concept(pattern.server), "who": {"display": "Singula"}, "requestor": False,
         "network": {"address": site, "type": reach}},
    ]  # fmt: skip
    if sort != "client" and entry["actor"]:
        user: dict[str, Any] = {"type": _concept((PARTICIPATION, pattern.user)),
                                "who": {"identifier": {"system": ACTOR, "value": entry["actor"]}}, "requestor": True}  # fmt: skip
        agents.append(user)
    if entry["purpose"]:
        agents[-1 if sort != "client" else 0]["purposeOfUse"] = [_concept((REASON, entry["purpose"]))]
    return agents


def _entities(entry: Mapping[str, Any], base: str) -> list[dict[str, Any]]:
    entities: list[dict[str, Any]] = []
    if entry["patient"]:
        who = {"reference": f"Patient/{entry['patient']}"}
        entities.append({"what": who, "type": _coding((ENTITY, "1")), "role": _coding((ROLE, "1"))})
    if base == "search":
        asked = str(entry["details"].get("query") or entry["resource"])
        query = base64.b64encode(asked.encode()).decode()
        entities.append({"type": _coding((ENTITY, "2")), "role": _coding((ROLE, "24")), "query": query})
    elif "/" in str(entry["resource"] or "") and not str(entry["resource"]).startswith("/"):
        what = {"reference": entry["resource"]}
        entities.append({"what": what, "type": _coding((ENTITY, "2")), "role": _coding((ROLE, "4"))})
    if entry["request_id"]:
        what = {"identifier": {"value": entry["request_id"]}}
        entities.append({"what": what, "type": _coding((REQUEST, "XrequestId"))})
    return entities


def _coding(pair: tuple[str, str]) -> dict[str, str]:
    return {"system": pair[0], "code": pair[1]}


def _concept(pair: tuple[str, str]) -> dict[str, Any]:
    return {"coding": [_coding(pair)]}
