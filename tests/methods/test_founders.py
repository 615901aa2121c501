"""Founder variants follow each its own rule; two alleles of one gene are judged together."""

from __future__ import annotations

import pytest

from singula.knowledge import load_knowledge
from singula.methods.genome.founders import FounderVariant, Meaning, count_looked_at, judge_founders
from singula.methods.genome.resolver import Resolved
from singula.record.genome import SiteStatus

ROWS = {(row.gene, row.name): row for row in load_knowledge().pack("germline").table("founder_variants")}


def carried(gene: str, name: str, genotype: str) -> FounderVariant:
    found = Resolved(SiteStatus.CALLED, genotype, genotype.count("1"))
    return FounderVariant(gene, name, ROWS[gene, name].rule, found)


@pytest.mark.parametrize(
    ("variants", "meaning"),
    [
        ([("F5", "Leiden R534Q", "0/1")], Meaning.FINDING),
        ([("HFE", "C282Y", "0/1")], Meaning.CARRIER),
        ([("HFE", "C282Y", "1/1")], Meaning.FINDING),
        ([("HFE", "H63D", "1/1")], Meaning.NOTHING),
        ([("HFE", "C282Y", "0/1"), ("HFE", "H63D", "0/1")], Meaning.RISK),
        ([("HBB", "S (E7V)", "0/1")], Meaning.CARRIER),
        ([("HBB", "S (E7V)", "0/1"), ("HBB", "C (E7K)", "0/1")], Meaning.FINDING),
        ([("APOL1", "G1 S342G", "0/1"), ("APOL1", "G1 I384M", "0/1")], Meaning.NOTHING),
        ([("APOL1", "G1 S342G", "0/1"), ("APOL1", "G2 N388_Y389del", "0/1")], Meaning.RISK),
        ([("G6PD", "A- V68M", "1")], Meaning.FINDING),
        ([("G6PD", "A- V68M", "0/1")], Meaning.CARRIER),
        ([("BRCA2", "c.9976A>T (K3326*)", "0/1")], Meaning.HARMLESS),
        ([("PCSK9", "R46L", "0/1")], Meaning.PROTECTIVE),
    ],
)
def test_the_rule_of_the_pack_decides(variants: list[tuple[str, str, str]], meaning: Meaning) -> None:
    (statement,) = judge_founders([carried(*one) for one in variants])
    assert statement.meaning is meaning


def test_apoe_is_told_only_on_request() -> None:
    assert judge_founders([carried("APOE", "rs429358 (C marks e4)", "1/1")]) == []


def test_what_was_not_looked_at_is_counted_as_such() -> None:
    states = [SiteStatus.CALLED, SiteStatus.HOM_REF_ASSUMED, SiteStatus.NOT_COVERED, SiteStatus.LOW_QUALITY]
    variants = [FounderVariant("F5", "x", "any", Resolved(one, "0/0", 0)) for one in states]
    assert count_looked_at(variants) == {"looked_at": 1, "assumed": 1, "not_tested": 2}
