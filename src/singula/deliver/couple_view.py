"""The answer of ``singula germline couple``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from singula.knowledge import Knowledge
from singula.methods.genome.couples import CarriedGene, CarrierKnowledge, CoupleRisk, Partner, judge_couple
from singula.methods.genome.founders import FounderVariant, Meaning, judge_founders
from singula.methods.genome.inherited import GeneRule, report_inherited
from singula.sources.germline import GermlineReading

CARRIED = (Meaning.CARRIER, Meaning.FINDING)


def read_partner(reading: GermlineReading, sex: str | None, known: CarrierKnowledge, knowledge: Knowledge) -> Partner:
    """Gather what the first sample of a file carries.

    Parameters
    ----------
    reading : GermlineReading
        The file.
    sex : str, optional
        ``female`` or ``male``.
    known : CarrierKnowledge
        The genes whose basis is wanted.
    knowledge : Knowledge
        Pack ``germline``.
    """
    genes = sorted({*known.inheritance, *known.frequencies})
    states = reading.look(0, genes)
    rules = {gene: GeneRule(gene, inheritance) for gene, inheritance in known.inheritance.items()}
    answer = report_inherited(states.states, rules, genes, states.basis)
    alleles: dict[str, dict[str, int]] = {}
    for one in answer.findings:
        alleles.setdefault(one.allele.gene, {})[one.allele.name] = 1 if one.zygosity == "het" else 2
    for call in judge_founders(
        FounderVariant(call.row.gene, call.row.name, call.row.rule, call.resolved)
        for call in reading.founders(0, knowledge.pack("germline").table("founder_variants"))
    ):
        if call.meaning in CARRIED and call.gene not in alleles:
            alleles[call.gene] = {" + ".join(call.names): call.copies}
    carried = {gene: CarriedGene(tuple(found), sum(found.values())) for gene, found in alleles.items()}
    basis = {one.gene: one.basis for one in answer.negatives}
    return Partner(reading.reader.header.samples[0], sex, carried, basis)


def carrier_knowledge(rules: Mapping[str, GeneRule], knowledge: Knowledge) -> CarrierKnowledge:
    """Read inheritance, carrier frequencies and the limits of short reads from the pack ``germline``."""
    pack = knowledge.pack("germline")
    frequencies: dict[str, list[float]] = {}
    for row in pack.table("carrier_frequencies"):
        frequencies.setdefault(row.gene, []).append(row.carrier_frequency)
    inheritance = {gene: rule.inheritance for gene, rule in rules.items() if rule.inheritance}
    for row in pack.table("founder_variants"):
        inheritance.setdefault(
            row.gene, "XL" if row.rule == "x_linked" else "AR" if row.rule in ("biallelic", "compound") else "AD"
        )
    unseen = frozenset(row.gene for row in pack.table("short_read_limits") if row.carriers_unseen)
    return CarrierKnowledge(inheritance, frequencies, unseen)


def show_couple(first: Partner, second: Partner, known: CarrierKnowledge) -> dict[str, Any]:
    """Describe a couple's answer, with the genes no file of short reads can answer."""
    return {
        "partners": [{"sample": one.sample, "sex": one.sex, "carried_genes": sorted(one.carried)} for one in (first, second)],
        "genes": [_show(one) for one in judge_couple(first, second, known)],
        "not_testable": sorted(known.unseen),
        "limits": "New mutations and reduced penetrance are not counted; carrier frequencies are a starter table, to be checked.",
    }


def _show(one: CoupleRisk) -> dict[str, Any]:
    return {
        "gene": one.gene,
        "kind": one.kind,
        "inheritance": one.inheritance,
        "alleles": list(one.names),
        "partner_carrier_probability": list(one.second) if one.second else None,
        "affected_child_probability": list(one.child) if one.child else None,
        "affected_son_probability": one.son,
        "words": one.words,
    }
