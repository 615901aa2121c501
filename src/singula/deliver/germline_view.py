"""The answer of ``singula germline report`` for one sample."""

from __future__ import annotations

from typing import Any

from singula.knowledge import Knowledge
from singula.methods.genome.inherited import InheritedAnswer, InheritedFinding

BALANCE = (0.1, 0.3)


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
    limits = {row.gene: row.why for row in knowledge.pack("germline").table("short_read_limits")}
    return {
        "sample": sample,
        "findings": [_show_finding(one) for one in answer.findings],
        "unconfirmed": [
            {"variation_id": allele.variation_id, "variant": allele.name, "gene": allele.gene, "reason": state.reason}  # type: ignore[attr-defined]
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


def _show_finding(finding: InheritedFinding) -> dict[str, Any]:
    allele: Any = finding.allele
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
    }
