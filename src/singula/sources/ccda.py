"""C-CDA documents: the coded entries of each section, shaped as FHIR resources and read like them.

An entry that breaks its template is told and the others are read. A negated entry states absence, never presence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from singula.errors import BadInput
from singula.knowledge import Knowledge
from singula.sources.draft import Draft
from singula.sources.fhir import read_shaped
from singula.sources.fhir_files import PACK
from singula.sources.limits import parse_xml, read_bounded
from singula.sources.terminology import LOINC, RXNORM, SNOMED, terminology_of

FHIR = "http://hl7.org/fhir"
V3 = "{urn:hl7-org:v3}"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
OIDS = {
    "2.16.840.1.113883.6.1": LOINC,
    "2.16.840.1.113883.6.96": SNOMED,
    "2.16.840.1.113883.6.88": RXNORM,
    "2.16.840.1.113883.6.90": "http://hl7.org/fhir/sid/icd-10-cm",
    "2.16.840.1.113883.5.111": "http://terminology.hl7.org/CodeSystem/v3-RoleCode",
    "2.16.840.1.113883.12.292": "http://hl7.org/fhir/sid/cvx",
}
SEXES = {"F": "female", "M": "male", "UN": "other"}
UCUM = "http://unitsofmeasure.org"
NO_KNOWN_ALLERGY = {"system": SNOMED, "code": "716186003", "display": "No known allergy"}
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
PROBLEM, ALLERGY = "2.16.840.1.113883.10.20.22.4.4", "2.16.840.1.113883.10.20.22.4.7"
AGE = "445518008"  # SNOMED CT: age at onset of clinical finding


class CcdaReader:
    """Reads a C-CDA document."""

    format = "c-cda"

    def recognises(self, head: bytes, name: str) -> bool:
        """Tell XML."""
        return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")

    def read(self, path: Path, draft: Draft, knowledge: Knowledge) -> None:
        """Read the document into the draft."""
        root = parse_xml(read_bounded(path), path.name)
        if root.tag.startswith(f"{{{FHIR}}}"):
            raise BadInput(f"{path.name}: is FHIR in XML; give the same resources as JSON")
        if root.tag != f"{V3}ClinicalDocument":
            raise BadInput(f"{path.name}: is XML but no ClinicalDocument; give the whole C-CDA document, not a fragment")
        document = _Document(root, draft)
        read_shaped(list(document.resources()), draft, terminology_of(knowledge), knowledge.pack(PACK), self.format)


class _Document:
    """One document: its person, and the entries of its sections."""

    def __init__(self, root: Any, draft: Draft) -> None:
        self.root, self.draft, self.count, self.person = root, draft, 0, "document"

    def resources(self) -> Iterator[dict[str, Any]]:
        """Yield the person, then every entry that can be shaped."""
        yield self._patient()
        for section in self.root.iter(f"{V3}section"):
            code = section.find(f"{V3}code")
            shape = SECTIONS.get(code.get("code") if code is not None else "")
            if shape is None:
                continue
            for entry in section.findall(f"{V3}entry"):
                try:
                    yield from shape(self, entry)
                except (AttributeError, TypeError, ValueError, KeyError) as fault:
                    place = f"section {code.get('code')}"
                    self.draft.note("error", place, f"an entry breaks its template ({type(fault).__name__}); the others are read")

    def _patient(self) -> dict[str, Any]:
        role = self.root.find(f".//{V3}patientRole")
        if role is None:
            raise BadInput(f"{self.draft.input}: has no patientRole, so it speaks of nobody")
        identifiers = [
            {"system": f"urn:oid:{one.get('root')}", "value": one.get("extension")}
            for one in role.findall(f"{V3}id")
            if one.get("extension")
        ]
        self.person = str(identifiers[0]["value"]) if identifiers else "document"
        patient = role.find(f"{V3}patient")
        name = patient.find(f"{V3}name") if patient is not None else None
        parts = {"given": [], "family": ""} if name is None else {
            "given": [one.text or "" for one in name.findall(f"{V3}given")],
            "family": name.findtext(f"{V3}family") or "",
        }  # fmt: skip
        return {
            "resourceType": "Patient",
            "id": self.person,
            "identifier": identifiers,
            "name": [parts],
            "gender": SEXES.get(_attribute(patient, "administrativeGenderCode", "code") or ""),
            "birthDate": _date(_attribute(patient, "birthTime", "value")),
        }

    def base(self, kind: str, field: str = "subject") -> dict[str, Any]:
        """Begin a resource about the person."""
        self.count += 1
        return {"resourceType": kind, "id": f"entry-{self.count}", field: {"reference": f"Patient/{self.person}"}}

    def conditions(self, entry: Any) -> Iterator[dict[str, Any]]:
        """Shape problem observations."""
        active = _attribute(entry.find(f"{V3}act"), "statusCode", "code") != "completed"
        for one in _with_template(entry, PROBLEM):
            absent = one.get("negationInd") == "true"
            ended = _attribute(one.find(f"{V3}effectiveTime"), "high", "value")
            yield {
                **self.base("Condition"),
                "code": _concept(one.find(f"{V3}value")),
                "verificationStatus": {"coding": [{"system": VERIFICATION, "code": "refuted" if absent else "confirmed"}]},
                "clinicalStatus": {"coding": [{"system": CLINICAL, "code": "active" if active and not ended else "resolved"}]},
                "recordedDate": _date(_attribute(one.find(f"{V3}effectiveTime"), "low", "value")),
            }

    def medicines(self, entry: Any) -> Iterator[dict[str, Any]]:
        """Shape substance administrations."""
        for one in entry.iter(f"{V3}substanceAdministration"):
            absent = one.get("negationInd") == "true"
            code = one.find(f".//{V3}manufacturedMaterial/{V3}code")
            status = _attribute(one, "statusCode", "code")
            times = [time for time in one.findall(f"{V3}effectiveTime") if time.get(XSI_TYPE) in ("IVL_TS", None)]
            start = next((_attribute(time, "low", "value") for time in times), None)
            ended = next((_attribute(time, "high", "value") for time in times), None)
            taken = "not-taken" if absent else "completed" if ended or status in ("completed", "aborted") else "active"
            yield {
                **self.base("MedicationStatement"),
                "status": taken,
                "medicationCodeableConcept": _concept(code),
                "effectivePeriod": {"start": _date(start), "end": _date(ended)},
            }

    def allergies(self, entry: Any) -> Iterator[dict[str, Any]]:
        """Shape allergy observations; a negated one without substance is 'no known allergy'."""
        for one in _with_template(entry, ALLERGY):
            substance = _concept(one.find(f".//{V3}playingEntity/{V3}code"))
            if one.get("negationInd") == "true" and not substance["coding"]:
                substance = {"coding": [NO_KNOWN_ALLERGY], "text": NO_KNOWN_ALLERGY["display"]}
                state = "confirmed"
            elif not substance["coding"] and not substance["text"]:
                self.draft.note("error", "section 48765-2", "an allergy names no substance; it is not read, the others are")
                continue
            else:
                state = "refuted" if one.get("negationInd") == "true" else "confirmed"
            yield {
                **self.base("AllergyIntolerance", "patient"),
                "code": substance,
                "verificationStatus": {"coding": [{"system": VERIFICATION, "code": state}]},
                "clinicalStatus": {"coding": [{"system": CLINICAL, "code": "active"}]},
                "recordedDate": _date(_attribute(one.find(f"{V3}effectiveTime"), "low", "value")),
            }

    def results(self, entry: Any) -> Iterator[dict[str, Any]]:
        """Shape result and vital-sign observations."""
        for one in entry.iter(f"{V3}observation"):
            yield {
                **self.base("Observation"),
                "status": "final",
                "code": _concept(one.find(f"{V3}code")),
                "effectiveDateTime": _date(
                    _attribute(one, "effectiveTime", "value") or _attribute(one.find(f"{V3}effectiveTime"), "low", "value")
                ),
                **_value(one.find(f"{V3}value")),
            }

    def procedures(self, entry: Any) -> Iterator[dict[str, Any]]:
        """Shape procedures."""
        for one in (*entry.findall(f"{V3}procedure"), *entry.findall(f"{V3}act"), *entry.findall(f"{V3}observation")):
            done = one.get("negationInd") != "true" and one.get("moodCode") == "EVN"
            yield {
                **self.base("Procedure"),
                "status": "completed" if done else "not-done",
                "code": _concept(one.find(f"{V3}code")),
                "performedDateTime": _date(
                    _attribute(one, "effectiveTime", "value") or _attribute(one.find(f"{V3}effectiveTime"), "low", "value")
                ),
            }

    def relatives(self, entry: Any) -> Iterator[dict[str, Any]]:
        """Shape family history: one organiser per relative, one observation per condition."""
        for organiser in entry.iter(f"{V3}organizer"):
            related = organiser.find(f"{V3}subject/{V3}relatedSubject")
            conditions = [
                {
                    "code": _concept(one.find(f"{V3}value")),
                    **_onset(one),
                }
                for one in organiser.findall(f"{V3}component/{V3}observation")
                if one.get("negationInd") != "true"
            ]
            yield {
                **self.base("FamilyMemberHistory", "patient"),
                "status": "completed",
                "relationship": _concept(related.find(f"{V3}code") if related is not None else None),
                "condition": conditions,
            }

    def vaccines(self, entry: Any) -> Iterator[dict[str, Any]]:
        """Shape immunisations."""
        for one in entry.iter(f"{V3}substanceAdministration"):
            yield {
                **self.base("Immunization", "patient"),
                "status": "not-done" if one.get("negationInd") == "true" else "completed",
                "vaccineCode": _concept(one.find(f".//{V3}manufacturedMaterial/{V3}code")),
                "occurrenceDateTime": _date(_attribute(one, "effectiveTime", "value")),
            }


SECTIONS: Mapping[str | None, Callable[[_Document, Any], Iterator[dict[str, Any]]]] = {
    "11450-4": _Document.conditions,
    "10160-0": _Document.medicines,
    "48765-2": _Document.allergies,
    "30954-2": _Document.results,
    "8716-3": _Document.results,
    "29762-2": _Document.results,
    "47519-4": _Document.procedures,
    "11369-6": _Document.vaccines,
    "10157-6": _Document.relatives,
}


def _with_template(entry: Any, root: str) -> Iterator[Any]:
    for one in entry.iter(f"{V3}observation"):
        if any(template.get("root") == root for template in one.findall(f"{V3}templateId")):
            yield one


def _onset(observation: Any) -> dict[str, Any]:
    """Read the age at onset that stands inside a family condition, in years."""
    for inner in observation.iter(f"{V3}observation"):
        code, value = inner.find(f"{V3}code"), inner.find(f"{V3}value")
        if code is not None and code.get("code") == AGE and value is not None and value.get("value"):
            return {
                "onsetAge": {"value": float(value.get("value")), "unit": value.get("unit") or "a", "code": "a", "system": UCUM}
            }
    return {}


def _attribute(element: Any, child: str, name: str) -> str | None:
    found = element.find(f"{V3}{child}") if element is not None else None
    value = found.get(name) if found is not None else None
    return str(value) if value is not None else None


def _concept(code: Any) -> dict[str, Any]:
    if code is None:
        return {"coding": [], "text": None}
    codings = [
        {
            "system": OIDS.get(one.get("codeSystem"), f"urn:oid:{one.get('codeSystem')}"),
            "code": one.get("code"),
            "display": one.get("displayName"),
        }
        for one in (code, *code.findall(f"{V3}translation"))
        if one.get("code")
    ]
    original = code.find(f"{V3}originalText")
    text = "".join(original.itertext()).strip() if original is not None else ""
    return {"coding": codings, "text": text or None}


def _value(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    kind = value.get(XSI_TYPE)
    if kind == "PQ" and value.get("value"):
        unit = value.get("unit") or "1"
        return {"valueQuantity": {"value": float(value.get("value")), "unit": unit, "code": unit, "system": UCUM}}
    if kind == "IVL_PQ":
        return _bound(value)
    if kind in ("CD", "CE", "CO"):
        return {"valueCodeableConcept": _concept(value)}
    if kind in ("INT", "REAL") and value.get("value"):
        return {"valueQuantity": {"value": float(value.get("value")), "unit": "1"}}
    return {"valueString": (value.text or "").strip()} if kind == "ST" and value.text else {}


def _bound(value: Any) -> dict[str, Any]:
    """Shape an interval open on one side as a quantity with a comparator."""
    low, high = value.find(f"{V3}low"), value.find(f"{V3}high")
    for one, strict, loose in ((low, ">", ">="), (high, "<", "<=")):
        other = high if one is low else low
        if one is not None and one.get("value") and (other is None or not other.get("value")):
            unit = one.get("unit") or "1"
            comparator = strict if one.get("inclusive") == "false" else loose
            number = {"value": float(one.get("value")), "comparator": comparator}
            return {"valueQuantity": {**number, "unit": unit, "code": unit, "system": UCUM}}
    return {}


def _date(text: str | None) -> str | None:
    if not text or not text[:4].isdigit():
        return None
    digits = text[:8]
    return "-".join(part for part in (digits[:4], digits[4:6], digits[6:8]) if part)


READER = CcdaReader()
