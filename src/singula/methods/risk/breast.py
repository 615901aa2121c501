"""Breast cancer in women without it: the NCI tool (Gail and its successors)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from singula.errors import OutOfDomain
from singula.methods.registry import Coefficients, Outputs
from singula.methods.risk.arithmetic import (
    PERCENT,
    any_true,
    choose,
    count_reached,
    exponential,
    floored,
    logarithm,
    over_columns,
    smaller,
)
from singula.methods.risk.competing import split_into_bands, sum_competing

BAND_YEARS = 5
ASIAN = "asian-and-pacific"
AVERAGE_WHITE = "average-white-1992-96"
HISPANIC = ("hispanic-us-born", "hispanic-foreign-born")


@over_columns
def estimate_bcrat(*, table: Coefficients, **person: Any) -> Outputs:
    """Estimate invasive breast cancer up to an age in percent, and the average woman's (NCI tool 2017).

    Notes
    -----
    Not for women with breast cancer, DCIS or LCIS, a high-risk gene variant or chest radiotherapy. A woman without a birth counts
    as one whose first birth came at 25 to 29. It is no lifetime family model: screening by MRI is not decided by it.

    References
    ----------
    Gail MH et al. J Natl Cancer Inst 1989;81:1879-1886; Gail MH 2007;99:1782-1792; Matsuno RK 2011;103:951-961;
    Banegas MP 2017;109:djw215
    """
    if any_true(person["projection_age_years"] <= person["age_years"]):
        raise OutOfDomain(f"bcrat-2017: projection_age_years {person['projection_age_years']} is not above age_years")
    ethnicity = person["ethnicity"]
    group = ASIAN if ethnicity in table["asian_pacific"] else ethnicity
    below, above = _relative_risks(person, table["log_relative_risk"][group], table)
    shares = table["one_minus_attributable_risk_below_and_from_50"][group]
    own = _risk(person, table, ethnicity, (below * shares[0], above * shares[1]))
    average = AVERAGE_WHITE if ethnicity in ("white", "other-or-unknown") else ethnicity
    return {
        "breast_cancer_risk_percent": own,
        "average_risk_percent": _risk(person, table, average, (1.0, 1.0), ethnicity),
        "relative_risk_below_50": below,
        "relative_risk_from_50": above,
    }


def _risk(person: Mapping[str, Any], table: Coefficients, rates: str, factors: tuple[Any, Any], deaths: str | None = None) -> Any:
    incidence = table["incidence_per_year_by_5y_from_20"][rates]
    mortality = (
        table["competing_mortality_per_year_by_5y_from_20"].get(rates)
        or table["competing_mortality_per_year_by_5y_from_20"][deaths]
    )
    start, end = floored(person["age_years"]), floored(person["projection_age_years"])
    split = (table["split"] - table["bands_from"]) // BAND_YEARS
    steps = (
        (incidence[band] * factors[band >= split], mortality[band], years)
        for band, years in split_into_bands(start, end, table["bands_from"], BAND_YEARS, len(incidence))
    )
    return PERCENT * sum_competing(steps)[0]


def _relative_risks(person: Mapping[str, Any], beta: Mapping[str, float], table: Coefficients) -> tuple[Any, Any]:
    ethnicity = person["ethnicity"]
    biopsies, menarche, birth, relatives = _codes(person, table)
    factor: Any = 1.0
    if person.get("atypical_hyperplasia") is not None:
        found = choose(person["atypical_hyperplasia"], table["hyperplasia"]["yes"], table["hyperplasia"]["no"])
        factor = choose(_count(person, "breast_biopsies") > 0, found, 1.0)
    log_below = (
        beta["biopsies"] * biopsies
        + beta["menarche"] * (0 if ethnicity == HISPANIC[0] else menarche)
        + beta["first_birth"] * birth
        + beta["relatives"] * relatives
        + beta["first_birth_x_relatives"] * birth * relatives
        + logarithm(factor)
    )
    return exponential(log_below), exponential(log_below + beta["age50_x_biopsies"] * biopsies)


def _codes(person: Mapping[str, Any], table: Coefficients) -> tuple[Any, Any, Any, Any]:
    ethnicity = person["ethnicity"]
    hispanic, asian, black = ethnicity in HISPANIC, ethnicity in table["asian_pacific"], ethnicity == "african-american"
    biopsies = smaller(floored(_count(person, "breast_biopsies")), 1 if hispanic else 2)
    relatives = smaller(floored(_count(person, "first_degree_relatives_breast_cancer")), 1 if hispanic or asian else 2)
    age = person.get("age_at_menarche_years")
    menarche = 0 if age is None else 2 - count_reached(age, table["menarche"])
    menarche = smaller(menarche, 1) if black else menarche
    return biopsies, menarche, 0 if black else _birth_code(person, hispanic, table), relatives


def _birth_code(person: Mapping[str, Any], hispanic: bool, table: Coefficients) -> Any:
    age, none = person.get("age_at_first_birth_years"), person.get("nulliparous")
    code: Any = 0 if age is None else count_reached(age, table["first_birth"])
    if hispanic:
        code = code - (code >= 2)  # the two middle groups are one
    return code if none is None else choose(none, 2, code)


def _count(person: Mapping[str, Any], name: str) -> Any:
    """Return how many, none where it is not known, as the tool does."""
    value = person.get(name)
    return 0 if value is None else value
