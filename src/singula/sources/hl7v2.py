"""HL7 v2 result and order messages (ORU, ORM, OMP, RDE): shaped as FHIR resources and read like them.

Rows of one genetic finding share OBX-4. Rows withdrawn (W), deleted (D) or not obtainable (X) are no facts; a correction (C)
replaces what stood before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hl7

from singula.errors import BadInput, quoted
from singula.knowledge import Knowledge
from singula.sources.draft import Draft
from singula.sources.fhir import read_shaped
from singula.sources.fhir_files import PACK
from singula.sources.limits import read_bounded
from singula.sources.terminology import LOINC, RXNORM, SNOMED, terminology_of

FRAME = re.compile(rb"[\x0b\x1c]")
NOT_FACTS = ("W", "D", "X")
GENE, GENOTYPE, VARIANT = "48018-6", "84413-4", "69548-6"
FINDINGS = (VARIANT, GENOTYPE, "84414-2")
SYSTEMS = {
    "LN": LOINC, "SCT": SNOMED, "RXNORM": RXNORM, "RXN": RXNORM, "HGNC": "http://www.genenames.org", "UCUM": "http://unitsofmeasure.org",
    "I10": "http://hl7.org/fhir/sid/icd-10-cm", "I10C": "http://hl7.org/fhir/sid/icd-10-cm",
}  # fmt: skip
SEXES = {"F": "female", "M": "male", "O": "other", "U": "unknown"}
ORDER_STATES = {"CA": "cancelled", "DC": "stopped", "HD": "on-hold", "OC": "cancelled", "CR": "cancelled"}


class Hl7Reader:
    """Reads one HL7 v2 message, or several in one file."""

    format = "hl7-v2"

    def recognises(self, head: bytes, name: str) -> bool:
        """Tell a file that begins with an MSH segment, framed or not."""
        return FRAME.sub(b"", head).lstrip().startswith(b"MSH")

    def read(self, path: Path, draft: Draft, knowledge: Knowledge) -> None:
        """Read the message into the draft."""
        data = FRAME.sub(b"", read_bounded(path)).replace(b"\r\n", b"\r").replace(b"\n", b"\r").strip(b"\r ")
        text = _decode(data, path.name)
        resources: list[dict[str, Any]] = []
        for number, part in enumerate(re.split(r"\r(?=MSH)", text), start=1):
            try:
                message = hl7.parse(part + "\r")
            except (hl7.HL7Exception, IndexError, ValueError) as fault:
                raise BadInput(f"{path.name}: message {number} is no HL7 v2: {quoted(fault)}") from None
            resources.extend(_Message(message, number).resources())
        read_shaped(resources, draft, terminology_of(knowledge), knowledge.pack(PACK), self.format)
        if not draft.persons:
            raise BadInput(f"{path.name}: has no PID segment, so it speaks of nobody")


def _decode(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


class _Message:
    """One message; fields are reached by segment and number."""

    def __init__(self, message: Any, number: int) -> None:
        self.message, self.number = message, number
        self.count = 0

    def resources(self) -> Iterator[dict[str, Any]]:
        """Yield the person, then each result and order as a resource."""
        patient = self._patient()
        if patient is None:
            return
        yield patient
        when, control = None, None
        groups: dict[str, list[Any]] = {}
        for segment in self.message:
            kind = _text(segment, 0)
            if kind == "ORC":
                control = _text(segment, 1)
            elif kind == "OBR":
                yield from self._genetic(groups, when)
                groups, when = {}, _date(_text(segment, 7))
            elif kind == "OBX" and _text(segment, 11) not in NOT_FACTS:
                if _text(segment, 4) and self._is_genetic(segment):
                    groups.setdefault(_text(segment, 4), []).append(segment)
                else:
                    yield self._observation(segment, when)
            elif kind in ("RXO", "RXE"):
                yield self._order(segment, kind, control)
        yield from self._genetic(groups, when)

    def _patient(self) -> dict[str, Any] | None:
        try:
            segment = self.message.segment("PID")
        except KeyError:
            return None
        identifiers = []
        for repetition in _repetitions(segment, 3):
            parts = repetition.split("^")
            authority = (parts[3] if len(parts) > 3 else "").split("&")
            system = f"urn:oid:{authority[1]}" if len(authority) > 1 and authority[1] else authority[0] or None
            identifiers.append({"system": system, "value": parts[0]})
        self.person = str(identifiers[0]["value"]) if identifiers else f"message-{self.number}"
        name = _text(segment, 5).split("^")
        return {
            "resourceType": "Patient",
            "id": self.person,
            "identifier": identifiers,
            "name": [{"family": name[0], "given": name[1:2]}],
            "gender": SEXES.get(_text(segment, 8)),
            "birthDate": _date(_text(segment, 7)),
        }

    def _is_genetic(self, segment: Any) -> bool:
        return _coding(_text(segment, 3)).get("code") in {GENE, *FINDINGS} or bool(re.match(r"^\d+[a-z]+$", _text(segment, 4)))

    def _base(self, kind: str, when: str | None) -> dict[str, Any]:
        self.count += 1
        return {
            "resourceType": kind,
            "id": f"message-{self.number}-{self.count}",
            "subject": {"reference": f"Patient/{self.person}"},
            "effectiveDateTime": when,
        }

    def _observation(self, segment: Any, when: str | None) -> dict[str, Any]:
        status = {"P": "preliminary", "C": "corrected"}.get(_text(segment, 11), "final")
        return {
            **self._base("Observation", _date(_text(segment, 14)) or when),
            "status": status,
            "code": {"coding": _codings(_text(segment, 3))},
            **_value(segment),
        }

    def _genetic(self, groups: dict[str, list[Any]], when: str | None) -> Iterator[dict[str, Any]]:
        for segments in groups.values():
            by_code = {_coding(_text(one, 3)).get("code"): one for one in segments}
            main = next((code for code in FINDINGS if code in by_code), None)
            if main is None:
                continue
            yield {
                **self._base("Observation", when),
                "status": "final",
                "code": {"coding": _codings(_text(by_code[main], 3))},
                **_value(by_code[main]),
                "component": [
                    {"code": {"coding": _codings(_text(one, 3))}, **_value(one)} for code, one in by_code.items() if code != main
                ],
            }

    def _order(self, segment: Any, kind: str, control: str | None) -> dict[str, Any]:
        code = _text(segment, 1 if kind == "RXO" else 2)
        dose, unit = (_text(segment, 2), _text(segment, 4)) if kind == "RXO" else (_text(segment, 3), _text(segment, 5))
        dosage = (
            {"doseAndRate": [{"doseQuantity": {"value": float(dose), "unit": unit.split("^")[0]}}]} if _is_number(dose) else {}
        )
        return {
            **self._base("MedicationRequest", None),
            "status": ORDER_STATES.get(control or "", "active"),
            "intent": "order",
            "medicationCodeableConcept": {"coding": _codings(code), "text": code.split("^")[1] if "^" in code else code},
            "dosageInstruction": [dosage] if dosage else [],
        }


def _text(segment: Any, field: int) -> str:
    try:
        return str(segment[field]).strip()
    except IndexError:
        return ""


def _repetitions(segment: Any, field: int) -> list[str]:
    return [one for one in _text(segment, field).split("~") if one]


def _coding(text: str) -> dict[str, Any]:
    return next(iter(_codings(text)), {})


def _codings(text: str) -> list[dict[str, Any]]:
    parts = text.split("^")
    triplets = [parts[:3], parts[3:6]]
    codings = [
        {
            "system": SYSTEMS.get(one[2] if len(one) > 2 else "", one[2] if len(one) > 2 else None),
            "code": one[0],
            "display": _unescape(one[1]),
        }
        for one in triplets
        if len(one) > 1 and one[0]
    ]
    return sorted(codings, key=lambda one: one["system"] != LOINC)


def _value(segment: Any) -> dict[str, Any]:
    kind, text = _text(segment, 2), _text(segment, 5)
    if kind == "NM" and _is_number(text):
        return {"valueQuantity": {"value": float(text), **_unit(_text(segment, 6))}}
    structured = re.match(r"^(<=?|>=?)?\^?([\d.]+)$", text) if kind in ("SN", "NM") else None
    if structured:
        return {"valueQuantity": {"value": float(structured[2]), "comparator": structured[1], **_unit(_text(segment, 6))}}
    if kind == "NM" and text:
        return {"valueQuantity": {"value": text}}
    if kind in ("CWE", "CE", "CNE"):
        return {"valueCodeableConcept": {"coding": _codings(text), "text": text if "^" not in text else None}}
    return {"valueString": _unescape(text)} if text else {}


def _unit(text: str) -> dict[str, Any]:
    parts = text.split("^")
    return {"unit": parts[0], **({"code": parts[0], "system": SYSTEMS["UCUM"]} if len(parts) > 2 and parts[2] == "UCUM" else {})}


def _unescape(text: str) -> str:
    for escape, sign in (("\\T\\", "&"), ("\\S\\", "^"), ("\\R\\", "~"), ("\\F\\", "|"), ("\\E\\", "\\")):
        text = text.replace(escape, sign)
    return text


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?\d+(\.\d+)?", text) is not None


def _date(text: str) -> str | None:
    digits = re.match(r"^(\d{4})(\d{2})?(\d{2})?", text)
    return "-".join(part for part in digits.groups() if part) if digits else None


READER = Hl7Reader()
