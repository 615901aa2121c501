"""What founder and high-value variants mean together, each by its own rule of the pack ``germline``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from singula.methods.genome.resolver import NEGATIVE, Resolved
from singula.record.genome import SiteStatus


class Meaning(StrEnum):
    """What carrying a founder variant comes to."""

    FINDING = "finding"
    CARRIER = "carrier"
    RISK = "risk"
    PROTECTIVE = "protective"
    HARMLESS = "harmless"
    NOTHING = "nothing"


SINGLE: Mapping[str, Meaning] = {
    "any": Meaning.FINDING,
    "own_rule": Meaning.FINDING,
    "risk": Meaning.RISK,
    "protective": Meaning.PROTECTIVE,
    "negative_control": Meaning.HARMLESS,
}
PAIRED = ("biallelic", "compound", "homozygous", "compound_with_C282Y", "x_linked")
KIDNEY_PAIR = "biallelic_G1_G2"
ON_REQUEST = "haplotype"
"""Rules whose answer is given only to a person who asked for it by name (APOE)."""


@dataclass(frozen=True)
class FounderVariant:
    """A founder variant as the pack has it, with its state in one person."""

    gene: str
    name: str
    rule: str
    resolved: Resolved

    @property
    def copies(self) -> int:
        """How many copies are known to be there."""
        return self.resolved.dosage or 0 if self.resolved.status is SiteStatus.CALLED else 0

    @property
    def is_hemizygous(self) -> bool:
        """Whether the person has one copy of the place altogether."""
        genotype = self.resolved.genotype or ""
        return self.copies == 1 and "/" not in genotype and "|" not in genotype


@dataclass(frozen=True)
class FounderStatement:
    """What the variants of one gene come to in one person."""

    gene: str
    names: tuple[str, ...]
    meaning: Meaning
    copies: int
    words: str


def judge_founders(variants: Iterable[FounderVariant]) -> list[FounderStatement]:
    """Say what the founder variants a person carries mean.

    Parameters
    ----------
    variants : iterable of FounderVariant
        Every row of the table with its state; what is not carried says nothing here.

    Returns
    -------
    list of FounderStatement
        In the table's order; two alleles of one gene are judged together, and their phase is not known.
    """
    by_gene: dict[str, list[FounderVariant]] = {}
    for one in variants:
        if one.copies and one.rule != ON_REQUEST:
            by_gene.setdefault(one.gene, []).append(one)
    return [statement for gene, carried in by_gene.items() for statement in _judge_gene(gene, carried)]


def _judge_gene(gene: str, carried: Sequence[FounderVariant]) -> Iterable[FounderStatement]:
    for one in carried:
        if one.rule in SINGLE:
            copies = "two copies" if one.copies > 1 else "one copy"
            yield FounderStatement(gene, (one.name,), SINGLE[one.rule], one.copies, copies)
    paired = [one for one in carried if one.rule in PAIRED]
    if paired:
        yield _judge_pair(gene, paired)
    kidney = [one for one in carried if one.rule == KIDNEY_PAIR]
    if kidney:
        yield _judge_kidney_pair(gene, kidney)


def _judge_pair(gene: str, carried: Sequence[FounderVariant]) -> FounderStatement:
    names = tuple(one.name for one in carried)
    copies = sum(one.copies for one in carried)
    if any(one.rule == "x_linked" and one.is_hemizygous for one in carried):
        return FounderStatement(gene, names, Meaning.FINDING, copies, "on the only X chromosome")
    if all(one.rule == "compound_with_C282Y" for one in carried):
        return FounderStatement(gene, names, Meaning.NOTHING, copies, "of no consequence without its partner allele")
    if copies == 1:
        return FounderStatement(gene, names, Meaning.CARRIER, copies, "one copy; two are needed")
    if any(one.rule == "compound_with_C282Y" for one in carried):
        homozygous = any(one.rule == "homozygous" and one.copies > 1 for one in carried)
        meaning = Meaning.FINDING if homozygous else Meaning.RISK
        return FounderStatement(gene, names, meaning, copies, "two copies" if homozygous else "compound, low risk")
    words = (
        "two copies"
        if len(carried) == 1
        else "two different alleles; that they lie on different chromosomes is likely, not shown"
    )
    return FounderStatement(gene, names, Meaning.FINDING, copies, words)


def _judge_kidney_pair(gene: str, carried: Sequence[FounderVariant]) -> FounderStatement:
    """Count G1 and G2 alleles; the two variants of G1 travel together and count once."""
    first = max((one.copies for one in carried if one.name.startswith("G1")), default=0)
    copies = first + sum(one.copies for one in carried if one.name.startswith("G2"))
    names = tuple(one.name for one in carried)
    if copies > 1:
        return FounderStatement(gene, names, Meaning.RISK, copies, "two risk alleles")
    return FounderStatement(gene, names, Meaning.NOTHING, copies, "one risk allele; two are needed")


def count_looked_at(variants: Iterable[FounderVariant]) -> dict[str, int]:
    """Count how many founder variants were looked at, assumed, and not tested."""
    counts = {"looked_at": 0, "assumed": 0, "not_tested": 0}
    for one in variants:
        status = one.resolved.status
        key = "looked_at" if status in NEGATIVE else "assumed" if status is SiteStatus.HOM_REF_ASSUMED else "not_tested"
        counts[key] += 1
    return counts
