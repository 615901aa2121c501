"""Which genotype a row of a score speaks of: the alleles as given, swapped, or on the other strand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

COMPLEMENT = str.maketrans("ACGT", "TGCA")


@dataclass(frozen=True)
class MatchedAlleles:
    """The site's REF and ALT, and whether the effect allele is the ALT."""

    ref: str
    alt: str
    effect_is_alt: bool


def match_alleles(
    effect: str, other: str | None, ref: str, alts: Sequence[str], *, keep_ambiguous: bool
) -> MatchedAlleles | None:
    """Match a row's alleles with those of a site.

    Parameters
    ----------
    effect, other : str
        The row's alleles; ``other`` None is not stated.
    ref : str
        The site's reference allele.
    alts : sequence of str
        Its alternative alleles.
    keep_ambiguous : bool
        Whether A/T and C/G pairs are used although their strand cannot be told.

    Returns
    -------
    MatchedAlleles or None
        None where they do not fit, or are ambiguous.
    """
    if other is not None and other == effect.translate(COMPLEMENT) and len(effect) == 1 and not keep_ambiguous:
        return None
    for one, two in ((effect, other), (_turn(effect), _turn(other) if other else None)):
        found = _fit(one, two, ref, alts)
        if found is not None:
            return found
        if other is None:
            break
    return None


def _turn(allele: str) -> str:
    return allele.translate(COMPLEMENT)[::-1]


def _fit(effect: str, other: str | None, ref: str, alts: Sequence[str]) -> MatchedAlleles | None:
    if effect in alts and other in (None, ref):
        return MatchedAlleles(ref, effect, effect_is_alt=True)
    if effect == ref:
        alt = other if other in alts else alts[0] if other is None and len(alts) == 1 else None
        return MatchedAlleles(ref, alt, effect_is_alt=False) if alt else None
    return None
