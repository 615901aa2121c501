"""Singula's own words for what a record says: codes and texts become names through the pack ``terminology``.

Where code and text of a medicine disagree the text decides, because clinicians read the text, and the disagreement is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from singula.errors import UnitUnknown
from singula.knowledge import Knowledge, Row
from singula.record import Coding, Concept, Quantity
from singula.record.coding import SHORT_SYSTEMS
from singula.record.units import spoken_unit

PACK = "terminology"
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
CVX = "http://hl7.org/fhir/sid/cvx"
ICD10 = ("http://hl7.org/fhir/sid/icd-10-cm", "http://hl7.org/fhir/sid/icd-10", "urn:oid:2.16.840.1.113883.6.90", "ICD-10-CM")
MEASURE = "urn:singula:measure"
WORD = re.compile(r"[a-z0-9][a-z0-9'’-]*")
LONGEST_NAME_WORDS = 4
IFCC_SLOPE, IFCC_OFFSET = 0.09148, 2.152


@dataclass(frozen=True)
class Recognised:
    """What a medicine's codings and words were taken for."""

    ingredients: tuple[str, ...]
    problem: str = ""


class Terminology:
    """Look-up tables made once per knowledge."""

    def __init__(self, knowledge: Knowledge) -> None:
        pack = knowledge.pack(PACK)
        self.analytes: dict[tuple[str, str], Row] = {}
        for row in pack.table("analytes"):
            for code in row.loinc or ():
                system, _, measure = code.partition("#")
                self.analytes[(system, measure) if measure else (LOINC, code)] = row
        self.analyte_names = {row.name: row for row in pack.table("analytes")}
        self.condition_snomed = {code: row for row in pack.table("conditions") for code in row.snomed or ()}
        self.condition_icd = {code.replace(".", ""): row for row in pack.table("conditions") for code in row.icd10 or ()}
        self.condition_words = {
            word: row for row in pack.table("conditions") for word in (*(row.words or ()), row.name.replace("-", " "))
        }
        self.conditions = {row.name: row for row in pack.table("conditions")}
        self.procedure_codes = {code: row for row in pack.table("procedures") for code in row.codes or ()}
        self.procedure_words = [(word, row) for row in pack.table("procedures") for word in row.words or ()]
        self.rxnorm = {code: row.name for row in pack.table("ingredients") for code in row.rxnorm or ()}
        self.rxnorm_of = {row.name: (row.rxnorm or (None,))[0] for row in pack.table("ingredients")}
        self.ingredient_words = {word: row.name for row in pack.table("ingredients") for word in (row.name, *(row.also or ()))}
        self.vaccines = {code: row for row in pack.table("vaccines") for code in row.cvx or ()}
        self.vaccine_words = [(word, row) for row in pack.table("vaccines") for word in row.words or ()]
        self.answers = {(row.system, row.code): row.meaning for row in pack.table("answers")}
        self.relations = {row.code: row for row in pack.table("relations")}

    def analyte(self, concept: Concept) -> Row | None:
        """Find what an observation measures, by code; for local codes without a system by Singula's own name."""
        for coding in concept.codings:
            row = self.analytes.get((coding.system or LOINC, coding.code or ""))
            if row is not None:
                return row
        words = (concept.text or "").strip().lower().replace(" ", "-")
        return self.analyte_names.get(words)

    def condition(self, concept: Concept) -> Row | None:
        """Find which problem a diagnosis names: the most specific ICD-10 prefix, the SNOMED code, or its plain name."""
        for coding in concept.codings:
            if coding.system == SNOMED and coding.code in self.condition_snomed:
                return self.condition_snomed[coding.code]
            if coding.system in ICD10 and coding.code:
                row = self._by_icd(coding.code)
                if row is not None:
                    return row
        return self.condition_words.get(_plain(concept.display))

    def _by_icd(self, code: str) -> Row | None:
        plain = code.replace(".", "").upper()
        for length in range(len(plain), 2, -1):
            if plain[:length] in self.condition_icd:
                return self.condition_icd[plain[:length]]
        return None

    def procedure(self, concept: Concept) -> Row | None:
        """Find what was done, by code, else by words of its text."""
        for coding in concept.codings:
            row = self.procedure_codes.get(f"{SHORT_SYSTEMS.get(coding.system or '', coding.system or '')} {coding.code}")
            if row is not None:
                return row
        text = _plain(concept.display)
        return next((row for word, row in self.procedure_words if word in text), None)

    def vaccine(self, concept: Concept) -> Row | None:
        """Find which vaccine was given, by CVX code, else by words of its text."""
        for coding in concept.codings:
            if coding.system == CVX and (coding.code or "").zfill(2) in self.vaccines:
                return self.vaccines[(coding.code or "").zfill(2)]
        text = _plain(concept.display)
        return next((row for word, row in self.vaccine_words if word in text), None)

    def medicine(self, concept: Concept) -> Recognised:
        """Find the ingredients a medicine's words and codes name, in their order; see the module's rule on disagreement."""
        by_code = tuple(
            dict.fromkeys(self.rxnorm[c.code] for c in concept.codings if c.system == RXNORM and c.code in self.rxnorm)
        )
        texts = [concept.text, *(coding.display for coding in concept.codings)]
        by_words = next((found for text in texts if text and (found := self.ingredients_in(text))), ())
        if by_code and by_words and not set(by_code) & set(by_words):
            return Recognised(by_words, f"code says {by_code[0]}, words say {by_words[0]}: the words are used; correct the code")
        return Recognised(by_words or by_code)

    def ingredients_in(self, text: str) -> tuple[str, ...]:
        """List the ingredients a text names, such as ``Clopidogrel 75 MG Oral Tablet [Plavix]``."""
        return _ingredients_in(self, text)

    def answer(self, concept: Concept) -> str | None:
        """Return the meaning of a coded answer, such as ``current-smoker`` or ``negative``."""
        for coding in concept.codings:
            found = self.answers.get((SHORT_SYSTEMS.get(coding.system or "", coding.system or ""), coding.code or ""))
            if found:
                return str(found)
        return None

    def canonical(self, row: Row, value: Quantity) -> Quantity | None:
        """Convert a measured value to the analyte's own unit; None where the unit cannot be converted."""
        if not row.unit:
            return None
        unit = spoken_unit(value.unit)
        if row.name == "hba1c" and unit == "mmol/mol":
            return Quantity(number=value.number * IFCC_SLOPE + IFCC_OFFSET, unit="%", comparator=value.comparator)
        if unit == row.unit or (unit == "1" and row.unit.startswith("{")) or _means_the_same(unit, row.unit):
            return Quantity(number=value.number, unit=row.unit, comparator=value.comparator)
        try:
            return Quantity(number=value.number, unit=unit, comparator=value.comparator).to(
                row.unit, molar_mass_g_per_mol=row.molar_mass
            )
        except UnitUnknown:
            return None


SAME_UNITS: Mapping[str, frozenset[str]] = {
    "mmol/L": frozenset({"meq/L"}),
    "10*9/L": frozenset({"10*3/uL", "/nL", "G/L"}),
    "mg/g": frozenset({"mg/g{creat}", "ug/mg", "ug/mg{creat}", "mg/g{creatinine}"}),
    "/min": frozenset({"{beats}/min", "{breaths}/min"}),
    "mL/min/{1.73_m2}": frozenset({"mL/min/1.73m*2", "mL/min"}),
    "1": frozenset({"{INR}", "{ratio}"}),
    "ms": frozenset({"msec"}),
    "mm[Hg]": frozenset({"mmHg"}),
    "{pack-years}": frozenset({"{PackYears}", "{pack}.a", "a", "{pack-year}", "pack-years", "{packs}/a", "a.{pack}"}),
    "mmol/d": frozenset({"mmol/(24.h)", "meq/(24.h)", "mmol/24h", "mmol/{24_h}"}),
    "/d": frozenset({"{drinks}/d", "{wine_glasses}/d", "{standard_drink}/d", "1/d", "{#}/d"}),
    "{score}": frozenset({"1", "{points}", "{#}"}),
    "%": frozenset({"%{HbA1c}", "%{hemoglobin}"}),
    "10*3/uL": frozenset({"10*9/L"}),
}


def _means_the_same(unit: str, canonical: str) -> bool:
    return unit in SAME_UNITS.get(canonical, ())


def _plain(text: str | None) -> str:
    words = re.sub(r"\s*\([^)]*\)\s*$", "", (text or "").lower())
    return words.strip()


def _ingredients_in(terminology: Terminology, text: str) -> tuple[str, ...]:
    words = WORD.findall(text.lower().replace("’", "'"))
    found: list[str] = []
    position = 0
    while position < len(words):
        for length in range(min(LONGEST_NAME_WORDS, len(words) - position), 0, -1):
            name = terminology.ingredient_words.get(" ".join(words[position : position + length]))
            if name:
                found.append(name)
                position += length
                break
        else:
            position += 1
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=4)
def terminology_of(knowledge: Knowledge) -> Terminology:
    """Return the look-up tables of a knowledge, made once."""
    return Terminology(knowledge)


def concept_of(codings: Iterable[Mapping[str, Any]], text: str | None) -> Concept:
    """Make a concept of FHIR codings and text."""
    return Concept.model_construct(
        codings=tuple(
            Coding.model_construct(
                system=_text(one.get("system")), code=_text(one.get("code")), display=_text(one.get("display"))
            )
            for one in codings
        ),
        text=text,
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
