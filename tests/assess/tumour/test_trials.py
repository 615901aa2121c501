"""A person's plan asks the user's catalogue of trials: what fits, what would settle the others, what fits nobody here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from singula.assess.tumour.assessor import TUMOUR
from singula.errors import BadInput
from singula.finding import Considered, Effect, Finding, Statement
from singula.knowledge import Knowledge, load_knowledge
from singula.knowledge.verification import verify_packs
from singula.record import Observation, Quantity, TumourChange, When
from singula.sources.trial_catalogue import import_trials
from tests.assess.tumour.test_tumour import record, specimen

G12C = TumourChange(gene="KRAS", text="p.G12C", origin="somatic", classification="pathogenic", vaf=0.3)
KRAS_ARM = {"genomic": {"hugo_symbol": "KRAS", "variant_category": "Mutation", "protein_change": "p.G12C"}}
NO_STK11 = {"genomic": {"hugo_symbol": "STK11", "variant_category": "!Mutation"}}
LUNG = {"clinical": {"oncotree_primary_diagnosis": "Non-Small Cell Lung Cancer", "age_numerical": ">=18"}}
FIT = {"clinical": {"ecog_numerical": "<=1"}}


def trial(name: str, *match: dict[str, Any], status: str = "open") -> dict[str, Any]:
    arm = {"arm_code": "A", "match": [{"and": list(match)}]}
    return {"protocol_no": name, "short_title": f"made {name}", "status": status, "treatment_list": {"step": [{"arm": [arm]}]}}


def catalogue(folder: Path, *trials: dict[str, Any]) -> Knowledge:
    source, target = folder / "files", folder / "knowledge"
    source.mkdir()
    target.mkdir()
    for number, one in enumerate(trials):
        (source / f"{number}.json").write_text(json.dumps(one), encoding="utf-8")
    import_trials(source, target)
    return load_knowledge(target)


def about_trials(knowledge: Knowledge, *facts: Any) -> Statement | None:
    told = TUMOUR.assess(record(*facts), knowledge)
    return next((one for one in told if isinstance(one, Finding | Considered) and one.topic.name.startswith("trials-")), None)


def ecog(number: float) -> Observation:
    status = Quantity(number=number, unit="{score}")
    return Observation(id="e", name="ecog", value=status, canonical=status, when=When(text="2026-10-20"))


def test_an_open_arm_that_fits_is_a_reason_to_ask_its_centre(tmp_path: Path) -> None:
    knowledge = catalogue(tmp_path, trial("T1", KRAS_ARM, LUNG), trial("T2", KRAS_ARM, LUNG, status="closed"))
    found = about_trials(knowledge, specimen("LUAD", G12C))
    assert isinstance(found, Finding)
    assert (found.effect, found.summary) == (Effect.REFER, "Trial arms that are open: fits on every coded criterion: T1")
    assert "T2" not in found.detail
    assert found.labels == ("genetics",)
    assert verify_packs(knowledge) == []


def test_an_untested_gene_leaves_an_arm_open_and_names_what_would_settle_it(tmp_path: Path) -> None:
    knowledge = catalogue(tmp_path, trial("T1", KRAS_ARM, NO_STK11))
    found = about_trials(knowledge, specimen("LUAD", G12C))
    assert isinstance(found, Finding)
    assert found.effect is Effect.INFORM
    assert [one.what for one in found.missing] == ["STK11 tested"]
    tested = about_trials(knowledge, specimen("LUAD", G12C, tested_genes=("KRAS", "STK11")))
    assert isinstance(tested, Finding)
    assert tested.effect is Effect.REFER


def test_the_performance_status_of_the_record_decides(tmp_path: Path) -> None:
    knowledge = catalogue(tmp_path, trial("T1", KRAS_ARM, FIT))
    well, ill = (about_trials(knowledge, specimen("LUAD", G12C), ecog(number)) for number in (1, 3))
    assert isinstance(well, Finding)
    assert well.effect is Effect.REFER
    assert "e" in well.inputs
    assert isinstance(ill, Considered)
    assert "ECOG performance status <=1 (is 3)" in ill.reason


def test_a_diagnosis_outside_oncotree_of_another_organ_does_not_fit(tmp_path: Path) -> None:
    breast = {"clinical": {"oncotree_primary_diagnosis": "Stage I Breast Cancer"}}
    spread = {"clinical": {"oncotree_primary_diagnosis": "Metastatic Malignant Neoplasm in the Breast"}}
    assert isinstance(about_trials(catalogue(tmp_path, trial("T1", breast)), specimen("LUAD", G12C)), Considered)
    (tmp_path / "more").mkdir()
    knowledge = catalogue(tmp_path / "more", trial("T1", spread), trial("T2", breast))
    found = about_trials(knowledge, specimen("BREAST", G12C))
    assert isinstance(found, Finding)
    assert found.summary == "Trial arms that are open: 2 may fit once what is missing is known"


def test_without_a_catalogue_nothing_is_said_of_trials() -> None:
    assert about_trials(load_knowledge(), specimen("LUAD", G12C)) is None


def test_a_catalogue_with_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "good.json").write_text(json.dumps(trial("T1", KRAS_ARM)), encoding="utf-8")
    (tmp_path / "other.json").write_text("{}", encoding="utf-8")
    (tmp_path / "knowledge").mkdir()
    with pytest.raises(BadInput, match=r"other\.json"):
        import_trials(tmp_path, tmp_path / "knowledge")
    assert list((tmp_path / "knowledge").iterdir()) == []
