"""Codes as outside vocabularies write them, kept exactly as they came."""

from __future__ import annotations

from singula.record.frozen import Frozen

SHORT_SYSTEMS = {
    "http://loinc.org": "LOINC",
    "http://snomed.info/sct": "SNOMED CT",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM",
    "http://hl7.org/fhir/sid/icd-10": "ICD-10",
    "http://hl7.org/fhir/sid/cvx": "CVX",
    "http://www.genenames.org": "HGNC",
    "http://www.whocc.no/atc": "ATC",
}


class Coding(Frozen):
    """One code of one vocabulary."""

    system: str | None = None
    code: str | None = None
    display: str | None = None

    @property
    def short(self) -> str:
        """The code with its vocabulary's everyday name: ``LOINC 2160-0``."""
        return f"{SHORT_SYSTEMS.get(self.system or '', self.system or '')} {self.code or ''}".strip()


class Concept(Frozen):
    """What a fact is about: every coding that came with it, and its words."""

    codings: tuple[Coding, ...] = ()
    text: str | None = None

    @property
    def display(self) -> str:
        """The best words for a reader: its text, else the first display, else the first code."""
        words = self.text or next((coding.display for coding in self.codings if coding.display), None)
        return words or next((coding.short for coding in self.codings), "")

    @property
    def first(self) -> Coding:
        """The first coding, empty where there is none."""
        return self.codings[0] if self.codings else Coding(display=self.text)

    def has(self, system: str, code: str) -> bool:
        """Tell whether one of the codings is this code."""
        return any(coding.system == system and coding.code == code for coding in self.codings)
