"""Which pairs of named alleles explain what was read at a gene's positions.

No string of the two strands is ever enumerated: a pair is valid when every block of phased sites has one orientation in which the
first allele admits one strand and the second the other. Work is bounded by alleles squared, whatever the number of het sites.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from singula.methods.genome.definitions import AMBIGUITY, GeneDefinition, NamedAllele
from singula.methods.genome.observed import Genotypes

Site = tuple[int, str, str]


@dataclass(frozen=True)
class Pair:
    """A diplotype and how well it is supported."""

    first: str
    second: str | None
    score: float

    @property
    def name(self) -> str:
        """``A/B``, or ``A`` of a haploid call."""
        return self.first if self.second is None else f"{self.first}/{self.second}"


@dataclass(frozen=True)
class Candidates:
    """Every valid pair, best first, and the number of strand assignments the data leave open."""

    pairs: tuple[Pair, ...]
    open_blocks: int

    @property
    def best(self) -> tuple[Pair, ...]:
        """The pairs with the top score."""
        if not self.pairs:
            return ()
        top = self.pairs[0].score
        return tuple(pair for pair in self.pairs if pair.score == top)


def phase_blocks(genotypes: Genotypes) -> list[list[Site]]:
    """Group het sites into blocks whose order holds together; an unphased site is a block of its own."""
    blocks: dict[str, list[Site]] = {}
    for index, seen in enumerate(genotypes):
        if seen is not None and seen.is_het:
            key = f"block {seen.block}" if seen.block is not None else f"site {index}"
            blocks.setdefault(key, []).append((index, seen.bases[0], seen.bases[1]))
    return list(blocks.values())


def match_pairs(definition: GeneDefinition, genotypes: Genotypes) -> Candidates:
    """Find every pair of alleles that explains the genotypes.

    Parameters
    ----------
    definition : GeneDefinition
        The gene.
    genotypes : tuple of Observed or None
        One per position; missing ones are left out of the question.

    Returns
    -------
    Candidates
        Pairs with their scores, best first, then by the order of the table.
    """
    present = [index for index, seen in enumerate(genotypes) if seen is not None]
    haploid = bool(present) and all((seen := genotypes[index]) is not None and seen.is_haploid for index in present)
    alleles = _surviving(definition, genotypes)
    fixed = {allele.name: _fixed_score(definition, allele, genotypes) for allele in alleles}
    if haploid:
        pairs = [Pair(allele.name, None, fixed[allele.name]) for allele in alleles]
        return Candidates(_rank(definition, pairs), 0)
    blocks = phase_blocks(genotypes)
    found = [pair for pair in _valid_pairs(definition, alleles, blocks, fixed)]
    return Candidates(_rank(definition, found), len(blocks))


def _surviving(definition: GeneDefinition, genotypes: Genotypes) -> list[NamedAllele]:
    """Return the alleles that state a base at some position read, and fit a strand at every one."""
    stating, fitting = 0, -1
    for index, seen in enumerate(genotypes):
        if seen is not None:
            stating |= definition.stating[index]
            admitting = definition.admitting[index]
            fits = 0
            for base in seen.bases:
                fits |= admitting.get(base, 0)
            fitting &= fits
    return [allele for number, allele in enumerate(definition.alleles) if (stating & fitting) >> number & 1]


def _valid_pairs(
    definition: GeneDefinition, alleles: Sequence[NamedAllele], blocks: list[list[Site]], fixed: dict[str, float]
) -> Iterator[Pair]:
    sides = {allele.name: _sides(definition, allele, blocks) for allele in alleles}
    for number, one in enumerate(alleles):
        for two in alleles[number:]:
            score = fixed[one.name] + fixed[two.name]
            for (one_left, one_right), (two_left, two_right) in zip(sides[one.name], sides[two.name], strict=True):
                ways = [a + b for a, b in ((one_left, two_right), (one_right, two_left)) if a is not None and b is not None]
                if not ways:
                    break
                score += max(ways)
            else:
                yield Pair(one.name, two.name, score)


def _sides(definition: GeneDefinition, allele: NamedAllele, blocks: list[list[Site]]) -> list[tuple[float | None, float | None]]:
    """Per block the score the allele earns as left or as right strand; None where it does not fit."""
    return [tuple(_strand_score(definition, allele, block, strand) for strand in (1, 2)) for block in blocks]  # type: ignore[misc]


def _strand_score(definition: GeneDefinition, allele: NamedAllele, block: list[Site], strand: int) -> float | None:
    admitted = definition.admitted[allele.name]
    score = 0.0
    for site in block:
        index, base = site[0], str(site[strand])
        if base not in admitted[index]:
            return None
        score += _site_score(definition, allele, index, base)
    return score


def _site_score(definition: GeneDefinition, allele: NamedAllele, index: int, base: str) -> float:
    stated = allele.bases[index]
    if stated is None:
        return 0.0
    if len(stated) == 1 and stated in AMBIGUITY:
        return 0.0 if base == definition.positions[index].ref else 1.0
    return 1.0


def _fixed_score(definition: GeneDefinition, allele: NamedAllele, genotypes: Genotypes) -> float:
    score = 0.0
    for index in allele.core:
        seen = genotypes[index]
        if seen is not None and not seen.is_het:
            score += _site_score(definition, allele, index, seen.bases[0])
    return score


def _rank(definition: GeneDefinition, pairs: list[Pair]) -> tuple[Pair, ...]:
    order = {allele.name: number for number, allele in enumerate(definition.alleles)}
    best: dict[tuple[str, ...], Pair] = {}
    for pair in sorted(pairs, key=lambda one: (-one.score, order[one.first], order[one.second] if one.second else 0)):
        names = [definition.suballeles.get(name, name) for name in (pair.first, pair.second) if name is not None]
        key = tuple(sorted(names))
        if key not in best:
            best[key] = Pair(names[0], names[1] if len(names) > 1 else None, pair.score)
    return tuple(best.values())


def apply_priorities(definition: GeneDefinition, candidates: Candidates) -> tuple[tuple[Pair, ...], str | None]:
    """Pick among the unphased diplotypes that are possible where the release states which one populations carry.

    Parameters
    ----------
    definition : GeneDefinition
        Holds the release's rows: sets of diplotypes that cannot be told apart, and the pick.
    candidates : Candidates
        Every valid pair.

    Returns
    -------
    tuple
        The pairs that remain (else the best ones), and the sentence that says why, or None. Of rows that fit the largest is used.
    """
    if candidates.open_blocks < 2 or not definition.priorities:
        return candidates.best, None
    by_key = {tuple(sorted(pair.name.split("/"))): pair for pair in candidates.pairs}
    fitting = [
        (members, pick)
        for members, pick in definition.priorities
        if all(tuple(sorted(one.split("/"))) in by_key for one in members)
    ]
    if not fitting:
        return candidates.best, None
    members, pick = max(fitting, key=lambda row: len(row[0]))
    chosen = by_key[tuple(sorted(pick.split("/")))]
    return (chosen,), f"phase is not known: of {', '.join(sorted(members))} populations mostly carry {pick}"
