"""The alleles of a ClinVar release and the founder variants in a person's genome file, in one pass over it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from singula.errors import BadInput
from singula.knowledge import Knowledge
from singula.knowledge.pack import Row
from singula.methods.genome.inherited import GeneRule
from singula.methods.genome.lift import ChainMap
from singula.methods.genome.resolver import REFERENCE_ALLELES, Resolved
from singula.record.genome import SiteStatus
from singula.sources.chain_file import read_chain
from singula.sources.clinvar_files import ClinVarRelease
from singula.sources.clinvar_store import AlleleTable, ClinVarEntry
from singula.sources.reference_sequence import ReferenceSequence
from singula.sources.regions import Regions
from singula.sources.site_calls import MIN_QUALITY, AskedSite, RowWatch, SiteReader, SiteRules, agree_on_build, open_variants
from singula.sources.vcf import VcfRow

Places = npt.NDArray[np.int64]
TRIMMED_ONLY = (
    "without a reference sequence alleles are trimmed, not left-aligned; a caller that does not left-align may miss some"
)
MITOCHONDRION, YORUBA_LENGTH = "MT", 16571


@dataclass(frozen=True)
class GermlineInput:
    """A person's genome file and what was given beside it."""

    path: Path
    build: str | None = None
    chain: Path | None = None
    regions: Path | None = None
    reference: Path | None = None
    min_quality: float = MIN_QUALITY
    with_unreported: bool = False


@dataclass(frozen=True)
class Stretch:
    """Alleles on one chromosome of the file: their numbers in the release, first and last base there."""

    chromosome: str
    numbers: Places
    first: Places
    last: Places


@dataclass(frozen=True)
class FounderCall:
    """A founder variant with its state in one person; ``resolved`` counts the allele that matters, in any build."""

    row: Row
    resolved: Resolved


@dataclass
class SampleStates:
    """What was found of one sample: alleles with a record over them, and by gene how the others are known."""

    states: list[tuple[ClinVarEntry, Resolved]] = field(default_factory=list)
    unreported: list[tuple[ClinVarEntry, Resolved]] = field(default_factory=list)
    basis: dict[str, Counter[str]] = field(default_factory=dict)


@dataclass
class GermlineReading:
    """A file read at every place the release speaks of; answers for each sample."""

    table: AlleleTable
    reader: SiteReader
    stretches: list[Stretch]
    unmapped: Places
    chain: ChainMap | None
    notes: list[str] = field(default_factory=list)

    def look(self, column: int, genes: Sequence[str]) -> SampleStates:
        """Answer every allele for one sample.

        Parameters
        ----------
        column : int
            The sample's column.
        genes : sequence of str
            Genes whose negatives are asked for; of other genes only what is carried or doubtful comes back.

        Returns
        -------
        SampleStates
            Alleles under a variant record one by one, the others counted by gene.
        """
        found = SampleStates()
        asked = {number for number, gene in enumerate(self.table.genes) if gene in set(genes)}
        self._count(found, self.unmapped, SiteStatus.NOT_COVERED, asked)
        for stretch in self.stretches:
            hit = self._under_records(stretch)
            for status, numbers in self._unrecorded(stretch, ~hit):
                self._count(found, numbers, status, asked)
            self._judge(found, stretch, np.flatnonzero(hit), column, asked)
        return found

    def founders(self, column: int, rows: Sequence[Row]) -> list[FounderCall]:
        """Answer every founder variant for one sample."""
        sites = [(row, founder_site(row, self.reader.build)) for row in rows]
        return [FounderCall(row, _count_risk(self.reader.resolve(site, column), row, site)) for row, site in sites]

    def _under_records(self, stretch: Stretch) -> npt.NDArray[np.bool_]:
        positions = np.asarray(self.reader.rows.positions.get(stretch.chromosome, ()), dtype=np.int64)
        furthest = np.asarray([0, *self.reader.rows.furthest.get(stretch.chromosome, ())], dtype=np.int64)
        hit: npt.NDArray[np.bool_] = furthest[np.searchsorted(positions, stretch.last, side="right")] >= stretch.first
        return hit

    def _unrecorded(self, stretch: Stretch, free: npt.NDArray[np.bool_]) -> Iterator[tuple[SiteStatus, Places]]:
        """Tell how bases without any record are known: as the resolver does, for many alleles at once."""
        numbers = stretch.numbers[free]
        if stretch.chromosome not in self.reader.seen or self.reader.is_gvcf:
            yield SiteStatus.NOT_COVERED, numbers
        elif self.reader.regions is None:
            yield SiteStatus.HOM_REF_ASSUMED, numbers
        else:
            starts = np.asarray([0, *self.reader.regions.starts.get(stretch.chromosome, ())], dtype=np.int64)
            ends = np.asarray([-1, *self.reader.regions.ends.get(stretch.chromosome, ())], dtype=np.int64)
            at = np.searchsorted(starts[1:], stretch.first[free] - 1, side="right")
            inside = stretch.last[free] <= ends[at]
            yield SiteStatus.HOM_REF_REGIONS, numbers[inside]
            yield SiteStatus.NOT_COVERED, numbers[~inside]

    def _count(self, found: SampleStates, numbers: Places, status: SiteStatus, asked: set[int]) -> None:
        reported = numbers[self.table.columns["reported"][numbers] != 0]
        genes, counts = np.unique(self.table.columns["gene"][reported], return_counts=True)
        for gene, count in zip(genes.tolist(), counts.tolist(), strict=True):
            if gene in asked:
                found.basis.setdefault(self.table.genes[gene], Counter())[status.value] += count

    def _judge(self, found: SampleStates, stretch: Stretch, hits: Places, column: int, asked: set[int]) -> None:
        genes, reported = self.table.columns["gene"], self.table.columns["reported"]
        by_block: dict[int, SiteStatus] = {}
        for at in hits.tolist():
            number, first, last = int(stretch.numbers[at]), int(stretch.first[at]), int(stretch.last[at])
            rows = self.reader.rows.over(stretch.chromosome, first, last)
            only_blocks = all(_is_block(row) for row in rows)
            gene = int(genes[number])
            if only_blocks and (gene not in asked or not reported[number]):
                continue
            if len(rows) == 1 and only_blocks and rows[0].position < first and (rows[0].end or 0) >= last:
                key = id(rows[0])
                if key not in by_block:
                    by_block[key] = self._resolve(number, column)[1].status
                found.basis.setdefault(self.table.genes[gene], Counter())[by_block[key].value] += 1
                continue
            (found.states if reported[number] else found.unreported).append(self._resolve(number, column))

    def _resolve(self, number: int, column: int) -> tuple[ClinVarEntry, Resolved]:
        entry = self.table.entry(number)
        place: tuple[str, int, str, str] | None = (entry.chromosome, entry.position, entry.ref, entry.alt)
        if self.chain is not None and place is not None:
            place = self.chain.lift_variant(*place)
        if place is None:
            return entry, Resolved(SiteStatus.NOT_COVERED, reason="the site has no place in the file's build")
        return entry, self.reader.resolve(AskedSite(entry.variation_id, *place), column)


def _is_block(row: VcfRow) -> bool:
    return row.end is not None if not row.alts else all(alt in REFERENCE_ALLELES for alt in row.alts)


def read_germline(
    given: GermlineInput, release: ClinVarRelease, founders: Sequence[Row] = (), watch: RowWatch | None = None
) -> GermlineReading:
    """Read a genome file at every place a release speaks of, and at the founder variants.

    Parameters
    ----------
    given : GermlineInput
        The file, its build, a chain file where the builds differ, the regions that were looked at.
    release : ClinVarRelease
        What is known.
    founders : sequence of Row
        Table ``founder_variants`` of the pack ``germline``.
    watch : RowWatch, optional
        Sees the rows on the way.

    Raises
    ------
    BadInput
        File and release are in different builds and no chain was given, or the file's build is not known.
    """
    with open_variants(given.path) as variants:
        header = variants.header
        build = agree_on_build(header, given.build, given.path.name)
    if build is None:
        raise BadInput(f"{given.path.name}: does not say its genome build; give --build GRCh37 or --build GRCh38")
    chain: ChainMap | None = None
    if build != release.build and len(release.table):
        if given.chain is None:
            raise BadInput(
                f"{given.path.name}: is in {build}, the release in {release.build}; give --chain with a UCSC chain file"
            )
        chain = read_chain(given.chain, inverted=True)
    reference = ReferenceSequence(given.reference) if given.reference else None
    notes = [] if reference else [TRIMMED_ONLY]
    stretches, unmapped = _place_all(release.table, chain, with_unreported=given.with_unreported)
    if header.contigs.get(MITOCHONDRION) == YORUBA_LENGTH:
        lost = [one.numbers for one in stretches if one.chromosome == MITOCHONDRION]
        stretches = [one for one in stretches if one.chromosome != MITOCHONDRION]
        unmapped = np.concatenate([unmapped, *lost])
        notes.append("the mitochondrion of this file is not the reference ClinVar uses (16,571 bases); it was not looked at")
    if len(unmapped):
        notes.append(f"{len(unmapped)} alleles of the release have no place in {build} and count as not covered")
    regions = Regions(given.regions) if given.regions else None
    sites = [founder_site(row, build) for row in founders]
    tails = _other_spellings(stretches, release.table, reference) if reference and chain is None else []
    wanted = _wanted([*stretches, *tails], sites)
    rules = SiteRules(regions, given.min_quality, build, reference, watch)
    reader = SiteReader(given.path, wanted, rules)  # type: ignore[arg-type]
    return GermlineReading(release.table, reader, stretches, unmapped, chain, notes)


def _other_spellings(stretches: Sequence[Stretch], table: AlleleTable, reference: ReferenceSequence) -> Iterator[Stretch]:
    """Yield the places behind insertions and deletions of a release at which a caller may have written them."""
    for stretch in stretches:
        first, last = stretch.first.copy(), stretch.last.copy()
        for at, number in enumerate(stretch.numbers.tolist()):
            one = table.entry(number)
            if len(one.ref) != len(one.alt):
                last[at] = max(int(last[at]), reference.furthest(one.chromosome, one.position, one.ref, one.alt))
        yield Stretch(stretch.chromosome, stretch.numbers, first, last)


def _place_all(table: AlleleTable, chain: ChainMap | None, *, with_unreported: bool) -> tuple[list[Stretch], Places]:
    stretches, unmapped = [], []
    for chromosome, numbers in table.chosen(with_unreported=with_unreported):
        first = table.columns["position"][numbers].astype(np.int64)
        length = table.columns["length"][numbers].astype(np.int64)
        if chain is None:
            stretches.append(Stretch(chromosome, numbers, first, first + length - 1))
            continue
        lifted = [
            chain.lift_variant(chromosome, position, "N" * size, "N")
            for position, size in zip(first.tolist(), length.tolist(), strict=True)
        ]
        unmapped.append(numbers[[place is None for place in lifted]])
        stretches.extend(_regroup(numbers, lifted))
    return stretches, np.concatenate(unmapped) if unmapped else np.empty(0, dtype=np.int64)


def _regroup(numbers: Places, lifted: Sequence[tuple[str, int, str, str] | None]) -> Iterator[Stretch]:
    groups: dict[str, list[tuple[int, int, int]]] = {}
    for number, place in zip(numbers.tolist(), lifted, strict=True):
        if place is not None:
            groups.setdefault(place[0], []).append((number, place[1], place[1] + len(place[2]) - 1))
    for chromosome, found in groups.items():
        columns = np.asarray(found, dtype=np.int64)
        yield Stretch(chromosome, columns[:, 0], columns[:, 1], columns[:, 2])


def _wanted(stretches: Sequence[Stretch], founders: Sequence[AskedSite]) -> dict[str, Places]:
    """Return every base of every REF, sorted, by chromosome."""
    parts: dict[str, list[Places]] = {}
    for one in stretches:
        lengths = one.last - one.first + 1
        offsets = np.arange(int(lengths.sum()), dtype=np.int64) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        parts.setdefault(one.chromosome, []).append(np.repeat(one.first, lengths) + offsets)
    for site in founders:
        bases = np.arange(site.position, site.position + len(site.ref), dtype=np.int64)
        parts.setdefault(site.chromosome, []).append(bases)
    return {chromosome: _distinct(np.concatenate(found)) for chromosome, found in parts.items()}


def _distinct(places: Places) -> Places:
    places.sort(kind="stable")
    return places[np.append(True, places[1:] != places[:-1])] if len(places) else places


def founder_site(row: Row, build: str | None) -> AskedSite:
    """Return where a founder variant lies; where GRCh37 has the risk allele as its reference, the other allele is asked for."""
    if build != "GRCh37":
        return AskedSite(row.name, row.chrom, row.pos_grch38, row.ref, row.alt)
    alleles = (row.alt, row.ref) if row.grch37_has_alt else (row.ref, row.alt)
    return AskedSite(row.name, row.chrom, row.pos_grch37, *alleles)


def _count_risk(found: Resolved, row: Row, site: AskedSite) -> Resolved:
    """Turn the count round where the risk allele is the reference; a mere absence then says nothing at all."""
    if site.alt == row.alt or found.genotype is None:
        return found
    if found.status is SiteStatus.HOM_REF_ASSUMED:
        return Resolved(
            SiteStatus.NOT_COVERED, reason="GRCh37 has the risk allele as its reference; a missing record tells nothing"
        )
    turned = found.genotype.translate(str.maketrans("01", "10"))
    return Resolved(found.status, turned, turned.count("1"), found.reason, found.call, "1" in turned)


def gene_rules(knowledge: Knowledge) -> dict[str, GeneRule]:
    """Return inheritance and reporting rules by gene.

    The secondary-findings list, recessive genes with known carriers, dominant genes that also have a recessive disease.
    """
    pack = knowledge.pack("germline")
    dual = {row.gene: row.recessive_condition for row in pack.table("dual_genes")}
    rules = {row.gene: GeneRule(row.gene, row.inheritance) for row in pack.table("carrier_frequencies")}
    rules.update({gene: GeneRule(gene, "", None, words) for gene, words in dual.items()})
    for row in pack.table("secondary_findings"):
        rules[row.gene] = GeneRule(row.gene, row.inheritance, row.report_rule, dual.get(row.gene))
    return rules
