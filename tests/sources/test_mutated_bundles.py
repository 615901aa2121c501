"""Whatever is changed in a bundle, the reader answers: facts that are well-formed, or a refusal in one line; never a trace."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import date
from math import isfinite
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from singula.errors import BadInput
from singula.knowledge import load_knowledge
from singula.record import Fact
from singula.sources.draft import Draft
from singula.sources.fhir import read_fhir
from singula.sources.fhir_validation import PACK as RULES
from singula.sources.fhir_validation import validate_bytes
from singula.sources.limits import parse_json
from singula.sources.merge import join_drafts
from singula.sources.reading import read_inputs
from singula.sources.terminology import terminology_of
from tests.security.broken_inputs import COLUMNS, DOCUMENT, HEADER, MESSAGE, PERSON, ROW, observation, quantity

LOINC = "http://loinc.org"
GENE = {"code": {"coding": [{"system": LOINC, "code": "48018-6"}]}, "valueCodeableConcept": {"text": "CYP2C19"}}
SUBJECT = {"subject": {"reference": "Patient/p"}}
WHOLE: dict[str, Any] = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [
        {"resource": one}
        for one in (
            {**PERSON, "identifier": [{"system": "urn:x", "value": "1"}], "name": [{"family": "A", "given": ["B"]}]},
            observation(),
            observation(
                id="bp",
                valueQuantity=None,
                component=[
                    {"code": {"coding": [{"system": LOINC, "code": "8480-6"}]}, "valueQuantity": quantity(150, "mm[Hg]")},
                    {"code": {"coding": [{"system": LOINC, "code": "8462-4"}]}, "valueQuantity": quantity(90, "mm[Hg]")},
                ],
            ),
            observation(
                id="g",
                code={"coding": [{"system": LOINC, "code": "84413-4"}]},
                valueQuantity=None,
                valueCodeableConcept={"text": "CYP2C19 *2/*2"},
                component=[GENE],
            ),
            {
                "resourceType": "MedicationRequest",
                "id": "m",
                "status": "active",
                "intent": "order",
                **SUBJECT,
                "medicationCodeableConcept": {"text": "Clopidogrel 75 MG Oral Tablet"},
                "dosageInstruction": [
                    {
                        "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
                        "doseAndRate": [{"doseQuantity": {"value": 75, "unit": "mg"}}],
                    }
                ],
            },
            {
                "resourceType": "Condition",
                "id": "c",
                "clinicalStatus": {"coding": [{"code": "active"}]},
                "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I48.91"}]},
                **SUBJECT,
                "onsetDateTime": "2020",
            },
            {
                "resourceType": "AllergyIntolerance",
                "id": "a",
                "code": {"text": "penicillin"},
                "patient": {"reference": "Patient/p"},
                "reaction": [{"manifestation": [{"text": "rash"}], "severity": "mild"}],
            },
            {
                "resourceType": "FamilyMemberHistory",
                "id": "f",
                "status": "completed",
                "patient": {"reference": "Patient/p"},
                "relationship": {"coding": [{"code": "MTH"}]},
                "condition": [{"code": {"text": "breast cancer"}, "onsetAge": {"value": 45, "unit": "a"}}],
            },
        )
    ],
}
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from(
        ["2026-02-30", "Patient/p", "#x", "http://loinc.org", "*1/*2", "<b>", "\u202e", "0001-01-01", "9999-12-31T23:59:60Z"]
    ),
    st.lists(st.none() | st.integers() | st.text(max_size=3), max_size=3),
    st.dictionaries(
        st.sampled_from(["coding", "value", "code", "reference", "start", "text"]), st.none() | st.text(max_size=3), max_size=3
    ),
)


def _places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [place for name, one in inside for place in ((*path, name), *_places(one, (*path, name)))]


PLACES = _places(WHOLE)


@st.composite
def _mutated(draw: st.DrawFn) -> dict[str, Any]:
    changed = deepcopy(WHOLE)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.sampled_from(PLACES))
        node: Any = changed
        try:
            for step in place[:-1]:
                node = node[step]
            how = draw(st.sampled_from(["replace", "drop", "twice"]))
            if how == "replace":
                node[place[-1]] = draw(ODD)
            elif how == "drop":
                del node[place[-1]]
            elif isinstance(node, list):
                node.append(deepcopy(node[place[-1]]))
        except (KeyError, IndexError, TypeError):
            continue
    return changed


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_mutated())
def test_a_mutated_bundle_is_read_or_refused(document: dict[str, Any]) -> None:
    knowledge = load_knowledge()
    draft = Draft(input="mutated.json")
    text = json.dumps(document).encode()
    try:
        read_fhir(parse_json(text, "mutated.json"), draft, terminology_of(knowledge), knowledge.pack("fhir_reading"))
    except BadInput as refusal:
        assert "\n" not in str(refusal)
        return
    problems = list(draft.problems)
    for record in join_drafts([draft], problems):
        for fact in record.facts:
            assert Fact.model_validate(fact.model_dump(include=set(Fact.model_fields))).id == fact.id
            assert fact.when is None or fact.when.text[:4].isdigit()
    assert all("\n" not in problem.message for problem in problems)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_mutated())
def test_validation_of_a_mutated_bundle_ends_in_a_verdict(document: dict[str, Any]) -> None:
    answer = validate_bytes(json.dumps(document).encode(), "m.json", load_knowledge().pack(RULES), profile="genomics-reporting")
    assert answer.is_valid == (not any(issue.severity in ("fatal", "error") for issue in answer.issues))


TEXTS = {
    "a.hl7": MESSAGE.replace(b"OBX|1|", b"OBX|1|CWE|48018-6^G^LN|1a|HGNC:2621^CYP2C19^HGNC||||||F\rRXO|1^a^X|75||mg\rOBX|2|"),
    "a.csv": COLUMNS + b"creatinine,0.9,mg/dL,2026-01-01\npotassium,4.4,mmol/L,2026-01-01\n",
    "a.xml": DOCUMENT.replace(
        b"</ClinicalDocument>",
        b'<section><code code="30954-2"/><entry><observation xmlns:x="http://www.w3.org/2001/XMLSchema-instance">'
        b'<code code="2160-0" codeSystem="2.16.840.1.113883.6.1"/><effectiveTime value="20260101"/>'
        b'<value x:type="PQ" value="0.9" unit="mg/dL"/></observation></entry></section></ClinicalDocument>',
    ),
    "a.vcf": HEADER + ROW,
}


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(TEXTS)), st.integers(0, 2000), st.integers(0, 12), st.binary(max_size=8))
def test_a_mutated_file_of_any_format_is_read_or_refused(tmp_path: Path, name: str, start: int, cut: int, put: bytes) -> None:
    data = TEXTS[name]
    place = start % len(data)
    (tmp_path / name).write_bytes(data[:place] + put + data[place + cut :])
    try:
        reading = read_inputs([tmp_path / name], load_knowledge(), as_of=date(2026, 11, 1))
    except BadInput as refusal:
        assert "\n" not in str(refusal)
        return
    for record in reading.records:
        for fact in record.facts:
            assert isfinite(getattr(getattr(fact, "value", None), "number", 0.0))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_bytes_are_parsed_or_refused(data: bytes) -> None:
    try:
        parse_json(data, "bytes.json")
    except BadInput as refusal:
        assert str(refusal).startswith("bytes.json")


def test_the_unchanged_bundle_has_every_fact() -> None:
    knowledge = load_knowledge()
    draft = Draft(input="whole.json")
    read_fhir(WHOLE, draft, terminology_of(knowledge), knowledge.pack("fhir_reading"))
    assert sorted(fact.kind.value for fact in draft.facts) == [
        "allergy", "condition", "family-history", "genotype", "measurement", "measurement", "measurement", "medicine",
    ]  # fmt: skip
    assert draft.problems == []
