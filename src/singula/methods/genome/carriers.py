"""Carriers of recessive and X-linked conditions: how likely, and what it means for a couple's children."""

from __future__ import annotations

from math import sqrt

from singula.errors import MissingInput
from singula.methods.registry import Coefficients, Outputs


def estimate_residual_risk(carrier_frequency: float, detection_rate: float, *, table: Coefficients) -> Outputs:
    """Estimate the chance of being a carrier after a negative test.

    References
    ----------
    Ogino S, Wilson RB. J Mol Diagn 2004;6:1-9; carrier screening practice resource doi:10.1038/s41436-021-01203-z
    """
    missed = carrier_frequency * (1 - detection_rate)
    return {"residual_carrier_risk": missed / (1 - carrier_frequency * detection_rate) if missed else 0.0}


def estimate_couple_risk(
    inheritance: str,
    carrier_probability_a: float | None = None,
    carrier_probability_b: float | None = None,
    carrier_probability_mother: float | None = None,
    *,
    table: Coefficients,
) -> Outputs:
    """Estimate the chance of an affected child; new mutations and reduced penetrance are not counted."""
    quarter = table["quarter"]
    if inheritance == "XL":
        if carrier_probability_mother is None:
            raise MissingInput("carrier-couple-risk: carrier_probability_mother is missing; X-linked conditions need it")
        child = carrier_probability_mother * quarter
        return {"affected_child_probability": child, "affected_son_probability": 2 * child}
    if carrier_probability_a is None or carrier_probability_b is None:
        raise MissingInput("carrier-couple-risk: carrier_probability_a and carrier_probability_b are both needed")
    return {"affected_child_probability": carrier_probability_a * carrier_probability_b * quarter}


def estimate_carrier_frequency(birth_incidence: float, *, table: Coefficients) -> Outputs:
    """Estimate allele and carrier frequency of a recessive condition from its birth incidence (Hardy-Weinberg)."""
    allele = sqrt(birth_incidence)
    return {"allele_frequency": allele, "carrier_frequency": 2 * allele * (1 - allele)}
