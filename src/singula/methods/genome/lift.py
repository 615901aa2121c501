"""From one genome build to another along the blocks of a chain file; all its numbers are 0-based."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate

COMPLEMENT = str.maketrans("ACGTNacgtn", "TGCANtgcan")


@dataclass(frozen=True)
class Block:
    """A stretch that lies whole in both builds; on the minus strand ``target_start`` counts from the other end."""

    start: int
    end: int
    target: str
    target_start: int
    target_size: int
    strand: str


@dataclass(frozen=True)
class Lifted:
    """Where a position lies in the other build."""

    status: str
    chromosome: str | None = None
    position: int | None = None
    strand: str | None = None


@dataclass
class ChainMap:
    """The blocks of a chain file by source chromosome."""

    blocks: dict[str, list[Block]] = field(default_factory=dict)
    furthest: dict[str, list[int]] = field(default_factory=dict)
    starts: dict[str, list[int]] = field(default_factory=dict)

    def finish(self) -> ChainMap:
        """Sort the blocks so that positions can be looked up."""
        for chromosome, blocks in self.blocks.items():
            blocks.sort(key=lambda one: (one.start, one.end))
            self.starts[chromosome] = [one.start for one in blocks]
            self.furthest[chromosome] = list(accumulate((one.end for one in blocks), max))
        return self

    def find(self, chromosome: str, position: int) -> list[Block]:
        """Return the blocks over a 1-based position."""
        at = bisect_right(self.starts.get(chromosome, []), position - 1)
        furthest = self.furthest.get(chromosome, [])
        found = []
        while at > 0 and furthest[at - 1] >= position:
            at -= 1
            if self.blocks[chromosome][at].end >= position:
                found.append(self.blocks[chromosome][at])
        return found

    def lift(self, chromosome: str, position: int) -> Lifted:
        """Lift a 1-based position: ``lifted``, ``unmapped`` (in no block) or ``multiple`` (in several chains)."""
        found = self.find(chromosome, position)
        if len(found) != 1:
            return Lifted("multiple" if found else "unmapped")
        (block,) = found
        return Lifted("lifted", block.target, place_in(block, position), block.strand)

    def lift_variant(self, chromosome: str, position: int, ref: str, alt: str) -> tuple[str, int, str, str] | None:
        """Lift a variant: both ends in one block, alleles complemented on the minus strand; None where that fails."""
        first, last = self.find(chromosome, position), self.find(chromosome, position + len(ref) - 1)
        if len(first) != 1 or first != last:
            return None
        (block,) = first
        if block.strand == "+":
            return block.target, place_in(block, position), ref, alt
        turned = [allele.translate(COMPLEMENT)[::-1] for allele in (ref, alt)]
        return block.target, place_in(block, position + len(ref) - 1), turned[0], turned[1]


def place_in(block: Block, position: int) -> int:
    """Return the 1-based place of a 1-based position of a block in the other build."""
    other = block.target_start + (position - 1 - block.start)
    return other + 1 if block.strand == "+" else block.target_size - other


def invert_blocks(blocks: Iterable[tuple[str, Block, int]]) -> ChainMap:
    """Turn blocks round: from the other build back; each comes with its source chromosome and that one's size."""
    turned = ChainMap()
    for chromosome, block, size in blocks:
        length = block.end - block.start
        start = block.target_start if block.strand == "+" else block.target_size - block.target_start - length
        source = block.start if block.strand == "+" else size - block.start - length
        turned.blocks.setdefault(block.target, []).append(Block(start, start + length, chromosome, source, size, block.strand))
    return turned.finish()
