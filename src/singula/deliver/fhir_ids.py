"""Ids of outgoing FHIR resources: made from content, so that the same plan gives the same bytes."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from singula.record import When

Resource = dict[str, Any]
LOINC = "http://loinc.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
LONGEST_STRING = 1_000_000


class FhirBundle:
    """A bundle of type collection in the making; every resource gets its id from its content and the person."""

    def __init__(self, person: str) -> None:
        self._person = person
        self._entries: dict[str, Resource] = {}
        self.generated: list[Mapping[str, str]] = []

    def add(self, resource: Resource, *, generated: bool = False) -> dict[str, str]:
        """Take a resource in and return the reference to it; the same content is taken once.

        Parameters
        ----------
        resource : dict
            A FHIR resource without id.
        generated : bool
            Whether Singula made this statement, so that it needs a Provenance.

        Returns
        -------
        dict
            A FHIR Reference.
        """
        made = stable_uuid(self._person, resource)
        address = f"urn:uuid:{made}"
        reference = {"reference": address, "type": resource["resourceType"]}
        if address not in self._entries:
            self._entries[address] = {"resourceType": resource["resourceType"], "id": made, **resource}
            if generated:
                self.generated.append(reference)
        return reference

    def finish(self, timestamp: str) -> Resource:
        """Return the bundle, its entries in the order they were added."""
        entries = [{"fullUrl": address, "resource": resource} for address, resource in self._entries.items()]
        made = stable_uuid(self._person, {"entries": list(self._entries)})
        return {"resourceType": "Bundle", "id": made, "type": "collection", "timestamp": timestamp, "entry": entries}


def stable_uuid(person: str, content: Mapping[str, Any]) -> str:
    """Return the UUID that belongs to this content of this person."""
    digest = hashlib.sha256(person.encode() + b"\x1f" + orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).digest()
    return str(uuid.UUID(bytes=digest[:16], version=5))


def concept(system: str | None = None, code: str | None = None, display: str | None = None, text: str | None = None) -> Resource:
    """Make a CodeableConcept from what is there; never an empty one."""
    one = coding(system, code, display)
    made: Resource = {"coding": [one]} if one else {}
    words = safe_text(text or ("" if one else display or ""))
    if words or not made:
        made["text"] = words or "not stated"
    return made


def coding(system: str | None, code: str | None, display: str | None) -> Resource:
    """Make a Coding that FHIR allows: single blanks within a code, none in a system; empty where there is no code."""
    single = " ".join(safe_text(code or "").split())
    where = safe_text(system or "")
    given = {
        "system": "" if any(sign.isspace() for sign in where) else where,
        "code": single,
        "display": safe_text(display or ""),
    }
    return {name: one for name, one in given.items() if one} if single else {}


def fhir_time(when: When | None) -> str | None:
    """Write a date or instant as FHIR allows: an instant needs seconds and a zone, else its day stands."""
    if when is None:
        return None
    if when.instant is None:
        return when.text[: len("2026-11-26")]
    day, _, clock = when.text.partition("T")
    minutes, rest = clock[: len("10:30")], clock[len("10:30") :]
    return f"{day}T{minutes}{rest if rest.startswith(':') else f':00{rest}'}"


def safe_text(text: str) -> str:
    """Keep a string within what FHIR allows: no control characters, no blank ends, at most a mebibyte."""
    return "".join(one for one in text if one.isprintable() or one in "\t\n").strip()[:LONGEST_STRING]


def without_empty(resource: Resource) -> Resource:
    """Leave out what is not known: FHIR has no null and no empty list."""
    return {name: one for name, one in resource.items() if one not in (None, "", [], {})}


def references(found: Sequence[Mapping[str, str] | None]) -> list[Mapping[str, str]]:
    """Keep each reference once, in order."""
    return list({one["reference"]: one for one in found if one}.values())
