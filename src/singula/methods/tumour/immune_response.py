"""Response of solid tumours under immunotherapy (iRECIST): progression counts once it is confirmed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from singula.errors import InvalidInput
from singula.methods.registry import Coefficients, Outputs
from singula.methods.tumour.recist import judge_recist

RANK = ("iCR", "iPR", "iSD", "nonCR_nonPD")
SHRUNK = ("CR", "PR")
TARGET, NON_TARGET, NEW = "target", "non_target", "new"


@dataclass(frozen=True)
class _Doubt:
    """Progression that waits for confirmation: when it was seen, in what, and how large everything was then."""

    day: float
    where: frozenset[str]
    sum_mm: float | None
    new_mm: float | None


def judge_immune_response(assessments: Sequence[Mapping[str, Any]], *, table: Coefficients) -> Outputs:
    """Judge each assessment under immunotherapy: progression is unconfirmed until a later assessment shows more of it.

    Parameters
    ----------
    assessments : sequence of mapping
        As in ``recist-1.1``; further, each may state ``new_lesions`` as the number that appeared, ``new_lesion_sum_mm`` (measured
        new lesions together), and ``non_target_grew`` or ``new_lesions_grew`` (a further increase since the last assessment of
        what is not measured). What is not stated confirms nothing.

    Returns
    -------
    dict
        Responses from the second assessment on (iCR, iPR, iSD, iUPD, iCPD, NE), best response, day of the progression that was
        confirmed (the day it was first seen), and whether one still waits for confirmation.

    References
    ----------
    Seymour L et al. Lancet Oncol 2017;18:e143-52. PMID 28271869
    """
    ordered = sorted(assessments, key=lambda one: one.get("day", 0) if isinstance(one, Mapping) else 0)
    plain = judge_recist(
        [{**one, "non_target": _settled(one), "new_lesions": 0} if isinstance(one, Mapping) else one for one in ordered],
        False,
        table=table,
    )
    doubt: _Doubt | None = None
    answers: list[str] = []
    for one, target, overall, total in zip(
        ordered[1:], plain["target_responses"], plain["overall_responses"], plain["sums_mm"][1:], strict=True
    ):
        where = frozenset(_progressing(one, target))
        if doubt is None:
            doubt = _Doubt(float(one["day"]), where, total, one.get("new_lesion_sum_mm")) if where else None
            answers.append("iUPD" if where else _named(overall, answers))
            continue
        if _is_confirmed(doubt, one, where, total, table):
            answers.append("iCPD")
            break
        if where or overall == "NE" or (NEW in doubt.where and not _has_receded(doubt, one, overall)):
            answers.append("NE" if overall == "NE" and not where else "iUPD")
            continue
        doubt = None
        answers.append(_named(overall, answers))
    confirmed = answers[-1:] == ["iCPD"]
    best = next((grade for grade in RANK if grade in answers), "iCPD" if confirmed else "iUPD" if "iUPD" in answers else "NE")
    return {
        "responses": answers,
        "best_response": best,
        "progression_day": doubt.day if confirmed and doubt else None,
        "awaits_confirmation": doubt is not None and not confirmed,
    }


def _settled(assessment: Mapping[str, Any]) -> Any:
    return "nonCR_nonPD" if assessment.get("non_target") == "PD" else assessment.get("non_target")


def _progressing(assessment: Mapping[str, Any], target: str | None) -> list[str]:
    new = assessment.get("new_lesions", 0)
    if not isinstance(new, int) or new < 0:
        raise InvalidInput(f"irecist: day {assessment['day']}: new_lesions is {new!r}; write how many appeared")
    found = ((TARGET, target == "PD"), (NON_TARGET, assessment["non_target"] == "PD"), (NEW, bool(new)))
    return [name for name, holds in found if holds]


def _is_confirmed(
    doubt: _Doubt, assessment: Mapping[str, Any], where: frozenset[str], total: float | None, table: Coefficients
) -> bool:
    if assessment["day"] - doubt.day < table["confirmation_days"]:
        return False
    if NEW in where or where - doubt.where:
        return True
    new_mm = assessment.get("new_lesion_sum_mm")
    grown_new = new_mm is not None and doubt.new_mm is not None and new_mm - doubt.new_mm >= table["growth_mm"]
    grown_target = total is not None and doubt.sum_mm is not None and total - doubt.sum_mm >= table["growth_mm"]
    return bool(
        (TARGET in doubt.where and grown_target)
        or (NON_TARGET in doubt.where and assessment.get("non_target_grew"))
        or (NEW in doubt.where and (grown_new or assessment.get("new_lesions_grew")))
    )


def _has_receded(doubt: _Doubt, assessment: Mapping[str, Any], overall: str) -> bool:
    """Tell whether new lesions became smaller, or the targets answer while the new lesions do not grow."""
    new_mm = assessment.get("new_lesion_sum_mm")
    return overall in SHRUNK or (new_mm is not None and doubt.new_mm is not None and new_mm < doubt.new_mm)


def _named(overall: str, before: Sequence[str]) -> str:
    """Name a response; a partial one lasts while measures drift without progression."""
    if overall == "SD" and before[-1:] == ["iPR"]:
        return "iPR"
    return overall if overall in ("NE", "nonCR_nonPD") else f"i{overall}"
