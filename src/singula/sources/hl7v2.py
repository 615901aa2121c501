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
PARTS = {"48004-6", "48005-3", "53034-5", "48002-0", "81258-6", "51963-7", "53040-2", "83009-1", "53037-8", "81290-9", "62374-4"}
WITHDRAWN = ("W", "D")
CORRECTED = "C"
DEFAULT_SIGNS = "|^~\\&"
ESCAPED = ("\\F\\", "\\S\\", "\\R\\", "\\E\\", "\\T\\")
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
        resources: dict[tuple[str, ...], dict[str, Any]] = {}
        for number, part in enumerate(re.split(r"\r(?=MSH)", text), start=1):
            try:
                message = hl7.parse(_with_default_signs(part) + "\r")
                shaped = list(_Message(message, number).resources())
            except (hl7.HL7Exception, AssertionError, IndexError, ValueError) as fault:
                raise BadInput(f"{path.name}: message {number} is no HL7 v2: {quoted(fault)}") from None
            for key, resource in shaped:
                if resource is not None:
                    resources[key] = resource
                elif key in resources and not resources[key]["id"].startswith(f"message-{number}-"):
                    del resources[key]
        read_shaped(list(resources.values()), draft, terminology_of(knowledge), knowledge.pack(PACK), self.format)
        if not draft.persons:
            raise BadInput(f"{path.name}: has no PID segment, so it speaks of nobody")


def _decode(data: bytes, name: str) -> str:
    """Decode by MSH-18 where it names a part of ISO 8859, else as UTF-8, else as Latin-1."""
    fields = data.split(b"\r", 1)[0].split(data[3:4] or b"|")
    stated = re.match(rb"8859/(\d+)", fields[17]) if len(fields) > 17 else None
    if stated:
        return data.decode(f"iso8859-{int(stated[1])}", errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _with_default_signs(text: str) -> str:
    """Write a message with the usual separators, whichever its MSH names; a usual one that stood for itself is escaped."""
    own = text[3:8]
    if own == DEFAULT_SIGNS or len(set(own)) < len(DEFAULT_SIGNS):
        return text
    changes = {ord(usual): escape for usual, escape in zip(DEFAULT_SIGNS, ESCAPED, strict=True) if usual not in own}
    changes |= {ord(sign): usual for sign, usual in zip(own, DEFAULT_SIGNS, strict=True)}
    return text[:3] + DEFAULT_SIGNS + text[8:].translate(changes)


class _Message:
    """One message; fields are reached by segment and number."""

    def __init__(self, message: Any, number: int) -> None:
        self.message, self.number = message, number
        self.count = self.opened = 0
        self.order: Any = None
        self.when: str | None = None
        self.panel = ""
        self.groups: dict[str, list[Any]] = {}
        self.seen: dict[tuple[str, ...], int] = {}

    def resources(self) -> Iterator[tuple[tuple[str, ...], dict[str, Any] | None]]:
        """Yield the person, then each result and order, with the key under which a later one takes its place; None withdraws."""
        patient = self._patient()
        if patient is None:
            return
        yield ("PID", self.person), patient
        for segment in self.message:
            kind = _text(segment, 0)
            if kind == "ORC":
                self.order = segment
            elif kind == "OBR":
                yield from self._genetic()
                self.when, self.panel = _date(_text(segment, 7)), _text(segment, 3) or _text(segment, 2)
            elif kind == "OBX":
                yield from self._result(segment)
            elif kind in ("RXO", "RXE"):
                yield self._order(segment, kind)
        yield from self._genetic()

    def _result(self, segment: Any) -> Iterator[tuple[tuple[str, ...], dict[str, Any] | None]]:
        """Keep a row of a genetic finding for later; answer any other at once."""
        state, code = _text(segment, 11), _coding(_text(segment, 3)).get("code") or ""
        group = self._group(segment, code)
        place = (self.panel or f"message {self.number}", code, _text(segment, 4))
        if state not in NOT_FACTS and (state != CORRECTED or place not in self.seen):
            self.seen[place] = self.seen.get(place, 0) + 1
        key = ("OBX", self.person, *place, str(self.seen.get(place, 1)))
        if state in WITHDRAWN:
            yield key, None
        elif state not in NOT_FACTS:
            if group:
                self.groups.setdefault(group, []).append(segment)
            else:
                yield key, self._observation(segment)

    def _group(self, segment: Any, code: str) -> str | None:
        """Name the finding a row belongs to: its OBX-4, or the last gene named where there is none."""
        is_genetic = code in {GENE, *FINDINGS, *PARTS}
        stated = _text(segment, 4)
        if stated:
            return stated if is_genetic or stated in self.groups or re.match(r"^\d+[a-z]+$", stated) else None
        if code == GENE:
            self.opened += 1
        return f"gene {self.opened}" if is_genetic else None

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

    def _base(self, kind: str, when: str | None) -> dict[str, Any]:
        self.count += 1
        return {
            "resourceType": kind,
            "id": f"message-{self.number}-{self.count}",
            "subject": {"reference": f"Patient/{self.person}"},
            "effectiveDateTime": when,
        }

    def _observation(self, segment: Any) -> dict[str, Any]:
        status = {"P": "preliminary", "C": "corrected"}.get(_text(segment, 11), "final")
        return {
            **self._base("Observation", _date(_text(segment, 14)) or self.when),
            "status": status,
            "code": {"coding": _codings(_text(segment, 3))},
            **_value(segment),
        }

    def _genetic(self) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
        """Answer the findings whose rows were kept, one each."""
        groups, self.groups = self.groups, {}
        for name, segments in groups.items():
            by_code = {_coding(_text(one, 3)).get("code") or "": one for one in segments}
            main = next((code for code in FINDINGS if code in by_code), None)
            mains = [main] if main else [code for code in by_code if code not in PARTS and code != GENE]
            for code in mains:
                parts = [one for other, one in by_code.items() if other not in mains]
                resource = {
                    **self._base("Observation", _date(_text(by_code[code], 14)) or self.when),
                    "status": "final",
                    "code": {"coding": _codings(_text(by_code[code], 3))},
                    **_value(by_code[code]),
                    "component": [{"code": {"coding": _codings(_text(one, 3))}, **_value(one)} for one in parts],
                }
                yield ("OBX", self.person, self.panel or f"message {self.number}", code, name), resource

    def _order(self, segment: Any, kind: str) -> tuple[tuple[str, ...], dict[str, Any]]:
        code = _text(segment, 1 if kind == "RXO" else 2)
        dose, unit = (_text(segment, 2), _text(segment, 4)) if kind == "RXO" else (_text(segment, 3), _text(segment, 5))
        dosage = (
            {"doseAndRate": [{"doseQuantity": {"value": float(dose), "unit": unit.split("^")[0]}}]} if _is_number(dose) else {}
        )
        order = self.order if self.order is not None else []
        number = _text(order, 2) or _text(order, 3) or f"message {self.number} {self.count}"
        return ("ORC", self.person, number), {
            **self._base("MedicationRequest", None),
            "status": ORDER_STATES.get(_text(order, 1), "active"),
            "intent": "order",
            "authoredOn": _date(_text(order, 9)),
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
    structured = re.match(r"^(<=?|>=?)?\^?(\d+(?:\.\d+)?)$", text) if kind in ("SN", "NM") else None
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
