"""Evidence about a variant becomes a class: points (2020) and combining rules (2015) of ACMG/AMP."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from singula.errors import OutOfDomain
from singula.methods.registry import Coefficients, Outputs

CRITERION = re.compile(r"^(?P<name>PVS1|PS[1-4]|PM[1-6]|PP[1-5]|BA1|BS[1-4]|BP[1-7])(?:_(?P<strength>[A-Za-z]+))?$")
STRENGTHS = {"Supporting": "supporting", "Moderate": "moderate", "Strong": "strong", "VeryStrong": "very_strong"}
USUAL = {
    "PVS": "very_strong",
    "PS": "strong",
    "PM": "moderate",
    "PP": "supporting",
    "BA": "stand_alone",
    "BS": "strong",
    "BP": "supporting",
}
STAND_ALONE = "stand_alone"


def read_criteria(method: str, criteria: Sequence[str]) -> list[tuple[str, str]]:
    """Read criteria as (side, strength); a name that does not exist, or stands twice, is out of domain."""
    read: list[tuple[str, str]] = []
    seen: set[str] = set()
    for text in criteria:
        match = CRITERION.match(str(text))
        if match is None or (match["strength"] and match["strength"] not in STRENGTHS):
            hint = "write PVS1, PS1 … BP7, with _Supporting, _Moderate, _Strong or _VeryStrong"
            raise OutOfDomain(f"{method}: {text!r} is no criterion; {hint}")
        if match["name"] in seen:
            raise OutOfDomain(f"{method}: {match['name']} stands twice; each criterion counts once")
        seen.add(match["name"])
        side = "benign" if text.startswith("B") else "pathogenic"
        read.append((side, STRENGTHS[match["strength"]] if match["strength"] else USUAL[match["name"].rstrip("1234567")]))
    return read


def score_acmg_points(criteria: Sequence[str], *, table: Coefficients) -> Outputs:
    """Sum the points of the evidence and give class and posterior probability.

    References
    ----------
    Tavtigian SV et al. Hum Mutat 2020;41:1734-7. doi:10.1002/humu.24088; prior and odds: doi:10.1038/gim.2017.210
    """
    read = read_criteria("acmg-points-2020", criteria)
    points = sum(table["points"][side][strength] for side, strength in read)
    odds = table["odds_very_strong"] ** (points / table["points"]["pathogenic"]["very_strong"])
    prior = table["prior"]
    posterior = odds * prior / ((odds - 1) * prior + 1)
    stands_alone = any(strength == STAND_ALONE for _, strength in read)
    found = "benign" if stands_alone else next(name for low, name in table["bands"] if points >= low)
    return {"points": points, "posterior_probability": posterior, "classification": found}


def combine_acmg_rules(criteria: Sequence[str], *, table: Coefficients) -> Outputs:
    """Combine the evidence by the rules of 2015; evidence on both sides gives uncertain significance.

    References
    ----------
    Richards S et al. Genet Med 2015;17:405-24. doi:10.1038/gim.2015.30
    """
    read = read_criteria("acmg-rules-2015", criteria)
    if any(side == "benign" and strength in ("moderate", "very_strong") for side, strength in read):
        raise OutOfDomain("acmg-rules-2015: the rules of 2015 know no moderate or very strong benign evidence")
    counts: dict[str, dict[str, int]] = {"pathogenic": {}, "benign": {}}
    for side, strength in read:
        counts[side][strength] = counts[side].get(strength, 0) + 1
    against, benign = _by_rules(counts["pathogenic"], table["pathogenic"]), _by_rules(counts["benign"], table["benign"])
    if counts["pathogenic"] and counts["benign"]:
        alone = counts["benign"].get(STAND_ALONE) and against is None
        return {"classification": "benign" if alone else "uncertain_significance"}
    return {"classification": against or benign or "uncertain_significance"}


def _by_rules(counts: Mapping[str, int], rules: Sequence[Sequence[object]]) -> str | None:
    held = dict(counts)
    extra = max(held.get("very_strong", 0) - 1, 0)
    held["strong"] = held.get("strong", 0) + extra
    for found, needs in rules:
        if all(held.get(strength, 0) >= number for strength, number in needs.items()):  # type: ignore[attr-defined]
            return str(found)
    return None
