"""Combination calls (research): known alleles found on a strand, and what is left over beside them.

Where no pair of named alleles explains a person, each strand is written as the alleles whose own positions are all on it, joined
with `` + ``, and single changes that belong to none, such as ``g.94781859G>A``.
"""

from __future__ import annotations

from itertools import product

from singula.methods.genome.definitions import GeneDefinition, NamedAllele
from singula.methods.genome.diplotypes import phase_blocks
from singula.methods.genome.observed import Genotypes

MOST_OPEN_BLOCKS = 8


def call_partial(definition: GeneDefinition, genotypes: Genotypes) -> list[str]:
    """Describe both strands by what is on them.

    Parameters
    ----------
    definition : GeneDefinition
        The gene.
    genotypes : tuple of Observed or None
        One per position.

    Returns
    -------
    list of str
        One diplotype per possible strand assignment, those with the fewest parts first and only those; empty where phase leaves
        more assignments than can be listed.
    """
    blocks = phase_blocks(genotypes)
    if len(blocks) > MOST_OPEN_BLOCKS:
        return []
    described: dict[tuple[str, ...], int] = {}
    for flips in product((False, True), repeat=max(len(blocks) - 1, 0)):
        strands = [_strand(genotypes, 0), _strand(genotypes, 1)]
        for block, flip in zip(blocks, (False, *flips), strict=False):
            for index, left, right in block:
                strands[0][index], strands[1][index] = (right, left) if flip else (left, right)
        parts = [_describe(definition, strand) for strand in strands]
        names = tuple(sorted(" + ".join(part) for part in parts))
        described[names] = sum(len(part) for part in parts)
    fewest = min(described.values())
    return ["/".join(names) for names, count in described.items() if count == fewest]


def _strand(genotypes: Genotypes, strand: int) -> list[str | None]:
    return [None if seen is None else seen.bases[min(strand, len(seen.bases) - 1)] for seen in genotypes]


def _describe(definition: GeneDefinition, strand: list[str | None]) -> list[str]:
    changed = {index for index, base in enumerate(strand) if base is not None and base != definition.positions[index].ref}
    found: list[NamedAllele] = []
    covered: set[int] = set()
    fitting = [
        allele
        for allele in definition.alleles
        if not allele.is_reference and "+" not in allele.name and _fits(definition, allele, strand)
    ]
    for allele in sorted(fitting, key=lambda one: -len(_own(definition, one, strand))):
        own = _own(definition, allele, strand)
        if own and not own & covered:
            found.append(allele)
            covered |= own
    names = [allele.name for allele in sorted(found, key=definition.alleles.index)]
    standard = definition.reference
    for index in sorted(changed - covered):
        if strand[index] not in definition.admitted[standard.name][index]:
            position = definition.positions[index]
            names.append(f"g.{position.position}{position.ref}>{strand[index]}")
    return names or [standard.name]


def _fits(definition: GeneDefinition, allele: NamedAllele, strand: list[str | None]) -> bool:
    return all(strand[index] is not None and strand[index] in definition.admitted[allele.name][index] for index in allele.core)


def _own(definition: GeneDefinition, allele: NamedAllele, strand: list[str | None]) -> set[int]:
    return {index for index in allele.core if strand[index] != definition.positions[index].ref}
