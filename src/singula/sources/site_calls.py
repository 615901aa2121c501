"""The genotypes of any list of sites in a VCF, gVCF or BCF, resolved for every sample in one pass."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from singula.errors import BadInput, quoted
from singula.methods.genome.normalisation import trim_alleles
from singula.methods.genome.resolver import Coverage, Resolved, SiteCall, resolve_site
from singula.sources.bcf import BcfFile, is_bcf
from singula.sources.limits import decode_utf8, lines_bounded, open_bounded
from singula.sources.regions import Regions
from singula.sources.vcf import VcfFile, VcfRow
from singula.sources.vcf_header import VcfHeader, plain_chromosome

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


class SiteReader:
    """Reads the rows over a list of sites and answers for each sample.

    Parameters
    ----------
    path : Path
        VCF, gVCF or BCF.
    sites : iterable of AskedSite
        What is asked.
    regions : Regions, optional
        The bases that were looked at.
    min_quality : float
        Lowest genotype quality that counts.
    build : str, optional
        What the user says the build is.
    """

    def __init__(
        self,
        path: Path,
        sites: Iterable[AskedSite],
        *,
        regions: Regions | None = None,
        min_quality: float,
        build: str | None = None,
    ) -> None:
        self.sites, self.regions, self.min_quality = tuple(sites), regions, min_quality
        wanted: dict[str, set[int]] = {}
        for site in self.sites:
            position, ref, _ = trim_alleles(*site.alleles)
            wanted.setdefault(site.chromosome, set()).update(range(position, position + len(ref)))
        ordered = {chromosome: sorted(places) for chromosome, places in wanted.items()}
        self.rows: dict[str, dict[int, list[VcfRow]]] = {chromosome: {} for chromosome in ordered}
        with open_variants(path) as variants:
            self.header = variants.header
            self.build = agree_on_build(variants.header, build, path.name)
            self._take(variants.rows_over(ordered), ordered)
            self.seen, self.is_gvcf = variants.chromosomes_seen, variants.has_blocks

    def _take(self, rows: Iterable[VcfRow], wanted: Mapping[str, Sequence[int]]) -> None:
        for row in rows:
            places = wanted[row.chromosome]
            last = max(row.end or 0, row.position + len(row.ref) - 1)
            at = self.rows[row.chromosome]
            for place in places[bisect_left(places, row.position) : bisect_right(places, last)]:
                at.setdefault(place, []).append(row)

    def choose_samples(self, named: str | None) -> list[int]:
        """Return the columns of the samples asked for; BadInput names one that is not there."""
        if not named:
            return list(range(len(self.header.samples)))
        places = {name: number for number, name in enumerate(self.header.samples)}
        missing = [name for name in named.split(",") if name not in places]
        if missing:
            raise BadInput(f"the file has no sample {quoted(missing[0])}; it has {', '.join(self.header.samples[:5])}")
        return [places[name] for name in named.split(",")]

    def resolve(self, sample: int) -> Iterator[tuple[AskedSite, Resolved]]:
        """Answer every site for one sample, in the order asked."""
        kept: dict[int, SiteCall] = {}

        coverages: dict[str, Coverage] = {}
        for site in self.sites:
            chromosome = site.chromosome
            if chromosome not in coverages:
                in_regions = self.regions.on(chromosome) if self.regions else None
                coverages[chromosome] = Coverage(chromosome in self.seen, self.is_gvcf, in_regions)
            over = partial(self._calls_over, chromosome, sample, kept)
            yield site, resolve_site(site.alleles, over, coverages[chromosome], self.min_quality)

    def _calls_over(self, chromosome: str, sample: int, kept: dict[int, SiteCall], base: int) -> list[SiteCall]:
        calls = []
        for row in self.rows.get(chromosome, {}).get(base, ()):
            if id(row) not in kept:
                kept[id(row)] = read_site_call(row, sample)
            calls.append(kept[id(row)])
        return calls


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
