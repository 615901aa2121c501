"""The kinds of facts a record holds.

Every fact carries the codes it came with (``concept``), Singula's own word for what it is about (``name``, set by the readers
through the terminology pack: ``creatinine``, ``clopidogrel``, ``atrial-fibrillation``, ``colonoscopy``), its status, its time,
where it was read, quality flags and security labels. Rules speak in names; codes are kept for going back out.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from singula.errors import UnitUnknown
from singula.record.coding import Concept
from singula.record.frozen import Frozen
from singula.record.quantity import Quantity
from singula.record.when import When


class Kind(StrEnum):
    """What sort of statement a fact is; the words of ``singula record show``."""

    CONDITION = "condition"
    ALLERGY = "allergy"
    MEDICINE = "medicine"
    MEASUREMENT = "measurement"
    OBSERVATION = "observation"
    PROCEDURE = "procedure"
    IMMUNISATION = "immunisation"
    FAMILY_HISTORY = "family-history"
    ENCOUNTER = "encounter"
    REPORT = "report"
    DOCUMENT = "document"
    SPECIMEN = "specimen"
    STAGE = "stage"
    TUMOUR_MARKER = "tumour-marker"
    PERFORMANCE_STATUS = "performance-status"
    DISEASE_STATUS = "disease-status"
    HISTOLOGY = "histology"
    RISK = "risk"
    VARIANT = "variant"
    GENOTYPE = "genotype"
    HAPLOTYPE = "haplotype"
    PHASE = "phase"
    GENE_PHENOTYPE = "gene-phenotype"
    THERAPEUTIC_IMPLICATION = "therapeutic-implication"
    DIAGNOSTIC_IMPLICATION = "diagnostic-implication"
    MOLECULAR_CONSEQUENCE = "molecular-consequence"
    BIOMARKER = "biomarker"
    REGION_TESTED = "region-tested"
    OUTCOME = "outcome"
    OTHER = "other"


class Status(StrEnum):
    """Whether the fact states presence, absence, or that nobody knows."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"


class Source(Frozen):
    """Where a fact was read: the input, the place in it, the reader, and how far it is trusted (higher is more)."""

    input: str
    where: str
    reader: str = ""
    trust: int = 0


class Fact(Frozen):
    """One statement about one person.

    ``flags`` are quality notes in words (``value looks like umol/L: 80 mg/dL is not survivable``); a flagged value is never
    used in a rule unless ``usable`` says so. ``superseded_by`` names the fact that won where two contradicted each other.
    """

    id: str
    kind: Kind
    person: str = ""
    status: Status = Status.PRESENT
    concept: Concept = Concept()
    name: str | None = None
    value: Quantity | Concept | str | bool | None = None
    when: When | None = None
    sources: tuple[Source, ...] = ()
    labels: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    usable: bool = True
    superseded_by: str | None = None
    detail: Mapping[str, str | float | bool | None] = {}

    @property
    def is_present(self) -> bool:
        """Whether the statement holds and may be used: present, usable, not outvoted by another source."""
        return self.status is Status.PRESENT and self.usable and self.superseded_by is None

    @property
    def display(self) -> str:
        """Words for a reader."""
        return self.concept.display or (self.name or "").replace("-", " ")


class Condition(Fact):
    """A diagnosis or problem."""

    kind: Kind = Kind.CONDITION
    active: bool = True
    onset: When | None = None
    ended: When | None = None


class Medicine(Fact):
    """A medicine taken, prescribed, proposed or stopped; ``name`` is the ingredient in lower case."""

    kind: Kind = Kind.MEDICINE
    use: Literal["active", "proposed", "stopped", "planned"] = "active"
    ingredients: tuple[str, ...] = ()
    dose: Quantity | None = None
    doses_per_day: float | None = None
    route: str | None = None
    started: When | None = None
    stopped: When | None = None
    indication: str | None = None

    @property
    def dose_mg_per_day(self) -> float | None:
        """The daily dose in milligrams, where dose and frequency are known; a dose in tablets or drops is not."""
        if self.dose is None or self.doses_per_day is None:
            return None
        try:
            return self.dose.to("mg").number * self.doses_per_day
        except UnitUnknown:
            return None


class Allergy(Fact):
    """An allergy or intolerance; ``name`` is the substance or class, ABSENT means asked and denied."""

    kind: Kind = Kind.ALLERGY
    reactions: tuple[str, ...] = ()
    severe: bool | None = None


class Observation(Fact):
    """A laboratory value, vital sign, questionnaire or other finding.

    ``canonical`` is the value in the unit the terminology pack states for ``name``; rules use it, pages show ``value``.
    """

    kind: Kind = Kind.OBSERVATION
    canonical: Quantity | None = None


class Procedure(Fact):
    """Something done; ``when`` is the day it was done, and only completed ones are PRESENT."""

    kind: Kind = Kind.PROCEDURE


class Immunisation(Fact):
    """A vaccine given."""

    kind: Kind = Kind.IMMUNISATION


class FamilyCondition(Fact):
    """A relative's disease; relatives appear as a relation, never by name. ``relative`` tells two sisters apart."""

    kind: Kind = Kind.FAMILY_HISTORY
    relation: str = ""
    relative: str = ""
    degree: int | None = None
    side: Literal["maternal", "paternal"] | None = None
    onset_age_years: float | None = None
    deceased: bool | None = None


class Variant(Fact):
    """A genomic variant as reported: present, absent or not called."""

    kind: Kind = Kind.VARIANT
    gene: str | None = None
    hgvs_c: str | None = None
    hgvs_p: str | None = None
    hgvs_g: str | None = None
    chromosome: str | None = None
    position: int | None = None
    ref: str | None = None
    alt: str | None = None
    assembly: Literal["GRCh37", "GRCh38"] | None = None
    zygosity: Literal["heterozygous", "homozygous", "hemizygous", "homoplasmic", "heteroplasmic"] | None = None
    source_class: Literal["germline", "somatic"] | None = None
    significance: str | None = None
    vaf: float | None = None
    copy_number: float | None = None
    consequence: str | None = None


class Genotype(Fact):
    """The diplotype of one gene, given or called; ``candidates`` are those that remain possible."""

    kind: Kind = Kind.GENOTYPE
    gene: str
    diplotype: str | None = None
    candidates: tuple[str, ...] = ()
    phenotype: str | None = None
    activity_score: float | str | None = None
    missing_positions: tuple[str, ...] = ()
    call_status: str = "outside"


class GenePhenotype(Fact):
    """A gene-level phenotype or activity score given without a diplotype."""

    kind: Kind = Kind.GENE_PHENOTYPE
    gene: str
    phenotype: str | None = None
    activity_score: float | str | None = None


class Biomarker(Fact):
    """A tumour biomarker: TMB, MSI, HER2, PD-L1 and their like."""

    kind: Kind = Kind.BIOMARKER
    assay: str | None = None


class TumourChange(Frozen):
    """One small variant of a tumour as the laboratory wrote it."""

    gene: str
    text: str
    origin: Literal["somatic", "germline", "unknown"] = "unknown"
    classification: str | None = None
    vaf: float | None = None
    depth: float | None = None
    consequence: str | None = None


class GeneCall(Frozen):
    """A copy-number call or structural event of one gene."""

    gene: str
    event: str


class TumourSpecimen(Fact):
    """One tumour sample: its type, what was found, and what was looked at.

    ``tumour_type`` is an OncoTree code, None where the file names none. Only ``tested_genes`` turns absence into wild type;
    ``prior_therapies`` None is not known, empty is none. ``pathology`` holds size, grade, nodes by the names methods use.
    """

    kind: Kind = Kind.SPECIMEN
    tumour_type: str | None = None
    build: str | None = None
    changes: tuple[TumourChange, ...] = ()
    fusions: tuple[tuple[str | None, str | None], ...] = ()
    copy_number: tuple[GeneCall, ...] = ()
    structural: tuple[GeneCall, ...] = ()
    biomarkers: Mapping[str, str | float | bool] = {}
    tested_genes: tuple[str, ...] = ()
    prior_therapies: tuple[str, ...] | None = None
    pathology: Mapping[str, str | float | bool] = {}
