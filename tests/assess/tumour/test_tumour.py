"""A tumour in a record: what it opens and closes, what is asked, and what further treatment would gain."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pytest

from singula.assess.tumour.assessor import TUMOUR
from singula.finding import Considered, Finding, OptionGrid, Statement
from singula.knowledge import load_knowledge
from singula.methods.registry import run_method
from singula.record import (
    Concept,
    Condition,
    Fact,
    Medicine,
    Observation,
    Person,
    Record,
    TumourChange,
    TumourSpecimen,
    Variant,
    When,
)

KNOWLEDGE = load_knowledge()
L858R = TumourChange(gene="EGFR", text="p.L858R", origin="somatic", classification="pathogenic", vaf=0.24)
EARLY_BREAST = {
    "tumour_size_mm": 14.0, "grade": 2, "positive_nodes": 0, "screen_detected": True, "ki67_positive": False, "extent": "early",
}  # fmt: skip


def specimen(code: str | None, *changes: TumourChange, **more: object) -> TumourSpecimen:
    return TumourSpecimen(id="s", tumour_type=code, changes=changes, labels=("genetics",), **more)  # type: ignore[arg-type]


def record(*facts: Fact, age: int = 58) -> Record:
    who = Person(id="p", sex_at_birth="female", birth_date=When(text=f"{2026 - age}-05-10"))
    return Record(person=who, as_of=date(2026, 11, 1), facts=facts)


def said(*facts: Fact, age: int = 58) -> list[Statement]:
    return list(TUMOUR.assess(record(*facts, age=age), KNOWLEDGE))


def finding(statements: Iterable[Statement], prefix: str) -> Finding:
    (found,) = [one for one in statements if isinstance(one, Finding) and one.topic.name.startswith(prefix)]
    return found


def grid(statements: Iterable[Statement], problem: str) -> OptionGrid | None:
    return next((one for one in statements if isinstance(one, OptionGrid) and one.problem == problem), None)


def test_labelled_therapies_are_the_choices_of_one_action() -> None:
    statements = said(specimen("LUAD", L858R, prior_therapies=(), pathology={"extent": "advanced"}))
    choose = finding(statements, "treat-LUAD")
    names = [one.name for one in choose.alternatives]
    assert "osimertinib" in names
    assert len(names) == len(set(names))
    assert names.index("osimertinib") < names.index("erlotinib")
    assert choose.labels == ("genetics",)
    assert all("adjuvant" not in one.reason for one in choose.alternatives)


def test_the_line_of_treatment_closes_what_comes_later_or_earlier() -> None:
    first = {one.name for one in finding(said(specimen("LUAD", L858R, prior_therapies=())), "treat-").alternatives}
    later = finding(said(specimen("LUAD", L858R, prior_therapies=("osimertinib", "carboplatin"))), "treat-").alternatives
    assert "osimertinib" in first
    assert "gefitinib" not in {one.name for one in later}


def test_what_the_laboratory_did_not_look_at_is_missing_not_absent() -> None:
    profile = finding(said(specimen("COADREAD", prior_therapies=())), "tumour-")
    assert "the genes the panel covers" in {one.what for one in profile.missing}
    covered = finding(said(specimen("COADREAD", tested_genes=("KRAS", "NRAS"))), "tumour-")
    assert "the genes the panel covers" not in {one.what for one in covered.missing}
    assert "Tested without a finding: KRAS, NRAS." in covered.detail


def test_a_medicine_that_cannot_work_is_advised_against_when_taken_and_weighed_otherwise() -> None:
    kras = TumourChange(gene="KRAS", text="p.G12D", origin="somatic", classification="pathogenic")
    taken = said(specimen("COADREAD", kras), Medicine(id="m", name="cetuximab", ingredients=("cetuximab",)))
    assert finding(taken, "cetuximab").effect == "avoid"
    untaken = said(specimen("COADREAD", kras))
    assert not [one for one in untaken if isinstance(one, Finding) and one.topic.name == "cetuximab"]
    weighed = [one for one in untaken if isinstance(one, Considered) and one.topic.name == "cetuximab"]
    assert weighed
    assert weighed[0].reason_code == "contraindicated"


def test_a_label_that_excludes_the_tumour_offers_nothing() -> None:
    braf = TumourChange(gene="BRAF", text="p.V600E", origin="somatic", classification="pathogenic")
    statements = said(specimen("COADREAD", braf, prior_therapies=("chemotherapy",)))
    offered = {one.name for one in finding(statements, "treat-").alternatives}
    assert "dabrafenib+trametinib" not in offered
    assert any("encorafenib" in name for name in offered)


def test_the_tumour_type_comes_from_the_condition_where_no_file_states_it() -> None:
    cancer = Condition(id="c", name="lung-cancer", concept=Concept(text="Non-small cell lung cancer"))
    typed = said(specimen(None, L858R, prior_therapies=()), cancer)
    assert "c" in finding(typed, "treat-NSCLC").inputs
    untyped = finding(said(specimen(None, L858R)), "tumour-")
    assert "tumour type" in {one.what for one in untyped.missing}


def test_somatic_variants_and_markers_of_fhir_make_a_specimen() -> None:
    variant = Variant(id="v", gene="EGFR", hgvs_p="NP_005219.2:p.Leu858Arg", source_class="somatic", significance="Pathogenic")
    cancer = Condition(id="c", name="lung-cancer", concept=Concept(text="Adenocarcinoma of lung"))
    choose = finding(said(variant, cancer), "treat-LUAD")
    assert {"v", "c"} <= set(choose.inputs)
    er, her2 = (
        Observation(id=name, name=name, value=Concept(text=words), when=When(text="2026-10-01"))
        for name, words in (("oestrogen-receptor", "Positive"), ("her2-ihc", "3+"))
    )
    breast = Condition(id="b", name="breast-cancer", concept=Concept(text="Breast cancer"))
    pik3ca = Variant(id="w", gene="PIK3CA", hgvs_p="p.His1047Arg", source_class="somatic", significance="Pathogenic")
    profile = finding(said(pik3ca, breast, er, her2), "tumour-profile-BRCA")
    assert "Markers: er positive, her2_ihc 3+." in profile.detail


def test_a_change_that_may_be_inherited_asks_for_the_germline() -> None:
    brca = TumourChange(gene="BRCA2", text="p.S1982fs", classification="pathogenic", vaf=0.49)
    assert finding(said(specimen("LUAD", brca)), "germline-BRCA2").effect == "refer"
    low = brca.model_copy(update={"vaf": 0.05})
    assert not [one for one in said(specimen("LUAD", low)) if isinstance(one, Finding) and one.topic.type == "gene"]


def test_a_residue_that_contradicts_the_transcript_is_told_and_not_matched() -> None:
    wrong = TumourChange(gene="EGFR", text="p.G858R", origin="somatic", classification="pathogenic")
    statements = said(specimen("LUAD", wrong))
    assert "EGFR p.G858R: the residue is not that of the transcript in use" in finding(statements, "tumour-").detail
    assert not [one for one in statements if isinstance(one, Finding) and one.topic.name.startswith("treat-")]


def test_the_gain_after_breast_surgery_is_that_of_predict_and_a_small_one_is_said_to_be_small() -> None:
    markers = {"er": "positive", "pr": "positive", "her2": "negative"}
    found = grid(said(specimen("BRCA", biomarkers=markers, pathology=EARLY_BREAST), age=59), "breast-cancer-after-surgery")
    assert found is not None
    inputs = {
        **{name: value for name, value in EARLY_BREAST.items() if name != "extent"}, "age_years": 59, "er_positive": True,
        "pr_positive": True, "her2_positive": False, "smoker_current": False, "chemotherapy_generation": 0,
        "endocrine_therapy_years": 5, "trastuzumab": False, "bisphosphonate": False, "radiotherapy": False, "heart_dose_gy": 0,
    }  # fmt: skip
    wanted = run_method("predict-breast-3.2", inputs)
    (endocrine,) = found.ranked
    assert endocrine.numbers is not None
    assert endocrine.numbers.arr_percent == pytest.approx(wanted["benefit_endocrine_percent_10y"], abs=0.01)
    (chemotherapy,) = found.excluded
    assert "is smaller than the harm" in chemotherapy.reason
    assert "Nottingham Prognostic Index" in found.display


def test_a_large_tumour_is_offered_chemotherapy_with_its_gain() -> None:
    large = {
        "tumour_size_mm": 45.0,
        "grade": 3,
        "positive_nodes": 5,
        "screen_detected": False,
        "ki67_positive": True,
        "extent": "early",
    }
    markers = {"er": "negative", "pr": "negative", "her2": "positive"}
    found = grid(said(specimen("BRCA", biomarkers=markers, pathology=large), age=45), "breast-cancer-after-surgery")
    assert found is not None
    assert {one.option for one in found.ranked} == {"chemotherapy", "trastuzumab"}
    assert all(one.numbers and one.numbers.arr_percent >= 3 for one in found.ranked)


def test_without_pathology_or_in_another_tumour_nothing_is_worked_out() -> None:
    assert grid(said(specimen("BRCA", biomarkers={"er": "positive"})), "breast-cancer-after-surgery") is None
    assert grid(said(specimen("LUAD", L858R, pathology=EARLY_BREAST)), "breast-cancer-after-surgery") is None
    assert said() == []
