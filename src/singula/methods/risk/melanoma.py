"""Melanoma within five years."""

from __future__ import annotations

import math
from typing import Any

from singula.errors import OutOfDomain
from singula.methods.registry import Coefficients, Outputs
from singula.methods.risk.arithmetic import PERCENT


def estimate_mrat(*, table: Coefficients, **person: Any) -> Outputs:
    """Estimate melanoma over 5 years in percent in white people of the USA (NCI tool, Fears 2006).

    Notes
    -----
    Derived in white people only; for others it is out of its population.

    References
    ----------
    Fears TR et al. J Clin Oncol 2006;24:3590-3596. doi:10.1200/JCO.2005.04.1277
    """
    sex, age = person["sex"], person["age_years"]
    relative = 1.0
    for name, factors in table[f"{sex}_factors"].items():
        value = person[name]
        word = ("yes" if value else "no") if isinstance(value, bool) else value
        if word not in factors:
            raise OutOfDomain(f"mrat-2006: {name} is {word!r}; for this sex it can be {', '.join(factors)}")
        relative *= factors[word]
    width, first = table["width"], table["bands_from"]
    band = int((age - first) // width)
    start = first + width * band
    region = table["regions"].index(person["us_region"])
    share = table["one_minus_attributable_risk"][sex]
    incidence = [share * row[region] for row in table["incidence_per_year_by_5y_from_20_north_central_south"][sex]]
    mortality = table["mortality_per_year_by_5y_from_20"][sex]
    hazard, leaving = incidence[band] * relative, incidence[band] * relative + mortality[band]
    until_next = start + width - age
    risk = hazard * (1.0 - math.exp(-until_next * leaving)) / leaving
    if age != start:
        later, later_leaving = incidence[band + 1] * relative, incidence[band + 1] * relative + mortality[band + 1]
        risk += later * math.exp(-until_next * leaving) * (1.0 - math.exp(-(age - start) * later_leaving)) / later_leaving
    return {"melanoma_risk_percent_5y": PERCENT * risk, "relative_risk": relative}
