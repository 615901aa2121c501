"""Broken inputs by name: the bytes of each, and what has to be said about it.

``REFUSED`` ends in exit 3 with one line that holds the words; ``USABLE`` is read, with a problem that holds the words.
"""

from __future__ import annotations

import gzip
import json
from typing import Any

PERSON: dict[str, Any] = {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1970-02-01"}
UCUM = "http://unitsofmeasure.org"


def quantity(value: Any, code: str = "mg/dL") -> dict[str, Any]:
    """Write a quantity as FHIR."""
    return {"value": value, "unit": code, "system": UCUM, "code": code}


def observation(**changes: Any) -> dict[str, Any]:
    """Write a creatinine result; a change to None takes the element away."""
    whole = {
        "resourceType": "Observation",
        "id": "o",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "2160-0"}]},
        "subject": {"reference": "Patient/p"},
        "effectiveDateTime": "2026-01-02",
        "valueQuantity": quantity(0.9),
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


def bundle(*resources: Any, **more: Any) -> bytes:
    """Write a collection of resources."""
    entries = [{"resource": one} for one in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries, **more}).encode()


def measured(**changes: Any) -> bytes:
    """Write a person with one changed result."""
    return bundle(PERSON, observation(**changes))


GOOD = measured()
HEADER = (
    b'##fileformat=VCFv4.2\n##contig=<ID=chr10,length=133797422>\n##FORMAT=<ID=GT,Number=1,Type=String,Description="G">\n'
    b"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n"
)
ROW = b"chr10\t94781859\t.\tG\tA\t.\tPASS\t.\tGT\t0/1\n"
MESSAGE = (
    b"MSH|^~\\&|A|B|C|D|20260101||ORU^R01|1|P|2.5.1\rPID|1||1^^^H&1.2.3&ISO||X\rOBR|1|||24323-8\r"
    b"OBX|1|NM|2160-0^Creatinine^LN||0.9|mg/dL|||||F\r"
)
DOCUMENT = (
    b'<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3"><recordTarget><patientRole><id root="1.2.3" extension="1"/>'
    b"</patientRole></recordTarget></ClinicalDocument>"
)
COLUMNS = b"name,value,unit,date\n"
PATIENT = b'{"resourceType":"Patient","x":'

REFUSED: dict[str, tuple[bytes, str]] = {
    "empty.json": (b"", "is empty"),
    "blank.json": (b"  \n \n", "is empty"),
    "nul.json": (b"\0" * 100, "is no format known here"),
    "text.json": (b"hello world", "is no format known here"),
    "number.json": (b"42", "is no format known here"),
    "null.json": (b"null", "is no format known here"),
    "list-empty.json": (b"[]", "holds no resource"),
    "list-of-numbers.json": (b"[1,2]", "resourceType is missing"),
    "object-empty.json": (b"{}", "resourceType is missing"),
    "no-type.json": (b'{"id":"x"}', "resourceType is missing"),
    "type-is-number.json": (b'{"resourceType":7}', "resourceType is missing"),
    "cut.json": (GOOD[:-30], "is no JSON"),
    "trailing-comma.json": (b'{"resourceType":"Patient",}', "is no JSON"),
    "comment.json": (b'{"resourceType":"Patient" /* x */}', "is no JSON"),
    "single-quotes.json": (b"{'resourceType':'Patient'}", "is no JSON"),
    "bad-escape.json": (b'{"resourceType":"\\q"}', "is no JSON"),
    "control-sign.json": (b'{"resourceType":"Patient","id":"a\x01b"}', "is no JSON"),
    "key-twice.json": (b'{"resourceType":"Patient","id":"a","id":"b"}', "'id' stands twice"),
    "nan.json": (PATIENT + b"NaN}", "NaN is no JSON number"),
    "infinity.json": (PATIENT + b"-Infinity}", "-Infinity is no JSON number"),
    "overflow.json": (PATIENT + b"1e999}", "out of range"),
    "digits.json": (PATIENT + b"9" * 100_000 + b"}", "out of range"),
    "deep-list.json": (b"[" * 100_000 + b"]" * 100_000, "nested deeper than 100"),
    "deep-object.json": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested deeper than 100"),
    "deep-inside.json": (PATIENT + b"[" * 120 + b"]" * 120 + b"}", "nested deeper than 100"),
    "wide.json": (PATIENT + b"[" + b"1," * 300_000 + b"1]}", "a list has over 200000"),
    "keys.json": (json.dumps({"resourceType": "Patient", **{f"k{n}": 1 for n in range(20_000)}}).encode(), "over 10000 keys"),
    "latin-1.json": ('{"resourceType":"Patient","id":"é"}'.encode("latin-1"), "is not UTF-8"),
    "utf-16.json": (GOOD.decode().encode("utf-16"), "is no format known here"),
    "cut.json.gz": (gzip.compress(GOOD)[:-20], "damaged or cut short"),
    "head-only.json.gz": (b"\x1f\x8b", "damaged or cut short"),
    "bomb.json.gz": (gzip.compress(PATIENT + b'"' + b"a" * (64 << 20) + b'"}'), "decompression bomb"),
    "all-bad.ndjson": (b"{broken\n{broken\n", "holds no resource"),
    "blank-lines.ndjson": (b"\n\n", "is empty"),
    "long-line.ndjson": (PATIENT + b'"' + b"a" * (17 << 20) + b'"}\n{}\n', "longer than 16 MiB"),
    "no-columns.vcf": (b"##fileformat=VCFv4.2\n" + ROW, "no #CHROM line"),
    "no-version.vcf": (HEADER.split(b"\n", 1)[1] + ROW, "is no format known here"),
    "cut-row.vcf": (HEADER + ROW[:25], "has 7 columns"),
    "position-in-words.vcf": (HEADER + ROW.replace(b"94781859", b"abc"), "is no VCF row"),
    "binary.vcf": (HEADER + bytes(range(256)), "is no VCF row"),
    "extra-column.vcf": (HEADER + ROW[:-1] + b"\t0/1\n", "has 11 columns"),
    "cut.vcf.gz": (gzip.compress(HEADER + ROW)[:-12], "damaged or cut short"),
    "sample-twice.vcf": (HEADER.replace(b"\tS\n", b"\tS\tS\n") + ROW, "named twice"),
    "no-sample.vcf": (HEADER.replace(b"\tFORMAT\tS\n", b"\n"), "names no sample"),
    "cut.hl7": (MESSAGE[:30], "no PID segment"),
    "no-person.hl7": (MESSAGE.replace(b"PID", b"ZZZ"), "no PID segment"),
    "no-separators.hl7": (b"MSH\r", "is no HL7 v2"),
    "document-type.xml": (DOCUMENT.replace(b"?>", b"?><!DOCTYPE x>", 1), "declares a document type"),
    "outside-entity.xml": (
        DOCUMENT.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>', 1),
        "declares a document type",
    ),
    "laughs.xml": (
        b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><ClinicalDocument>&b;</ClinicalDocument>',
        "declares a document type",
    ),
    "cut.xml": (DOCUMENT[:-40], "no well-formed XML"),
    "deep.xml": (b'<ClinicalDocument xmlns="urn:hl7-org:v3">' + b"<a>" * 1000 + b"</a>" * 1000 + b"</ClinicalDocument>", "depth"),
    "fragment.xml": (b'<section xmlns="urn:hl7-org:v3"/>', "no ClinicalDocument; give the whole C-CDA document"),
    "fhir.xml": (b'<Patient xmlns="http://hl7.org/fhir"/>', "give the same resources as JSON"),
    "nobody.xml": (b'<ClinicalDocument xmlns="urn:hl7-org:v3"/>', "speaks of nobody"),
    "page.html": (b"<html><body/></html>", "no ClinicalDocument"),
    "columns-only.csv": (COLUMNS, "no row holds a value"),
    "other-columns.csv": (b"foo,bar\n1,2\n", "is no format known here"),
    "words-for-numbers.csv": (COLUMNS + b"creatinine,abc,mg/dL,2026-01-01\n", "no row holds a value"),
    "short-row.csv": (COLUMNS + b"creatinine\n", "no row holds a value"),
    "open-quote.csv": (COLUMNS + b'"creatinine,0.9,mg/dL,2026-01-01\n', "no row holds a value"),
    "impossible-day.csv": (COLUMNS + b"creatinine,0.9,mg/dL,31/31/2026\n", "no row holds a value"),
    "endless.csv": (COLUMNS + b"creatinine,1e999,mg/dL,2026-01-01\n", "no row holds a value"),
    "thousands.csv": (COLUMNS + b'leukocytes,"6,200",/uL,2026-01-01\n', "no row holds a value"),
    "long-cell.csv": (COLUMNS + b"creatinine," + b"1" * 200_000 + b",mg/dL,2026-01-01\n", "field larger than"),
    "photo.png": (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "is no format known here"),
    "archive.zip": (b"PK\x03\x04" + b"\0" * 40, "is no format known here"),
    "person.json": (b'{"schema":"singula.person/1","preferences":"x"}', "singula.person/1"),
}

USABLE: dict[str, tuple[bytes, str]] = {
    "unknown-type.json": (b'{"resourceType":"Patiant"}', "is no resource type of FHIR R4"),
    "entry-is-object.json": (b'{"resourceType":"Bundle","entry":{"resource":{"resourceType":"Patient"}}}', "entry is no list"),
    "entries-are-words.json": (b'{"resourceType":"Bundle","entry":["a",null,3]}', "an entry is no object"),
    "resource-is-list.json": (b'{"resourceType":"Bundle","entry":[{"resource":[1]}]}', "an entry holds no resource"),
    "one-page.json": (bundle(PERSON, link=[{"relation": "next", "url": "http://x/2"}]), "one page of a longer answer"),
    "same-person-twice.json": (bundle(PERSON, {**PERSON, "gender": "male"}), "the same patient id occurs twice"),
    "two-values-one-day.json": (bundle(PERSON, observation(), observation(valueQuantity=quantity(2))), "sources disagree"),
    "unknown-person.json": (measured(subject={"reference": "Patient/nobody"}), "not described in this input"),
    "value-in-words.json": (measured(valueQuantity=quantity("0.9")), "is no number"),
    "value-is-true.json": (measured(valueQuantity=quantity(True)), "is no number"),
    "negative.json": (measured(valueQuantity=quantity(-5)), "is not possible"),
    "huge.json": (measured(valueQuantity=quantity(1e30)), "is not possible"),
    "mixed-units.json": (measured(valueQuantity=quantity(80)), "80 umol/L would be 0.905 mg/dL"),
    "unknown-unit.json": (measured(valueQuantity=quantity(1, "bananas")), "not a known unit"),
    "no-unit.json": (measured(valueQuantity={"value": 1}), "does not measure this"),
    "impossible-day.json": (measured(effectiveDateTime="2026-13-45"), "is no date"),
    "day-is-number.json": (measured(effectiveDateTime=20260101), "is no date"),
    "born-tomorrow.json": (bundle({**PERSON, "birthDate": "2999-01-01"}, observation()), "lies ahead"),
    "born-long-ago.json": (bundle({**PERSON, "birthDate": "long ago"}, observation()), "is no date"),
    "gender-is-list.json": (bundle({**PERSON, "gender": ["f"]}, observation()), "gender"),
    "name-in-words.json": (bundle({**PERSON, "name": "X"}, observation()), "name is no list"),
    "code-in-words.json": (measured(code="creatinine"), "is no concept"),
    "coding-is-object.json": (measured(code={"coding": {"code": "2160-0"}}), "coding is no list"),
    "no-status.json": (measured(status=None), "status is missing"),
    "wrong-status.json": (measured(status="gone"), "status 'gone' is none of"),
    "nonsense-genotype.json": (
        measured(
            code={"coding": [{"system": "http://loinc.org", "code": "84413-4"}]},
            valueQuantity=None,
            valueCodeableConcept={"text": "CYP2C19 banana"},
        ),
        "names no pair of alleles",
    ),
    "path-as-id.json": (bundle({**PERSON, "id": "../../etc/passwd"}), "is no FHIR id"),
    "one-bad-line.ndjson": (json.dumps(PERSON).encode() + b"\n{broken\n" + json.dumps(observation()).encode(), "is no JSON"),
    "no-build.vcf": (HEADER.replace(b",length=133797422", b"") + ROW, "says no genome build"),
    "word-for-number.hl7": (MESSAGE.replace(b"||0.9", b"||abc"), "is no number"),
    "endless.hl7": (MESSAGE.replace(b"||0.9", b"||" + b"9" * 400), "is no number"),
    "two-points.hl7": (MESSAGE.replace(b"||0.9", b"||1.2.3"), "is no number"),
    "wrong-unit.csv": (COLUMNS + b"creatinine,0.9,kg,2026-01-01\n", "does not measure this"),
    "mixed-units.csv": (COLUMNS + b"creatinine,80,mg/dL,2026-01-01\n", "80 umol/L would be"),
    "unknown-name.csv": (COLUMNS + b"unobtainium,0.9,mg/dL,2026-01-01\n", "is not a value this knowledge names"),
    "in-circles.json": (
        bundle(
            PERSON,
            observation(derivedFrom=[{"reference": "Observation/q"}], valueQuantity=quantity(80)),
            observation(id="q", derivedFrom=[{"reference": "Observation/o"}]),
        ),
        "is not possible",
    ),
}
