"""Melanoma within five years."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from singula.errors import OutOfDomain
from singula.methods.registry import Coefficients, Outputs
from singula.methods.risk.arithmetic import PERCENT, choose, exponential, floored, look_up, over_columns_and_words


@over_columns_and_words("complexion", "freckling", "large_moles", "tan", "us_region")
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
    relative: Any = 1.0
    for name, factors in table[f"{sex}_factors"].items():
        relative = relative * _factor(name, person[name], factors)
    width, first = table["width"], table["bands_from"]
    band = floored((age - first) / width)
    start = first + width * band
    share = relative * table["one_minus_attributable_risk"][sex]
    hazard, other = _rates(table, sex, person["us_region"], band)
    hazard, leaving = share * hazard, share * hazard + other
    until_next = start + width - age
    risk = hazard * (1.0 - exponential(-until_next * leaving)) / leaving
    # on the first birthday of a band no time falls into the next one
    later, other = _rates(table, sex, person["us_region"], choose(age == start, band, band + 1))
    later, later_leaving = share * later, share * later + other
    risk += later * exponential(-until_next * leaving) * (1.0 - exponential(-(age - start) * later_leaving)) / later_leaving
    return {"melanoma_risk_percent_5y": PERCENT * risk, "relative_risk": relative}


def _factor(name: str, value: Any, factors: Mapping[str, float]) -> Any:
    if "yes" in factors:
        return choose(value, factors["yes"], factors["no"])
    if isinstance(value, str) and value not in factors:
        raise OutOfDomain(f"mrat-2006: {name} is {value!r}; for this sex it can be {', '.join(factors)}")
    return look_up(factors, value)


def _rates(table: Coefficients, sex: str, region: Any, band: Any) -> tuple[Any, Any]:
    incidence = table["incidence_per_year_by_5y_from_20_north_central_south"][sex]
    mortality = table["mortality_per_year_by_5y_from_20"][sex]
    if isinstance(region, str):
        return incidence[band][table["regions"].index(region)], mortality[band]
    import numpy as np

    numbers = band.astype(int)
    places = look_up({word: number for number, word in enumerate(table["regions"])}, region).astype(int)
    return np.array(incidence)[numbers, places], np.array(mortality)[numbers]
