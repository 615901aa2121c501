"""C-CDA: negations, broken entries, intervals and families in documents as other systems write them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from singula.knowledge import load_knowledge
from singula.record import Allergy, FamilyCondition, Medicine, Observation, Status
from singula.sources.reading import Reading, read_inputs

HEAD = """<?xml version="1.0"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><recordTarget><patientRole>
<id root="1.2.3" extension="7"/><patient><name><given>A</given><family>EXAMPLE</family></name>
<administrativeGenderCode code="F"/><birthTime value="19700201"/></patient></patientRole></recordTarget>
<component><structuredBody>"""
TAIL = "</structuredBody></component></ClinicalDocument>"
SNOMED, LOINC, RXNORM = "2.16.840.1.113883.6.96", "2.16.840.1.113883.6.1", "2.16.840.1.113883.6.88"


def _read(tmp_path: Path, *sections: tuple[str, str]) -> Reading:
    body = "".join(f'<component><section><code code="{code}"/>{inside}</section></component>' for code, inside in sections)
    (tmp_path / "document.xml").write_text(HEAD + body + TAIL)
    return read_inputs([tmp_path / "document.xml"], load_knowledge(), as_of=date(2026, 11, 1))


def _allergy(inside: str, negated: str = "false") -> str:
    return (
        f'<entry><act><entryRelationship><observation negationInd="{negated}">'
        f'<templateId root="2.16.840.1.113883.10.20.22.4.7"/>{inside}</observation></entryRelationship></act></entry>'
    )


PENICILLIN = (
    f'<participant><participantRole><playingEntity><code code="7980" codeSystem="{RXNORM}" displayName="penicillin G"/>'
    "</playingEntity></participantRole></participant>"
)


def test_an_allergy_without_substance_is_told_and_the_next_one_read(tmp_path: Path) -> None:
    reading = _read(tmp_path, ("48765-2", _allergy("") + _allergy(PENICILLIN)))
    (fact,) = reading.records[0].facts
    assert isinstance(fact, Allergy)
    assert fact.concept.codings[0].code == "7980"
    assert [problem.message for problem in reading.problems] == ["an allergy names no substance; it is not read, the others are"]


def test_a_negated_allergy_without_substance_is_no_known_allergy(tmp_path: Path) -> None:
    (fact,) = _read(tmp_path, ("48765-2", _allergy("", "true"))).records[0].facts
    assert (fact.kind.value, fact.status) == ("allergy", Status.ABSENT)


def test_a_negated_medicine_is_not_taken(tmp_path: Path) -> None:
    entry = (
        '<entry><substanceAdministration negationInd="true"><statusCode code="active"/><consumable><manufacturedProduct>'
        f'<manufacturedMaterial><code code="11289" codeSystem="{RXNORM}" displayName="warfarin"/></manufacturedMaterial>'
        "</manufacturedProduct></consumable></substanceAdministration></entry>"
    )
    (fact,) = _read(tmp_path, ("10160-0", entry)).records[0].facts
    assert isinstance(fact, Medicine)
    assert (fact.name, fact.status, fact.use) == ("warfarin", Status.ABSENT, "stopped")


def test_an_open_interval_keeps_its_comparator(tmp_path: Path) -> None:
    entry = (
        f'<entry><organizer><component><observation><code code="2160-0" codeSystem="{LOINC}"/><effectiveTime value="20260102"/>'
        '<value xsi:type="IVL_PQ"><high value="0.5" unit="mg/dL" inclusive="false"/></value>'
        "</observation></component></organizer></entry>"
    )
    (fact,) = _read(tmp_path, ("30954-2", entry)).records[0].facts
    assert isinstance(fact, Observation)
    assert (fact.value.comparator, fact.value.number, fact.value.unit) == ("<", 0.5, "mg/dL")


def test_a_value_that_is_no_number_spoils_its_entry_only(tmp_path: Path) -> None:
    entries = "".join(
        f'<entry><observation><code code="2160-0" codeSystem="{LOINC}"/><effectiveTime value="{when}"/>'
        f'<value xsi:type="PQ" value="{value}" unit="mg/dL"/></observation></entry>'
        for when, value in (("20260101", "high"), ("20260102", "0.9"))
    )
    reading = _read(tmp_path, ("30954-2", entries))
    assert [fact.value.number for fact in reading.records[0].facts if isinstance(fact, Observation)] == [0.9]
    assert ["breaks its template" in problem.message for problem in reading.problems] == [True]


def test_a_relative_with_age_at_onset_is_family_history(tmp_path: Path) -> None:
    entry = (
        '<entry><organizer><subject><relatedSubject classCode="PRS"><code code="MTH" codeSystem="2.16.840.1.113883.5.111" '
        'displayName="mother"/></relatedSubject></subject><component><observation>'
        f'<value xsi:type="CD" code="254837009" codeSystem="{SNOMED}" displayName="Malignant neoplasm of breast"/>'
        f'<entryRelationship><observation><code code="445518008" codeSystem="{SNOMED}"/>'
        '<value xsi:type="PQ" value="44" unit="a"/></observation></entryRelationship></observation></component></organizer>'
        "</entry>"
    )
    (fact,) = _read(tmp_path, ("10157-6", entry)).records[0].facts
    assert isinstance(fact, FamilyCondition)
    assert fact.concept.codings[0].code == "254837009"


def test_the_plan_of_treatment_is_no_history(tmp_path: Path) -> None:
    entry = f'<entry><observation moodCode="INT"><code code="2160-0" codeSystem="{LOINC}"/></observation></entry>'
    assert _read(tmp_path, ("18776-5", entry)).records[0].facts == ()
