"""What would change the risk: effects of treatment from trials, never by editing a predictor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from singula.errors import InvalidInput, OutOfDomain
from singula.methods.registry import Coefficients, Outputs
from singula.methods.risk.arithmetic import PERCENT, choose, exponential, logarithm, over_columns

SBP_STEP_MMHG = 10.0


@over_columns
def estimate_statin_benefit(
    baseline_risk_percent_10y: float, ldl_mmol_per_l: float, ldl_reduction_percent: float, *, table: Coefficients
) -> Outputs:
    """Estimate what lowering LDL would change over 10 years (CTT 2010).

    Notes
    -----
    The baseline has to be the risk without a statin; where one is taken already, count only the further drop.

    References
    ----------
    CTT Collaboration. Lancet 2010;376:1670-1681. doi:10.1016/S0140-6736(10)61350-5
    """
    drop = ldl_mmol_per_l * ldl_reduction_percent / PERCENT
    answer = _treated(baseline_risk_percent_10y, table["rr_per_mmol_per_l"] ** drop)
    return {"ldl_drop_mmol_per_l": drop, **answer}


@over_columns
def estimate_pressure_benefit(
    outcome: str, baseline_risk_percent_10y: float, sbp_reduction_mmhg: float, *, table: Coefficients
) -> Outputs:
    """Estimate what lowering systolic pressure would change over 10 years (Ettehad 2016).

    References
    ----------
    Ettehad D et al. Lancet 2016;387:957-967. doi:10.1016/S0140-6736(15)01225-8
    """
    return _treated(baseline_risk_percent_10y, table["rr_per_10_mmhg"][outcome] ** (sbp_reduction_mmhg / SBP_STEP_MMHG))


def _treated(risk: Any, relative_risk: Any) -> Outputs:
    treated = risk * relative_risk
    gain = risk - treated
    return {
        "relative_risk": relative_risk,
        "risk_percent_10y_on_treatment": treated,
        "arr_percent": gain,
        "nnt": choose(gain > 0, PERCENT / choose(gain > 0, gain, 1.0), None),
    }


@over_columns
def estimate_lifetime_benefit(
    hazard_ratio: float,
    event_probability_by_year: Sequence[Any],
    competing_death_probability_by_year: Sequence[Any],
    *,
    table: Coefficients,
) -> Outputs:
    """Count event-free years gained over a yearly life table (the LIFE-CVD idea).

    Raises
    ------
    InvalidInput
        Lists of different length, or not of numbers.
    OutOfDomain
        A probability outside 0 to 1.

    References
    ----------
    Jaspers NEM et al. Eur Heart J 2020;41:1190-1199. doi:10.1093/eurheartj/ehz239
    """
    events = _probabilities("event_probability_by_year", event_probability_by_year)
    deaths = _probabilities("competing_death_probability_by_year", competing_death_probability_by_year)
    if len(events) != len(deaths):
        raise OutOfDomain(
            f"lifetime-benefit-1: {len(events)} event and {len(deaths)} death probabilities; give one of each per year"
        )
    untreated, treated = (_event_free_years(events, deaths, ratio) for ratio in (1.0, hazard_ratio))
    return {
        "event_free_years_untreated": untreated,
        "event_free_years_treated": treated,
        "event_free_years_gained": treated - untreated,
    }


def _event_free_years(events: Sequence[float], deaths: Sequence[float], ratio: Any) -> Any:
    alive: Any = 1.0
    years: Any = 0.0
    for event, death in zip(events, deaths, strict=True):
        after = alive * (1.0 - event * ratio) * (1.0 - death)
        years += (alive + after) / 2.0
        alive = after
    return years


def _probabilities(name: str, values: Sequence[Any]) -> Sequence[float]:
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InvalidInput(f"lifetime-benefit-1: {name} holds {value!r}; write numbers 0 to 1")
        if not 0.0 <= value <= 1.0:
            raise OutOfDomain(f"lifetime-benefit-1: {name} holds {value}; a probability is 0 to 1")
    return values


@over_columns
def shift_risk_by_score(
    baseline_risk_percent: float, hazard_ratio_per_sd: float, prs_z: float, *, table: Coefficients
) -> Outputs:
    """Move a clinical risk by a polygenic score so that the population's mean stays where it was.

    Notes
    -----
    The hazard ratio has to be the one beside the clinical model; published unadjusted ones are too large.

    References
    ----------
    Mean-preserving shift on the log-hazard scale: b = ln(HR), risk = 1 - (1 - R)^exp(b z - b²/2).
    """
    slope = logarithm(hazard_ratio_per_sd)
    factor = exponential(slope * prs_z - slope * slope / 2.0)
    return {"risk_percent": PERCENT * (1.0 - (1.0 - baseline_risk_percent / PERCENT) ** factor)}
