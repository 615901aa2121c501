"""Genomics Reporting observations, STU1 to STU3 spellings, as facts. All carry the label ``genetics``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from singula.errors import quoted
from singula.record import Biomarker, Concept, Fact, GenePhenotype, Genotype, Kind, Quantity, Status, Variant
from singula.sources.diplotype_text import read_diplotype
from singula.sources.fhir_values import (
    Resource,
    components,
    first_date,
    is_number,
    place_of,
    read_concept,
    read_quantity,
    value_of,
)
from singula.sources.labels import GENETICS

if TYPE_CHECKING:
    from singula.sources.fhir import FhirContext

GENOMIC_KINDS = frozenset(
    {
        Kind.VARIANT, Kind.GENOTYPE, Kind.HAPLOTYPE, Kind.PHASE, Kind.GENE_PHENOTYPE, Kind.THERAPEUTIC_IMPLICATION,
        Kind.DIAGNOSTIC_IMPLICATION, Kind.MOLECULAR_CONSEQUENCE, Kind.BIOMARKER, Kind.REGION_TESTED,
    }
)  # fmt: skip
GENE, HGVS_C, HGVS_P, HGVS_G = "48018-6", "48004-6", "48005-3", "81290-9"
REF, ALT, CHROMOSOME, ASSEMBLY, EXACT = "69547-8", "69551-0", "48000-4", "62374-4", "81254-5"
SOURCE_CLASS, ZYGOSITY, VAF, COPIES, SIGNIFICANCE = "48002-0", "53034-5", "81258-6", "82155-3", "53037-8"
MEDICINE, EVIDENCE_LEVEL, PHENOTYPE = "51963-7", "93044-6", "81259-4"
IMPLICATIONS = ("therapeutic-implication", "predicted-therapeutic-implication", "53040-2", "51961-1", "51971-0", "83009-1")
ZYGOSITIES = {
    "LA6706-1": "heterozygous",
    "LA6705-3": "homozygous",
    "LA6707-9": "hemizygous",
    "LA6704-6": "homoplasmic",
    "LA6703-8": "heteroplasmic",
}
ASSEMBLIES = {"LA14029-5": "GRCh37", "LA26806-2": "GRCh38"}
ORIGINS = {"LA6683-2": "germline", "LA6684-0": "somatic"}
PRESENCE = {"LA9633-4": Status.PRESENT, "LA9634-2": Status.ABSENT, "LA18198-4": Status.UNKNOWN, "LA11884-6": Status.UNKNOWN}
GENE_SYMBOL = re.compile(r"^[A-Z][A-Z0-9-]{1,14}$")


class Parts:
    """The components of a genomic observation by code."""

    def __init__(self, resource: Resource) -> None:
        self.by_code: dict[str, tuple[Concept, str, Any]] = {}
        for concept, name, content in components(resource):
            for coding in concept.codings:
                if coding.code:
                    self.by_code.setdefault(coding.code, (concept, name, content))

    def concept(self, code: str) -> Concept:
        """Return a component's coded value, empty where there is none."""
        _, name, content = self.by_code.get(code, (None, "", None))
        if name == "valueCodeableConcept":
            return read_concept(content)
        return Concept(text=content) if isinstance(content, str) else Concept()

    def words(self, code: str) -> str | None:
        """Return a component's value as words: its display, text or code."""
        concept = self.concept(code)
        return concept.text or next((c.display or c.code for c in concept.codings if c.display or c.code), None)

    def code(self, code: str) -> str | None:
        """Return the code of a component's coded value."""
        return next((coding.code for coding in self.concept(code).codings if coding.code), None)

    def number(self, code: str) -> float | None:
        """Return a component's number."""
        _, name, content = self.by_code.get(code, (None, "", None))
        if name == "valueQuantity" and (quantity := read_quantity(content)):
            return quantity.number
        if name == "valueRange" and isinstance(content, Mapping) and (low := read_quantity(content.get("low"))):
            return low.number
        return float(content) if isinstance(content, int | float) and is_number(content) else None

    @property
    def gene(self) -> str | None:
        """The gene's symbol, from the display, text or code of the gene component."""
        concept = self.concept(GENE)
        words = [concept.text, *(c.display for c in concept.codings), *(c.code for c in concept.codings)]
        return next((word for word in words if word and GENE_SYMBOL.match(word)), None)


def read_genomic(resource: Resource, kind: Kind, context: FhirContext) -> Iterator[Fact]:
    """Read one genomic Observation into one fact."""
    parts = Parts(resource)
    base: dict[str, Any] = {
        "id": context.fact_id(resource),
        "person": context.person_of(resource),
        "concept": read_concept(resource.get("code")),
        "sources": context.source(resource),
        "when": first_date(resource, "effectiveDateTime", "effectivePeriod", "issued"),
        "labels": (GENETICS,),
    }
    yield _FACT_MAKERS.get(kind, _plain)(resource, kind, parts, base, context)


def _plain(resource: Resource, kind: Kind, parts: Parts, base: dict[str, Any], context: FhirContext) -> Fact:
    return Fact(**base, kind=kind, detail={"gene": parts.gene} if parts.gene else {})


def _variant(resource: Resource, kind: Kind, parts: Parts, base: dict[str, Any], context: FhirContext) -> Fact:
    _, content = value_of(resource)
    codes = [coding.code for coding in read_concept(content).codings]
    status = next((PRESENCE[code] for code in codes if code in PRESENCE), None)
    if status is None:
        status = Status.PRESENT if parts.by_code and "dataAbsentReason" not in resource else Status.UNKNOWN
    chromosome = parts.words(CHROMOSOME)
    position = parts.number(EXACT)
    return Variant(
        **base,
        status=status,
        name="variant",
        gene=parts.gene,
        hgvs_c=parts.words(HGVS_C),
        hgvs_p=parts.words(HGVS_P),
        hgvs_g=parts.words(HGVS_G),
        chromosome=chromosome.removeprefix("Chromosome ").removeprefix("chr") if chromosome else None,
        position=int(position) if position is not None else None,
        ref=parts.words(REF),
        alt=parts.words(ALT),
        assembly=_one_of(ASSEMBLIES, parts, ASSEMBLY),
        zygosity=_one_of(ZYGOSITIES, parts, ZYGOSITY),
        source_class=_one_of(ORIGINS, parts, SOURCE_CLASS),
        significance=parts.words(SIGNIFICANCE),
        vaf=parts.number(VAF),
        copy_number=parts.number(COPIES),
        detail={"significance_code": parts.code(SIGNIFICANCE)},
    )


def _one_of(table: Mapping[str, str], parts: Parts, code: str) -> Any:
    found = table.get(parts.code(code) or "")
    words = (parts.words(code) or "").lower()
    return found or next((meaning for meaning in table.values() if meaning.lower() in words), None)


def _genotype(resource: Resource, kind: Kind, parts: Parts, base: dict[str, Any], context: FhirContext) -> Fact:
    words = _value_words(resource)
    gene, diplotype = read_diplotype(words, parts.gene)
    if diplotype and not any(sign in diplotype for sign in "/*|+"):
        context.draft.note(
            "warning", place_of(resource), f"the genotype {quoted(words)} names no pair of alleles; write GENE *1/*2"
        )
    if gene is None:
        return Fact(**base, kind=kind, detail={"diplotype": diplotype})
    return Genotype(
        **base, gene=gene, diplotype=diplotype, name=f"genotype-{gene}", status=Status.PRESENT if diplotype else Status.UNKNOWN
    )


def _haplotype(resource: Resource, kind: Kind, parts: Parts, base: dict[str, Any], context: FhirContext) -> Fact:
    gene, allele = read_diplotype(_value_words(resource), parts.gene)
    return Fact(**base, kind=kind, detail={"gene": gene, "allele": allele})


def _value_words(resource: Resource) -> str:
    name, content = value_of(resource)
    if name == "valueCodeableConcept":
        concept = read_concept(content)
        return concept.text or next((c.display or c.code or "" for c in concept.codings), "")
    return content if isinstance(content, str) else ""


def _gene_phenotype(resource: Resource, kind: Kind, parts: Parts, base: dict[str, Any], context: FhirContext) -> Fact:
    rows = context.kinds.index("gene_phenotypes", "loinc")
    concept: Concept = base["concept"]
    gene = next((rows[c.code][0].gene for c in concept.codings if c.code in rows), None)
    words = " ".join(part for part in (concept.text, *(c.display for c in concept.codings), parts.gene) if part)
    named = next((row[0].gene for row in rows.values() if row[0].gene in words), None)
    if named and gene != named:
        context.draft.note(
            "error", base["sources"][0].where, f"code stands for {gene}, words say {named}: neither is used; correct the code"
        )
        return Fact(**base, kind=kind, status=Status.UNKNOWN)
    _, content = value_of(resource)
    value = read_concept(content)
    code, phenotype = read_phenotype(value, context.kinds)
    return GenePhenotype(
        **base,
        gene=gene or "",
        name=f"phenotype-{gene}",
        phenotype=phenotype,
        value=value,
        status=Status.PRESENT if phenotype else Status.UNKNOWN,
        detail={"phenotype_code": code},
    )


def read_phenotype(value: Concept, kinds: Any) -> tuple[str | None, str | None]:
    """Return the LOINC answer code and the standard words of a phenotype, by code, else by its words."""
    by_code = kinds.index("phenotype_answers", "code")
    for coding in value.codings:
        if coding.code in by_code:
            return coding.code, by_code[coding.code][0].phenotype
    text = value.display.lower().replace("metaboliser", "metabolizer")
    for code, rows in by_code.items():
        if rows[0].phenotype.lower() == text:
            return code, rows[0].phenotype
    return None, None


def _therapeutic(resource: Resource, kind: Kind, parts: Parts, base: dict[str, Any], context: FhirContext) -> Fact:
    medicine = parts.concept(MEDICINE)
    found = next((code for code in IMPLICATIONS if code in parts.by_code), "")
    answer, words = read_phenotype(parts.concept(found), context.kinds)
    recognised = context.terminology.medicine(medicine)
    return Fact(
        **base,
        kind=kind,
        name=recognised.ingredients[0] if recognised.ingredients else None,
        detail={
            "medicine": next((c.code for c in medicine.codings if c.code), None),
            "medicine_words": medicine.display or None,
            "phenotype": answer or parts.code(found),
            "phenotype_words": words,
            "evidence_level": parts.words(EVIDENCE_LEVEL),
            "gene": parts.gene,
        },
    )


def _diagnostic(resource: Resource, kind: Kind, parts: Parts, base: dict[str, Any], context: FhirContext) -> Fact:
    return Fact(
        **base,
        kind=kind,
        detail={"significance": parts.code(SIGNIFICANCE), "phenotype": parts.words(PHENOTYPE), "gene": parts.gene},
    )


def _biomarker(resource: Resource, kind: Kind, parts: Parts, base: dict[str, Any], context: FhirContext) -> Fact:
    name, content = value_of(resource)
    row = context.terminology.analyte(base["concept"])
    value: Quantity | Concept | str | None = read_quantity(content) if name == "valueQuantity" else None
    if name == "valueCodeableConcept":
        value = read_concept(content)
    return Biomarker(**base, name=row.name if row else None, value=value, status=Status.PRESENT if value else Status.UNKNOWN)


_FACT_MAKERS: Mapping[Kind, Any] = {
    Kind.VARIANT: _variant,
    Kind.GENOTYPE: _genotype,
    Kind.HAPLOTYPE: _haplotype,
    Kind.GENE_PHENOTYPE: _gene_phenotype,
    Kind.THERAPEUTIC_IMPLICATION: _therapeutic,
    Kind.DIAGNOSTIC_IMPLICATION: _diagnostic,
    Kind.BIOMARKER: _biomarker,
}
