"""Trial criteria, each met, not met or not known for one tumour (CTML match clauses)."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from singula.methods.tumour.evaluation import Definitions, matches_alteration
from singula.methods.tumour.protein_text import read_protein
from singula.methods.tumour.sample import TumourSample, TumourVariant
from singula.methods.tumour.trial_verdict import Verdict, by_hand, join, leaf, negate
from singula.methods.tumour.tumour_types import SOLID, TumourTree

COMPARISON = re.compile(r"^(?P<sign>>=|<=|>|<|=)?\s*(?P<number>\d+(?:\.\d+)?)$")
SIGNS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "=": operator.eq,
}  # fmt: skip
MAF_CLASSES: Mapping[str, tuple[str, ...]] = {
    "missense_mutation": ("missense_variant",), "nonsense_mutation": ("stop_gained",), "in_frame_del": ("inframe_deletion",),
    "in_frame_ins": ("inframe_insertion",),
    "frame_shift_del": ("frameshift_variant",), "frame_shift_ins": ("frameshift_variant",),
    "splice_site": ("splice_region_variant", "splice_donor_variant", "splice_acceptor_variant"),
    "nonstop_mutation": ("stop_lost",), "translation_start_site": ("start_lost",),
}  # fmt: skip
COPY_CALLS = {
    "high amplification": "amplification", "amplification": "amplification", "homozygous deletion": "deletion",
    "low amplification": "gain", "gain": "gain", "heterozygous deletion": "loss",
}  # fmt: skip
MARKER_WORDS = {
    "mmr_status": ("mmr", (("deficient", "deficient"), ("proficient", "proficient"))),
    "ms_status": ("msi", (("msi-h", "high"), ("mss", "stable"), ("msi-l", "low"))),
    "er_status": ("er", (("positive", "positive"), ("negative", "negative"))),
    "pr_status": ("pr", (("positive", "positive"), ("negative", "negative"))),
    "her2_status": ("her2", (("positive", "positive"), ("negative", "negative"))),
}  # fmt: skip
CONCEPT = re.compile(r"\((NCIT:C\d+)\)$")
SINGLE_SITES = ("breast", "lung", "prostate", "testis", "thyroid")
SPREAD = ("metastatic", "secondary", "metastasis", "metastases")
ANY_SITE, OTHER_SITE = "TISSUE", "OTHER"
LIQUID_CODES = ("MYELOID", "LYMPH")


@dataclass(frozen=True, eq=False)
class TrialContext:
    """What criteria are judged with."""

    definitions: Definitions
    tree: TumourTree
    code_of_name: Mapping[str, str]
    """OncoTree codes by name and by ``ncit:`` concept, both in lower case."""


@dataclass(frozen=True, eq=False)
class Case:
    """One tumour before many trials; what was judged once is kept."""

    sample: TumourSample
    context: TrialContext
    _kept: dict[tuple[str, str], Verdict] = field(default_factory=dict, repr=False)

    def judge(self, clause: Any) -> Verdict:
        """Judge one match clause: a list is joined by ``and``; ``and``, ``or``, ``genomic``, ``clinical``, ``prior_treatments``.

        Parameters
        ----------
        clause : list or mapping
            As CTML writes it.

        Returns
        -------
        Verdict
            Absence is taken for true only where the gene was tested; what cannot be evaluated is not known, never met.
        """
        if isinstance(clause, list | tuple):
            return join([self.judge(one) for one in clause], all_of_them=True)
        if not isinstance(clause, dict):
            return Verdict(None, unknown=[f"a clause cannot be read: {clause!r}"[:120]])
        return join([self._judge_part(name, inner) for name, inner in clause.items()], all_of_them=True)

    def _judge_part(self, name: str, inner: Any) -> Verdict:
        if name in ("and", "or"):
            return join([self.judge(one) for one in inner], all_of_them=name == "and")
        if name == "not":
            return negate(self.judge(inner))
        key = (name, repr(inner))
        if key not in self._kept:
            self._kept[key] = _judge_criteria(name, inner, self.sample, self.context)
        return self._kept[key]


def _judge_criteria(name: str, inner: Any, sample: TumourSample, context: TrialContext) -> Verdict:
    if name == "genomic":
        return _judge_genomic(inner, sample, context)
    if name == "clinical":
        return join([_judge_clinical(key, value, sample, context) for key, value in inner.items()], all_of_them=True)
    if name == "prior_treatments":
        return _judge_prior(inner, sample)
    return by_hand(name)


def _judge_genomic(rule: Mapping[str, Any], sample: TumourSample, context: TrialContext) -> Verdict:
    for name in ("mmr_status", "ms_status"):
        if name in rule:
            return _judge_marker(name, str(rule[name]), sample)
    symbol = str(rule.get("hugo_symbol") or "")
    gene = symbol.lstrip("!")
    category = str(rule.get("variant_category") or "Mutation")
    negated = category.startswith("!") or symbol.startswith("!")
    if not gene:
        return by_hand(", ".join(rule))
    details = {key: value for key, value in rule.items() if key not in ("hugo_symbol", "variant_category")}
    words = " ".join([gene, category.lstrip("!").lower(), *(str(value) for value in details.values())])
    found = _is_found(gene, category.lstrip("!").lower(), details, sample, context)
    tested = gene in sample.tested_genes
    value = found if found or found is None else False if tested else None
    if negated:
        words, value = f"no {words}", None if value is None else not value
    condition = f"{gene} is tested and shows {words}" if value is None else ""
    return leaf(value, words, f"{gene} was not tested", condition=condition, fact=f"{gene} tested", gene=gene)


def _is_found(gene: str, category: str, details: Mapping[str, Any], sample: TumourSample, context: TrialContext) -> bool | None:
    if category == "mutation":
        variants = [one for one in sample.variants if one.gene == gene and _counts(one)]
        return any(_fits(one, details, context) for one in variants)
    if category == "cnv":
        call = COPY_CALLS.get(str(details.get("cnv_call", "")).lower())
        return any(one.gene == gene and call in (None, one.event) for one in sample.copy_number)
    if category == "structural variation":
        partner = details.get("fusion_partner_hugo_symbol")
        pairs = [{one.five_prime, one.three_prime} for one in sample.fusions if gene in (one.five_prime, one.three_prime)]
        return any(partner is None or partner in pair for pair in pairs)
    if category == "any variation":
        return any(_is_found(gene, one, details, sample, context) for one in ("mutation", "cnv", "structural variation"))
    return None


def _counts(variant: TumourVariant) -> bool:
    return (
        "reference_mismatch" not in variant.flags
        and variant.classification not in ("benign", "likely_benign")
        and variant.alteration.consequence != "synonymous_variant"
        and variant.alteration.kind != "unparsed"
    )


@lru_cache(maxsize=4096)
def _change(text: str) -> tuple[str | None, str | None, int | None]:
    read = read_protein(text)
    return read.normalised, read.ref, read.start


def _fits(variant: TumourVariant, details: Mapping[str, Any], context: TrialContext) -> bool:
    return all(_fits_detail(variant, name, str(value), context) for name, value in details.items())


def _fits_detail(variant: TumourVariant, name: str, text: str, context: TrialContext) -> bool:
    negated, bare = text.startswith("!"), text.lstrip("!")
    alteration = variant.alteration
    if name == "protein_change":
        fits = _change(bare)[0] == alteration.normalised
    elif name == "wildcard_protein_change":
        _, ref, codon = _change(bare)
        fits = alteration.consequence == "missense_variant" and alteration.start == codon and ref in (None, alteration.ref)
    elif name == "oncogenic":
        fits = matches_alteration("oncogenic_mutation", variant, context.definitions)
    elif name == "exon":
        codons = context.definitions.exons.get((variant.gene, int(bare))) if bare.isdigit() else None
        fits = bool(codons and alteration.overlaps(*codons)) or str(alteration.exon) == bare
    elif name == "variant_classification":
        consequences = MAF_CLASSES.get(bare.lower(), (bare,))
        fits = alteration.consequence in consequences or variant.consequence in consequences
    else:
        return False
    return fits is not negated


def _judge_clinical(name: str, wanted: Any, sample: TumourSample, context: TrialContext) -> Verdict:
    if isinstance(wanted, Sequence) and not isinstance(wanted, str):
        return join([_judge_clinical(name, one, sample, context) for one in wanted], all_of_them=False)
    text = str(wanted)
    if name == "age_numerical":
        return _judge_number("age", text, sample.person.get("age_years"))
    if name == "tmb_numerical":
        return _judge_number("tumour mutational burden", text, sample.marker("tmb_per_mb"))
    if name == "ecog_numerical":
        return _judge_number("ECOG performance status", text, sample.person.get("ecog"))
    if name == "oncotree_primary_diagnosis":
        return _judge_diagnosis(text, sample, context)
    if name == "gender":
        sex = sample.person.get("sex")
        met = None if not sex else text.lower() in ("any", "all", str(sex).lower())
        return leaf(met, f"sex {text.lower()}", fact="sex")
    if name in MARKER_WORDS:
        return _judge_marker(name, text, sample)
    return by_hand(f"{name.replace('_', ' ')} {text}")


def _judge_number(what: str, text: str, value: Any) -> Verdict:
    match = COMPARISON.match(text.strip())
    if match is None:
        return Verdict(None, unknown=[f"{what} {text}: cannot be read"])
    if isinstance(value, bool) or not isinstance(value, int | float):
        return leaf(None, f"{what} {text}", fact=what)
    wanted = float(match["number"])
    condition = f"{what} comes to {text}" if _can_change(what, value, wanted) else ""
    return leaf(SIGNS[match["sign"] or "="](value, wanted), f"{what} {text} (is {value:g})", condition=condition)


def _can_change(what: str, value: float, wanted: float) -> bool:
    return what.startswith("ECOG") or (what == "age" and value < wanted)


def _judge_diagnosis(text: str, sample: TumourSample, context: TrialContext) -> Verdict:
    negated, name = text.startswith("!"), text.lstrip("!")
    line = context.tree.line(sample.tumour_type)
    words = f"{'not ' if negated else ''}{name.strip('_').lower()}"
    if name == "_SOLID_":
        value = SOLID in line
    elif name == "_LIQUID_":
        value = not line.isdisjoint(LIQUID_CODES)
    else:
        concept = CONCEPT.search(name)
        code = context.code_of_name.get(concept[1].lower() if concept else name.lower()) or (
            name if name in context.tree.names else None
        )
        if code is None and not _is_of_another_site(name, line, context):
            return by_hand(f"diagnosis {name}: is no OncoTree name")
        value = code in line
    shown = context.tree.names.get(sample.tumour_type, sample.tumour_type)
    return leaf(value is not negated, f"diagnosis {words} (is {shown})")


def _is_of_another_site(name: str, line: Collection[str], context: TrialContext) -> bool:
    """Tell whether a diagnosis outside OncoTree names one organ, as a primary, that this tumour does not come from."""
    words = set(re.findall(r"[a-z]+", name.lower()))
    named = [context.code_of_name.get(site) for site in SINGLE_SITES if site in words]
    site_is_known = any(context.tree.parents.get(code) == ANY_SITE for code in line if code != OTHER_SITE)
    return site_is_known and len(named) == 1 and words.isdisjoint(SPREAD) and named[0] not in (None, *line)


def _judge_marker(name: str, text: str, sample: TumourSample) -> Verdict:
    marker, words = MARKER_WORDS[name]
    negated, lowered = text.startswith("!"), text.lstrip("!").lower()
    wanted = next((value for word, value in words if word in lowered), None)
    value = sample.marker(marker)
    if wanted is None or value is None:
        return leaf(None, f"{marker} {lowered}", fact=f"{marker} status")
    held = value in ("negative", "low", "ultralow") if marker == "her2" and wanted == "negative" else value == wanted
    return leaf(held is not negated, f"{marker} {lowered} (is {value})")


def _judge_prior(rule: Any, sample: TumourSample) -> Verdict:
    drugs = rule.get("drug") if isinstance(rule, Mapping) else rule
    names = drugs if isinstance(drugs, Sequence) and not isinstance(drugs, str) else [drugs]
    verdicts = []
    for name in names:
        negated, bare = str(name).startswith("!"), str(name).lstrip("!").lower()
        taken = _was_taken(bare, sample.prior_therapies)
        words = f"{'no ' if negated else ''}earlier {'therapy' if bare == '*' else bare}"
        met = None if taken is None else taken is not negated
        condition = "" if negated else f"{bare} has been given"
        verdicts.append(leaf(met, words, "earlier therapies are not stated", condition=condition, fact="earlier therapies"))
    return join(verdicts, all_of_them=all(str(name).startswith("!") for name in names))


def _was_taken(name: str, prior: Sequence[str] | None) -> bool | None:
    if prior is None:
        return None
    return bool(prior) if name == "*" else name in [one.lower() for one in prior]
