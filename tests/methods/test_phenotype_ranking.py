"""Rare diseases are ranked by features: figures on published cases, laws of the measure, errors by name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from singula.cli.main import main
from singula.deliver.rare_view import GenomeSide, rank_rare
from singula.errors import BadInput
from singula.knowledge import load_knowledge
from singula.methods.genome.inheritance_fit import RareAllele
from singula.methods.genome.phenotype_ranking import load_phenotypes, read_terms, score_catalogue

PFEIFFER = ["HP:0001159", "HP:0000486", "HP:0000327", "HP:0000520", "HP:0000316", "HP:0000244"]


def test_a_classic_picture_puts_its_disease_first_with_its_gene() -> None:
    answer = rank_rare(PFEIFFER, [], load_phenotypes(), 10)
    assert "Pfeiffer" in answer["diseases"][0]["name"]
    assert "FGFR2" in answer["diseases"][0]["genes"]
    assert "Proptosis" in answer["diseases"][0]["matching"]
    assert answer["next_question"]


def test_excluded_features_are_told_beside_the_candidate() -> None:
    answer = rank_rare(PFEIFFER[1:], [PFEIFFER[0]], load_phenotypes(), 5)
    assert any("Syndactyly" in one["excluded"] for one in answer["diseases"])


def test_a_rare_variant_moves_its_gene_up_and_is_named() -> None:
    phenotypes = load_phenotypes()
    without = {one["gene"]: one["rank"] for one in rank_rare(PFEIFFER, [], phenotypes, 5000)["genes"]}
    gene = next(name for name, rank in without.items() if rank > 30)
    weights = {row.name: row.value for row in load_knowledge().pack("germline").table("rare_fit")}
    genome = GenomeSide({gene: [RareAllele("1-5-A-G", 1)]}, weights)
    found = rank_rare(PFEIFFER, [], phenotypes, 5000, genome)["genes"]
    moved = next(one for one in found if one["gene"] == gene)
    assert moved["rank"] < without[gene]
    assert moved["variants"] == ["1-5-A-G"]


def test_the_order_of_features_does_not_matter_and_ties_share_the_worse_place() -> None:
    phenotypes = load_phenotypes()
    terms = read_terms(PFEIFFER, phenotypes)
    one, two = (score_catalogue(phenotypes.diseases, order, phenotypes) for order in (terms, terms[::-1]))
    assert abs(one - two).max() < 1e-9
    ranks = [entry["rank"] for entry in rank_rare(["HP:0000118"], [], phenotypes, 50)["diseases"]]
    assert ranks == sorted(ranks)
    assert ranks[0] >= 1


def test_a_code_that_is_no_term_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(BadInput, match="HP:9999999"):
        rank_rare(["HP:9999999"], [], load_phenotypes(), 5)
    lines = tmp_path / "cases.jsonl"
    lines.write_text('{"id": "a", "inputs": {"hpo": ["HP:0000520"]}}\n{"id": "b", "inputs": {"hpo": ["no"]}}\n{\n')
    assert main(["rare", "rank", "--jsonl", str(lines), "--top", "3"]) == 3


@pytest.mark.shared
def test_the_figures_on_published_cases_hold(shared: Path) -> None:
    phenotypes = load_phenotypes()
    ranks = []
    for line in (shared / "vectors/germline/cli/rare.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        found = rank_rare(case["inputs"]["hpo"], case["inputs"]["excluded"], phenotypes, 50)["diseases"]
        ranks.append(next((one["rank"] for one in found if one["id"] == case["expected"]["disease"]), 9999))
    assert len(ranks) == 60
    assert sum(rank == 1 for rank in ranks) >= 0.5 * len(ranks)
    assert sum(rank <= 10 for rank in ranks) >= 0.72 * len(ranks)
    assert sorted(ranks)[len(ranks) // 2] <= 2
