"""Genomic findings, what they mean and what follows, as HL7 Genomics Reporting STU3 asks for it.

A gene that was not tested is told by the regions of the analysis, never by a reference genotype.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from singula.deliver.fhir_ids import LOINC, RXNORM, FhirBundle, Resource, concept, fhir_time, references, safe_text, without_empty
from singula.knowledge import Knowledge
from singula.plan.model import Action, Plan
from singula.record import Fact, Genotype, Record
from singula.record.facts import Biomarker, GenePhenotype, Kind, Variant

PROFILES = "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition/"
TBD = "http://hl7.org/fhir/uv/genomics-reporting/CodeSystem/tbd-codes-cs"
HGNC, HGVS = "http://www.genenames.org", "http://varnomen.hgvs.org"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
SECTION = "http://terminology.hl7.org/CodeSystem/v2-0074"
LABORATORY = {"coding": [{"system": CATEGORY, "code": "laboratory", "display": "Laboratory"}]}
GENETICS = {"coding": [{"system": SECTION, "code": "GE", "display": "Genetics"}]}
GENOMIC_KINDS = {Kind.VARIANT, Kind.GENOTYPE, Kind.HAPLOTYPE, Kind.GENE_PHENOTYPE}
CALLED_GENES = {"system": LOINC, "code": "48018-6", "display": "Gene studied [ID]"}


@dataclass
class GenomicStatements:
    """What has been said about the genome so far: references by fact id, findings, implications, tasks."""

    by_fact: dict[str, Mapping[str, str]] = field(default_factory=dict)
    findings: list[Mapping[str, str]] = field(default_factory=list)
    tasks: list[Mapping[str, str]] = field(default_factory=list)
    called: list[str] = field(default_factory=list)
    uncalled: list[str] = field(default_factory=list)

    def take(self, fact: Fact, reference: Mapping[str, str]) -> None:
        """Remember the resource of a fact as a finding of the report."""
        self.by_fact[fact.id] = reference
        self.findings.append(reference)


class GenomicWriter:
    """Writes the genomic part of one person's bundle."""

    def __init__(self, bundle: FhirBundle, patient: Mapping[str, str], record: Record, knowledge: Knowledge) -> None:
        self._bundle, self._patient, self._record = bundle, patient, record
        codes, reading = knowledge.pack("fhir_codes"), knowledge.pack("fhir_reading")
        self._genes = {row.gene: row.hgnc for row in codes.table("genes")}
        self._answers = {(row.topic, row.word): (row.code, row.display) for row in codes.table("answers")}
        self._recommendations = {(row.kind, row.direction): row for row in codes.table("recommendations")}
        answers = reading.table("phenotype_answers")
        self._phenotypes = {word.lower(): row for row in answers for word in (*row.words, row.phenotype)}
        self.said = GenomicStatements()

    def write_findings(self) -> None:
        """Write every variant, haplotype and biomarker, and one genotype per gene tested, normal ones too."""
        facts = [fact for fact in self._record.facts if fact.superseded_by is None and fact.usable]
        for fact in facts:
            if isinstance(fact, Variant):
                self._take(fact, self._variant(fact))
                self._diagnostic(fact)
            elif fact.kind is Kind.HAPLOTYPE and fact.detail.get("allele"):
                gene, allele = str(fact.detail.get("gene") or ""), str(fact.detail["allele"])
                self._take(fact, self._finding("haplotype", "84414-2", "Haplotype name", gene, f"{gene} {allele}".strip()))
            elif isinstance(fact, Biomarker) and fact.concept.codings:
                self._take(fact, self._biomarker(fact))
        self._genotypes(facts)

    def _genotypes(self, facts: Iterable[Fact]) -> None:
        for fact in facts:
            if not isinstance(fact, Genotype):
                continue
            words = fact.diplotype or " or ".join(fact.candidates)
            if not words or not fact.is_present:
                self.said.uncalled.append(fact.gene)
            elif fact.gene not in self.said.called:
                self.said.called.append(fact.gene)
                shown = words if words.startswith(fact.gene) else f"{fact.gene} {words}"
                resource = self._finding("genotype", "84413-4", "Genotype display name", fact.gene, shown)
                self._take(fact, resource)

    def _take(self, fact: Fact, resource: Resource) -> None:
        if fact.when:
            resource["effectiveDateTime"] = fhir_time(fact.when)
        self.said.take(fact, self._bundle.add(resource))

    def _observation(self, profile: str, code: Resource, **rest: object) -> Resource:
        return without_empty(
            {
                "resourceType": "Observation",
                "meta": {"profile": [f"{PROFILES}{profile}"]},
                "status": "final",
                "category": [LABORATORY, GENETICS],
                "code": code,
                "subject": self._patient,
                **rest,
            }
        )

    def _finding(self, profile: str, loinc: str, display: str, gene: str, words: str) -> Resource:
        value = concept(text=words)
        return self._observation(
            profile, concept(LOINC, loinc, display), valueCodeableConcept=value, component=list(self._gene_component(gene))
        )

    def _gene_component(self, gene: str | None) -> Iterator[Resource]:
        if gene:
            yield {"code": {"coding": [CALLED_GENES]}, "valueCodeableConcept": self.gene_concept(gene)}

    def gene_concept(self, gene: str) -> Resource:
        """Name a gene with its HGNC id, where the id is known."""
        return concept(HGNC, self._genes.get(gene), gene, gene)

    def _coded(self, loinc: str, display: str, topic: str, word: str | None) -> Iterator[Resource]:
        answer = self._answers.get((topic, word or ""))
        if answer:
            yield {"code": concept(LOINC, loinc, display), "valueCodeableConcept": concept(LOINC, answer[0], answer[1])}

    def _hgvs(self, loinc: str, display: str, text: str | None) -> Iterator[Resource]:
        if text and safe_text(text):
            yield {"code": concept(LOINC, loinc, display), "valueCodeableConcept": concept(HGVS, text, text)}

    def _variant(self, fact: Variant) -> Resource:
        chromosome = (fact.chromosome or "").removeprefix("chr")
        parts = [
            *self._gene_component(fact.gene),
            *self._hgvs("48004-6", "DNA change (c.HGVS)", fact.hgvs_c),
            *self._hgvs("81290-9", "Genomic DNA change (gHGVS)", fact.hgvs_g),
            *self._hgvs("48005-3", "Amino acid change (pHGVS)", fact.hgvs_p),
            *self._coded("62374-4", "Human reference sequence assembly version", "assembly", fact.assembly),
            *self._coded("48000-4", "Chromosome, Blood or Tissue Specimen", "chromosome", chromosome),
            *self._coded("48002-0", "Genomic source class [Type]", "source", fact.source_class),
            *self._coded("53034-5", "Allelic state", "zygosity", fact.zygosity),
            *_allele("69547-8", "Genomic ref allele [ID]", fact.ref),
            *_allele("69551-0", "Genomic alt allele [ID]", fact.alt),
            *_quantity("81258-6", "Sample variant allelic frequency [NFr]", fact.vaf),
            *_quantity("82155-3", "Genomic structural variant copy number", fact.copy_number),
        ]
        code, display = self._answers[("presence", fact.status.value)]
        return self._observation(
            "variant",
            concept(LOINC, "69548-6", "Genetic variant assessment"),
            valueCodeableConcept=concept(LOINC, code, display),
            component=parts,
        )

    def _diagnostic(self, fact: Variant) -> None:
        parts = list(
            self._coded("53037-8", "Genetic variation clinical significance [Imp]", "significance", _lower(fact.significance))
        )
        if parts and fact.is_present:
            code = concept(TBD, "diagnostic-implication", "Diagnostic Implication")
            implication = self._observation(
                "diagnostic-implication", code, derivedFrom=[self.said.by_fact[fact.id]], component=parts
            )
            self.said.findings.append(self._bundle.add(implication))

    def _biomarker(self, fact: Biomarker) -> Resource:
        coding = fact.concept.first
        code = concept(coding.system, coding.code, coding.display, fact.display)
        value = getattr(fact.value, "display", None) or (str(fact.value) if fact.value is not None else "")
        made = self._observation("molecular-biomarker", code, valueString=safe_text(value))
        made["category"] = [LABORATORY, GENETICS, concept(TBD, "biomarker-category", "Biomarker Category")]
        return made

    def write_implication(self, action: Action, request: Mapping[str, str] | None) -> None:
        """Write what the genome means for a medicine or a next step, and the recommendation that follows.

        Parameters
        ----------
        action : Action
            An action of the plan; nothing is written where no genomic fact is among its inputs.
        request : mapping, optional
            Reference to the request that carries the action out.
        """
        facts = [self._record.fact_index[one] for one in action.inputs if one in self._record.fact_index]
        genomic = [fact for fact in facts if fact.kind in GENOMIC_KINDS or isinstance(fact, Biomarker)]
        derived = references([self.said.by_fact.get(fact.id) for fact in genomic])
        if not genomic:
            return
        if action.target.type == "medicine":
            implication = self._therapeutic(action, genomic, derived)
            self.said.findings.append(implication)
            self.said.tasks.append(self._task("medication-recommendation", action, [implication], request))
        elif (action.kind, "any") in self._recommendations and derived:
            self.said.tasks.append(self._task("followup-recommendation", action, derived, request))

    def _therapeutic(self, action: Action, genomic: list[Fact], derived: list[Mapping[str, str]]) -> Mapping[str, str]:
        target = action.target
        medicine = concept(target.system or RXNORM, target.code, target.display, target.display)
        parts: list[Resource] = [
            {"code": concept(LOINC, "51963-7", "Medication assessed [ID]"), "valueCodeableConcept": medicine}
        ]
        effects = [
            self._phenotype(fact.phenotype) for fact in genomic if isinstance(fact, Genotype | GenePhenotype) and fact.phenotype
        ]
        code = concept(TBD, "therapeutic-implication", "Therapeutic Implication")
        parts += [{"code": code, "valueCodeableConcept": effect} for effect in effects]
        levels = dict.fromkeys(f"{one.source} {one.level}" for one in action.evidence if one.level)
        evidence = concept(LOINC, "93044-6", "Level of evidence")
        parts += [{"code": evidence, "valueCodeableConcept": concept(text=level)} for level in levels]
        parts.append({"code": concept(TBD, "conclusion-string", "Conclusion Text"), "valueString": safe_text(action.summary)})
        implication = self._observation("therapeutic-implication", code, derivedFrom=derived, component=parts)
        return self._bundle.add(implication, generated=True)

    def _phenotype(self, phenotype: str) -> Resource:
        plain = re.sub(r"^[A-Z0-9-]+ (?=\w)", "", phenotype).strip().lower()
        row = self._phenotypes.get(plain) or self._phenotypes.get(phenotype.lower())
        return concept(LOINC, row.code, row.phenotype, phenotype) if row else concept(text=phenotype)

    def _task(
        self, profile: str, action: Action, reasons: list[Mapping[str, str]], request: Mapping[str, str] | None
    ) -> Mapping[str, str]:
        change = action.dose.percent_high if action.dose and action.dose.percent_high is not None else None
        if change is None and action.dose:
            change = action.dose.percent_low
        direction = "any" if action.kind != "change-dose" else ("less" if (change or 0) < 0 else "more" if change else "unknown")
        row = self._recommendations.get((action.kind, direction))
        task = {
            "resourceType": "Task",
            "meta": {"profile": [f"{PROFILES}{profile}"]},
            "status": "requested",
            "intent": "proposal",
            "code": concept(LOINC, row.code, row.display) if row else None,
            "description": safe_text(action.summary),
            "focus": request,
            "for": self._patient,
            "reasonReference": reasons[0],
        }
        return self._bundle.add(without_empty(task), generated=True)

    def write_report(self, plan: Plan) -> None:
        """Write the study with the regions that were and were not called, and the report that lists every finding."""
        if not self.said.findings and not self._record.assays:
            return
        study = self._bundle.add(self._study(plan), generated=True)
        extensions = [
            *({"url": f"{PROFILES}recommended-action", "valueReference": task} for task in self.said.tasks),
            {"url": f"{PROFILES}genomic-study-reference", "valueReference": study},
        ]
        report = {
            "resourceType": "DiagnosticReport",
            "meta": {"profile": [f"{PROFILES}genomic-report"]},
            "extension": extensions,
            "status": "final",
            "category": [GENETICS],
            "code": concept(LOINC, "51969-4", "Genetic analysis report"),
            "subject": self._patient,
            "effectiveDateTime": plan.as_of.isoformat(),
            "result": references(self.said.findings),
        }
        self._bundle.add(without_empty(report), generated=True)

    def _study(self, plan: Plan) -> Resource:
        analysis = self._bundle.add(
            self._procedure("genomic-study-analysis", list(self._analysis_extensions(plan))), generated=True
        )
        return self._procedure("genomic-study", [{"url": f"{PROFILES}genomic-study-analysis-ext", "valueReference": analysis}])

    def _procedure(self, profile: str, extensions: list[Resource]) -> Resource:
        return without_empty(
            {
                "resourceType": "Procedure",
                "meta": {"profile": [f"{PROFILES}{profile}"]},
                "extension": extensions,
                "status": "completed",
                "category": LABORATORY,
                "subject": self._patient,
            }
        )

    def _analysis_extensions(self, plan: Plan) -> Iterator[Resource]:
        build = next((assay.assembly for assay in self._record.assays), None)
        answer = self._answers.get(("assembly", build or ""))
        if answer:
            url = f"{PROFILES}genomic-study-analysis-genome-build"
            yield {"url": url, "valueCodeableConcept": concept(LOINC, answer[0], answer[1])}
        called = sorted(set(self.said.called) | self._genes_of_variants())
        uncalled = sorted({*self.said.uncalled, *self._genes_asked_for(plan)} - set(called))
        parts = [
            *({"url": "studied", "valueCodeableConcept": self.gene_concept(gene)} for gene in called),
            *({"url": "called", "valueCodeableConcept": self.gene_concept(gene)} for gene in called),
            *({"url": "uncalled", "valueCodeableConcept": self.gene_concept(gene)} for gene in uncalled),
        ]
        if uncalled:
            parts.insert(0, {"url": "description", "valueString": f"Not tested or not called: {', '.join(uncalled)}"})
        if parts:
            yield {"url": f"{PROFILES}genomic-study-analysis-regions", "extension": parts}

    def _genes_of_variants(self) -> set[str]:
        return {fact.gene for fact in self._record.of_shape(Variant) if fact.gene and fact.id in self.said.by_fact}

    def _genes_asked_for(self, plan: Plan) -> set[str]:
        words = {word.strip(".,;:()") for one in plan.missing for word in one.what.split()}
        return words & set(self._genes)


def _lower(text: str | None) -> str | None:
    return text.lower() if text else None


def _allele(loinc: str, display: str, bases: str | None) -> Iterator[Resource]:
    if bases and safe_text(bases):
        yield {"code": concept(LOINC, loinc, display), "valueString": safe_text(bases)}


def _quantity(loinc: str, display: str, number: float | None) -> Iterator[Resource]:
    if number is not None:
        quantity = {"value": number, "system": "http://unitsofmeasure.org", "code": "1"}
        yield {"code": concept(LOINC, loinc, display), "valueQuantity": quantity}
