"""Myelodysplasia with its mutations (IPSS-M); what was not tested gives a range, not a guess."""

from __future__ import annotations

from collections.abc import Mapping
from math import log
from typing import Any

from singula.errors import InvalidInput
from singula.methods.registry import Coefficients, Outputs

SCENARIOS = ("best", "mean", "worst")
State = bool | None


def score_ipss_m(
    *,
    haemoglobin_g_per_dl: float,
    platelets_1e9_per_l: float,
    bm_blast_percent: float,
    cytogenetic_group: str,
    del5q: bool,
    del7_or_7q: bool,
    complex_karyotype: bool,
    del17_or_17p: bool,
    tp53_mutations: int,
    mutated: Mapping[str, Any],
    tp53_max_vaf: float | None = None,
    tp53_loh: bool | None = None,
    table: Coefficients,
) -> Outputs:
    """Score myelodysplasia by blood, marrow, cytogenetics and genes (IPSS-M), best, mean and worst over what was not tested.

    Parameters
    ----------
    mutated : mapping
        Gene to True, False or None for not tested; a gene left out counts as not tested.

    Returns
    -------
    dict
        Scores in doublings of the hazard, categories, and one category to report where the range allows it.

    References
    ----------
    Bernard E et al. NEJM Evid 2022;1:EVIDoa2200008. doi:10.1056/EVIDoa2200008
    """
    genes = _states(mutated)
    loh = True if del17_or_17p or (tp53_max_vaf or 0.0) > table["loh_vaf"] else tp53_loh
    states: dict[str, State] = {name: genes.get(name) for name in table["genes"]}
    isolated = del5q and not del7_or_7q and not complex_karyotype
    states["TP53multi"] = _both(tp53_mutations >= 1, True if tp53_mutations > 1 else loh)
    states["SF3B1_5q"] = _both(genes.get("SF3B1"), isolated)
    alpha: State = _both(genes.get("SF3B1"), _not(states["SF3B1_5q"]))
    for gene in table["alpha_excluding"]:
        alpha = _both(alpha, _not(genes.get(gene)))
    states["SF3B1_alpha"] = alpha
    fixed = _fixed_terms(
        table,
        haemoglobin=min(max(haemoglobin_g_per_dl, table["haemoglobin_range"][0]), table["haemoglobin_range"][1]),
        platelets=min(platelets_1e9_per_l / 100, table["platelets_most"]),
        blasts=min(bm_blast_percent / table["blasts_unit"], table["blasts_most"]),
        cytogenetics=table["cytogenetic_groups"].index(cytogenetic_group),
    )
    residual = [genes.get(gene) for gene in table["residual_genes"]]
    scores = {scenario: (fixed + _gene_terms(table, states, residual, scenario)) / log(2) for scenario in SCENARIOS}
    categories = {scenario: _category(table, score) for scenario, score in scores.items()}
    within = scores["worst"] - scores["best"] <= table["widest_range"]
    answer: Outputs = {f"ipssm_score_{scenario}": score for scenario, score in scores.items()}
    answer.update({f"category_{scenario}": name for scenario, name in categories.items()})
    single = within or categories["best"] == categories["worst"]
    answer.update({"reported_category": categories["mean"] if single else None, "range_within_limit": within})
    return answer


def _states(mutated: Mapping[str, Any]) -> dict[str, State]:
    for gene, state in mutated.items():
        if state is not None and not isinstance(state, bool):
            raise InvalidInput(f"ipss-m: {gene} in mutated is {state!r}; write true, false or null for not tested")
    return dict(mutated)


def _both(one: State, other: State) -> State:
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def _not(state: State) -> State:
    return None if state is None else not state


def _fixed_terms(table: Coefficients, **values: float) -> float:
    return float(sum(beta * (values[name] - mean) for name, (beta, mean) in table["continuous"].items()))


def _gene_terms(table: Coefficients, states: Mapping[str, State], residual: list[State], scenario: str) -> float:
    total = 0.0
    for name, (beta, mean) in table["genes"].items():
        state = states[name]
        value = float(state) if state is not None else _supposed(beta, mean, scenario)
        total += beta * (value - mean)
    beta, mean = table["residual"]
    known, untested = sum(state is True for state in residual), sum(state is None for state in residual)
    most = table["residual_most"]
    counts = {
        "best": min(known, most),
        "mean": min(known, most) + max((most - known) / most * untested / len(residual) * mean, 0),
        "worst": min(known + untested, most),
    }
    return total + float(beta * (counts[scenario] - mean))


def _supposed(beta: float, mean: float, scenario: str) -> float:
    if scenario == "mean":
        return mean
    return float((beta > 0) == (scenario == "worst"))


def _category(table: Coefficients, score: float) -> str:
    rounded = round(score, 2)
    return str(next((name for high, name in table["categories"] if rounded <= high), table["worst_category"]))
