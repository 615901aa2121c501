"""The answer of ``singula tumour annotate`` (``singula.tumour/1``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from singula.methods.tumour.matching import Matched, Therapy, match_therapies, tier_variants
from singula.methods.tumour.sample import PATHOGENIC, TumourSample, TumourVariant
from singula.methods.tumour.tables import TumourTables

SCHEMA = "singula.tumour/1"


def annotate_sample(sample: TumourSample, tables: TumourTables, notes: Sequence[str] = ()) -> dict[str, Any]:
    """Match one tumour and describe the answer.

    Parameters
    ----------
    sample : TumourSample
        The tumour.
    tables : TumourTables
        What to match with.
    notes : sequence of str
        What the reader noted about it.

    Returns
    -------
    dict
        One entry of ``samples``.
    """
    matched = match_therapies(sample, tables.rules, tables.definitions, tables.tree)
    tiers = tier_variants(sample, matched)
    return {
        "sample_id": sample.sample_id,
        "tumour_type": sample.tumour_type,
        "build": sample.build,
        "variants": [_show_variant(one, tiers[one], sample, tables) for one in sample.variants],
        "therapies": [show_therapy(one) for one in matched.therapies],
        "considered": [
            {"medicines": list(one.rule.medicines), "why": one.why, "row_id": one.rule.id} for one in matched.considered
        ],
        "conflicts": [{"rule": one.rule, "rows": list(one.rows)} for one in matched.conflicts],
        "biomarkers": dict(sample.biomarkers),
        "missing": _missing(sample, matched),
        "quality": list(notes),
    }


def _missing(sample: TumourSample, matched: Matched) -> list[str]:
    said = list(matched.missing)
    if not sample.tested_genes:
        said.append("which genes were tested is not stated: nothing is concluded from what was not found")
    return said


def flags_of(variant: TumourVariant, sample: TumourSample, tables: TumourTables) -> list[str]:
    """Return a variant's flags: what the reader said, a hint to test the germline, a hint to clonal haematopoiesis."""
    flags = list(variant.flags)
    if (
        variant.gene in tables.roles["germline-follow-up"]
        and variant.origin != "germline"
        and variant.classification in PATHOGENIC
        and (variant.vaf or 0.0) >= tables.limits["germline_vaf"]
    ):
        flags.append("germline_follow_up")
    if variant.gene in tables.roles["clonal-haematopoiesis"] and tables.tree.is_any_of(sample.tumour_type, ("SOLID",)):
        flags.append("possible_clonal_haematopoiesis")
    return flags


def _show_variant(variant: TumourVariant, tier: str, sample: TumourSample, tables: TumourTables) -> dict[str, Any]:
    alteration = variant.alteration
    return {
        "gene": variant.gene,
        "protein_change": variant.text,
        "consequence": alteration.consequence or variant.consequence,
        "kind": alteration.kind,
        "start": alteration.start,
        "end": alteration.end,
        "origin": variant.origin,
        "classification": variant.classification,
        "tier": tier,
        "flags": flags_of(variant, sample, tables),
    }


def show_therapy(therapy: Therapy) -> dict[str, Any]:
    """Describe one therapy."""
    rule = therapy.rule
    return {
        "medicines": list(rule.medicines),
        "direction": rule.direction,
        "tier": therapy.tier,
        "same_tumour": therapy.same_tumour,
        "setting": rule.setting,
        "setting_met": therapy.setting_met,
        "evidence": [{"source": rule.source, "citation": rule.citation, "level": rule.tier, "review": rule.review}],
        "matched_expression": rule.expression,
        "row_id": rule.id,
        "reason": therapy.reason,
        "approval": rule.approval or None,
    }
