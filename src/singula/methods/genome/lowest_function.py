"""Genes read by their lowest-function variants: DPYD and RYR1.

Their variants are listed per strand instead of being named as haplotypes; the phenotype is read from the worst variant of each
strand, or, where strands are not known, from the two worst of all (taken as lying on different strands).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

from singula.methods.genome.definitions import GeneDefinition, PhenotypeTable
from singula.methods.genome.diplotypes import phase_blocks
from singula.methods.genome.observed import UNREAD, WHOLE_CHROMOSOME, Genotypes, Observed

HAPB3 = "c.1129-5923C>G, c.1236G>A (HapB3)"
HAPB3_INTRON = "c.1129-5923C>G"
HAPB3_EXON = "c.1236G>A alone"
SITE = "site "
MOST_OPEN_BLOCKS = 10
MALIGNANT = "Malignant Hyperthermia associated"
NOT_RANKED = 99.0


@dataclass(frozen=True)
class Item:
    """One variant found: on the left strand, the right one or both, and the block its side holds in."""

    name: str
    left: bool
    right: bool
    block: str

    def turned(self) -> Item:
        """Return the variant on the other strand."""
        return Item(self.name, self.right, self.left, self.block)

    @property
    def is_het(self) -> bool:
        """Whether only one strand carries it."""
        return self.left != self.right


@dataclass(frozen=True)
class LowestFunctionCall:
    """What was found, and the pair the phenotype is read from."""

    status: str
    diplotypes: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    lookup: tuple[str, ...] = ()
    reasons: tuple[str, ...] = field(default=())


def call_lowest_function(definition: GeneDefinition, genotypes: Genotypes, table: PhenotypeTable) -> LowestFunctionCall:
    """Call a lowest-function gene.

    Parameters
    ----------
    definition : GeneDefinition
        The gene; its alleles are single variants, HapB3 excepted.
    genotypes : tuple of Observed or None
        One per position.
    table : PhenotypeTable
        For the order of function.

    Returns
    -------
    LowestFunctionCall
        ``called`` where one strand assignment is possible, ``ambiguous`` where phase sets leave several, else ``components``.
    """
    items, reasons = _find_items(definition, genotypes)
    gene = _Gene(definition, table)
    blocks = sorted({item.block for item in items if item.is_het})
    if len(phase_blocks(genotypes)) <= 1:
        strands = (gene.strand(items, right=False), gene.strand(items, right=True))
        return LowestFunctionCall("called", (gene.pair_name(strands),), lookup=(gene.lookup(strands),), reasons=reasons)
    has_phase_sets = any(not item.block.startswith((SITE, WHOLE_CHROMOSOME)) for item in items if item.is_het)
    if has_phase_sets and blocks and len(blocks) <= MOST_OPEN_BLOCKS:
        return _every_assignment(items, blocks, gene, reasons)
    components = gene.components(items)
    worst = sorted(components, key=gene.rank)[:2]
    lookup = "/".join(worst if len(worst) > 1 else [gene.reference, *worst])
    shown = components if len(components) > 1 else [gene.reference, *components]
    return LowestFunctionCall("components", components=tuple(shown), lookup=(lookup,), reasons=reasons)


def _every_assignment(items: Sequence[Item], blocks: Sequence[str], gene: _Gene, reasons: tuple[str, ...]) -> LowestFunctionCall:
    found: dict[tuple[str, ...], tuple[str, str]] = {}
    for flips in product((False, True), repeat=len(blocks) - 1):
        flipped = dict(zip(blocks[1:], flips, strict=True))
        turned = [one.turned() if one.is_het and flipped.get(one.block, False) else one for one in items]
        strands = (gene.strand(turned, right=False), gene.strand(turned, right=True))
        name = gene.pair_name(strands)
        found.setdefault(tuple(sorted(name.split("/"))), (name, gene.lookup(strands)))
    lowest = min((lookup for _, lookup in found.values()), key=gene.pair_rank)
    return LowestFunctionCall("ambiguous", tuple(name for name, _ in found.values()), lookup=(lowest,), reasons=reasons)


class _Gene:
    """Names and ranks of one gene's variants."""

    def __init__(self, definition: GeneDefinition, table: PhenotypeTable) -> None:
        self.order = {allele.name: number for number, allele in enumerate(definition.alleles)}
        self.reference = definition.reference.name
        self.table = table

    def strand(self, items: Sequence[Item], *, right: bool) -> list[str]:
        """List the variants one strand carries, in table order; the two sites of HapB3 are put together."""
        names = {item.name for item in items if (item.right if right else item.left)}
        return sorted(_join_hapb3(names), key=self.order.__getitem__)

    def components(self, items: Sequence[Item]) -> list[str]:
        """List every variant found, a homozygous one twice; where strands are not known HapB3 is taken as whole."""
        joined = _unphased_hapb3(items)
        return sorted((name for item in joined for name in [item.name] * (item.left + item.right)), key=self.order.__getitem__)

    def pair_name(self, strands: tuple[list[str], list[str]]) -> str:
        """Name two strands."""
        return "/".join(self.strand_name(strand) for strand in strands)

    def strand_name(self, names: Sequence[str]) -> str:
        """Name one strand: the reference, one variant, or several in brackets."""
        if not names:
            return self.reference
        return names[0] if len(names) == 1 else f"[{' + '.join(names)}]"

    def lookup(self, strands: tuple[list[str], list[str]]) -> str:
        """Return the worst variant of each strand."""
        return "/".join(min(strand, key=self.rank) if strand else self.reference for strand in strands)

    def rank(self, name: str) -> tuple[float, int]:
        """Order variants: worst function first, then the order of the table."""
        if self.table.is_activity_gene:
            value = self.table.activity_of(name)
            return (NOT_RANKED if value is None else value, self.order[name])
        return (0.0 if self.table.functions.get(name) == MALIGNANT else 1.0, self.order[name])

    def pair_rank(self, pair: str) -> tuple[float, list[int]]:
        """Order pairs: lowest total function first, then the order of the table."""
        names = pair.split("/")
        return (sum(self.rank(name)[0] for name in names), sorted(self.order[name] for name in names))


def _find_items(definition: GeneDefinition, genotypes: Genotypes) -> tuple[list[Item], tuple[str, ...]]:
    special = {allele.name for allele in definition.alleles} & {HAPB3, HAPB3_INTRON}
    items: list[Item] = []
    reasons: list[str] = []
    if len(special) == 2:
        found, reasons = _hapb3_sites(definition, genotypes)
        items.extend(found)
    variant = {
        index
        for index, (seen, position) in enumerate(zip(genotypes, definition.positions, strict=True))
        if seen is not None and seen.bases.count(position.ref) < len(seen.bases)
    }
    for allele in definition.alleles:
        needs = [index for index in allele.core if definition.positions[index].ref not in definition.admitted[allele.name][index]]
        if not allele.is_reference and allele.name not in special and variant.issuperset(needs):
            items.extend(_item(allele.name, definition, allele.core, genotypes))
    return items, tuple(reasons)


def _item(
    name: str, definition: GeneDefinition, core: Sequence[int], genotypes: Genotypes, allele: str | None = None
) -> Iterator[Item]:
    strands = [_carries(definition, allele or name, core, genotypes, strand) for strand in (0, 1)]
    if not any(strands):
        return
    seen = next((one for index in core if (one := genotypes[index]) is not None and one.is_het), None)
    block = f"{SITE}{core[0]}" if seen is None or seen.block is None else seen.block
    yield Item(name, strands[0], strands[1], block)


def _carries(definition: GeneDefinition, name: str, core: Sequence[int], genotypes: Genotypes, strand: int) -> bool:
    for index in core:
        seen = genotypes[index]
        if seen is None or seen.bases[min(strand, len(seen.bases) - 1)] not in definition.admitted[name][index]:
            return False
    return bool(core)


def _hapb3_sites(definition: GeneDefinition, genotypes: Genotypes) -> tuple[list[Item], list[str]]:
    by_name = {allele.name: allele for allele in definition.alleles}
    intron = by_name[HAPB3_INTRON].core[0]
    exon = next(index for index in by_name[HAPB3].core if index != intron)
    exon_items = list(_item(HAPB3_EXON, definition, (exon,), genotypes, HAPB3))
    if genotypes[intron] is None:
        whole = [Item(HAPB3, one.left, one.right, one.block) for one in exon_items]
        return whole, ["the intron site of HapB3 was not read; the exon site c.1236G>A stands for it"] if whole else []
    intron_items = list(_item(HAPB3_INTRON, definition, (intron,), genotypes))
    seen = genotypes[intron]
    if seen is not None and seen.is_half and exon_items:
        return _half_read_hapb3(seen, intron_items, exon_items[0]), ["the intron site of HapB3 was read on one strand only"]
    if not intron_items:
        told = "c.1236G>A without the intron variant of HapB3 has no known effect and is left out"
        return exon_items, [told] if exon_items else []
    both = [*intron_items, *exon_items]
    if all(one.is_het and one.block.startswith(SITE) for one in both):
        both = [Item(one.name, intron_items[0].left, intron_items[0].right, intron_items[0].block) for one in both]
    return both, []


def _half_read_hapb3(intron: Observed, intron_items: list[Item], exon: Item) -> list[Item]:
    unread = [base == UNREAD for base in (intron.bases[0], intron.bases[-1])]
    left, right = exon.left and unread[0], exon.right and unread[1]
    whole = [Item(HAPB3, left, right, exon.block)] if left or right else []
    left, right = exon.left and not unread[0], exon.right and not unread[1]
    rest = [Item(HAPB3_EXON, left, right, exon.block)] if left or right else []
    return [*intron_items, *whole, *rest]


def _join_hapb3(names: set[str]) -> set[str]:
    if HAPB3_EXON not in names:
        return names
    rest = names - {HAPB3_EXON}
    return (rest - {HAPB3_INTRON}) | {HAPB3} if HAPB3_INTRON in rest else rest


def _unphased_hapb3(items: Sequence[Item]) -> list[Item]:
    exon = next((item for item in items if item.name == HAPB3_EXON), None)
    intron = next((item for item in items if item.name == HAPB3_INTRON), None)
    rest = [item for item in items if item not in (exon, intron)]
    if intron is None:
        return rest
    if exon is not None and intron.is_het and exon.is_het:
        return [*rest, Item(HAPB3, intron.left, intron.right, intron.block)]
    for right in (False, True):
        names = {one.name for one in (intron, exon) if one is not None and (one.right if right else one.left)}
        rest.extend(Item(name, not right, right, intron.block) for name in _join_hapb3(names))
    return rest
