"""The answer of ``singula germline report`` for one sample."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from singula.knowledge import Knowledge
from singula.methods.genome.founders import FounderVariant, count_looked_at, judge_founders
from singula.methods.genome.inherited import MATERNAL, GeneRule, InheritedAnswer, InheritedFinding, report_inherited
from singula.sources.germline import FounderCall, GermlineReading

WITHHELD = "secondary findings were not asked for; they are computed and not shown"


def report_sample(
    reading: GermlineReading, column: int, rules: dict[str, GeneRule], genes: Sequence[str], knowledge: Knowledge
) -> dict[str, Any]:
    """Resolve, judge and describe one sample.

    Parameters
    ----------
    reading : GermlineReading
        The file.
    column : int
        The sample's column.
    rules : dict
        Inheritance and reporting rule by gene.
    genes : sequence of str
        Genes whose negatives are asked for.
    knowledge : Knowledge
        Pack ``germline``.
    """
    states = reading.look(column, genes)
    answer = report_inherited(states.states, rules, genes, states.basis)
    calls = reading.founders(column, knowledge.pack("germline").table("founder_variants"))
    shown = show_inherited(reading.reader.header.samples[column], answer, knowledge)
    shown["founder_variants"] = _show_founders(calls)
    shown["carried_unreported"] = [
        {"variation_id": entry.variation_id, "variant": entry.name, "gene": entry.gene, "classification": entry.classification,
         "review_stars": entry.stars, "conflict": entry.conflict or None, "genotype": state.genotype}
        for entry, state in states.unreported if state.has_alternative and state.dosage
    ]  # fmt: skip
    return shown


def withhold_secondary(shown: dict[str, Any], rules: dict[str, GeneRule]) -> dict[str, Any]:
    """Take secondary findings, and everything else said of their genes, out of a sample's answer."""
    listed = {gene for gene, rule in rules.items() if rule.report_rule}
    kept = {
        name: [one for one in shown[name] if one["gene"] not in listed]
        for name in ("findings", "unconfirmed", "negatives", "carried_unreported")
    }
    founders = shown["founder_variants"]
    carried = [one for one in founders["carried"] if one["gene"] not in listed]
    return {**shown, **kept, "founder_variants": {**founders, "carried": carried}, "withheld": WITHHELD}


def show_inherited(sample: str, answer: InheritedAnswer, knowledge: Knowledge) -> dict[str, Any]:
    """Describe one sample's answer.

    Parameters
    ----------
    sample : str
        Its name in the file.
    answer : InheritedAnswer
        What is said.
    knowledge : Knowledge
        For the limits of short reads, pack ``germline``.
    """
    pack = knowledge.pack("germline")
    limits = {row.gene: row.why for row in pack.table("short_read_limits")}
    mosaic = {row.gene: row for row in pack.table("clonal_genes")}
    return {
        "sample": sample,
        "findings": [_show_finding(one, mosaic) for one in answer.findings],
        "unconfirmed": [
            {
                "variation_id": allele.variation_id,
                "variant": allele.name,
                "gene": allele.gene,
                "classification": allele.classification,
                "review_stars": allele.stars,
                "reason": state.reason,
            }
            for allele, state in answer.unconfirmed
        ],
        "negatives": [
            {
                "gene": one.gene,
                "status": one.status,
                "basis": dict(one.basis),
                **({"not_excluded": limits[one.gene]} if one.gene in limits else {}),
            }
            for one in answer.negatives
        ],
    }


def _show_finding(finding: InheritedFinding, mosaic: dict[str, Any]) -> dict[str, Any]:
    allele = finding.allele
    call = finding.resolved.call
    row = mosaic.get(allele.gene)
    notes = []
    if row is not None and finding.allele_balance is not None and row.balance_low <= finding.allele_balance <= row.balance_high:
        notes.append(row.note)
    if finding.inheritance == MATERNAL:
        share = "not stated" if finding.allele_balance is None else f"{finding.allele_balance:.0%}"
        notes.append(f"share of changed mitochondria: {share}; it differs between tissues, blood may show too little")
    if finding.also:
        notes.append(finding.also)
    return {
        "variant": allele.name,
        "variation_id": allele.variation_id,
        "gene": allele.gene,
        "classification": allele.classification,
        "review_stars": allele.stars,
        "condition": allele.condition,
        "zygosity": finding.zygosity,
        "inheritance": finding.inheritance,
        "carrier": finding.is_carrier,
        "secondary_finding": finding.is_secondary,
        "phase": finding.phase,
        "basis": finding.resolved.status.value,
        "depth": call.depth if call else None,
        "genotype_quality": call.quality if call else None,
        "allele_balance": finding.allele_balance,
        "notes": notes,
    }


def _show_founders(calls: Sequence[FounderCall]) -> dict[str, Any]:
    rows = {(call.row.gene, call.row.name): call.row for call in calls}
    variants = [FounderVariant(call.row.gene, call.row.name, call.row.rule, call.resolved) for call in calls]
    carried = []
    for one in judge_founders(variants):
        lead = rows[one.gene, one.names[0]]
        carried.append(
            {"gene": one.gene, "names": list(one.names), "rsid": lead.rsid, "variation_id": lead.variation_id,
             "condition": lead.condition, "meaning": one.meaning.value, "copies": one.copies, "words": one.words,
             "note": lead.note, "review": lead.review}
        )  # fmt: skip
    return {"carried": carried, "basis": count_looked_at(variants)}
