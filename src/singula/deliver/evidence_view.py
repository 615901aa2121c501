"""One variant's evidence as ``singula germline classify`` tells it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from singula.knowledge import Knowledge
from singula.methods.genome.automatic_evidence import (
    HUMAN_ADDS,
    Criterion,
    EvidenceLimits,
    classify_variant,
    combine_views,
    gather_evidence,
)
from singula.sources.annotated_variants import PersonVariant
from singula.sources.clinvar_files import ClinVarRelease


def read_limits(knowledge: Knowledge) -> EvidenceLimits:
    """Read limits of frequency and prediction, and the genes where loss of function causes disease."""
    pack = knowledge.pack("germline")
    return EvidenceLimits(
        {row.name: row.value for row in pack.table("evidence_limits")},
        frozenset(row.gene for row in pack.table("loss_of_function_genes")),
        [(row.code, row.low, row.high) for row in pack.table("predictor_intervals")],
    )


def show_evidence(
    variant: PersonVariant, limits: EvidenceLimits, release: ClinVarRelease, added: Sequence[str]
) -> dict[str, Any]:
    """Gather, class and describe one variant.

    Parameters
    ----------
    variant : PersonVariant
        The allele with its annotation.
    limits : EvidenceLimits
        Limits of the pack.
    release : ClinVarRelease
        In the file's build; without alleles where none is installed.
    added : sequence of str
        Criteria a human added; they replace automatic ones of the same name.
    """
    names = {code.split("_")[0] for code in added}
    evidence = [one for one in gather_evidence(variant.annotation, limits) if one.code.split("_")[0] not in names]
    evidence.extend(Criterion(code, "added by the user") for code in added)
    found = classify_variant([one.code for one in evidence])
    entry = release.table.find(variant.chromosome, variant.position, variant.ref, variant.alt)
    clinvar = (entry.classification, entry.stars) if entry is not None else None
    shown, why = combine_views(found["classification"], clinvar)
    present = {one.code.split("_")[0] for one in evidence}
    return {
        "variant": variant.name,
        "gene": variant.annotation.gene,
        "hgvs": variant.hgvs,
        "consequences": list(variant.annotation.terms),
        "copies": variant.copies,
        "evidence": [{"code": one.code, "why": one.why} for one in evidence],
        **found,
        "clinvar": {"variation_id": entry.variation_id, "classification": entry.classification, "review_stars": entry.stars,
                    "conflict": entry.conflict or None} if entry is not None else None,
        "shown": shown,
        "why": why,
        "human_may_add": [code for code in HUMAN_ADDS if code not in present],
    }  # fmt: skip
