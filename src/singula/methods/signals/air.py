"""What the air of a place adds to mortality."""

from __future__ import annotations

import math

from singula.methods.registry import Coefficients, Outputs


def rate_fine_dust(pm25_ug_per_m3: float, *, table: Coefficients) -> Outputs:
    """Return the hazard ratio of non-accidental death at a long-term PM2.5 level, against the counterfactual of 2.4 µg/m3.

    Notes
    -----
    A figure for populations over years: it says what cleaner air is worth, not what one day did to one person.

    References
    ----------
    Burnett R et al. Proc Natl Acad Sci USA 2018;115:9592-9597. doi:10.1073/pnas.1803222115
    """
    excess = max(0.0, pm25_ug_per_m3 - table["counterfactual_ug_per_m3"])
    weight = 1 + math.exp(-(excess - table["mu"]) / table["nu"])
    return {"hazard_ratio": math.exp(table["theta"] * math.log1p(excess / table["alpha"]) / weight)}
