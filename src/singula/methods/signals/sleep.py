"""How regular sleep is from one day to the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from singula.errors import OutOfDomain
from singula.methods.registry import Coefficients, Outputs

SHARE_TO_INDEX = 200


def measure_sleep_regularity(sleep_state: Sequence[Any], epoch_min: float, *, table: Coefficients) -> Outputs:
    """Measure how likely the same state (asleep, awake) is 24 hours apart, on a scale from -100 to 100.

    Parameters
    ----------
    sleep_state : sequence
        One value per epoch: 1 asleep, 0 awake, null unknown; pairs with an unknown are left out.
    epoch_min : float
        Length of an epoch in minutes; a day has to hold a whole number of them.
    table : Mapping
        Minutes of a day.

    References
    ----------
    Phillips AJK et al. Sci Rep 2017;7:3216. doi:10.1038/s41598-017-03171-4
    """
    per_day = table["minutes_per_day"] / epoch_min
    if per_day != int(per_day):
        raise OutOfDomain(f"sleep-regularity-index: epoch_min {epoch_min:g} does not divide a day; give 0.5, 1, 5, 30 …")
    strange = next((state for state in sleep_state if state not in (0, 1, None)), None)
    if strange is not None:
        raise OutOfDomain(f"sleep-regularity-index: sleep_state holds {strange!r}; it can be 1, 0 or null")
    pairs = [
        (today, tomorrow)
        for today, tomorrow in zip(sleep_state, sleep_state[int(per_day) :], strict=False)
        if today is not None and tomorrow is not None
    ]
    if not pairs:
        raise OutOfDomain("sleep-regularity-index: no two known states lie 24 hours apart; give more than one day")
    same = sum(bool(today) == bool(tomorrow) for today, tomorrow in pairs) / len(pairs)
    return {"sri": same * SHARE_TO_INDEX - SHARE_TO_INDEX / 2, "valid_pairs": len(pairs)}
