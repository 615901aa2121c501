"""UCSC chain files: which stretch of one build is which of the other."""

from __future__ import annotations

from pathlib import Path

from singula.errors import BadInput
from singula.methods.genome.lift import Block, ChainMap, invert_blocks
from singula.sources.limits import lines_bounded, open_bounded
from singula.sources.vcf_header import plain_chromosome

HEADER_WORDS = 12


def read_chain(path: Path, *, inverted: bool = False) -> ChainMap:
    """Read a chain file.

    Parameters
    ----------
    path : Path
        Plain or gzip.
    inverted : bool
        Whether the map leads from the second build back to the first.

    Raises
    ------
    BadInput
        A line that keeps to no rule of the format.
    """
    forward = ChainMap()
    turned: list[tuple[str, Block, int]] = []
    source = target = ""
    at = other = size = source_size = 0
    strand = "+"
    with open_bounded(path) as stream:
        for number, line in lines_bounded(stream, path.name):
            words = line.split()
            if not words or line.startswith(b"#"):
                continue
            try:
                if words[0] == b"chain":
                    source, source_size, at = plain_chromosome(words[2].decode()), int(words[3]), int(words[5])
                    target, size, strand, other = (
                        plain_chromosome(words[7].decode()),
                        int(words[8]),
                        words[9].decode(),
                        int(words[10]),
                    )
                    continue
                length = int(words[0])
                block = Block(at, at + length, target, other, size, strand)
                if inverted:
                    turned.append((source, block, source_size))
                else:
                    forward.blocks.setdefault(source, []).append(block)
                if len(words) > 2:
                    at, other = at + length + int(words[1]), other + length + int(words[2])
            except (ValueError, IndexError):
                raise BadInput(f"{path.name}:{number}: is no line of a chain file; fetch it again") from None
    if not source:
        raise BadInput(f"{path.name}: holds no chain; give a UCSC chain file such as hg19ToHg38.over.chain.gz")
    return invert_blocks(turned) if inverted else forward.finish()
