"""The pathogenic alleles of a ClinVar release in a person's genome file, in one pass over it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from singula.errors import BadInput
from singula.knowledge import Knowledge
from singula.methods.genome.inherited import GeneRule
from singula.methods.genome.lift import ChainMap
from singula.methods.genome.resolver import Resolved
from singula.record.genome import SiteStatus
from singula.sources.chain_file import read_chain
from singula.sources.clinvar import ClinVarEntry, ClinVarRelease
from singula.sources.regions import Regions
from singula.sources.site_calls import MIN_QUALITY, AskedSite, SiteReader, agree_on_build, open_variants, positions_of

UNMAPPED = Resolved(SiteStatus.NOT_COVERED, reason="the site has no place in the file's build")


@dataclass(frozen=True)
class GermlineInput:
    """A person's genome file and what was given beside it."""

    path: Path
    build: str | None = None
    chain: Path | None = None
    regions: Path | None = None
    min_quality: float = MIN_QUALITY


@dataclass
class GermlineReading:
    """The release's alleles with where they lie in the file, and the reader that answers for each sample."""

    release: ClinVarRelease
    sites: list[AskedSite | None]
    reader: SiteReader
    notes: list[str] = field(default_factory=list)

    def resolve(self, column: int) -> Iterator[tuple[ClinVarEntry, Resolved]]:
        """Answer every allele for one sample."""
        for entry, site in zip(self.release.entries, self.sites, strict=True):
            yield entry, UNMAPPED if site is None else self.reader.resolve(site, column)


def read_germline(given: GermlineInput, release: ClinVarRelease) -> GermlineReading:
    """Look up every pathogenic allele of a release in a genome file.

    Parameters
    ----------
    given : GermlineInput
        The file, its build, a chain file where the builds differ, the regions that were looked at.
    release : ClinVarRelease
        What is known.

    Raises
    ------
    BadInput
        File and release are in different builds and no chain was given, or the file's build is not known.
    """
    with open_variants(given.path) as variants:
        build = agree_on_build(variants.header, given.build, given.path.name)
    if build is None:
        raise BadInput(f"{given.path.name}: does not say its genome build; give --build GRCh37 or --build GRCh38")
    chain: ChainMap | None = None
    if build != release.build:
        if given.chain is None:
            raise BadInput(
                f"{given.path.name}: is in {build}, the release in {release.build}; give --chain with a UCSC chain file"
            )
        chain = read_chain(given.chain, inverted=True)
    sites = [_place(entry, chain) for entry in release.entries]
    unmapped = sites.count(None)
    regions = Regions(given.regions) if given.regions else None
    wanted = positions_of(site for site in sites if site is not None)
    reader = SiteReader(given.path, wanted, regions=regions, min_quality=given.min_quality, build=build)
    notes = [
        "without a reference sequence alleles are trimmed, not left-aligned; a caller that does not left-align may miss some"
    ]
    if unmapped:
        notes.append(f"{unmapped} alleles of the release have no place in {build} and count as not covered")
    return GermlineReading(release, sites, reader, notes)


def _place(entry: ClinVarEntry, chain: ChainMap | None) -> AskedSite | None:
    place = (entry.chromosome, entry.position, entry.ref, entry.alt)
    lifted = place if chain is None else chain.lift_variant(*place)
    return None if lifted is None else AskedSite(entry.variation_id, *lifted)


def gene_rules(knowledge: Knowledge) -> dict[str, GeneRule]:
    """Return inheritance and reporting rules by gene: the secondary-findings list, then recessive genes with known carriers."""
    pack = knowledge.pack("germline")
    rules = {row.gene: GeneRule(row.gene, row.inheritance) for row in pack.table("carrier_frequencies")}
    rules.update({row.gene: GeneRule(row.gene, row.inheritance, row.report_rule) for row in pack.table("secondary_findings")})
    return rules
