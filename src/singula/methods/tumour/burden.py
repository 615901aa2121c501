"""How many mutations a tumour has for each megabase that was read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from singula.errors import InvalidInput
from singula.methods.registry import Coefficients, Outputs


def count_mutational_burden(
    variants: Sequence[Mapping[str, Any]],
    covered_mb: float,
    include_synonymous: bool,
    exclude_known_drivers: bool,
    *,
    table: Coefficients,
) -> Outputs:
    """Count the eligible coding changes for each covered megabase (TMB).

    Parameters
    ----------
    variants : sequence of mapping
        ``consequence`` (Sequence Ontology term), ``vaf``, ``depth``, ``population_af`` (None is unknown), ``known_driver``.
    covered_mb : float
        Megabases of coding sequence that were read; below half a megabase the figure means nothing.
    include_synonymous, exclude_known_drivers : bool
        Assays differ in both; say which it was.

    References
    ----------
    Marabelle A et al. Lancet Oncol 2020;21:1353-65. PMID 32919526
    """
    counted = {*table["consequences"], *(table["synonymous"] if include_synonymous else ())}
    eligible = 0
    for number, one in enumerate(variants):
        if not isinstance(one, Mapping):
            raise InvalidInput(f"tmb: variants[{number}] is no object with consequence, vaf and depth")
        frequency = one.get("population_af")
        eligible += (
            one.get("consequence") in counted
            and (one.get("vaf") or 0.0) >= table["lowest_vaf"]
            and (one.get("depth") or 0) >= table["lowest_depth"]
            and (frequency is None or frequency < table["common_from"])
            and not (exclude_known_drivers and one.get("known_driver"))
        )
    burden = eligible / covered_mb
    return {"eligible_variants": eligible, "tmb_per_mb": burden, "tmb_high": burden >= table["high_from"]}
