"""Known pathogenic alleles and founder variants of a VCF as facts of the record, with the ground of every negative."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from singula.knowledge import Knowledge
from singula.knowledge.pack import Row
from singula.methods.genome.founders import FounderVariant, Meaning, judge_founders
from singula.methods.genome.inherited import MATERNAL, InheritedFinding, report_inherited
from singula.record import Concept, Fact, Source, Variant
from singula.record.genome import SCANNED, GeneCoverage, Site
from singula.sources.clinvar import find_or_none, no_release
from singula.sources.draft import Draft
from singula.sources.genome_watch import GenomeWatch
from singula.sources.germline import FounderCall, GermlineInput, GermlineReading, founder_site, gene_rules, read_germline
from singula.sources.labels import GENETICS

ZYGOSITY = {"het": "heterozygous", "hom": "homozygous", "hemi": "hemizygous"}
MITOCHONDRIAL = {"het": "heteroplasmic", "hom": "homoplasmic", "hemi": "homoplasmic"}
TOLD = (Meaning.FINDING, Meaning.CARRIER, Meaning.RISK, Meaning.PROTECTIVE)


@dataclass
class GermlineFacts:
    """What a scan adds to one sample."""

    facts: list[Fact] = field(default_factory=list)
    sites: tuple[Site, ...] = ()
    negatives: tuple[GeneCoverage, ...] = ()
    release: str | None = None
    sex: str | None = None


def scan_germline(path: Path, watch: GenomeWatch, draft: Draft, knowledge: Knowledge) -> list[GermlineFacts]:
    """Look up founder variants and the imported ClinVar release in a VCF, for every sample.

    Parameters
    ----------
    path : Path
        The file.
    watch : GenomeWatch
        Sees the rows on the way; its collector knows the file's build.
    draft : Draft
        Gets a note where the release could not be used.
    knowledge : Knowledge
        Pack ``germline``, and ``clinvar`` where one was imported.
    """
    build = watch.collector.header.build
    release = find_or_none(None, knowledge, complete=False)
    if release.build not in ("", build):
        draft.note(
            "warning", "germline", f"the imported ClinVar release is in {release.build}, the file in {build}; not compared"
        )
        release = no_release()
    founders = knowledge.pack("germline").table("founder_variants")
    reading = read_germline(GermlineInput(path, build), release, founders, watch)
    found = []
    for column in range(len(reading.reader.header.samples)):
        found.append(_facts(reading, column, knowledge, (draft.input, release.date or None)))
        found[-1].sex = watch.sexes.sex(column)
    return found


def _facts(reading: GermlineReading, column: int, knowledge: Knowledge, known: tuple[str, str | None]) -> GermlineFacts:
    shown, date = known
    pack = knowledge.pack("germline")
    rules = gene_rules(knowledge)
    genes = [row.gene for row in pack.table("secondary_findings")]
    states = reading.look(column, genes)
    answer = report_inherited(states.states, rules, genes, states.basis)
    calls = reading.founders(column, pack.table("founder_variants"))
    build = str(reading.reader.build)
    where = f"{Path(shown).name}#{reading.reader.header.samples[column]}"
    facts: list[Fact] = [_variant(one, build, where, (shown, date)) for one in answer.findings]
    told = {fact.detail.get("variation_id") for fact in facts}
    facts.extend(one for one in _founder_facts(calls, build, where, shown) if one.detail.get("variation_id") not in told)
    negatives = (
        tuple(GeneCoverage(gene=one.gene, status=one.status, counts=one.basis) for one in answer.negatives) if date else ()
    )
    return GermlineFacts(facts, tuple(_site(call, build) for call in calls), negatives, date)


def _variant(found: InheritedFinding, build: str, where: str, known: tuple[str, str | None]) -> Variant:
    allele = found.allele
    chromosome, position, ref, alt = allele.name.split("-")
    meaning = Meaning.CARRIER if found.is_carrier else Meaning.FINDING
    return Variant(
        id=f"{where}/{allele.name}",
        concept=Concept(text=f"{allele.gene} {allele.name}"),
        name=f"variant-{allele.gene}",
        sources=(Source(input=known[0], where=allele.name, reader=SCANNED, trust=3),),
        labels=(GENETICS,),
        gene=allele.gene,
        chromosome=chromosome,
        position=int(position),
        ref=ref,
        alt=alt,
        assembly="GRCh37" if build == "GRCh37" else "GRCh38",
        zygosity=MITOCHONDRIAL[found.zygosity] if found.inheritance == MATERNAL else ZYGOSITY[found.zygosity],
        source_class="germline",
        significance=allele.classification,
        consequence=allele.consequences[0] if allele.consequences else None,
        detail={
            "meaning": meaning.value,
            "variation_id": allele.variation_id,
            "stars": float(allele.stars),
            "condition": allele.condition,
            "inheritance": found.inheritance,
            "secondary": found.is_secondary,
            "phase": found.phase,
            "also": found.also,
            "release": known[1],
            "balance": found.allele_balance,
        },
    )


def _founder_facts(calls: list[FounderCall], build: str, where: str, shown: str) -> Iterator[Variant]:
    by_name = {(call.row.gene, call.row.name): call for call in calls}
    variants = [FounderVariant(call.row.gene, call.row.name, call.row.rule, call.resolved) for call in calls]
    for one in judge_founders(variants):
        if one.meaning not in TOLD:
            continue
        call = by_name[one.gene, one.names[0]]
        site = founder_site(call.row, build)
        names = " + ".join(one.names)
        yield Variant(
            id=f"{where}/{one.gene}-{site.chromosome}-{site.position}",
            concept=Concept(text=f"{one.gene} {names}"),
            name=f"variant-{one.gene}",
            sources=(Source(input=shown, where=call.row.rsid, reader=SCANNED, trust=3),),
            labels=(GENETICS,),
            gene=one.gene,
            chromosome=site.chromosome,
            position=site.position,
            ref=call.row.ref,
            alt=call.row.alt,
            assembly="GRCh37" if build == "GRCh37" else "GRCh38",
            zygosity=_zygosity(call, len(one.names)),
            source_class="germline",
            significance="pathogenic" if one.meaning in (Meaning.FINDING, Meaning.CARRIER) else one.meaning.value,
            detail={
                "meaning": one.meaning.value,
                "variation_id": call.row.variation_id,
                "condition": call.row.condition,
                "inheritance": _inheritance(call.row),
                "words": one.words,
                "note": call.row.note or "",
                "founder": call.row.name,
                "balance": call.resolved.call.allele_balance if call.resolved.call else None,
            },
        )


def _zygosity(call: FounderCall, names: int) -> str:
    genotype = call.resolved.genotype or ""
    if "/" not in genotype and "|" not in genotype:
        return "hemizygous"
    return "homozygous" if call.resolved.dosage == 2 and names == 1 else "heterozygous"


def _inheritance(row: Row) -> str | None:
    if row.rule == "x_linked":
        return "XL"
    return "AD" if row.rule in ("any", "own_rule") else "AR" if row.rule in ("biallelic", "compound", "homozygous") else None


def _site(call: FounderCall, build: str) -> Site:
    site = founder_site(call.row, build)
    found = call.resolved
    depth = found.call.depth if found.call else None
    return Site(
        id=call.row.rsid or call.row.name,
        chromosome=site.chromosome,
        position=site.position,
        ref=site.ref,
        alt=site.alt,
        status=found.status,
        genotype=found.genotype,
        dosage=found.dosage,
        depth=int(depth) if depth is not None else None,
    )
