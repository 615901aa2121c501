"""What a genomic assay looked at, and what it saw there.

A site nobody looked at is ``not_covered``, never reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from singula.record.facts import Source
from singula.record.frozen import Frozen

SCANNED = "germline-scan"
"""Reader of facts nobody asked about: met when a whole file was looked through, told only to people who wished for it."""


class SiteStatus(StrEnum):
    """How the genotype of a site is known."""

    CALLED = "called"
    HOM_REF_BLOCK = "hom_ref_block"
    HOM_REF_REGIONS = "hom_ref_regions"
    HOM_REF_ASSUMED = "hom_ref_assumed"
    SPANNED = "spanned"
    NO_CALL = "no_call"
    LOW_QUALITY = "low_quality"
    REF_MISMATCH = "ref_mismatch"
    NOT_COVERED = "not_covered"


class Site(Frozen):
    """One position asked about, and its genotype where it is known."""

    id: str
    chromosome: str
    position: int
    ref: str
    alt: str
    status: SiteStatus
    genotype: str | None = None
    dosage: int | None = None
    depth: int | None = None


class GeneCoverage(Frozen):
    """What "nothing found" rests on in one gene: ``status`` in a word, known pathogenic alleles counted by how they were seen."""

    gene: str
    status: str
    counts: Mapping[str, int] = {}


class GenomeAssay(Frozen):
    """One sample of one genomic file, at the positions the installed knowledge asks about.

    ``release`` dates the list of known pathogenic alleles the ``negatives`` speak of; ``inferred_sex`` is what X shows, where
    enough of it was seen.
    """

    id: str
    sample: str
    assembly: str
    source: Source
    sites: tuple[Site, ...] = ()
    regions_tested: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    release: str | None = None
    negatives: tuple[GeneCoverage, ...] = ()
    inferred_sex: str | None = None
