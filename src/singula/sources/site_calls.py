"""The genotypes of any list of sites in a VCF, gVCF or BCF, resolved for every sample in one pass."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Protocol

from singula.errors import BadInput, quoted
from singula.methods.genome.normalisation import trim_alleles
from singula.methods.genome.resolver import Coverage, Resolved, SiteCall, resolve_site
from singula.sources.bcf import BcfFile, is_bcf
from singula.sources.limits import decode_utf8, lines_bounded, open_bounded
from singula.sources.reference_sequence import ReferenceSequence
from singula.sources.regions import Regions
from singula.sources.vcf import VcfFile, VcfRow
from singula.sources.vcf_header import VcfHeader, plain_chromosome

MIN_QUALITY = 20.0
SITE_COLUMNS = ("id", "chrom", "pos", "ref", "alt")


@dataclass(frozen=True)
class AskedSite:
    """One site somebody asks about."""

    id: str
    chromosome: str
    position: int
    ref: str
    alt: str

    @property
    def alleles(self) -> tuple[int, str, str]:
        """Position, REF and ALT."""
        return (self.position, self.ref, self.alt)


class VariantFile(Protocol):
    """A VCF or BCF opened for one pass."""

    header: VcfHeader
    chromosomes_seen: set[str]
    has_blocks: bool

    def rows_over(self, wanted: Mapping[str, Sequence[int]]) -> Iterator[VcfRow]:
        """Yield the rows over wanted positions."""
        ...


class RowWatch(Protocol):
    """Looks at rows while a file is read for something else."""

    def widen(self, wanted: Mapping[str, Sequence[int]]) -> Mapping[str, Sequence[int]]:
        """Return the positions it wants read too."""
        ...

    def keep(self, rows: Iterable[VcfRow], wanted: Mapping[str, Sequence[int]]) -> Iterator[VcfRow]:
        """Yield the rows that were wanted, after a look at all."""
        ...


def open_variants(path: Path) -> VcfFile | BcfFile:
    """Open a VCF or BCF, told by content."""
    return BcfFile(path) if is_bcf(path) else VcfFile(path)


def agree_on_build(header: VcfHeader, stated: str | None, name: str) -> str | None:
    """Return the build of a file; BadInput where the header and the user disagree, or the header contradicts itself."""
    if header.contradiction:
        raise BadInput(f"{name}: {header.contradiction}; mend the header")
    if stated and header.build and stated != header.build:
        raise BadInput(f"{name}: its contigs are those of {header.build}, --build says {stated}; one of them is wrong")
    return stated or header.build


def positions_of(sites: Iterable[AskedSite], reference: ReferenceSequence | None = None) -> dict[str, list[int]]:
    """Return every base of the sites' REF, sorted, by chromosome: what has to be read to resolve them.

    With a reference, also every place at which another spelling of the same insertion or deletion may stand.
    """
    wanted: dict[str, set[int]] = {}
    for site in sites:
        position, ref, alt = trim_alleles(*site.alleles)
        last = position + len(ref) - 1
        if reference is not None and len(ref) != len(alt):
            position, ref, alt = reference.align(site.chromosome, position, ref, alt)
            last = max(last, reference.furthest(site.chromosome, position, ref, alt))
        wanted.setdefault(site.chromosome, set()).update(range(position, last + 1))
    return {chromosome: sorted(places) for chromosome, places in wanted.items()}


@dataclass(frozen=True)
class SiteRules:
    """How sites of a file are judged.

    ``regions`` are the bases that were looked at, ``min_quality`` the lowest genotype quality that counts, ``build`` is what the
    user says it is; with ``reference`` sites and rows are spelt leftmost before they are compared, without one only trimmed;
    ``watch`` sees the rows on the way.
    """

    regions: Regions | None = None
    min_quality: float = MIN_QUALITY
    build: str | None = None
    reference: ReferenceSequence | None = None
    watch: RowWatch | None = None


class SiteReader:
    """The rows of a genome file over wanted positions; answers for any site there and each sample.

    Parameters
    ----------
    path : Path
        VCF, gVCF or BCF.
    wanted : mapping
        Sorted positions by chromosome.
    rules : SiteRules, optional
        How sites are judged.
    """

    def __init__(self, path: Path, wanted: Mapping[str, Sequence[int]], rules: SiteRules | None = None) -> None:
        self.rules = rules or SiteRules()
        self.regions, reference = self.rules.regions, self.rules.reference
        with open_variants(path) as variants:
            self.header = variants.header
            self.build = agree_on_build(variants.header, self.rules.build, path.name)
            watch = self.rules.watch
            rows = watch.keep(variants.rows_over(watch.widen(wanted)), wanted) if watch else variants.rows_over(wanted)
            self.rows = RowIndex(map(reference.align_row, rows) if reference else rows)
            self.seen, self.is_gvcf = variants.chromosomes_seen, variants.has_blocks
        self._coverages: dict[str, Coverage] = {}
        self._answers: dict[tuple[AskedSite, tuple[bytes, ...]], Resolved] = {}

    def choose_samples(self, named: str | None) -> list[int]:
        """Return the columns of the samples asked for; BadInput names one that is not there."""
        if not named:
            return list(range(len(self.header.samples)))
        places = {name: number for number, name in enumerate(self.header.samples)}
        missing = [name for name in named.split(",") if name not in places]
        if missing:
            raise BadInput(f"the file has no sample {quoted(missing[0])}; it has {', '.join(self.header.samples[:5])}")
        return [places[name] for name in named.split(",")]

    def resolve(self, site: AskedSite, sample: int) -> Resolved:
        """Answer one site for one sample; samples with the same fields share the answer."""
        trimmed = self.spell(site)
        rows = self.rows.over(site.chromosome, trimmed[0], trimmed[0] + len(trimmed[1]) - 1)
        key = (site, tuple(row.fields[sample] for row in rows))
        if key not in self._answers:
            calls = [read_site_call(row, sample) for row in rows]
            self._answers[key] = resolve_site(trimmed, calls, self._coverage(site.chromosome), self.rules.min_quality)
        return self._answers[key]

    def spell(self, site: AskedSite) -> tuple[int, str, str]:
        """Return a site's alleles as rows are compared with them: trimmed, and leftmost where a reference is known."""
        reference = self.rules.reference
        return reference.align(site.chromosome, *site.alleles) if reference else trim_alleles(*site.alleles)

    def distinct(self, site: AskedSite) -> Iterator[tuple[int, int]]:
        """Yield one sample column for each pattern of fields at a site, with how many samples show it."""
        position, ref, _ = self.spell(site)
        rows = self.rows.over(site.chromosome, position, position + len(ref) - 1)
        first: dict[tuple[bytes, ...], int] = {}
        counts: Counter[tuple[bytes, ...]] = Counter()
        for column, fields in enumerate(zip(*(row.fields for row in rows), strict=True) if rows else ()):
            first.setdefault(fields, column)
            counts[fields] += 1
        yield from ((column, counts[fields]) for fields, column in first.items())

    def _coverage(self, chromosome: str) -> Coverage:
        if chromosome not in self._coverages:
            inside = self.regions.on(chromosome) if self.regions else None
            edges = self.regions.edges_on(chromosome) if self.regions else None
            self._coverages[chromosome] = Coverage(chromosome in self.seen, self.is_gvcf, inside, edges)
        return self._coverages[chromosome]


class RowIndex:
    """Rows by chromosome, to be asked which lie over a stretch."""

    def __init__(self, rows: Iterable[VcfRow]) -> None:
        self.rows: dict[str, list[VcfRow]] = {}
        for row in rows:
            self.rows.setdefault(row.chromosome, []).append(row)
        self.positions: dict[str, list[int]] = {}
        self.furthest: dict[str, list[int]] = {}
        for chromosome, found in self.rows.items():
            found.sort(key=lambda one: one.position)
            self.positions[chromosome] = [row.position for row in found]
            self.furthest[chromosome] = list(accumulate((_last(row) for row in found), max))

    def over(self, chromosome: str, first: int, last: int) -> list[VcfRow]:
        """Return the rows that touch a stretch, in file order."""
        rows, furthest = self.rows.get(chromosome, []), self.furthest.get(chromosome, [])
        at = bisect_right(self.positions.get(chromosome, []), last)
        found = []
        while at > 0 and furthest[at - 1] >= first:
            at -= 1
            if _last(rows[at]) >= first:
                found.append(rows[at])
        return found[::-1]


def _last(row: VcfRow) -> int:
    return max(row.end or 0, row.position + len(row.ref) - 1)


def read_site_call(row: VcfRow, sample: int) -> SiteCall:
    """Read one sample's field of a row."""
    text = row.fields[sample].decode("utf-8", "replace") if sample < len(row.fields) else ""
    values = dict(zip(row.format, text.split(":"), strict=False))
    genotype = values.get("GT", "")
    parts = genotype.replace("|", "/").split("/") if genotype else []
    depth = _number(values.get("MIN_DP")) if values.get("MIN_DP") else _number(values.get("DP"))
    return SiteCall(
        position=row.position,
        ref=row.ref.upper(),
        alts=tuple(alt if alt.startswith("<") else alt.upper() for alt in row.alts),
        alleles=tuple(int(part) if part.isdigit() else None for part in parts),
        is_phased="|" in genotype,
        depth=depth,
        quality=_number(values.get("GQ")),
        filter=row.filter,
        end=row.end,
        allele_depths=tuple(_number(one) for one in values["AD"].split(",")) if values.get("AD") else (),
    )


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text not in (None, ".", "") else None
    except ValueError:
        return None


def read_sites(path: Path) -> list[AskedSite]:
    """Read a table of sites with the columns ``id chrom pos ref alt``."""
    sites = []
    for where, row in read_table(path, SITE_COLUMNS):
        if not row["pos"].isdigit() or not row["ref"] or not row["alt"]:
            raise BadInput(f"{where}: needs a position and two alleles")
        sites.append(
            AskedSite(row["id"], plain_chromosome(row["chrom"]), int(row["pos"]), row["ref"].upper(), row["alt"].upper())
        )
    return sites


def read_table(path: Path, columns: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the rows of a tab-separated table whose header has these columns, each with its place."""
    header: list[str] | None = None
    with open_bounded(path) as stream:
        for number, line in lines_bounded(stream, path.name):
            if not line.strip():
                continue
            cells = decode_utf8(line, f"{path.name}:{number}").split("\t")
            if header is None:
                header = [cell.strip().lstrip("#").lower() for cell in cells]
                missing = [column for column in columns if column not in header]
                if missing:
                    raise BadInput(f"{path.name}:{number}: the header has no column {missing[0]}; it needs {', '.join(columns)}")
                continue
            if len(cells) < len(header):
                raise BadInput(f"{path.name}:{number}: has {len(cells)} columns, the header has {len(header)}")
            yield f"{path.name}:{number}", {name: cell.strip() for name, cell in zip(header, cells, strict=False)}
