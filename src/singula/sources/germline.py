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
from singula.sources.site_calls import AskedSite, SiteReader, agree_on_build, open_variants

MIN_QUALITY = 20.0
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
    entries: list[ClinVarEntry]
    reader: SiteReader
    unmapped: set[int]
    notes: list[str] = field(default_factory=list)

    def resolve(self, column: int) -> Iterator[tuple[ClinVarEntry, Resolved]]:
        """Answer every allele for one sample."""
        answers = iter(self.reader.resolve(column))
        for number, entry in enumerate(self.entries):
            yield (entry, UNMAPPED) if number in self.unmapped else (entry, next(answers)[1])


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
    sites: list[AskedSite] = []
    unmapped: set[int] = set()
    for number, entry in enumerate(release.entries):
        place = (entry.chromosome, entry.position, entry.ref, entry.alt)
        lifted = place if chain is None else chain.lift_variant(*place)
        if lifted is None:
            unmapped.add(number)
        else:
            sites.append(AskedSite(entry.variation_id, *lifted))
    regions = Regions(given.regions) if given.regions else None
    reader = SiteReader(given.path, sites, regions=regions, min_quality=given.min_quality, build=build)
    notes = [
        "without a reference sequence alleles are trimmed, not left-aligned; a caller that does not left-align may miss some"
    ]
    if unmapped:
        notes.append(f"{len(unmapped)} alleles of the release have no place in {build} and count as not covered")
    return GermlineReading(release, release.entries, reader, unmapped, notes)


def gene_rules(knowledge: Knowledge) -> dict[str, GeneRule]:
    """Return inheritance and reporting rules by gene: the secondary-findings list, then recessive genes with known carriers."""
    pack = knowledge.pack("germline")
    rules = {row.gene: GeneRule(row.gene, row.inheritance) for row in pack.table("carrier_frequencies")}
    rules.update({row.gene: GeneRule(row.gene, row.inheritance, row.report_rule) for row in pack.table("secondary_findings")})
    return rules
