"""What a VCF says at a gene's positions: bases, phase, and what could not be read."""

from __future__ import annotations

from dataclasses import dataclass

WHOLE_CHROMOSOME = "*"
UNREAD = "."


@dataclass(frozen=True)
class Observed:
    """The genotype of one position.

    ``bases`` are the bases of the first and second strand (one for a haploid call). ``block`` names the phase set the order holds
    in; None where the order means nothing. A half call has ``.`` on the strand that was not read.
    """

    bases: tuple[str, ...]
    block: str | None = None
    is_half: bool = False

    @property
    def is_het(self) -> bool:
        """Whether the two strands differ."""
        return len(self.bases) > 1 and self.bases[0] != self.bases[1]

    @property
    def is_haploid(self) -> bool:
        """Whether only one strand was read."""
        return len(self.bases) == 1


Genotypes = tuple[Observed | None, ...]
"""One entry per position of a gene definition; None is missing, never reference."""
