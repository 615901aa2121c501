"""What one person carries at one site, and on what ground that is known; the one function every consumer uses.

A site nobody looked at is never reference. Statuses and their rules are those of the reference sheet on the germline genome.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from singula.methods.genome.normalisation import trim_alleles
from singula.record.genome import SiteStatus

REFERENCE_ALLELES = ("<NON_REF>", "<*>")
WEAKEST_FIRST = (
    SiteStatus.NOT_COVERED,
    SiteStatus.NO_CALL,
    SiteStatus.LOW_QUALITY,
    SiteStatus.SPANNED,
    SiteStatus.HOM_REF_ASSUMED,
    SiteStatus.HOM_REF_REGIONS,
    SiteStatus.HOM_REF_BLOCK,
    SiteStatus.CALLED,
)
NEGATIVE = (SiteStatus.CALLED, SiteStatus.HOM_REF_BLOCK, SiteStatus.HOM_REF_REGIONS)
PASSING = ("PASS", ".", "")
SHORT_SITE = 64


@dataclass(frozen=True)
class SiteCall:
    """One record as one sample has it; ``alleles`` are indices, None is missing."""

    position: int
    ref: str
    alts: tuple[str, ...]
    alleles: tuple[int | None, ...]
    is_phased: bool = False
    depth: float | None = None
    quality: float | None = None
    filter: str = "."
    end: int | None = None
    allele_depths: tuple[float | None, ...] = ()

    @property
    def allele_balance(self) -> float | None:
        """The share of reads that carry the one alternative allele of a heterozygous call; None where it is not stated."""
        others = {one for one in self.alleles if one}
        reads = [one or 0.0 for one in self.allele_depths]
        if len(others) != 1 or 0 not in self.alleles or max(others) >= len(reads) or not sum(reads):
            return None
        return reads[others.pop()] / sum(reads)

    @property
    def last(self) -> int:
        """The last base the record speaks of."""
        return self.end if self.end is not None else self.position + len(self.ref) - 1

    @property
    def is_block(self) -> bool:
        """Whether it is a reference block."""
        if not self.alts:
            return self.end is not None
        return all(alt in REFERENCE_ALLELES for alt in self.alts)

    @property
    def is_called(self) -> bool:
        """Whether every allele is known and none is “some other allele”."""
        return bool(self.alleles) and all(
            one is not None and (one == 0 or (one <= len(self.alts) and self.alts[one - 1] not in REFERENCE_ALLELES))
            for one in self.alleles
        )


@dataclass(frozen=True)
class Resolved:
    """A site's status with its genotype in the site's own alleles: 0 its REF, 1 its ALT, 2 any other."""

    status: SiteStatus
    genotype: str | None = None
    dosage: int | None = None
    reason: str = ""
    call: SiteCall | None = None
    has_alternative: bool = False


@dataclass(frozen=True)
class Coverage:
    """What the file as a whole says about bases without a record.

    ``in_regions`` tells whether a base was looked at, ``region_edges`` where that changes between two bases; both are None where
    the regions are not known.
    """

    has_chromosome: bool
    is_gvcf: bool
    in_regions: Callable[[int], bool] | None = None
    region_edges: Callable[[int, int], Sequence[int]] | None = None


def resolve_site(site: tuple[int, str, str], records: Sequence[SiteCall], coverage: Coverage, min_quality: float) -> Resolved:
    """Resolve one site of one person.

    Parameters
    ----------
    site : tuple
        Position, REF and ALT, trimmed.
    records : sequence of SiteCall
        Every record over a base of the site's REF, in file order.
    coverage : Coverage
        Whether the chromosome was read, whether the file is a gVCF, which regions were looked at.
    min_quality : float
        Lowest genotype quality that counts.

    Returns
    -------
    Resolved
        ``dosage`` is the number of the site's ALT; None where it is not known.
    """
    position, ref, alt = site
    if any(_disagrees(record, position, ref) for record in records):
        return Resolved(SiteStatus.REF_MISMATCH, reason="a record states another reference base than the site")
    exact = [record for record in records if _index_of(record, position, ref, alt) is not None]
    if exact:
        answers = [_judge_exact(record, site, min_quality) for record in exact]
        return next((one for one in answers if one.status is SiteStatus.CALLED), answers[0])
    judged = [
        _judge_base(base, [one for one in records if one.position <= base <= one.last], coverage, min_quality)
        for base in _bases_to_judge(position, position + len(ref) - 1, records, coverage)
    ]
    return min(judged, key=lambda one: WEAKEST_FIRST.index(one.status))


def _bases_to_judge(first: int, last: int, records: Sequence[SiteCall], coverage: Coverage) -> Sequence[int]:
    """Return the bases at which the answer can change: all of a short site, the edges of records and regions of a long one."""
    if last - first < SHORT_SITE:
        return range(first, last + 1)
    edges = {first, last}
    for record in records:
        within = range(record.position, record.last + 2) if record.last - record.position < SHORT_SITE else ()
        edges.update((record.position, record.position + 1, record.last, record.last + 1, *within))
    if coverage.region_edges is not None:
        edges.update(coverage.region_edges(first, last))
    return sorted(base for base in edges if first <= base <= last)


def _disagrees(record: SiteCall, position: int, ref: str) -> bool:
    first, last = max(position, record.position), min(position + len(ref), record.position + len(record.ref))
    if first >= last:
        return False
    asked, stated = ref[first - position : last - position], record.ref[first - record.position : last - record.position]
    return asked != stated and any(a != b and "N" not in (a, b) for a, b in zip(asked, stated, strict=True))


def _index_of(record: SiteCall, position: int, ref: str, alt: str) -> int | None:
    for number, other in enumerate(record.alts, start=1):
        if not other.startswith(("<", "*")) and trim_alleles(record.position, record.ref, other) == (position, ref, alt):
            return number
    return None


def _judge_quality(record: SiteCall, min_quality: float) -> Resolved | None:
    if not record.is_called:
        return Resolved(SiteStatus.NO_CALL, reason="the genotype is missing", call=record)
    if record.depth == 0:
        return Resolved(SiteStatus.NOT_COVERED, reason="no read covers it", call=record)
    if record.filter not in PASSING:
        return Resolved(SiteStatus.LOW_QUALITY, reason=f"FILTER is {record.filter}", call=record)
    if record.quality is not None and record.quality < min_quality:
        words = f"genotype quality {record.quality:g} is below {min_quality:g}"
        return Resolved(SiteStatus.LOW_QUALITY, reason=words, call=record)
    return None


def _judge_exact(record: SiteCall, site: tuple[int, str, str], min_quality: float) -> Resolved:
    own = _index_of(record, *site)
    doubt = _judge_quality(record, min_quality)
    if doubt is not None:
        return replace(doubt, has_alternative=own in record.alleles)
    numbers = [0 if one == 0 else 1 if one == own else 2 for one in record.alleles]
    return Resolved(
        SiteStatus.CALLED, _write(numbers, record.is_phased), numbers.count(1), "called", record, own in record.alleles
    )


def _write(numbers: Sequence[int], is_phased: bool) -> str:
    ordered = list(numbers) if is_phased else sorted(numbers)
    return ("|" if is_phased else "/").join(str(one) for one in ordered)


def _judge_base(base: int, records: Sequence[SiteCall], coverage: Coverage, min_quality: float) -> Resolved:
    variants = [record for record in records if not record.is_block]
    if variants:
        judged = [_judge_variant(record, base, min_quality) for record in variants]
        return min(judged, key=lambda one: WEAKEST_FIRST.index(one.status))
    blocks = [record for record in records if record.is_block]
    if blocks:
        judged = [_judge_block(record, min_quality) for record in blocks]
        return max(judged, key=lambda one: WEAKEST_FIRST.index(one.status))
    if not coverage.has_chromosome:
        return Resolved(SiteStatus.NOT_COVERED, reason="the file has no record on this chromosome")
    if coverage.is_gvcf:
        return Resolved(SiteStatus.NOT_COVERED, reason="no block of the gVCF covers it")
    if coverage.in_regions is None:
        return Resolved(SiteStatus.HOM_REF_ASSUMED, "0/0", 0, "not seen; the file cannot show whether it was read")
    if coverage.in_regions(base):
        return Resolved(SiteStatus.HOM_REF_REGIONS, "0/0", 0, "inside the regions that were read, no variant seen")
    return Resolved(SiteStatus.NOT_COVERED, reason="outside the regions that were read")


def _judge_variant(record: SiteCall, base: int, min_quality: float) -> Resolved:
    doubt = _judge_quality(record, min_quality)
    if doubt is not None:
        return doubt
    numbers = []
    for one in record.alleles:
        change = 0 if not one else _change_at(record, record.alts[one - 1], base)
        if change is None:
            return Resolved(SiteStatus.SPANNED, reason="another variant lies over it", call=record)
        numbers.append(change)
    return Resolved(SiteStatus.CALLED, _write(numbers, record.is_phased), 0, "called", record)


def _change_at(record: SiteCall, alt: str, base: int) -> int | None:
    """Tell what an allele does to a base: 0 nothing, 2 another single base, None something longer."""
    if alt == "*":
        return None
    if alt.startswith("<"):
        return None if base > record.position else 0
    start, ref, other = trim_alleles(record.position, record.ref, alt)
    if not start <= base < start + len(ref):
        return 0
    if len(ref) == len(other) == 1:
        return 2
    if ref[0] == other[0] and base == start:
        return 0
    return None


def _judge_block(record: SiteCall, min_quality: float) -> Resolved:
    doubt = _judge_quality(record, min_quality)
    if doubt is not None:
        return doubt
    return Resolved(SiteStatus.HOM_REF_BLOCK, _write([0] * len(record.alleles), record.is_phased), 0, "reference block", record)
