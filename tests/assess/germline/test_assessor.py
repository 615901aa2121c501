"""Inherited findings are told to who asked, with what they mean for relatives, and negatives never without a ground."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from singula.assess.germline.assessor import GERMLINE
from singula.deliver.fhir_plan import plan_to_fhir
from singula.finding import Finding
from singula.knowledge import load_knowledge
from singula.pipeline import plan
from singula.record import (
    Concept,
    FamilyCondition,
    GeneCoverage,
    GenomeAssay,
    Person,
    Preference,
    Record,
    Site,
    SiteStatus,
    Source,
    Variant,
)

SCAN = Source(input="a.vcf", where="here", reader="germline-scan")
LABORATORY = Source(input="report.json", where="Observation/1", reader="fhir")


def variant(gene: str, *, source: Source = SCAN, zygosity: str = "heterozygous", **detail: Any) -> Variant:
    detail = {"stars": 2.0, **detail}
    return Variant(
        id=f"v-{gene}",
        concept=Concept(text=gene),
        sources=(source,),
        gene=gene,
        chromosome="1",
        position=100,
        ref="A",
        alt="G",
        assembly="GRCh38",
        zygosity=zygosity,  # type: ignore[arg-type]
        source_class="germline",
        significance="pathogenic",
        detail=detail,
    )


def said(
    *facts: Variant, wishes: tuple[str, ...] = (), country: str | None = None, assay: GenomeAssay | None = None
) -> dict[str, Finding]:
    person = Person(id="p", country=country, preferences=tuple(Preference(name=one) for one in wishes))
    record = Record(person=person, as_of=date(2026, 11, 26), facts=facts, assays=(assay,) if assay else ())
    found = [one for one in GERMLINE.assess(record, load_knowledge()) if isinstance(one, Finding)]
    return {f"{one.topic.name}": one for one in found}


BOTH = ("secondary-findings", "carrier-status")


def test_a_scan_tells_nothing_to_who_did_not_ask() -> None:
    site = Site(id="rs1", chromosome="1", position=1, ref="A", alt="G", status=SiteStatus.CALLED)
    assay = GenomeAssay(
        id="a",
        sample="S",
        assembly="GRCh38",
        source=SCAN,
        sites=(site,),
        negatives=(GeneCoverage(gene="TP53", status="negative"),),
    )
    silent = said(variant("BRCA2"), assay=assay)
    assert list(silent) == ["genetic-wishes"]
    assert silent == said(assay=assay)


def test_a_laboratory_report_needs_no_such_wish() -> None:
    found = said(variant("BRCA2", source=LABORATORY))
    assert found["inherited-BRCA2"].effect.value == "refer"
    assert found["inherited-BRCA2"].missing == ()


@pytest.mark.parametrize(
    ("gene", "zygosity", "kind", "relatives"),
    [
        ("BRCA2", "heterozygous", "refer", "one-in-two"),
        ("MUTYH", "heterozygous", "counsel", "one-in-two"),
        ("MUTYH", "homozygous", "refer", "one-in-four"),
        ("CFTR", "heterozygous", "counsel", "partner"),
    ],
)
def test_inheritance_decides_what_a_variant_comes_to(gene: str, zygosity: str, kind: str, relatives: str) -> None:
    found = said(variant(gene, zygosity=zygosity), wishes=BOTH)
    assert found[f"inherited-{gene}"].kind == kind
    assert relatives in found[f"relatives-{gene}"].detail


def test_an_allele_few_reads_carry_is_not_told_to_relatives() -> None:
    found = said(variant("TP53", balance=0.17), wishes=BOTH)
    assert "relatives-TP53" not in found
    assert "clonal" in found["inherited-TP53"].detail


@pytest.mark.parametrize(("country", "word"), [("US", "GINA"), ("IN", "Delhi"), ("PT", "GDPR"), (None, "depends")])
def test_the_country_decides_what_is_said_of_insurance(country: str | None, word: str) -> None:
    assert word in said(variant("BRCA2"), wishes=BOTH, country=country)["genetic-privacy"].detail


def test_negatives_say_their_ground_and_what_short_reads_cannot_see() -> None:
    negatives = (
        GeneCoverage(gene="TP53", status="negative", counts={"called": 3}),
        GeneCoverage(gene="BRCA1", status="incomplete", counts={"called": 3, "not_covered": 1}),
        GeneCoverage(gene="APC", status="not_assessed", counts={"not_covered": 9}),
    )
    assay = GenomeAssay(id="a", sample="S", assembly="GRCh38", source=SCAN, negatives=negatives, release="2026-02-26")
    found = said(wishes=BOTH, assay=assay)
    assert "TP53: 3 called" in found["inherited-negative"].detail
    assert {one.what for one in found["inherited-incomplete"].missing} == {
        "BRCA1: a test that sees large rearrangements",
        "complete reading of BRCA1",
    }
    assert all("APC" not in one.detail for one in found.values())
    assert "Missing or doubled pieces of a gene cannot be seen" in found["inherited-limits"].patient_text


def test_limits_are_told_beside_negatives_only() -> None:
    unread = (GeneCoverage(gene="APC", status="not_assessed", counts={"not_covered": 9}),)
    assay = GenomeAssay(id="a", sample="S", assembly="GRCh38", source=SCAN, negatives=unread, release="2026-02-26")
    assert "inherited-limits" not in said(wishes=BOTH, assay=assay)


@pytest.mark.parametrize(("gene", "stars"), [("BRCA2", 0.0), ("PERM1", 2.0)])
def test_what_nobody_reviewed_or_whose_inheritance_is_not_on_file_is_no_reason_to_act(gene: str, stars: float) -> None:
    found = said(variant(gene, zygosity="homozygous", meaning="finding", stars=stars), wishes=BOTH)
    assert found[f"inherited-{gene}"].effect.value == "inform"
    assert f"relatives-{gene}" not in found


def test_living_relatives_on_record_are_named_by_relation() -> None:
    family = [
        FamilyCondition(id=relation, relation=relation, relative=relation, degree=degree, deceased=deceased)
        for relation, degree, deceased in (("sister", 1, None), ("father", 1, True), ("cousin", 3, None))
    ]
    record = Record(
        person=Person(id="p", preferences=tuple(Preference(name=one) for one in BOTH)),
        as_of=date(2026, 11, 26),
        facts=(variant("BRCA2"), *family),
    )
    found = {one.topic.name: one for one in GERMLINE.assess(record, load_knowledge()) if isinstance(one, Finding)}
    assert found["relatives-BRCA2"].detail.endswith("on record: sister.")


@pytest.mark.parametrize(("wishes", "told"), [((), False), (BOTH, True)])
def test_no_output_of_a_plan_tells_what_was_not_asked_for(wishes: tuple[str, ...], told: bool) -> None:
    person = Person(id="p", preferences=tuple(Preference(name=one) for one in wishes))
    record = Record(person=person, as_of=date(2026, 11, 26), facts=(variant("BRCA2"),))
    made = plan(record, load_knowledge(), [GERMLINE])
    assert ("BRCA2" in made.model_dump_json()) is told
    assert ("BRCA2" in json.dumps(plan_to_fhir(made, record))) is told
