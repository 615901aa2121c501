"""How active is this person? The short activity questionnaire."""

from __future__ import annotations

from singula.methods.registry import Coefficients, Outputs


def score_ipaq_short(
    walking_min_per_day: float,
    walking_days_per_week: float,
    moderate_min_per_day: float,
    moderate_days_per_week: float,
    vigorous_min_per_day: float,
    vigorous_days_per_week: float,
    *,
    table: Coefficients,
) -> Outputs:
    """Score walking, moderate and vigorous activity (IPAQ short form).

    Returns
    -------
    dict
        MET-minutes per week and the category: low, moderate or high.

    Notes
    -----
    Bouts under ten minutes do not count, more than three hours a day are cut to three, as the protocol asks.

    References
    ----------
    IPAQ Research Committee. Guidelines for data processing and analysis. November 2005
    """
    given = {
        "walking": (walking_min_per_day, walking_days_per_week),
        "moderate": (moderate_min_per_day, moderate_days_per_week),
        "vigorous": (vigorous_min_per_day, vigorous_days_per_week),
    }
    minutes = {kind: _counted(amount, table) for kind, (amount, _) in given.items()}
    days = {kind: number if minutes[kind] else 0 for kind, (_, number) in given.items()}
    effort = {kind: table["met"][kind] * minutes[kind] * days[kind] for kind in given}
    total = sum(effort.values())
    cuts = table["cuts"]
    all_days = sum(days.values())
    is_high = (days["vigorous"] >= cuts["high_vigorous_days"] and effort["vigorous"] >= cuts["high_vigorous_met_min"]) or (
        all_days >= cuts["high_days"] and total >= cuts["high_met_min"]
    )
    steady = sum(days[kind] for kind in ("walking", "moderate") if minutes[kind] >= cuts["moderate_min"])
    is_moderate = (
        (days["vigorous"] >= cuts["moderate_vigorous_days"] and minutes["vigorous"] >= cuts["moderate_vigorous_min"])
        or steady >= cuts["moderate_days"]
        or (all_days >= cuts["moderate_days"] and total >= cuts["moderate_met_min"])
    )
    return {"met_min_per_week": total, "category": "high" if is_high else "moderate" if is_moderate else "low"}


def _counted(minutes: float, table: Coefficients) -> float:
    return 0 if minutes < table["shortest_bout_min"] else min(minutes, table["longest_day_min"])
