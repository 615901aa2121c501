"""The advice on medicines against the reference scenarios and hand-written whole-person tables."""

from __future__ import annotations

import csv
import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from singula.assess.medicines.answer_view import advise
from singula.knowledge import load_knowledge
from singula.record import Allergy, Concept, Status
from singula.sources.pgx_record import read_pgx_record

TRUTH = Path(__file__).parents[2] / "truth"
AS_OF = date(2026, 1, 15)
PEOPLE: dict[str, dict[str, Any]] = {
    "slow-esterase": {
        "person": {"age_years": 40, "sex": "female"},
        "genotypes": [{"gene": "BCHE", "phenotype": "Deficient"}],
        "medicines": [{"name": "succinylcholine", "status": "proposed"}],
    },
    "stent": {
        "person": {"age_years": 61, "sex": "male"},
        "genotypes": [{"gene": "CYP2C19", "diplotype": "*2/*2"}],
        "medicines": [{"name": "clopidogrel", "status": "active"}, {"name": "omeprazole", "status": "active"}],
        "conditions": ["acute coronary syndrome", "percutaneous coronary intervention"],
        "labs": {},
    },
    "untested": {
        "person": {"age_years": 40, "sex": "female"},
        "genotypes": [],
        "medicines": [
            {"name": name, "status": "proposed"} for name in ("fluorouracil", "capecitabine", "abacavir", "codeine", "sertraline")
        ],
        "conditions": [],
        "labs": {},
    },
    "statin": {
        "person": {"age_years": 58, "sex": "female"},
        "genotypes": [{"gene": "SLCO1B1", "diplotype": "*5/*5"}, {"gene": "CYP2D6", "diplotype": "*4/*4"}],
        "medicines": [
            {"name": "simvastatin", "status": "proposed"},
            {"name": "codeine", "status": "proposed"},
            {"name": "tramadol", "status": "proposed"},
        ],
        "conditions": [],
        "labs": {},
    },
}


@cache
def _answer(text: str) -> dict[str, Any]:
    knowledge = load_knowledge()
    return advise(read_pgx_record(json.loads(text), "scenario", knowledge, AS_OF), knowledge)


def _advise(person: dict[str, Any]) -> dict[str, Any]:
    return _answer(json.dumps({"schema": "singula.pgx-record/1", "id": "person", **person}))


def _medicine(answer: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in answer["medicines"] if one["medicine"] == name)


def _differences(expected: dict[str, Any], answer: dict[str, Any]) -> list[str]:
    given = _medicine(answer, expected["medicine"])
    offered = {one["medicine"] for one in given["alternatives"]}
    found = []
    if "action" in expected and given["action"] not in expected["action"]:
        found.append(f"action {given['action']}")
    if offered & set(expected.get("alternatives_not", ())):
        found.append(f"offers {sorted(offered)}")
    if "alternatives_any" in expected and not offered & set(expected["alternatives_any"]):
        found.append(f"offers only {sorted(offered)}")
    if "changes_advice" in expected and given["ambiguity"]["changes_advice"] != expected["changes_advice"]:
        found.append("changes_advice")
    for gene, state in expected.get("effective", {}).items():
        shown = given["effective"].get(gene, {})
        found.extend(f"{gene} {key} {shown.get(key)}" for key, value in state.items() if shown.get(key) != value)
    return found


@pytest.mark.shared
def test_scenarios_are_answered_as_the_guidelines_ask(shared: Path) -> None:
    lines = (shared / "vectors/pgx/advice.jsonl").read_text(encoding="utf-8").splitlines()
    scenarios = [json.loads(line) for line in lines]
    wrong = {
        scenario["id"]: differences
        for scenario in scenarios
        for expected in scenario["expected"]
        if "medicine" in expected and (differences := _differences(expected, _advise(scenario["inputs"])))
    }
    assert len(scenarios) == 71
    assert wrong == {}


def _rows() -> list[dict[str, str]]:
    with (TRUTH / "medicine_advice.tsv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


@pytest.mark.parametrize("row", _rows(), ids=lambda row: f"{row['person']}-{row['medicine']}")
def test_whole_people_are_answered_as_the_table_says(row: dict[str, str]) -> None:
    given = _medicine(_advise(PEOPLE[row["person"]]), row["medicine"])
    offered = {one["medicine"] for one in given["alternatives"]}
    assert given["action"] in row["actions"].split(";")
    assert not offered & set(filter(None, row["never_offered"].split(";")))
    assert not row["one_of_offered"] or offered & set(row["one_of_offered"].split(";"))


@pytest.mark.parametrize("person", sorted(PEOPLE))
def test_no_alternative_is_itself_ruled_out(person: str) -> None:
    asked = PEOPLE[person]
    for one in _advise(asked)["medicines"]:
        others = [taken for taken in asked["medicines"] if taken["name"] != one["medicine"]]
        for offer in one["alternatives"]:
            for part in offer["medicine"].split("/"):
                instead = [*others, {"name": part, "status": "proposed"}]
                judged = _medicine(_advise({**asked, "medicines": instead}), part)
                assert judged["action"] not in ("avoid", "alternative"), (one["medicine"], part)


def test_untested_gene_of_an_ordinary_medicine_is_missing_not_normal() -> None:
    codeine = _medicine(_advise(PEOPLE["untested"]), "codeine")
    assert codeine["effective"] == {}
    assert "CYP2D6 genotype" in [gap["what"] for gap in codeine["missing"]]


def _allergic(person: dict[str, Any], substance: str) -> dict[str, Any]:
    knowledge = load_knowledge()
    asked = {"schema": "singula.pgx-record/1", "id": "person", **person}
    record = read_pgx_record(asked, "scenario", knowledge, AS_OF)
    allergy = Allergy(
        id="allergy", person=record.person.id, status=Status.PRESENT, name=substance, concept=Concept(text=substance)
    )
    return advise(record.with_facts((*record.facts, allergy)), knowledge)


def test_a_combination_is_refused_for_what_one_part_may_not_do() -> None:
    general = {**PEOPLE["stent"], "conditions": []}
    offered = [one["medicine"] for one in _medicine(_advise(general), "clopidogrel")["alternatives"]]
    spared = [one["medicine"] for one in _medicine(_allergic(general, "aspirin"), "clopidogrel")["alternatives"]]
    assert "aspirin/dipyridamole" in offered
    assert "aspirin/dipyridamole" not in spared


def test_an_allergy_to_the_very_medicine_rules_it_out_though_no_class_is_listed() -> None:
    person = {"person": {"age_years": 50, "sex": "male"}, "genotypes": [], "conditions": [], "labs": {}}
    person["medicines"] = [{"name": "allopurinol", "status": "proposed"}]
    assert _medicine(_allergic(person, "allopurinol"), "allopurinol")["action"] == "avoid"
