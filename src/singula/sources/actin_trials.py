"""Criteria as ACTIN writes them (a rule with parameters), read into the clauses trials are judged by.

A rule that has no clause here becomes something a person has to check; it is never taken as met.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

FUNCTION = re.compile(r"^(?P<rule>[A-Z][A-Z0-9_]*)\s*(?:\[(?P<parameters>.*)\])?$")
Clause = Mapping[str, Any]


def _clinical(name: str, template: str) -> Callable[[Sequence[str]], Clause]:
    return lambda given: {"clinical": {name: template.format(*given)}}


def _genes(category: str, **details: Any) -> Callable[[Sequence[str]], Clause]:
    def make(given: Sequence[str]) -> Clause:
        rules = [{"genomic": {"hugo_symbol": gene, "variant_category": category, **details}} for gene in _listed(given[0])]
        return {"or": rules}

    return make


def _changes(given: Sequence[str]) -> Clause:
    gene = {"hugo_symbol": given[0], "variant_category": "Mutation"}
    return {"or": [{"genomic": {**gene, "protein_change": f"p.{one.removeprefix('p.')}"}} for one in _listed(given[1])]}


def _treatments(given: Sequence[str]) -> Clause:
    return {"or": [{"prior_treatments": {"drug": one}} for one in _listed(given[0])]}


RULES: Mapping[str, tuple[int, Callable[[Sequence[str]], Clause]]] = {
    "IS_AT_LEAST_X_YEARS_OLD": (1, _clinical("age_numerical", ">={0}")),
    "IS_MALE": (0, _clinical("gender", "male")),
    "IS_FEMALE": (0, _clinical("gender", "female")),
    "HAS_WHO_STATUS_OF_AT_MOST_X": (1, _clinical("ecog_numerical", "<={0}")),
    "HAS_WHO_STATUS_OF_AT_EXACTLY_X": (1, _clinical("ecog_numerical", "={0}")),
    "HAS_SOLID_PRIMARY_TUMOR": (0, _clinical("oncotree_primary_diagnosis", "_SOLID_")),
    "HAS_PRIMARY_TUMOR_BELONGING_TO_DOID_TERM_X": (1, _clinical("oncotree_primary_diagnosis", "{0}")),
    "TMB_OF_AT_LEAST_X": (1, _clinical("tmb_numerical", ">={0}")),
    "MSI_SIGNATURE": (0, lambda _: {"genomic": {"ms_status": "MSI-H"}}),
    "MMR_DEFICIENT": (0, lambda _: {"genomic": {"mmr_status": "Deficient"}}),
    "ACTIVATING_MUTATION_IN_ANY_GENES_X": (1, _genes("Mutation", oncogenic=True)),
    "ACTIVATING_MUTATION_IN_GENE_X": (1, _genes("Mutation", oncogenic=True)),
    "MUTATION_IN_GENE_X_OF_ANY_PROTEIN_IMPACTS_Y": (2, _changes),
    "MUTATION_IN_GENE_X_IN_EXON_Y": (2, lambda given: _genes("Mutation", exon=given[1])(given)),
    "AMPLIFICATION_OF_GENE_X": (1, _genes("CNV", cnv_call="High Amplification")),
    "DELETION_OF_GENE_X": (1, _genes("CNV", cnv_call="Homozygous Deletion")),
    "FUSION_IN_GENE_X": (1, _genes("Structural Variation")),
    "WILDTYPE_OF_GENE_X": (1, _genes("!Any Variation")),
    "HAS_HAD_TREATMENT_NAME_X": (1, _treatments),
    "HAS_HAD_TREATMENT_WITH_ANY_DRUG_X": (1, _treatments),
    "HAS_HAD_ANY_CANCER_TREATMENT": (0, lambda _: {"prior_treatments": {"drug": "*"}}),
}
"""How many parameters a rule takes, and its clause."""


def _listed(text: str) -> list[str]:
    return [one.strip() for one in re.split(r"[;,]", text) if one.strip()]


def actin_arms(trial: Mapping[str, Any]) -> Iterator[tuple[str, bool, list[Clause]]]:
    """Yield each cohort's id, whether it is open, and its criteria with those of the whole trial.

    Parameters
    ----------
    trial : mapping
        ``identification``, ``generalEligibility`` and ``cohorts`` as ACTIN's trial files have them.

    Yields
    ------
    tuple
        Cohort id (empty where the trial has no cohorts), open, clauses that all have to hold.
    """
    general = [read_eligibility(one) for one in trial.get("generalEligibility") or ()]
    is_open = bool((trial.get("identification") or {}).get("open", False))
    cohorts = trial.get("cohorts") or ()
    for cohort in cohorts:
        metadata = cohort.get("metadata") or {}
        own = [read_eligibility(one) for one in cohort.get("eligibility") or ()]
        yield str(metadata.get("cohortId") or ""), is_open and bool(metadata.get("open", False)), [*general, *own]
    if not cohorts:
        yield "", is_open, general


def read_eligibility(entry: Any) -> Clause:
    """Read one criterion: an object with ``function``, or the function itself, as an object or as text."""
    function = entry.get("function", entry) if isinstance(entry, Mapping) else entry
    if isinstance(function, str):
        match = FUNCTION.match(function.strip())
        if match is None:
            return {function[:80]: {}}
        function = {"rule": match["rule"], "parameters": _listed_whole(match["parameters"])}
    rule, parameters = str(function.get("rule", "")), list(function.get("parameters") or ())
    if rule in ("AND", "OR"):
        return {rule.lower(): [read_eligibility(one) for one in parameters]}
    if rule == "NOT" and parameters:
        return {"not": read_eligibility(parameters[0])}
    known = RULES.get(rule)
    given = [_text(one) for one in parameters]
    if known is None or len(given) < known[0]:
        words = rule.replace("_", " ").lower() or "a criterion without a rule"
        return {f"{words} {', '.join(given)}".strip(): {}}
    return known[1](given)


def _text(parameter: Any) -> str:
    value = parameter.get("value", parameter) if isinstance(parameter, Mapping) else parameter
    return ";".join(str(one) for one in value) if isinstance(value, list) else str(value)


def _listed_whole(text: str | None) -> list[str]:
    return [one.strip() for one in text.split(",")] if text else []
