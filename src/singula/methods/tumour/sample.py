"""What is known of one tumour, in the words expressions are matched against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from singula.methods.tumour.alteration import Alteration

Origin = Literal["somatic", "germline", "unknown"]
SPELLINGS = {
    ("msi", "msi-h"): "high", ("msi", "msi-high"): "high", ("msi", "mss"): "stable", ("msi", "msi-l"): "low",
    ("msi", "msi-low"): "low", ("mmr", "dmmr"): "deficient", ("mmr", "pmmr"): "proficient",
}  # fmt: skip
HER2_BY_STAIN = {"3+": "positive", "1+": "low", "0": "negative"}
HER2_BY_ISH = {
    "positive": "positive", "amplified": "positive", "negative": "low", "not amplified": "low", "non-amplified": "low",
}  # fmt: skip
PATHOGENIC = ("pathogenic", "likely_pathogenic")
BENIGN = ("benign", "likely_benign")


@dataclass(frozen=True)
class TumourVariant:
    """One small variant; ``flags`` say why it may match nothing."""

    gene: str
    text: str
    alteration: Alteration
    origin: Origin = "unknown"
    classification: str | None = None
    vaf: float | None = None
    depth: float | None = None
    consequence: str | None = None
    flags: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()

    @property
    def can_match(self) -> bool:
        """Whether it may satisfy an expression: readable, right residue, neither benign nor of uncertain meaning, not silent."""
        return (
            "reference_mismatch" not in self.flags
            and self.classification not in BENIGN
            and self.classification != "uncertain_significance"
            and self.alteration.consequence != "synonymous_variant"
            and self.alteration.kind != "unparsed"
        )


@dataclass(frozen=True)
class Fusion:
    """Two genes joined; a partner that is not named is None."""

    five_prime: str | None
    three_prime: str | None
    inputs: tuple[str, ...] = ()


@dataclass(frozen=True)
class GeneEvent:
    """A copy-number call or structural event of one gene."""

    gene: str
    event: str
    inputs: tuple[str, ...] = ()


@dataclass(frozen=True)
class TumourSample:
    """One tumour. Only ``tested_genes`` turns absence into wild type; ``prior_therapies`` None is not known, empty is none."""

    sample_id: str
    tumour_type: str
    build: str | None = None
    variants: tuple[TumourVariant, ...] = ()
    fusions: tuple[Fusion, ...] = ()
    copy_number: tuple[GeneEvent, ...] = ()
    structural: tuple[GeneEvent, ...] = ()
    biomarkers: Mapping[str, Any] = field(default_factory=dict)
    tested_genes: frozenset[str] = frozenset()
    prior_therapies: tuple[str, ...] | None = None
    person: Mapping[str, Any] = field(default_factory=dict)
    pathology: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def variants_by_gene(self) -> Mapping[str, tuple[TumourVariant, ...]]:
        """Variants that may satisfy an expression, by gene."""
        found: dict[str, list[TumourVariant]] = {}
        for variant in self.variants:
            if variant.can_match:
                found.setdefault(variant.gene, []).append(variant)
        return {gene: tuple(variants) for gene, variants in found.items()}

    def marker(self, name: str) -> Any:
        """Return a biomarker's value; hormone-receptor status follows from ER and PR, HER2 from its stain where it is clear."""
        value = self.biomarkers.get(name)
        if value is not None:
            return SPELLINGS.get((name, str(value).lower()), value)
        if name == "hr":
            receptors = (self.biomarkers.get("er"), self.biomarkers.get("pr"))
            if "positive" in receptors:
                return "positive"
            return "negative" if receptors == ("negative", "negative") else None
        if name == "her2":
            return self._her2_of_stain()
        return None

    def _her2_of_stain(self) -> str | None:
        """Return HER2 status from stain and, where it is 2+, in-situ hybridisation; 2+ alone is not known."""
        stain = str(self.biomarkers.get("her2_ihc"))
        if stain == "2+":
            return HER2_BY_ISH.get(str(self.biomarkers.get("her2_ish")).lower())
        return HER2_BY_STAIN.get(stain)
