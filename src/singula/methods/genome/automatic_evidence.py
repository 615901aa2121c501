"""The ACMG/AMP evidence an annotated variant supplies by itself, each piece with its reason, and what would change the class.

What needs a human (function, segregation, de novo, phase, literature) is never guessed: it is listed to be added. PP5 and BP6 are
not used.

References
----------
Richards S et al. Genet Med 2015;17:405, doi:10.1038/gim.2015.30. Abou Tayoun A et al. Hum Mutat 2018;39:1517,
doi:10.1002/humu.23626 (PVS1). Pejaver V et al. Am J Hum Genet 2022;109:2163, doi:10.1016/j.ajhg.2022.10.013 (PP3, BP4).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from singula.methods.registry import run_method

TRUNCATING = ("stop_gained", "frameshift_variant", "splice_donor_variant", "splice_acceptor_variant", "start_lost")
IN_FRAME = ("inframe_deletion", "inframe_insertion", "stop_lost", "disruptive_inframe_deletion", "disruptive_inframe_insertion")
HUMAN_ADDS = (
    "PS1",
    "PS2",
    "PS3",
    "PS4",
    "PM1",
    "PM3",
    "PM5",
    "PM6",
    "PP1",
    "PP2",
    "PP4",
    "BS2",
    "BS3",
    "BS4",
    "BP1",
    "BP2",
    "BP3",
    "BP5",
)


@dataclass(frozen=True)
class AnnotatedVariant:
    """What an annotation says; ``exon`` is the exon and how many there are, ``frequency`` the highest population's."""

    gene: str
    terms: tuple[str, ...]
    exon: tuple[int, int] | None = None
    frequency: float | None = None
    revel: float | None = None
    splice: float | None = None


@dataclass(frozen=True)
class Criterion:
    """One piece of evidence with its reason."""

    code: str
    why: str


@dataclass(frozen=True)
class EvidenceLimits:
    """Limits and gene lists of the pack ``germline``."""

    values: Mapping[str, float]
    truncation_genes: frozenset[str]
    predictor: Sequence[tuple[str, float, float]]


def gather_evidence(variant: AnnotatedVariant, limits: EvidenceLimits) -> list[Criterion]:
    """Gather what the annotation alone supports.

    Parameters
    ----------
    variant : AnnotatedVariant
        The annotation.
    limits : EvidenceLimits
        Limits of the pack.

    Returns
    -------
    list of Criterion
        BA1 stands with pathogenic evidence where both apply; the combination decides.
    """
    found = [*_frequency(variant, limits), *_truncation(variant, limits)]
    if any(term in IN_FRAME for term in variant.terms):
        found.append(Criterion("PM4", "the protein changes its length in frame; not counted in a repeat, check that"))
    found.extend(_prediction(variant, limits))
    if "synonymous_variant" in variant.terms and (variant.splice or 0.0) < limits.values["splice_low"]:
        why = (
            "synonymous, splicing predicted untouched" if variant.splice is not None else "synonymous; splicing was not predicted"
        )
        found.append(Criterion("BP7", why))
    return found


def _frequency(variant: AnnotatedVariant, limits: EvidenceLimits) -> Iterator[Criterion]:
    frequency = variant.frequency
    if frequency is None:
        return
    if frequency >= limits.values["ba1_frequency"]:
        yield Criterion("BA1", f"carried by {frequency:.3g} of alleles in a population")
    elif frequency >= limits.values["bs1_frequency"]:
        yield Criterion("BS1", f"{frequency:.3g} of alleles: more than a rare disease allows; set by disease where known")
    elif frequency <= limits.values["pm2_frequency"]:
        yield Criterion("PM2_Supporting", f"absent or nearly absent from populations ({frequency:.3g})")


def _truncation(variant: AnnotatedVariant, limits: EvidenceLimits) -> Iterator[Criterion]:
    term = next((one for one in variant.terms if one in TRUNCATING), None)
    if term is None or variant.gene not in limits.truncation_genes:
        return
    if term == "start_lost":
        yield Criterion("PVS1_Moderate", "start codon lost; another start may be used")
    elif variant.exon is None:
        yield Criterion("PVS1_Strong", f"{term}; the exon is not stated, so decay of the transcript is not shown")
    elif variant.exon[0] >= variant.exon[1]:
        yield Criterion("PVS1_Moderate", f"{term} in the last exon: the transcript is not decayed")
    else:
        yield Criterion("PVS1", f"{term} in exon {variant.exon[0]} of {variant.exon[1]}, a gene where loss causes disease")


def _prediction(variant: AnnotatedVariant, limits: EvidenceLimits) -> Iterator[Criterion]:
    if variant.revel is not None and "missense_variant" in variant.terms:
        for code, low, high in limits.predictor:
            if low <= variant.revel <= high:
                yield Criterion(code, f"REVEL {variant.revel:.3f}, calibrated")
                return
    if variant.splice is not None and variant.splice >= limits.values["splice_high"]:
        yield Criterion("PP3", f"splicing predicted to change ({variant.splice:.2f})")


def classify_variant(criteria: Sequence[str]) -> dict[str, Any]:
    """Class evidence by points and by the rules of 2015, with what would change the class.

    Returns
    -------
    dict
        ``to_pathogenic_side`` and ``to_benign_side`` are the points to the next class.
    """
    points = run_method("acmg-points-2020", {"criteria": list(criteria)})
    rules = run_method("acmg-rules-2015", {"criteria": list(criteria)})
    table = _bands()
    above = [low for low, _ in table if low > points["points"]]
    here = next((low for low, _ in table if low <= points["points"]), None)
    return {
        **points,
        "rules_2015": rules["classification"],
        "agree": rules["classification"] == points["classification"],
        "to_pathogenic_side": min(above) - points["points"] if above else None,
        "to_benign_side": points["points"] - here + 1 if here is not None and here != table[-1][0] else None,
    }


def _bands() -> list[tuple[float, str]]:
    from singula.methods.registry import find_method

    return [(float(low), str(name)) for low, name in find_method("acmg-points-2020").coefficients["bands"]]


def combine_views(own: str, clinvar: tuple[str, int] | None) -> tuple[str, str]:
    """Combine the evidence's class with ClinVar's: two stars or more decide, whatever a rule of consequences says.

    Returns
    -------
    tuple of str
        The class to show, and the reason.
    """
    if clinvar is None:
        return own, "not in ClinVar; automatic evidence only"
    classification, stars = clinvar
    if stars >= 2:
        return classification, f"ClinVar with {stars} stars decides" + (
            "" if _side(own) == _side(classification) else f" over {own}"
        )
    if _side(own) == _side(classification):
        return classification, f"ClinVar ({stars} stars) and the evidence agree"
    return "uncertain_significance", f"ClinVar says {classification} ({stars} stars), the evidence {own}: sources disagree"


def _side(word: str) -> str:
    if "benign" in word:
        return "benign"
    return "pathogenic" if "pathogenic" in word and "conflict" not in word else "uncertain"
