"""From a pair of alleles to function, activity score and phenotype; what the tables do not say stays indeterminate."""

from __future__ import annotations

import re
from dataclasses import dataclass

from singula.methods.genome.definitions import INDETERMINATE, PhenotypeTable

COPIES = re.compile(r"^(?P<allele>\*[0-9A-Za-z.]+?)x(?P<atleast>≥)?(?P<copies>\d+|N)$")
MOST_TABLED_COPIES = 3
WIDELY_COPIED = ("*1", "*2", "*4")


@dataclass(frozen=True)
class Translation:
    """Phenotype and activity score of one pair; None is 'the tables give none'."""

    phenotype: str | None
    activity_score: str | None = None


def translate(table: PhenotypeTable, alleles: tuple[str, ...]) -> Translation:
    """Translate a diplotype.

    Parameters
    ----------
    table : PhenotypeTable
        The gene's table.
    alleles : tuple of str
        One allele (haploid) or two; copies as ``*1x2`` or ``*1x≥3``.

    Returns
    -------
    Translation
        ``Indeterminate`` for unlisted alleles of activity genes, no phenotype at all for those of other genes.
    """
    pair = tuple(sorted(canonical_copies(allele) for allele in alleles))
    if pair in table.pairs:
        phenotype, score = table.pairs[pair]
        return Translation(phenotype, None if score in (None, "n/a") else score)
    if table.is_activity_gene:
        return _by_activity(table, pair)
    functions = tuple(sorted(table.functions.get(allele, "") for allele in pair))
    return Translation(table.function_pairs.get(functions))


def canonical_copies(allele: str) -> str:
    """Write copy numbers as the tables do: three or more of *1, *2 or *4 are ``x≥3``, ``x1`` is one copy."""
    match = COPIES.match(allele)
    if match is None or match["copies"] == "N":
        return allele
    copies = int(match["copies"])
    if copies == 1:
        return match["allele"]
    if copies >= MOST_TABLED_COPIES and match["allele"] in WIDELY_COPIED:
        return f"{match['allele']}x≥{MOST_TABLED_COPIES}"
    return allele


def _by_activity(table: PhenotypeTable, pair: tuple[str, ...]) -> Translation:
    values = [_activity_value(table, allele) for allele in pair]
    if any(value is None for value in values):
        return Translation(INDETERMINATE)
    total = sum(value for value in values if value is not None)
    at_least = "≥" if any("≥" in allele for allele in pair) and total > 0 else ""
    return Translation(phenotype_of_score(table, total), f"{at_least}{score_text(total)}")


def _activity_value(table: PhenotypeTable, allele: str) -> float | None:
    known = table.activity_of(allele)
    if known is not None:
        return known
    if "+" in allele:
        parts = [_activity_value(table, part.strip()) for part in allele.split("+")]
        return None if None in parts else sum(part for part in parts if part is not None)
    match = COPIES.match(allele)
    if match is None or match["copies"] == "N":
        return None
    single = table.activity_of(match["allele"])
    return None if single is None else single * int(match["copies"])


def phenotype_of_score(table: PhenotypeTable, score: float) -> str:
    """Cut an activity score into its phenotype; between two cuts the lower one holds."""
    found = INDETERMINATE
    for phenotype, low, _ in sorted(table.cuts, key=lambda cut: cut[1]):
        if score >= low:
            found = phenotype
    return found


def score_text(score: float) -> str:
    """Write an activity score as the tables do: ``1.0``, ``0.25``."""
    return f"{score:.1f}" if score * 10 == int(score * 10) else f"{score:g}"
