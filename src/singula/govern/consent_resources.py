"""A person's consent as a FHIR R4 Consent, and a FHIR R4 Consent as provisions: one level of nesting, nothing guessed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from singula.errors import BadInput
from singula.govern.consent import EVERYTHING, Provision, read_instant, show_instant
from singula.govern.labelling import PACK
from singula.knowledge import Knowledge

ACTOR, LABEL = "urn:singula:actor", "urn:singula:label"
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope"
CATEGORY = "http://loinc.org"
PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
SORTS = {"Practitioner": "user", "Patient": "user", "RelatedPerson": "user", "Person": "user", "Device": "client",
         "Organization": "org"}  # fmt: skip
NARROWING = ("action", "class", "code", "dataPeriod", "data")


def consent_resource(patient: str, version: int, provisions: Sequence[Provision], knowledge: Knowledge) -> dict[str, Any]:
    """Write a person's consent as it stands.

    Parameters
    ----------
    patient : str
        The person.
    version : int
        Of the consent.
    provisions : sequence of Provision
        Ended ones are left out.
    knowledge : Knowledge
        Names the sensitivity codes of labels.

    Returns
    -------
    dict
        Consent R4: what is not permitted is denied; a nested denial beats every nested permission.
    """
    active = [one for one in provisions if one.status == "active"]
    codes = {row.label: row for row in knowledge.pack(PACK).table("labels")}
    moment = max((one.recorded for one in active if one.recorded), default=None)
    made: dict[str, Any] = {
        "resourceType": "Consent",
        "id": f"consent-{patient}"[:64],
        "meta": {"versionId": str(version)},
        "status": "active",
        "scope": {"coding": [{"system": SCOPE, "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": CATEGORY, "code": "59284-0", "display": "Consent Document"}]}],
        "patient": {"reference": f"Patient/{patient}"},
        "policyRule": {"coding": [{"system": ACT_CODE, "code": "OPTIN"}]},
    }
    if moment:
        made["dateTime"] = moment
    if active:
        made["provision"] = {"type": "deny", "provision": [_nested(one, codes) for one in active]}
    return made


def _nested(one: Provision, codes: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"id": one.id, "type": one.decision}
    period = {name: show_instant(value) for name, value in (("start", one.from_), ("end", one.until)) if value is not None}
    if period:
        made["period"] = period
    if EVERYTHING not in one.actors:
        role = {"coding": [{"system": PARTICIPATION, "code": "IRCP"}]}
        made["actor"] = [{"role": role, "reference": {"identifier": {"system": ACTOR, "value": name}}} for name in one.actors]
    if EVERYTHING not in one.labels:
        made["securityLabel"] = [_label(name, codes) for name in one.labels]
    if EVERYTHING not in one.purposes:
        made["purpose"] = [{"system": REASON, "code": code} for code in one.purposes]
    return made


def _label(name: str, codes: Mapping[str, Any]) -> dict[str, str]:
    row = codes.get(name)
    return {"system": row.system, "code": row.code} if row is not None and row.code else {"system": LABEL, "code": name}


@dataclass(frozen=True)
class Understood:
    """What a FHIR Consent says: of whom, and by which provisions."""

    patient: str
    provisions: tuple[Provision, ...]


def read_consent(resource: Mapping[str, Any], knowledge: Knowledge) -> Understood:
    """Read a FHIR R4 Consent.

    Parameters
    ----------
    resource : mapping
        The Consent.
    knowledge : Knowledge
        Names the labels of sensitivity codes.

    Returns
    -------
    Understood
        No provisions where the Consent is not active; a denial at the top that only carries exceptions adds none itself.

    Raises
    ------
    BadInput
        Nested deeper than once, or narrowed by something that is not understood: leaving it out would open too much.
    """
    reference = str((resource.get("patient") or {}).get("reference", ""))
    kind, _, patient = reference.rpartition("/")
    if not patient or not kind.endswith("Patient"):
        raise BadInput("the Consent names no patient; write patient.reference as Patient/ID")
    root = resource.get("provision")
    if resource.get("status") != "active" or not isinstance(root, Mapping):
        return Understood(patient, ())
    labels = {row.code: row.label for row in knowledge.pack(PACK).table("labels") if row.code}
    found = [replace(one, id=_rule(resource, number)) for number, one in enumerate(_provisions(root, labels))]
    return Understood(patient, tuple(found))


def _rule(resource: Mapping[str, Any], number: int) -> str:
    named = f"{resource.get('id')} {number}"
    return f"f{hashlib.sha256(named.encode()).hexdigest()[:8]}"


def _provisions(root: Mapping[str, Any], labels: Mapping[str, str]) -> Iterator[Provision]:
    first = _provision(root, labels, Provision("", "deny"))
    nested = root.get("provision") or ()
    if first.decision == "permit" or not nested:
        yield first
    for inner in nested:
        if not isinstance(inner, Mapping) or inner.get("provision"):
            raise BadInput("the Consent nests its provisions more than once; write exceptions side by side")
        yield _provision(inner, labels, replace(first, labels=(EVERYTHING,)))


def _provision(found: Mapping[str, Any], labels: Mapping[str, str], above: Provision) -> Provision:
    narrowed = [name for name in NARROWING if found.get(name)]
    if narrowed:
        raise BadInput(f"the Consent narrows by {narrowed[0]}; labels, actors, purposes and a period are understood")
    decision = found.get("type", above.decision)
    if decision not in ("permit", "deny"):
        raise BadInput("a provision of the Consent is neither permit nor deny")
    period = found.get("period") or {}
    return Provision(
        id="",
        decision=decision,
        labels=tuple(_label_of(one, labels) for one in found.get("securityLabel") or ()) or above.labels,
        actors=tuple(_actor_of(one) for one in found.get("actor") or ()) or above.actors,
        purposes=tuple(str(one.get("code")) for one in found.get("purpose") or ()) or above.purposes,
        from_=read_instant(period["start"]) if period.get("start") else above.from_,
        until=read_instant(period["end"]) if period.get("end") else above.until,
    )


def _label_of(coding: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    code = coding.get("code")
    if coding.get("system") == LABEL and code:
        return str(code)
    if code not in labels:
        raise BadInput(f"the Consent names the label {code}, which is none of {', '.join(sorted(labels))}")
    return labels[str(code)]


def _actor_of(actor: Mapping[str, Any]) -> str:
    reference = actor.get("reference") or {}
    identifier = reference.get("identifier") or {}
    if identifier.get("system") == ACTOR and identifier.get("value"):
        return str(identifier["value"])
    kind, _, name = str(reference.get("reference", "")).rpartition("/")
    sort = SORTS.get(kind.rpartition("/")[2])
    if sort is None or not name:
        raise BadInput("the Consent names an actor that is no reference to a person, program or organisation")
    return f"{sort}:{name}"
