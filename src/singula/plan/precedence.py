"""Which of several findings about one thing decides.

Order: contraindication, strong or moderate avoidance, dose change, weak avoidance, preference, caution and monitoring,
tests and referrals, information. Within a step the stronger finding decides, then the surer one, then the earlier id, so that
the answer never depends on the order findings came in.
"""

from __future__ import annotations

from collections.abc import Iterable

from singula.finding import Certainty, Effect, Finding, Strength

STRENGTHS = (Strength.CONTRAINDICATED, Strength.STRONG, Strength.MODERATE, Strength.WEAK)
CERTAINTIES = (Certainty.HIGH, Certainty.MODERATE, Certainty.LOW, Certainty.VERY_LOW)
STEPS = (
    "contraindication",
    "avoidance",
    "dose change",
    "weak avoidance",
    "preference",
    "caution",
    "test or referral",
    "information",
)
STEP_OF_EFFECT = {
    Effect.REDUCE: "dose change",
    Effect.INCREASE: "dose change",
    Effect.PREFER: "preference",
    Effect.TREAT: "preference",
    Effect.CAUTION: "caution",
    Effect.MONITOR: "caution",
    Effect.SCREEN: "test or referral",
    Effect.TEST: "test or referral",
    Effect.REFER: "test or referral",
    Effect.INFORM: "information",
}


def step_of(finding: Finding) -> str:
    """Name the step of the precedence order a finding stands on."""
    if finding.effect is Effect.AVOID:
        if finding.strength is Strength.CONTRAINDICATED:
            return "contraindication"
        return "weak avoidance" if finding.strength is Strength.WEAK else "avoidance"
    return STEP_OF_EFFECT[finding.effect]


def precedence(finding: Finding) -> tuple[int, int, int, str]:
    """Give the sort key of a finding: smaller decides over larger."""
    return (STEPS.index(step_of(finding)), STRENGTHS.index(finding.strength), CERTAINTIES.index(finding.certainty), finding.id)


def strongest(findings: Iterable[Finding]) -> Finding:
    """Return the finding that decides."""
    return min(findings, key=precedence)
