"""Several reasons to change one dose."""

from __future__ import annotations

from itertools import permutations

from singula.finding import Effect
from singula.plan.doses import combine_doses
from tests.plan.findings import TARGET, dose, finding


def test_a_gene_and_an_inhibitor_of_its_enzyme_count_once() -> None:
    gene = finding("gene", Effect.REDUCE, dose=dose("CYP2D6", -50))
    inhibitor = finding("inhibitor", Effect.REDUCE, dose=dose("CYP2D6", -25))
    combined = combine_doses(TARGET, [gene, inhibitor])
    assert combined.change is not None
    assert (combined.change.percent_low, combined.change.percent_high) == (-50.0, -50.0)
    assert [(one.kind, one.winner, one.losers) for one in combined.conflicts] == [("same-pathway", "gene.", ("inhibitor.",))]


def test_independent_pathways_multiply_and_the_lowest_cap_holds() -> None:
    gene = finding("gene", Effect.REDUCE, dose=dose("CYP2D6", -50, -25, max_mg_per_day=200))
    kidney = finding("kidney", Effect.REDUCE, dose=dose("renal", -50, max_mg_per_day=120))
    combined = combine_doses(TARGET, [gene, kidney])
    assert combined.change is not None
    assert (combined.change.percent_low, combined.change.percent_high) == (-75.0, -62.5)
    assert combined.change.max_mg_per_day == 120
    assert combined.conflicts == ()


def test_less_decides_over_more_and_the_disagreement_is_shown() -> None:
    less = finding("less", Effect.REDUCE, dose=dose("renal", -50))
    more = finding("more", Effect.INCREASE, dose=dose("CYP2C19", 100))
    combined = combine_doses(TARGET, [more, less])
    assert combined.effect is Effect.REDUCE
    assert combined.change is not None
    assert combined.change.percent_low == -50.0
    assert [(one.kind, one.winner, one.losers) for one in combined.conflicts] == [("direction", "less.", ("more.",))]


def test_a_reason_without_a_figure_invents_none() -> None:
    assert combine_doses(TARGET, [finding("words", Effect.REDUCE)]).change is None
    capped = combine_doses(TARGET, [finding("cap", Effect.REDUCE, dose=dose("SLCO1B1", None, target_mg_per_day=20))]).change
    assert capped is not None
    assert (capped.percent_low, capped.percent_high, capped.target_mg_per_day) == (None, None, 20)


def test_the_order_of_findings_changes_nothing() -> None:
    several = [
        finding("a", Effect.REDUCE, dose=dose("CYP2D6", -50)),
        finding("b", Effect.REDUCE, dose=dose("CYP2D6", -50)),
        finding("c", Effect.REDUCE, dose=dose("renal", -30, -20)),
        finding("d", Effect.INCREASE, dose=dose("CYP2C19", 50)),
    ]
    assert len({repr(combine_doses(TARGET, list(order))) for order in permutations(several)}) == 1
