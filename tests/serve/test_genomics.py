"""What the genomics operations answer, on the guide's own shapes and on the spellings laboratories use."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from singula.errors import BadInput
from singula.serve.genomics.places import read_region, read_variant
from singula.serve.genomics.population import answer_population
from singula.serve.genomics.questions import OPERATIONS, Question, read_parameters, read_question
from singula.serve.genomics.sightings import name_alleles
from singula.serve.genomics.subject import answer_subject
from tests.serve.requests import person


def ask(name: str, query: str) -> Question:
    return read_question(OPERATIONS[name], parse_qsl(query.replace("+", "%2B")))


def made(shared: Path, name: str) -> list[dict[str, Any]]:
    bundle = json.loads((shared / f"samples/interop/made/{name}.stu3.json").read_text())
    return [entry["resource"] for entry in bundle["entry"]]


def parts(answer: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = []
    for one in answer.get("parameter", []):
        if one["name"] == name:
            found.append({part["name"]: part for part in one.get("part", [])})
    return found


def variant(**component: Any) -> dict[str, Any]:
    answer = {"coding": [{"system": "http://loinc.org", "code": component.pop("answer", "LA9633-4")}]}
    return {
        "resourceType": "Observation",
        "id": component.pop("id", "var"),
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "69548-6"}]},
        "subject": {"reference": "Patient/p1"},
        "valueCodeableConcept": answer,
        "component": [
            {"code": {"coding": [{"code": code.replace("_", "-").removeprefix("c")}]}, **value}
            for code, value in component.items()
        ],
    }


def placed(start: int, ref: str, alt: str, counting: str = "LA30100-4") -> dict[str, Any]:
    return {
        "c48013_7": {"valueCodeableConcept": {"coding": [{"code": "NC_000010.11"}]}},
        "c69547_8": {"valueString": ref},
        "c69551_0": {"valueString": alt},
        "c81254_5": {"valueRange": {"low": {"value": start}}},
        "c92822_6": {"valueCodeableConcept": {"coding": [{"code": counting}]}},
    }


@pytest.mark.shared
def test_queries_the_reference_service_refuses_are_refused_and_the_others_understood(shared: Path) -> None:
    rows = csv.DictReader((shared / "vectors/interop/genomics_operations_queries.tsv").read_text().splitlines(), delimiter="\t")
    told = 0
    for row in rows:
        name = row["operation"].replace("_", "-")
        if name not in OPERATIONS:
            continue
        told += 1
        if row["http_status"] == "400":
            with pytest.raises(BadInput):
                ask(name, row["query"])
        else:
            assert ask(name, row["query"]).operation.name == name
    assert told == 67


def test_every_operation_has_its_name_and_there_are_seventeen() -> None:
    assert len(OPERATIONS) == 17
    assert sum(one.is_for_subject for one in OPERATIONS.values()) == 10


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("NC_000010.11:94781858:G:A", "NC_000010.11:g.94781859G>A", True),
        ("NC_000010.11:94781858:G:A", "NC_000010.10:g.94781859G>A", False),
        ("NM_007294.4:c.68_69del", "NM_007294.3:c.68_69delAG", True),
        ("NM_007294.4:c.68_69del", "NM_007294.4:c.68_70del", False),
        ("NP_009225.1:p.(Glu23ValfsTer17)", "NP_009225.1:p.Glu23ValfsTer17", True),
        ("NC_000001.10:27106893::T", "NC_000001.10:g.27106893_27106894insT", True),
        ("NC_000017.10:41246373:G:", "NC_000017.10:g.41246374del", True),
        ("NC_000005.9:112154946:CC:C", "NC_000005.9:112154946:C:", True),
    ],
)
def test_spellings_of_the_same_change_are_the_same(one: str, other: str, is_same: bool) -> None:
    assert read_variant(one).is_same(read_variant(other)) is is_same


@pytest.mark.parametrize("text", ["banana", "chr1:1-2", "NC_000001.11:5-5", "NC_000001.11:9-5", "NC_000001.11:a-b", ""])
def test_a_malformed_region_or_variant_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        read_region(text)
    with pytest.raises(BadInput):
        read_variant(text)


def test_a_variant_known_by_numbers_is_found_by_place_and_by_name() -> None:
    for counting, start in (("LA30100-4", 94781858), ("LA30102-0", 94781859)):
        resources = [variant(**placed(start, "G", "A", counting))]
        (one,) = parts(answer_subject(ask("find-subject-specific-variants", "subject=p1&variants=NC_000010.11:g.94781859G>A"),
                                      resources), "variants")  # fmt: skip
        assert one["presence"]["valueBoolean"] is True
        assert one["variant"]["resource"]["id"] == "var"
        inside = "subject=p1&includeVariants=true&ranges=NC_000010.11:94781858-94781859,NC_000010.11:94781859-94781860"
        found = parts(answer_subject(ask("find-subject-variants", inside), resources), "variants")
        assert [one["presence"]["valueBoolean"] for one in found] == [True, False]
        assert "variant" in found[0]


def test_what_was_not_studied_is_told_and_what_was_found_absent_is_not() -> None:
    query = ask("find-subject-specific-variants", "subject=p1&variants=NC_000010.11:g.94781859G>A")
    unknown = answer_subject(query, [])
    assert parts(unknown, "variants")[0]["presence"]["valueBoolean"] is False
    assert unknown["parameter"][-1]["resource"]["resourceType"] == "OperationOutcome"
    absent = answer_subject(query, [variant(answer="LA9634-2", **placed(94781858, "G", "A"))])
    assert parts(absent, "variants")[0]["presence"]["valueBoolean"] is False
    assert absent["parameter"][-1]["name"] == "variants"
    no_call = answer_subject(query, [variant(answer="LA18198-4", **placed(94781858, "G", "A"))])
    assert no_call["parameter"][-1]["name"] == "outcome"


def test_a_large_variant_is_met_or_holds_the_region() -> None:
    sequence = {"c48013_7": {"valueCodeableConcept": {"coding": [{"code": "NC_000007.14"}]}}}
    outer = {"c81301_4": {"valueRange": {"low": {"value": 100}, "high": {"value": 200}}}}
    resources = [variant(**sequence, **outer)]
    for operation, ranges, present in (
        ("find-subject-structural-intersecting-variants", "NC_000007.14:150-300", True),
        ("find-subject-structural-subsuming-variants", "NC_000007.14:150-300", False),
        ("find-subject-structural-subsuming-variants", "NC_000007.14:150-160", True),
        ("find-subject-structural-intersecting-variants", "NC_000007.14:200-300", False),
    ):
        (one,) = parts(answer_subject(ask(operation, f"subject=p1&ranges={ranges}"), resources), "variants")
        assert one["presence"]["valueBoolean"] is present, (operation, ranges)


@pytest.mark.parametrize(
    ("item", "held", "is_present"),
    [
        ("CYP2C19", "CYP2C19 *2/*2", True),
        ("CYP2C19 *2/*3", "CYP2C19 *3/*2", True),
        ("CYP2C19 *2/*3", "CYP2C19 *2/*2", False),
        ("CYP2C19*2", "CYP2C19 *1/*2", True),
        ("CYP2C19*2", "CYP2C19 *1/*20", False),
        ("HLA-B*27", "HLA-B*27:05/*44:02", True),
        ("HLA-B*58:01", "HLA-B*58:01/*44:02", True),
        ("HLA-B*5", "HLA-B*58:01/*44:02", False),
        ("B*44:02", "HLA-B*58:01/HLA-B*44:02", True),
    ],
)
def test_haplotypes_are_found_whole(item: str, held: str, is_present: bool) -> None:
    resources = person(diplotype=held)
    gene = held.split("*", maxsplit=1)[0].strip()
    resources[1]["component"][0]["valueCodeableConcept"]["coding"][0] |= {"code": "HGNC:1", "display": gene}
    (one,) = parts(answer_subject(ask("find-subject-specific-haplotypes", f"subject=p1&haplotypes={item}"), resources),
                   "haplotypes")  # fmt: skip
    assert one["presence"]["valueBoolean"] is is_present
    assert ("genotype" in one) is is_present


def test_copies_are_no_part_of_an_alleles_name() -> None:
    assert list(name_alleles("CYP2D6 *1/*2x2")) == ["CYP2D6*1", "CYP2D6*2", "CYP2D6*1/CYP2D6*2"]


@pytest.mark.shared
def test_genes_and_implications_of_the_made_persons(shared: Path) -> None:
    resources = made(shared, "v1")
    query = ask("find-subject-haplotypes", "subject=v1&genes=http://www.genenames.org/geneId|HGNC:2621,CYP2D6")
    found = parts(answer_subject(query, resources), "haplotypes")
    assert [one["geneItem"]["valueString"] for one in found] == ["HGNC:2621", "CYP2D6"]
    assert found[0]["genotype"]["resource"]["id"] == "v1-geno1"
    assert "genotype" not in found[1]
    rxnorm = "http://www.nlm.nih.gov/research/umls/rxnorm"
    for asked in (f"treatments={rxnorm}|32968", "haplotypes=CYP2C19*2"):
        answer = answer_subject(ask("find-subject-tx-implications", f"subject=v1&{asked}"), resources)
        assert [(one["name"], one["resource"]["id"]) for one in answer["parameter"]] == [
            ("implication", "v1-tx11"),
            ("genotype", "v1-geno1"),
        ]
    assert "parameter" not in answer_subject(ask("find-subject-tx-implications", f"subject=v1&treatments={rxnorm}|1"), resources)
    other = made(shared, "v3")
    for name, asked, word in (
        ("find-subject-dx-implications", "variants=NM_007294.3:c.68_69delAG", "implication"),
        ("find-subject-molecular-consequences", "variants=NM_007294.4:c.68_69del", "consequence"),
    ):
        answer = answer_subject(ask(name, f"subject=v3&{asked}"), other)
        assert [one["name"] for one in answer["parameter"]] == [word, "variant"]
    (study,) = parts(answer_subject(ask("find-study-metadata", "subject=v3"), other), "tests")
    assert study["testId"]["valueString"] == "v3-report"
    assert study["testDate"]["valueDateTime"] == "2026-04-20"


def test_dates_and_source_classes_narrow_the_answer() -> None:
    query = "subject=p1&haplotypes=CYP2C19*2"
    for narrower, present in (
        ("testDateRange=ge2025-01-01&testDateRange=le2025-12-31", True),
        ("testDateRange=ge2026", False),
        ("genomicSourceClass=germline", True),
        ("genomicSourceClass=somatic", False),
        ("specimenIdentifiers=s1", False),
    ):
        answer = answer_subject(ask("find-subject-specific-haplotypes", f"{query}&{narrower}"), person())
        assert parts(answer, "haplotypes")[0]["presence"]["valueBoolean"] is present, narrower


def test_small_cells_are_not_published_to_those_who_may_not_see_the_persons() -> None:
    people = {f"p{n}": person(f"p{n}", "CYP2C19 *2/*2" if n < 3 else "CYP2C19 *1/*1") for n in range(20)}
    query = ask("find-population-specific-haplotypes", "haplotypes=CYP2C19*2&includePatientList=true")
    (rows,) = parts(answer_population(query, people, is_for_rows=True), "haplotypes")
    assert rows["numerator"]["valueQuantity"] == {"value": 3}
    assert rows["denominator"]["valueQuantity"] == {"value": 20}
    assert "subject" in rows
    (group,) = parts(answer_population(query, people, is_for_rows=False), "haplotypes")
    assert group["numerator"]["valueQuantity"] == {"value": 11, "comparator": "<"}
    assert set(group) == {"haplotypeItem", "numerator"}


def test_repeated_parameters_have_to_hold_together() -> None:
    people = {"p1": person("p1", "CYP2C19 *2/*3"), "p2": person("p2", "CYP2C19 *2/*2")}
    both = ask("find-population-specific-haplotypes", "haplotypes=CYP2C19*2&haplotypes=CYP2C19*3&includePatientList=true")
    (one,) = parts(answer_population(both, people, is_for_rows=True), "haplotypes")
    assert one["haplotypeItem"]["valueString"] == "CYP2C19*2 AND CYP2C19*3"
    assert one["numerator"]["valueQuantity"]["value"] == 1
    assert one["subject"]["valueString"] == "p1"


def test_a_parameters_resource_says_the_same_as_an_address() -> None:
    body = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "subject", "valueReference": {"reference": "Patient/p1"}},
            {"name": "treatments", "valueCodeableConcept": {"coding": [{"system": "s", "code": "1"}]}},
            {"name": "testDateRange", "valuePeriod": {"start": "2020-01-01", "end": "2021-01-01"}},
        ],
    }
    question = read_question(OPERATIONS["find-subject-tx-implications"], read_parameters(body))
    assert question.subject == "p1"
    assert question.lists["treatments"] == ("s|1",)
    assert question.filters["testDateRange"] == ("ge2020-01-01", "le2021-01-01")
    with pytest.raises(BadInput):
        read_parameters({"resourceType": "Bundle"})
