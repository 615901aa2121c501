"""Breast cancer in women without it: the NCI tool (Gail and its successors)."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

from singula.errors import OutOfDomain
from singula.methods.registry import Coefficients, Outputs
from singula.methods.risk.arithmetic import PERCENT
from singula.methods.risk.competing import sum_competing

BAND_YEARS = 5
ASIAN = "asian-and-pacific"
AVERAGE_WHITE = "average-white-1992-96"
HISPANIC = ("hispanic-us-born", "hispanic-foreign-born")


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
    if person["projection_age_years"] <= person["age_years"]:
        raise OutOfDomain(f"bcrat-2017: projection_age_years {person['projection_age_years']:g} is not above age_years")
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


def _risk(
    person: Mapping[str, Any], table: Coefficients, rates: str, factors: tuple[float, float], deaths: str | None = None
) -> float:
    incidence = table["incidence_per_year_by_5y_from_20"][rates]
    mortality = (
        table["competing_mortality_per_year_by_5y_from_20"].get(rates)
        or table["competing_mortality_per_year_by_5y_from_20"][deaths]
    )
    steps = []
    for age in range(int(person["age_years"]), int(person["projection_age_years"])):
        band = min((age - table["bands_from"]) // BAND_YEARS, len(incidence) - 1)
        factor = factors[0] if age < table["split"] else factors[1]
        steps.append((incidence[band] * factor, mortality[band], 1.0))
    return PERCENT * sum_competing(steps)[0]


def _relative_risks(person: Mapping[str, Any], beta: Mapping[str, float], table: Coefficients) -> tuple[float, float]:
    ethnicity = person["ethnicity"]
    biopsies, menarche, birth, relatives = _codes(person, table)
    factor = 1.0
    if person.get("breast_biopsies") and person.get("atypical_hyperplasia") is not None:
        factor = table["hyperplasia"]["yes" if person["atypical_hyperplasia"] else "no"]
    log_below = (
        beta["biopsies"] * biopsies
        + beta["menarche"] * (0 if ethnicity == HISPANIC[0] else menarche)
        + beta["first_birth"] * birth
        + beta["relatives"] * relatives
        + beta["first_birth_x_relatives"] * birth * relatives
        + math.log(factor)
    )
    return math.exp(log_below), math.exp(log_below + beta["age50_x_biopsies"] * biopsies)


def _codes(person: Mapping[str, Any], table: Coefficients) -> tuple[int, int, int, int]:
    ethnicity = person["ethnicity"]
    hispanic, asian, black = ethnicity in HISPANIC, ethnicity in table["asian_pacific"], ethnicity == "african-american"
    biopsies = min(int(person.get("breast_biopsies") or 0), 1 if hispanic else 2)
    relatives = min(int(person.get("first_degree_relatives_breast_cancer") or 0), 1 if hispanic or asian else 2)
    age = person.get("age_at_menarche_years")
    menarche = 0 if age is None else 2 - bisect_right(table["menarche"], age)
    menarche = min(menarche, 1) if black else menarche
    return biopsies, menarche, 0 if black else _birth_code(person, hispanic, table), relatives


def _birth_code(person: Mapping[str, Any], hispanic: bool, table: Coefficients) -> int:
    if person.get("nulliparous"):
        return 2
    age = person.get("age_at_first_birth_years")
    if age is None:
        return 0
    code = bisect_right(table["first_birth"], age)
    return {0: 0, 1: 1, 2: 1, 3: 2}[code] if hispanic else code
