"""How well a person's rare alleles in one gene fit the way a disease is inherited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

Mode = Literal["dominant", "recessive", "x-linked", "mitochondrial", "unknown"]
MODES: dict[str, Mode] = {
    "HP:0000006": "dominant",
    "HP:0000007": "recessive",
    "HP:0001417": "x-linked",
    "HP:0001419": "x-linked",
    "HP:0001423": "x-linked",
    "HP:0001427": "mitochondrial",
}


@dataclass(frozen=True)
class RareAllele:
    """One rare allele of a person; what a parent has is None where the parent was not read there.

    ``copies`` counts the allele (1 or 2); ``single_chromosome`` says that there is no second one: X, Y in a male, mitochondria.
    """

    name: str
    copies: int
    single_chromosome: bool = False
    in_mother: bool | None = None
    in_father: bool | None = None
    carried_by_unaffected: bool = False
    reported_pathogenic: bool = False

    @property
    def is_de_novo(self) -> bool:
        """Whether both parents were read there and neither has the allele."""
        return self.in_mother is False and self.in_father is False


@dataclass(frozen=True)
class Fit:
    """How a gene's alleles fit: the mode they fit best, a score (higher fits better), which alleles, and why."""

    mode: Mode
    score: float
    alleles: tuple[str, ...]
    why: str


def fit_inheritance(modes: Iterable[Mode], alleles: Sequence[RareAllele], weights: Mapping[str, float]) -> Fit | None:
    """Judge the alleles of one gene against the modes of inheritance known for it.

    Parameters
    ----------
    modes : iterable of str
        Ways of inheritance; none known counts as ``unknown``.
    alleles : sequence of RareAllele
        All rare alleles of the person in the gene.
    weights : mapping
        Table ``rare_fit`` of pack ``germline``.

    Returns
    -------
    Fit or None
        The best fit; None where there is no allele, or two alleles a recessive disease needs came from one parent.
    """
    fits = [fit for mode in (sorted(set(modes)) or ["unknown"]) for fit in _fits(mode, alleles, weights)]
    return max(fits, key=lambda one: (one.score, one.mode), default=None)


def _fits(mode: str, alleles: Sequence[RareAllele], weights: Mapping[str, float]) -> Iterable[Fit]:
    if mode == "recessive":
        yield from _recessive(alleles, weights)
        return
    for one in alleles:
        yield _single(mode, one, weights)


def _single(mode: str, one: RareAllele, weights: Mapping[str, float]) -> Fit:
    if mode == "x-linked":
        is_whole = one.single_chromosome or one.copies > 1
        score = weights["x_single_chromosome" if is_whole else "x_one_of_two"]
        why = "the only X chromosome carries it" if one.single_chromosome else f"{one.copies} of 2 X chromosomes"
        return _weighed("x-linked", score, (one,), why, weights)
    if mode in ("dominant", "mitochondrial"):
        score = weights["carried_by_unaffected" if one.carried_by_unaffected else "dominant_one"]
        why = "an unaffected parent carries it too" if one.carried_by_unaffected else "one allele suffices"
        return _weighed("dominant" if mode == "dominant" else "mitochondrial", score, (one,), why, weights)
    return _weighed("unknown", weights["mode_unknown"], (one,), "how it is inherited is not known", weights)


def _recessive(alleles: Sequence[RareAllele], weights: Mapping[str, float]) -> Iterable[Fit]:
    for one in alleles:
        if one.copies > 1:
            yield _weighed("recessive", weights["recessive_two"], (one,), "both copies carry it", weights)
        else:
            yield _weighed("recessive", weights["recessive_one"], (one,), "one of the two alleles it takes", weights)
    for first, second in combinations([one for one in alleles if one.copies == 1], 2):
        phase = _phase(first, second)
        if phase == "trans":
            score, why = weights["recessive_two"], "one allele from each parent"
        elif phase == "unknown":
            score, why = weights["recessive_phase_unknown"], "two alleles; whether on one copy or both is not known"
        else:
            continue
        yield _weighed("recessive", score, (first, second), why, weights)


def _phase(first: RareAllele, second: RareAllele) -> Literal["trans", "cis", "unknown"]:
    """Tell the phase of two alleles from the parents; a new allele's copy is not known."""
    origins = [_origin(one) for one in (first, second)]
    if None in origins:
        return "unknown"
    return "trans" if origins[0] != origins[1] else "cis"


def _origin(one: RareAllele) -> str | None:
    if one.in_mother is True and one.in_father is False:
        return "mother"
    if one.in_father is True and one.in_mother is False:
        return "father"
    return None


def _weighed(mode: Mode, score: float, alleles: tuple[RareAllele, ...], why: str, weights: Mapping[str, float]) -> Fit:
    reasons = [why]
    if any(one.is_de_novo for one in alleles):
        score += weights["de_novo"]
        reasons.append("new in this person: neither parent has it")
    if any(one.reported_pathogenic for one in alleles):
        score += weights["reported_pathogenic"]
        reasons.append("reported pathogenic in ClinVar")
    return Fit(mode, score, tuple(one.name for one in alleles), "; ".join(reasons))
