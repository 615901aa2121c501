"""Swapped, contaminated and inbred samples are noticed."""

from __future__ import annotations

import random

import pytest

from singula.knowledge import load_knowledge
from singula.methods.genome.sample_checks import PairTally, SampleTally, estimate_kinship, judge_sample
from singula.sources.sample_checks import check_limits

LIMITS = check_limits(load_knowledge())


@pytest.mark.parametrize(("het", "hom", "sex"), [(2, 98, "male"), (60, 40, "female"), (15, 85, None), (0, 5, None)])
def test_the_x_chromosome_tells_the_sex(het: int, hom: int, sex: str | None) -> None:
    tally = SampleTally(x_het=het, x_hom=hom)
    assert judge_sample(tally, LIMITS).inferred_sex == sex


def test_another_sex_than_stated_is_a_warning() -> None:
    (warning,) = judge_sample(SampleTally(x_het=60, x_hom=40), LIMITS, stated_sex="male").warnings
    assert "swapped" in warning


@pytest.mark.parametrize(("off", "hint"), [(5, False), (60, True)])
def test_reads_off_the_middle_hint_at_contamination(off: int, hint: bool) -> None:
    assert judge_sample(SampleTally(balanced=200, unbalanced=off), LIMITS).contamination_hint is hint


def test_a_long_homozygous_stretch_is_measured_and_a_heterozygous_call_ends_it() -> None:
    tally = SampleTally()
    for number in range(100):
        tally.take(("1", number * 40_000), (1, 1), None, LIMITS)
    tally.take(("1", 4_000_001), (0, 1), None, LIMITS)
    for number in range(10):
        tally.take(("1", 5_000_000 + number * 40_000), (1, 1), None, LIMITS)
    tally.finish(LIMITS)
    found = judge_sample(tally, LIMITS)
    assert (found.roh_megabases, found.longest_roh_megabases) == (3.96, 3.96)


@pytest.mark.parametrize(("relation", "low", "high"), [("same", 0.45, 0.55), ("child", 0.2, 0.3), ("stranger", -0.08, 0.08)])
def test_kinship_is_that_of_the_relation(relation: str, low: float, high: float) -> None:
    chance = random.Random(1)
    pair = PairTally()
    for _ in range(5000):
        share = chance.uniform(0.1, 0.9)
        mother, father, other, another = ([int(chance.random() < share) for _ in range(2)] for _ in range(4))
        child = [chance.choice(mother), chance.choice(father)]
        second = {"same": child, "child": mother, "stranger": [other[0], another[0]]}[relation]
        pair.take(sum(child), sum(second))
    kinship, words = estimate_kinship(pair, LIMITS)
    assert kinship is not None
    assert low < kinship < high
    assert words == {"same": "same person or identical twin", "child": "first degree", "stranger": "not related"}[relation]


def test_too_few_variants_tell_no_kinship() -> None:
    assert estimate_kinship(PairTally(1, 0, 3, 3), LIMITS) == (None, None)
