"""Therapies open and close as labels say: truth table, reference cases, laws."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from singula.deliver.tumour_view import annotate_sample
from singula.errors import BadInput
from singula.knowledge import load_knowledge
from singula.methods.tumour.evaluation import evaluate_expression
from singula.methods.tumour.expression import read_expression
from singula.methods.tumour.tables import TumourTables, load_tumour_tables
from singula.sources.tumour_samples import TumourContext, read_sample

TRUTH_FILE = Path(__file__).parents[2] / "truth" / "tumour_therapies.tsv"
TRUTH = list(csv.DictReader(TRUTH_FILE.read_text(encoding="utf-8").splitlines(), delimiter="\t"))


def tables() -> TumourTables:
    return load_tumour_tables(load_knowledge())


def annotate(document: dict[str, Any]) -> dict[str, Any]:
    context = TumourContext(tables())
    sample = read_sample(document, "made.json", context)
    return annotate_sample(sample, context.tables, context.reading.notes.get(sample.sample_id, ()))


def make_sample(tumour: str, found: str, tested: str) -> dict[str, Any]:
    document: dict[str, Any] = {"sample_id": "made", "tumour_type": tumour, "variants": [], "fusions": [], "biomarkers": {}}
    document["tested_genes"] = [gene for gene in tested.split(";") if gene]
    for part in filter(None, found.split(";")):
        words, _, origin = part.partition("@")
        if "::" in words:
            five, three = words.split("::")
            document["fusions"].append({"five_prime": five, "three_prime": three})
        elif " " not in words:
            name, value = words.split("=")
            document["biomarkers"][name] = float(value) if value.replace(".", "").isdigit() else value
        else:
            gene, change = words.split(" ")
            where, _, classification = (origin or "somatic").partition("=")
            document["variants"].append(
                {"gene": gene, "protein_change": f"p.{change}", "origin": where, "classification": classification or None}
            )
    return document


def is_said(answer: dict[str, Any], wanted: str) -> bool:
    medicines, direction, *tier = wanted.split(" ")
    return any(
        set(one["medicines"]) == set(medicines.split("+"))
        and one["direction"] == direction
        and (not tier or one["tier"] == tier[0])
        for one in answer["therapies"]
    )


@pytest.mark.parametrize("row", TRUTH, ids=lambda row: row["id"])
def test_a_therapy_opens_and_closes_as_the_label_says(row: dict[str, str]) -> None:
    answer = annotate(make_sample(row["tumour"], row["found"], row["tested"]))
    for wanted in filter(None, row["expects"].split(";")):
        assert is_said(answer, wanted), [(one["medicines"], one["tier"]) for one in answer["therapies"]]
    for unwanted in filter(None, row["forbids"].split(";")):
        assert not is_said(answer, unwanted)


def agrees(entry: dict[str, Any], one: dict[str, Any]) -> bool:
    given_medicines, wanted = set(one["medicines"]), set(entry["medicines"])
    named = given_medicines == wanted if entry.get("exact") else wanted <= given_medicines
    return named and one["direction"] in entry["direction"] and (entry["tiers"] is None or one["tier"] in entry["tiers"])


def faults_of(case: dict[str, Any], answer: dict[str, Any]) -> list[Any]:
    faults: list[Any] = [one for one in case["expect"] if not any(agrees(one, two) for two in answer["therapies"])]
    faults.extend(one for one in case["forbid"] if any(agrees(one, two) for two in answer["therapies"]))
    if case.get("therapies_empty") and answer["therapies"]:
        faults.append("therapies are not empty")
    faults.extend(word for word in case.get("missing_mentions", ()) if not any(word in one for one in answer["missing"]))
    if case.get("variant_flag") and not any(case["variant_flag"] in one["flags"] for one in answer["variants"]):
        faults.append("the flag is missing")
    return faults


@pytest.mark.shared
def test_all_reference_cases_are_right(shared: Path) -> None:
    lines = (shared / "vectors/tumour/therapies/cases.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    assert len(cases) == 45
    assert {case["id"]: faults for case in cases if (faults := faults_of(case, annotate(case["sample"])))} == {}


def test_a_resistance_and_a_sensitivity_of_one_medicine_are_a_conflict_that_is_shown() -> None:
    answer = annotate(make_sample("LUAD", "EGFR L858R;EGFR T790M", ""))
    assert is_said(answer, "erlotinib sensitivity")
    assert is_said(answer, "erlotinib resistance")
    rows = {row for conflict in answer["conflicts"] for row in conflict["rows"]}
    assert {one["row_id"] for one in answer["therapies"] if one["medicines"] == ["erlotinib"]} <= rows


def test_an_unknown_origin_is_asked_for_and_not_supposed() -> None:
    document = make_sample("PAAD", "BRCA2 S1982Rfs*22@unknown=pathogenic", "")
    answer = annotate(document)
    assert not is_said(answer, "olaparib sensitivity I-A")
    assert any("BRCA2: germline or somatic is not known" in line for line in answer["missing"])


def test_an_excluded_or_withdrawn_medicine_is_told_among_those_considered() -> None:
    colon = annotate(make_sample("COAD", "BRAF V600E", ""))
    assert any("excluded by the label" in one["why"] for one in colon["considered"])
    duct = annotate(make_sample("IHCH", "FGFR2::BICC1", ""))
    assert any(one["medicines"] == ["infigratinib"] and "withdrawn" in one["why"] for one in duct["considered"])


def test_a_setting_is_judged_only_where_the_history_speaks() -> None:
    document = make_sample("LUAD", "EGFR L858R", "")
    first = [one["setting_met"] for one in annotate(document)["therapies"] if one["setting"] == "first line metastatic"]
    assert set(first) == {None}
    untreated = annotate({**document, "prior_therapies": []})
    assert {one["setting_met"] for one in untreated["therapies"] if one["setting"] == "first line metastatic"} == {True}


def test_a_tumour_type_that_is_no_code_names_near_ones() -> None:
    with pytest.raises(BadInput, match="near ones are"):
        annotate(make_sample("LUADD", "", ""))


@pytest.mark.parametrize("text", ["BRAF:V600E AND", "(BRAF:V600E", "BRAF V600E", "BRAF:V600E)", "msi=", "OR"])
def test_an_expression_that_keeps_to_no_rule_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="expression"):
        read_expression(text)


GENES = ("KRAS", "NRAS", "BRAF", "EGFR")


@settings(max_examples=60, deadline=None)
@given(tested=st.sets(st.sampled_from(GENES)), found=st.sets(st.sampled_from(GENES)))
def test_wild_type_is_only_what_was_tested_and_not_found(tested: set[str], found: set[str]) -> None:
    document = make_sample("COAD", "", ";".join(tested))
    document["variants"] = [{"gene": gene, "protein_change": "p.G12D"} for gene in sorted(found)]
    sample = read_sample(document, "made.json", TumourContext(tables()))
    for gene in GENES:
        answer = evaluate_expression(read_expression(f"WT({gene}:codon(12,13))"), sample, tables().definitions)
        assert answer.value is (
            False if gene in found and "reference_mismatch" not in flags(sample, gene) else gene in tested or None
        )


def flags(sample: Any, gene: str) -> tuple[str, ...]:
    return tuple(flag for variant in sample.variants if variant.gene == gene for flag in variant.flags)
