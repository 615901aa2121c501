"""A VCF in a person's folder: its genes are called, and what it looked at is kept beside the calls.

Only what the installed knowledge asks about is read. A gene with no position read is not tested, never normal.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from singula.errors import BadInput
from singula.knowledge import Knowledge
from singula.methods.genome.core_definitions import GRCH38
from singula.methods.genome.definitions import GeneDefinition
from singula.methods.genome.gene_call import GeneCall, Options
from singula.record import Concept, GenomeAssay, Genotype, Person, Source, Status
from singula.sources.draft import Draft
from singula.sources.genome_watch import GenomeWatch, SexWatch
from singula.sources.germline_record import GermlineFacts, scan_germline
from singula.sources.labels import GENETICS
from singula.sources.pgx_calls import SampleCalls, call_file, call_genotypes, callable_definitions, load_tables
from singula.sources.pgx_genotypes import GenotypeCollector
from singula.sources.vcf import VcfFile

CALLED = ("called", "ambiguous", "components", "partial")


class VcfReader:
    """Reads a VCF or gVCF, plain, gzip or bgzip; one sample is the person, several are persons named by sample."""

    format = "vcf"

    def recognises(self, head: bytes, name: str) -> bool:
        """Tell a file that begins as VCF."""
        return head.removeprefix(b"\xef\xbb\xbf").startswith(b"##fileformat=VCF")

    def read(self, path: Path, draft: Draft, knowledge: Knowledge) -> None:
        """Call the genes of every sample into the draft."""
        with VcfFile(path) as vcf:
            header = vcf.header
        if not header.samples:
            raise BadInput(f"{path.name}: names no sample; give a VCF with genotypes")
        if header.contradiction:
            draft.note("warning", "header", f"{header.contradiction}; the contig lengths are believed")
        if header.build is None:
            draft.note("warning", "header", "says no genome build; read as GRCh38, rows whose REF differs are not used")
        build = header.build or GRCH38
        several = len(header.samples) > 1
        tables = load_tables(knowledge, None, build)
        scanned: list[GermlineFacts] = []
        if header.build is None or header.contradiction:
            draft.note("information", "header", "without a sure build the file is not looked through for inherited findings")
            calls = call_file(path, tables, Options())
        else:
            collector = GenotypeCollector(header, callable_definitions(tables))
            scanned = scan_germline(path, GenomeWatch(collector, SexWatch(knowledge)), draft, knowledge)
            calls = call_genotypes(collector.genotypes(), path.name, tables, Options())
        for number, sample in enumerate(calls):
            key = sample.sample if several else ""
            if several:
                draft.persons[key] = Person(id=key)
            found = scanned[number] if scanned else GermlineFacts()
            draft.facts.extend(fact.model_copy(update={"person": key}) for fact in found.facts)
            self._keep(sample, key, GenomeAssay(**_assay(sample, build, found, draft)), draft)

    def _keep(self, sample: SampleCalls, key: str, assay: GenomeAssay, draft: Draft) -> None:
        reasons: list[str] = []
        for definition, call in sample.genes:
            reasons.extend(f"{call.gene}: {reason}" for reason in call.reasons)
            if call.status == "not_tested":
                continue
            draft.facts.append(_genotype(sample, key, definition, call, draft))
        tested = tuple(call.gene for _, call in sample.genes if call.status != "not_tested")
        untested = [call.gene for _, call in sample.genes if call.status == "not_tested"]
        if untested:
            draft.note(
                "information", sample.sample, f"no position was read of {', '.join(untested)}: not tested, which is not normal"
            )
        assay = assay.model_copy(update={"regions_tested": tested, "reasons": tuple(reasons)})
        draft.assays.append((key, assay))


def _assay(sample: SampleCalls, build: str, found: GermlineFacts, draft: Draft) -> dict[str, Any]:
    return {
        "id": f"{Path(draft.input).name}#{sample.sample}",
        "sample": sample.sample,
        "assembly": build,
        "source": Source(input=draft.input, where=sample.sample, reader="vcf", trust=3),
        "sites": found.sites,
        "release": found.release,
        "negatives": found.negatives,
        "inferred_sex": found.sex,
    }


def _genotype(sample: SampleCalls, key: str, definition: GeneDefinition | None, call: GeneCall, draft: Draft) -> Genotype:
    missing = [definition.positions[index].label for index in call.missing] if definition is not None else []
    names = call.diplotypes or call.lookup
    return Genotype(
        id=f"{Path(draft.input).name}#{sample.sample}/{call.gene}",
        person=key,
        status=Status.PRESENT if call.status in CALLED else Status.UNKNOWN,
        concept=Concept(text=f"{call.gene} genotype"),
        name=f"genotype-{call.gene}",
        sources=(Source(input=draft.input, where=f"{sample.sample} {call.gene}", reader="vcf", trust=3),),
        labels=(GENETICS,),
        flags=tuple(call.reasons) if call.status == "no_call" else (),
        gene=call.gene,
        diplotype=names[0] if len(names) == 1 else None,
        candidates=call.lookup if len(call.lookup) > 1 else (),
        phenotype=call.phenotypes[0] if len(call.phenotypes) == 1 else None,
        activity_score=call.activity_scores[0] if len(call.activity_scores) == 1 else None,
        missing_positions=tuple(missing),
        call_status=call.status,
    )


READER = VcfReader()
