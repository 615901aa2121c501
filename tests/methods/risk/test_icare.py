"""A polygenic risk with mean-preserving shift and competing death gives what R iCARE gives for the BPC3 breast cancer model."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import pytest

from singula.methods.registry import run_method

FROM_AGE, YEARS = 50, 30
# iCARE counts a year's events before its deaths and samples its reference; this method integrates and takes the exact mean
TOLERANCE = 0.025


def mean_factor(snp: dict[str, Any]) -> float:
    """Return the mean of odds ratio to the number of alleles over a population in Hardy-Weinberg proportion."""
    frequency: float = snp["risk_allele_frequency"]
    return float((1 - frequency + frequency * snp["odds_ratio"]) ** 2)


@pytest.mark.shared
def test_snp_risk_of_three_women_is_that_of_icare(shared: Path) -> None:
    facts = json.loads((shared / "facts" / "risk" / "icare_bpc3.json").read_text())
    wanted = json.loads((shared / "samples" / "risk" / "icare" / "bpc3_snp_only_with_profile.json").read_text())["risks"]
    with (shared / "samples" / "risk" / "icare" / "query_snp_profile.csv").open(newline="") as lines:
        women = list(csv.DictReader(lines))
    rates = {
        name: [[age, rate] for age, rate in enumerate(facts[key]) if rate is not None]
        for name, key in (
            ("incidence_per_year", "incidence_per_year_from_age_0"),
            ("competing_mortality_per_year", "all_cause_mortality_per_year_from_age_0"),
        )
    }
    assert len(women) == len(wanted) == 3
    for woman, risk in zip(women, wanted, strict=True):
        known = [snp for snp in facts["snps"] if woman.get(snp["rsid"])]
        shift = sum(int(woman[snp["rsid"]]) * math.log(snp["odds_ratio"]) - math.log(mean_factor(snp)) for snp in known)
        answer = run_method(
            "absolute-risk-competing-1",
            {"age_years": FROM_AGE, "horizon_years": YEARS, "relative_risk": math.exp(shift), **rates},
        )
        assert answer["risk_percent"] == pytest.approx(100 * risk, rel=TOLERANCE)
