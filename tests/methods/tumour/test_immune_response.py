"""iRECIST as the working group explains it: what waits, what confirms, what is taken back; recurrence told by PSA and CEA."""

from __future__ import annotations

from typing import Any

import pytest

from singula.errors import InvalidInput, OutOfDomain
from singula.methods.registry import run_method

SIX_WEEKS = 42


def course(*sums: float | None, **at: Any) -> list[dict[str, Any]]:
    """Make assessments six weeks apart with one target lesion each; ``at`` gives further fields by their number (``a2``)."""
    return [
        {
            "day": number * SIX_WEEKS,
            "target_lesions": [{"id": "t", "node": False, "size_mm": size}],
            "non_target": "nonCR_nonPD",
            **at.get(f"a{number}", {}),
        }
        for number, size in enumerate(sums)
    ]


def judged(assessments: list[dict[str, Any]]) -> dict[str, Any]:
    return dict(run_method("irecist", {"assessments": assessments}))


@pytest.mark.parametrize(
    ("assessments", "responses"),
    [
        # the working group's example of a response whose measures drift
        (course(100, 70, 70, 80, 80, 80), ["iPR", "iPR", "iPR", "iPR", "iPR"]),
        # targets: 5 mm more confirm, less does not; increases add up (4 mm and then 2 mm)
        (course(100, 125, 131), ["iUPD", "iCPD"]),
        (course(100, 125, 129), ["iUPD", "iUPD"]),
        (course(100, 125, 129, 131), ["iUPD", "iUPD", "iCPD"]),
        # pseudoprogression: shrinkage takes the doubt back, and the next progression has to be confirmed anew
        (course(100, 125, 60, 90, 96), ["iUPD", "iPR", "iUPD", "iCPD"]),
        # new lesions: a further one or 5 mm confirm; without change they stay in doubt
        (course(100, 100, 100, a1={"new_lesions": 1}, a2={"new_lesions": 1}), ["iUPD", "iCPD"]),
        (
            course(100, 100, 100, a1={"new_lesions": 1, "new_lesion_sum_mm": 10}, a2={"new_lesion_sum_mm": 15}),
            ["iUPD", "iCPD"],
        ),
        (
            course(100, 100, 100, a1={"new_lesions": 1, "new_lesion_sum_mm": 10}, a2={"new_lesion_sum_mm": 10}),
            ["iUPD", "iUPD"],
        ),
        # non-target: any further increase confirms, it need not be unequivocal again
        (course(100, 100, 100, a1={"non_target": "PD"}, a2={"non_target_grew": True}), ["iUPD", "iCPD"]),
        # progression in another place confirms
        (course(100, 125, 125, a2={"new_lesions": 1}), ["iUPD", "iCPD"]),
        # less than four weeks later nothing confirms
        (course(100, 125, 140, a2={"day": SIX_WEEKS + 14}), ["iUPD", "iUPD"]),
        (course(100, None, 60), ["NE", "iPR"]),
    ],
)
def test_progression_under_immunotherapy_is_confirmed_or_taken_back(
    assessments: list[dict[str, Any]], responses: list[str]
) -> None:
    assert judged(assessments)["responses"] == responses


def test_the_day_of_progression_is_when_it_was_first_seen() -> None:
    answer = judged(course(100, 60, 90, 96))
    assert (answer["best_response"], answer["progression_day"], answer["awaits_confirmation"]) == ("iPR", 2 * SIX_WEEKS, False)
    waiting = judged(course(100, 125))
    assert (waiting["best_response"], waiting["progression_day"], waiting["awaits_confirmation"]) == ("iUPD", None, True)


def test_new_lesions_are_a_number() -> None:
    with pytest.raises(InvalidInput, match="write how many appeared"):
        judged(course(100, 100, a1={"new_lesions": "two"}))


@pytest.mark.parametrize(
    ("treatment", "values", "recurrence", "day"),
    [
        ("prostatectomy", [(60, 0.05), (180, 0.2), (270, 0.3)], "yes", 180),
        ("prostatectomy", [(60, 0.05), (180, 0.2), (270, 0.1)], "no", None),
        ("prostatectomy", [(60, 0.05), (180, 0.2)], "unconfirmed", 180),
        ("radiotherapy", [(90, 1.5), (180, 1.2), (270, 3.1)], "no", None),
        ("radiotherapy", [(90, 1.5), (180, 1.2), (270, 3.2)], "yes", 270),
        ("radiotherapy", [(-10, 0.1), (90, 1.5)], "no", None),
    ],
)
def test_a_recurrence_told_by_psa(treatment: str, values: list[tuple[int, float]], recurrence: str, day: int | None) -> None:
    measurements = [{"day": when, "value": value} for when, value in values]
    answer = run_method("psa-biochemical-recurrence", {"measurements": measurements, "treatment": treatment})
    assert (answer["recurrence"], answer["recurrence_day"]) == (recurrence, day)


def test_a_rise_of_cea_asks_for_a_second_value() -> None:
    def rise(*values: float) -> Any:
        measurements = [{"day": 90 * number, "value": value} for number, value in enumerate(values, start=1)]
        answer = run_method("cea-follow-up", {"measurements": measurements})
        return answer["rise"], answer["rise_day"]

    assert rise(2, 5, 6) == ("yes", 180)
    assert rise(2, 5, 4) == ("no", None)
    assert rise(2, 5) == ("unconfirmed", 180)
    with pytest.raises(OutOfDomain, match="after day 0"):
        run_method("cea-follow-up", {"measurements": [{"day": 0, "value": 3}]})
