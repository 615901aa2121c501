"""Alleles fit an inheritance by how many there are, on which copies, and who else in the family carries them."""

from __future__ import annotations

import pytest

from singula.knowledge import load_knowledge
from singula.methods.genome.inheritance_fit import Fit, Mode, RareAllele, fit_inheritance

WEIGHTS = {row.name: row.value for row in load_knowledge().pack("germline").table("rare_fit")}
FROM_MOTHER = RareAllele("1-1-A-G", 1, in_mother=True, in_father=False)
ALSO_FROM_MOTHER = RareAllele("1-3-A-G", 1, in_mother=True, in_father=False)
FROM_FATHER = RareAllele("1-2-C-T", 1, in_mother=False, in_father=True)
NEW = RareAllele("1-4-G-A", 1, in_mother=False, in_father=False)
OF_UNKNOWN_ORIGIN = RareAllele("1-5-G-A", 1)


def judged(modes: list[Mode], *alleles: RareAllele) -> Fit:
    found = fit_inheritance(modes, alleles, WEIGHTS)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("alleles", "which", "why"),
    [
        ((FROM_MOTHER, FROM_FATHER), ("1-1-A-G", "1-2-C-T"), "one allele from each parent"),
        ((FROM_MOTHER, ALSO_FROM_MOTHER), ("1-1-A-G",), "one of the two alleles it takes"),
        ((FROM_MOTHER, OF_UNKNOWN_ORIGIN), ("1-1-A-G", "1-5-G-A"), "two alleles; whether on one copy or both is not known"),
        ((RareAllele("1-9-A-G", 2),), ("1-9-A-G",), "both copies carry it"),
        ((FROM_MOTHER,), ("1-1-A-G",), "one of the two alleles it takes"),
    ],
)
def test_a_recessive_disease_takes_two_alleles_on_two_copies(
    alleles: tuple[RareAllele, ...], which: tuple[str, ...], why: str
) -> None:
    fit = judged(["recessive"], *alleles)
    assert (fit.alleles, fit.why) == (which, why)


def test_a_new_dominant_allele_fits_better_than_an_inherited_and_that_better_than_one_of_an_unaffected_parent() -> None:
    new, inherited, harmless = (
        judged(["dominant"], one)
        for one in (NEW, FROM_MOTHER, RareAllele("1-1-A-G", 1, in_mother=True, in_father=False, carried_by_unaffected=True))
    )
    assert new.score > inherited.score > harmless.score
    assert "neither parent has it" in new.why
    assert harmless.why == "an unaffected parent carries it too"


def test_the_only_x_chromosome_weighs_more_than_one_of_two() -> None:
    son, daughter = (judged(["x-linked"], RareAllele("X-5-A-G", 1, single_chromosome=whole)) for whole in (True, False))
    assert son.score > daughter.score
    assert son.why == "the only X chromosome carries it"


def test_what_clinvar_reports_weighs_more_and_says_so() -> None:
    plain, reported = (judged(["dominant"], RareAllele("1-1-A-G", 1, reported_pathogenic=known)) for known in (False, True))
    assert reported.score == plain.score + WEIGHTS["reported_pathogenic"]
    assert reported.why.endswith("reported pathogenic in ClinVar")


def test_an_unknown_inheritance_is_said_and_no_allele_is_no_fit() -> None:
    assert judged([], FROM_MOTHER).why == "how it is inherited is not known"
    assert fit_inheritance(["dominant"], [], WEIGHTS) is None
    assert judged(["mitochondrial"], RareAllele("MT-5-A-G", 2, single_chromosome=True)).mode == "mitochondrial"
