"""Whether a therapy worked for this person, and what is to be asked first if not."""

from __future__ import annotations

import math

from singula.errors import OutOfDomain
from singula.methods.registry import Coefficients, Outputs


def triage_response(
    expected_change: float,
    observed_change: float,
    adequate_ratio: float,
    days_on_therapy: float,
    min_days_to_judge: float,
    longest_gap_days: float,
    gap_limit_days: float,
    interacting_medicine: bool,
    actionable_genotype: bool,
    at_target_dose: bool,
    pdc: float | None = None,
    *,
    table: Coefficients,
) -> Outputs:
    """Name the first question to ask where a therapy falls short: time, adherence, interaction, genotype, dose, then switch.

    Returns
    -------
    dict
        Observed over expected change (null while it is too early to judge), and the next step.

    Notes
    -----
    The order is the method: nobody's therapy has failed while it was not taken, was blocked or was dosed too low.
    """
    if expected_change == 0:
        raise OutOfDomain("response-triage: expected_change 0 is outside any value but 0; no response can be told against it")
    if days_on_therapy < min_days_to_judge:
        return {"ratio": None, "next_step": "wait"}
    ratio = observed_change / expected_change
    asked = (
        (ratio >= adequate_ratio, "adequate"),
        (pdc is None, "measure-adherence"),
        ((pdc is not None and pdc < table["adherent_from"]) or longest_gap_days >= gap_limit_days, "adherence"),
        (interacting_medicine, "interaction"),
        (actionable_genotype, "genotype"),
        (not at_target_dose, "dose"),
    )
    return {"ratio": ratio, "next_step": next((step for holds, step in asked if holds), "switch-or-add")}


def shrink_difference(
    prior_mean: float,
    prior_sd: float,
    observed_difference: float,
    within_sd: float,
    n_before: int,
    n_after: int,
    worthwhile_reduction: float,
    *,
    table: Coefficients,
) -> Outputs:
    """Pull one person's before-after difference towards the effect known from trials, by how noisy the readings are.

    Returns
    -------
    dict
        Posterior mean and standard deviation of the difference (after minus before), the probability that the fall is
        larger than the worthwhile one, and the share by which the observation was pulled to the prior.

    References
    ----------
    Zucker DR et al. J Clin Epidemiol 1997;50:401-410. doi:10.1016/S0895-4356(96)00429-5
    """
    del table
    noise = within_sd**2 * (1 / n_before + 1 / n_after)
    shrinkage = noise / (noise + prior_sd**2)
    centre = shrinkage * prior_mean + (1 - shrinkage) * observed_difference
    spread = math.sqrt(shrinkage) * prior_sd
    beyond = (-worthwhile_reduction - centre) / spread
    return {
        "posterior_mean": centre,
        "posterior_sd": spread,
        "probability_benefit": math.erfc(-beyond / math.sqrt(2)) / 2,
        "shrinkage": shrinkage,
    }
