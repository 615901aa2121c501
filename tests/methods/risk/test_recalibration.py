"""Recalibration finds the intercept and slope that grouped data have by construction, and refuses what cannot be fitted."""

from __future__ import annotations

import math
from typing import Any

import pytest

from singula.errors import OutOfDomain
from singula.methods.registry import run_method


def people(*groups: tuple[float, int, int]) -> dict[str, Any]:
    """Lay out groups of (predicted percent, people, events)."""
    return {
        "predicted_percent": [risk for risk, size, _ in groups for _ in range(size)],
        "observed": [int(place < events) for _, size, events in groups for place in range(size)],
    }


def test_two_groups_fix_intercept_and_slope_exactly() -> None:
    answer = run_method("local-recalibration", people((20, 100, 10), (50, 100, 25)))
    slope = (math.log(25 / 75) - math.log(10 / 90)) / (0 - math.log(20 / 80))
    assert answer["slope"] == pytest.approx(slope)
    assert answer["intercept"] == pytest.approx(math.log(25 / 75))
    assert answer["observed_over_expected"] == pytest.approx(0.5)
    assert answer["calibration_in_the_large"] < 0
    assert answer["brier_after"] == pytest.approx((0.9 * 0.1 + 0.75 * 0.25) / 2)
    assert answer["brier_after"] < answer["brier_before"]


def test_a_calibrated_equation_needs_nothing() -> None:
    answer = run_method("local-recalibration", people((10, 200, 20), (40, 200, 80)))
    assert answer["slope"] == pytest.approx(1)
    assert answer["intercept"] == pytest.approx(0, abs=1e-9)
    assert answer["calibration_in_the_large"] == pytest.approx(0, abs=1e-9)
    assert answer["brier_after"] == pytest.approx(answer["brier_before"])


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        (people((10, 100, 9)), "9 events in 100 people"),
        (people((10, 100, 20)), "the same for everybody"),
        (people((10, 20, 0), (40, 20, 20)), "fully apart"),
        (people((0, 30, 10), (40, 30, 12)), "holds 0; it can be above 0"),
        ({"predicted_percent": [10, 20], "observed": [1]}, "2 predictions, 1 outcomes"),
        ({"predicted_percent": [10, 20], "observed": [1, None]}, "can be 0 or 1"),
    ],
)
def test_what_cannot_be_fitted_is_refused(inputs: dict[str, Any], words: str) -> None:
    with pytest.raises(OutOfDomain, match=words):
        run_method("local-recalibration", inputs)
