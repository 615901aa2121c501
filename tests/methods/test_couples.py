"""Two people's carried genes are joined: both, one with the other's residual risk, X-linked of the mother."""

from __future__ import annotations

import pytest

from singula.methods.genome.couples import CarriedGene, CarrierKnowledge, Partner, judge_couple, seen_share

KNOWN = CarrierKnowledge(
    {"CFTR": "AR", "SMN1": "AR", "G6PD": "XL", "TP53": "AD"}, {"CFTR": (0.02, 0.04), "SMN1": (0.02,)}, frozenset({"SMN1"})
)


def partner(sample: str, sex: str | None = None, basis: dict[str, int] | None = None, **copies: int) -> Partner:
    carried = {gene: CarriedGene((f"{gene}-allele",), count) for gene, count in copies.items()}
    return Partner(sample, sex, carried, {"CFTR": basis or {}})


@pytest.mark.parametrize(("first", "second", "child"), [(1, 1, 0.25), (2, 1, 0.5), (2, 2, 1.0)])
def test_two_carriers_have_a_chance_by_their_copies(first: int, second: int, child: float) -> None:
    (answer,) = judge_couple(partner("A", CFTR=first), partner("B", CFTR=second), KNOWN)
    assert (answer.kind, answer.child) == ("both", (child, child))


def test_the_other_partner_keeps_a_residual_risk_by_what_was_looked_at() -> None:
    basis = {"called": 1, "hom_ref_block": 8, "hom_ref_assumed": 1}
    (answer,) = judge_couple(partner("A", CFTR=1), partner("B", basis=basis), KNOWN)
    assert answer.second == pytest.approx((0.02 * 0.1 / (1 - 0.02 * 0.9), 0.04 * 0.1 / (1 - 0.04 * 0.9)))
    assert answer.child == pytest.approx(tuple(one / 4 for one in answer.second or ()))


def test_what_short_reads_cannot_see_lowers_no_risk() -> None:
    (answer,) = judge_couple(partner("A", SMN1=1), partner("B"), KNOWN)
    assert answer.second == pytest.approx((0.02, 0.02))


def test_x_linked_genes_are_the_mothers() -> None:
    assert judge_couple(partner("A", "male", G6PD=1), partner("B", "female"), KNOWN) == []
    (answer,) = judge_couple(partner("A", "male"), partner("B", "female", G6PD=1), KNOWN)
    assert (answer.child, answer.son) == ((0.25, 0.25), 0.5)


def test_a_dominant_gene_gets_no_recessive_number() -> None:
    (answer,) = judge_couple(partner("A", TP53=1), partner("B", TP53=1), KNOWN)
    assert answer.child is None


def test_assumed_sites_were_not_looked_at() -> None:
    assert seen_share({"hom_ref_assumed": 5}) == 0.0
    assert seen_share({}) == 0.0
