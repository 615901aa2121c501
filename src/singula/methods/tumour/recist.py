"""Response of solid tumours over a series of measurements (RECIST 1.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from singula.errors import InvalidInput, OutOfDomain
from singula.methods.registry import Coefficients, Outputs

RANK = ("CR", "PR", "SD", "nonCR_nonPD")
NON_TARGET = ("none", "CR", "nonCR_nonPD", "PD", "NE")


@dataclass
class _Course:
    """What has been seen so far: the baseline's sum, the smallest sum, and whether all targets were gone once."""

    baseline: float
    nadir: float
    was_gone: bool = False
    sums: list[float | None] = field(default_factory=list)


def judge_recist(assessments: Sequence[Mapping[str, Any]], confirmation_required: bool, *, table: Coefficients) -> Outputs:
    """Judge each assessment against baseline and smallest sum, and the best response before progression.

    Parameters
    ----------
    assessments : sequence of mapping
        ``day``, ``target_lesions`` (``id``, ``node``, ``size_mm``; None is not evaluable), ``non_target``, ``new_lesions``; the
        earliest is the baseline. Nodes are measured in the short axis.
    confirmation_required : bool
        Whether CR and PR need a second assessment of at least the same grade.

    Returns
    -------
    dict
        Sums in mm (None where a target was not evaluable), responses from the second assessment on, best response, day of
        progression or None.

    References
    ----------
    Eisenhauer EA et al. Eur J Cancer 2009;45:228-47. PMID 19097774
    """
    ordered = sorted(_checked(assessments), key=lambda one: float(one["day"]))
    first_sum = _sum(ordered[0]["target_lesions"])
    if ordered[0]["target_lesions"] and first_sum is None:
        raise OutOfDomain("recist-1.1: a target lesion has no size at baseline; targets are lesions that can be measured")
    course = _Course(first_sum or 0.0, first_sum or 0.0, sums=[first_sum])
    targets = [_target_response(one["target_lesions"], course, table) for one in ordered[1:]]
    has_targets = bool(ordered[0]["target_lesions"])
    overall = [_overall(target if has_targets else None, one) for target, one in zip(targets, ordered[1:], strict=True)]
    days = [float(one["day"]) for one in ordered[1:]]
    progressed = next((number for number, response in enumerate(overall) if response == "PD"), None)
    before = list(zip(days, overall, strict=True))[:progressed]
    counted = [
        _confirmed(before, number, table) if confirmation_required else response for number, (_, response) in enumerate(before)
    ]
    best = next((grade for grade in RANK if grade in counted), "PD" if progressed is not None else "NE")
    return {
        "sums_mm": course.sums,
        "target_responses": targets if has_targets else [None] * len(overall),
        "overall_responses": overall,
        "best_overall_response": best,
        "progression_day": None if progressed is None else ordered[1 + progressed]["day"],
    }


def _checked(assessments: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    if not assessments:
        raise OutOfDomain("recist-1.1: assessments is empty; give a baseline and what followed")
    for number, one in enumerate(assessments):
        if not isinstance(one, Mapping) or not isinstance(one.get("day"), int | float):
            raise InvalidInput(f"recist-1.1: assessments[{number}] has no day; write a number of days")
        if not isinstance(one.get("target_lesions"), Sequence) or one.get("non_target") not in NON_TARGET:
            raise InvalidInput(
                f"recist-1.1: assessments[{number}] needs target_lesions and a non_target of {', '.join(NON_TARGET)}"
            )
        for lesion in one["target_lesions"]:
            size = lesion.get("size_mm")
            if size is not None and (isinstance(size, bool) or not isinstance(size, int | float) or size < 0):
                raise InvalidInput(
                    f"recist-1.1: assessments[{number}] {lesion.get('id')}: size_mm is {size!r}; write millimetres"
                )
    return assessments


def _sum(lesions: Sequence[Mapping[str, Any]]) -> float | None:
    sizes = [lesion.get("size_mm") for lesion in lesions]
    return None if None in sizes else sum(size for size in sizes if size is not None)


def _target_response(lesions: Sequence[Mapping[str, Any]], course: _Course, table: Coefficients) -> str:
    total = _sum(lesions)
    course.sums.append(total)
    measured = sum(lesion["size_mm"] for lesion in lesions if lesion.get("size_mm") is not None)
    has_grown = measured >= table["growth_ratio"] * course.nadir and measured - course.nadir >= table["growth_mm"]
    came_back = course.was_gone and any(lesion.get("size_mm") for lesion in lesions if not lesion.get("node"))
    if total is None:
        return "PD" if has_grown or came_back else "NE"
    gone = all(lesion["size_mm"] < table["normal_node_mm"] if lesion.get("node") else not lesion["size_mm"] for lesion in lesions)
    shrunk = total <= table["shrink_ratio"] * course.baseline
    course.nadir = min(course.nadir, total)
    if gone:
        course.was_gone = True
        return "CR"
    return "PD" if has_grown or came_back else "PR" if shrunk else "SD"


def _overall(target: str | None, assessment: Mapping[str, Any]) -> str:
    non_target = assessment["non_target"]
    if target == "PD" or non_target == "PD" or assessment.get("new_lesions"):
        return "PD"
    if target is None:
        return "NE" if non_target == "none" else str(non_target)
    if target == "CR":
        return "CR" if non_target in ("CR", "none") else "PR"
    return target


def _confirmed(before: Sequence[tuple[float, str]], number: int, table: Coefficients) -> str:
    day, response = before[number]
    if response not in ("CR", "PR"):
        return response
    enough = ("CR",) if response == "CR" else ("CR", "PR")
    later = [one for when, one in before[number + 1 :] if when - day >= table["confirmation_days"]]
    return response if any(one in enough for one in later) else "SD"
