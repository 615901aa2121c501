"""The first day of a home series is left out, whatever number it bears."""

from __future__ import annotations

import pytest

from singula.errors import SingulaError
from singula.methods.registry import run_method


def series(*days: int) -> dict[str, object]:
    return {
        "day": list(days),
        "session": ["morning"] * len(days),
        "sbp_mmhg": [150, 130, 132][: len(days)],
        "dbp_mmhg": [80] * len(days),
    }


@pytest.mark.parametrize("days", [(1, 2, 3), (0, 1, 2), (5, 6, 7)])
def test_the_first_day_is_left_out(days: tuple[int, ...]) -> None:
    answer = run_method("home-bp-summary", series(*days))
    assert answer["n_used"] == 2
    assert answer["mean_sbp_mmhg"] == 131


def test_a_single_day_leaves_nothing() -> None:
    with pytest.raises(SingulaError, match="every reading is of day 4"):
        run_method("home-bp-summary", series(4, 4))
