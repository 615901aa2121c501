"""One alteration, as laboratories write it, in words that can be compared."""

from __future__ import annotations

from dataclasses import dataclass

MISSENSE, INSERTION, DELETION = "missense_variant", "inframe_insertion", "inframe_deletion"
FRAMESHIFT, STOP, STOP_LOST, START_LOST = "frameshift_variant", "stop_gained", "stop_lost", "start_lost"
SPLICE, SYNONYMOUS, TRUNCATION, SKIPPING, ANY = (
    "splice_region_variant", "synonymous_variant", "feature_truncation", "exon_skipping", "any",
)  # fmt: skip
TRUNCATING = (FRAMESHIFT, STOP, TRUNCATION)


@dataclass(frozen=True)
class Alteration:
    """What a text says; ``kind`` is ``unparsed`` where it says nothing that can be compared.

    ``start`` and ``end`` are codons; ``ref`` and ``alt`` are one-letter residues, None where the text has none.
    """

    kind: str
    consequence: str | None = None
    start: int | None = None
    end: int | None = None
    ref: str | None = None
    alt: str | None = None
    last_ref: str | None = None
    normalised: str | None = None
    exon: int | None = None
    five_prime: str | None = None
    three_prime: str | None = None
    gene: str | None = None
    copy_number: str | None = None
    structural: str | None = None
    category: str | None = None
    excluding: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    biomarker: str | None = None
    value: str | None = None

    @property
    def is_protein(self) -> bool:
        """Whether it names residues or codons of a protein."""
        return self.kind in ("protein_change", "protein_range", "position")

    def overlaps(self, first: int, last: int) -> bool:
        """Tell whether it touches the codons first … last."""
        return self.start is not None and self.end is not None and self.start <= last and first <= self.end


UNPARSED = Alteration("unparsed")
