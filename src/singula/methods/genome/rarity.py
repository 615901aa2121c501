"""How common a variant may be and still cause a disease."""

from __future__ import annotations

from math import exp, lgamma, log, sqrt

from singula.errors import OutOfDomain
from singula.methods.registry import Coefficients, Outputs

SMALLEST_SHARE = 1e-18
MOST_STEPS = 200


def find_credible_frequency(
    mode: str,
    prevalence: float,
    allelic_contribution: float,
    genetic_contribution: float,
    penetrance: float,
    allele_number: int | None = None,
    confidence: float | None = None,
    *,
    table: Coefficients,
) -> Outputs:
    """Find the highest population frequency, and allele count, at which a variant can cause the disease.

    References
    ----------
    Whiffin N et al. Genet Med 2017;19:1151-8. doi:10.1038/gim.2017.26
    """
    if mode == "monoallelic":
        frequency = prevalence * allelic_contribution * genetic_contribution / penetrance / 2
    else:
        frequency = sqrt(prevalence) * allelic_contribution * sqrt(genetic_contribution) / sqrt(penetrance)
    answer: Outputs = {"max_credible_allele_frequency": frequency}
    if allele_number is not None:
        limit = table["confidence"] if confidence is None else confidence
        answer["max_credible_allele_count"] = _poisson_quantile(limit, allele_number * frequency)
    return answer


def find_filtering_frequency(allele_count: int, allele_number: int, confidence: float, *, table: Coefficients) -> Outputs:
    """Find the lower bound of an allele's population frequency; 0 for counts of 0 and 1.

    References
    ----------
    Whiffin N et al. Genet Med 2017;19:1151-8. doi:10.1038/gim.2017.26
    """
    if allele_count > allele_number:
        raise OutOfDomain(f"filtering-allele-frequency: allele_count {allele_count} is above allele_number {allele_number}")
    if allele_count < table["smallest_count"]:
        return {"filtering_allele_frequency": 0.0}
    low, high = 0.0, float(allele_count) + 1
    while _poisson_cdf(allele_count - 1, high) > confidence:
        high *= 2
    for _ in range(MOST_STEPS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if _poisson_cdf(allele_count - 1, middle) > confidence:
            low = middle
        else:
            high = middle
    return {"filtering_allele_frequency": low / allele_number}


def _poisson_cdf(most: int, mean: float) -> float:
    """Share of a Poisson distribution at or below a count; terms are summed from the largest count down."""
    if mean <= 0:
        return 1.0
    if most > mean:
        return 1.0 - _upper_tail(most + 1, mean)
    term = exp(most * log(mean) - mean - lgamma(most + 1))
    total, count = 0.0, most
    while count >= 0 and term > SMALLEST_SHARE * total:
        total += term
        term *= count / mean
        count -= 1
    return total


def _upper_tail(least: int, mean: float) -> float:
    term = exp(least * log(mean) - mean - lgamma(least + 1))
    total, count = 0.0, least
    while term > SMALLEST_SHARE * total:
        total += term
        count += 1
        term *= mean / count
    return total


def _poisson_quantile(share: float, mean: float) -> int:
    low, high = -1, max(int(mean + 1), 1)
    while _poisson_cdf(high, mean) < share:
        high *= 2
    while high - low > 1:
        middle = (low + high) // 2
        if _poisson_cdf(middle, mean) >= share:
            high = middle
        else:
            low = middle
    return high
