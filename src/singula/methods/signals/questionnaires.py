"""Questionnaires scored from their answers; the wording of the questions is not part of this package."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from singula.errors import InvalidInput, OutOfDomain
from singula.methods.registry import Coefficients, Outputs


def score_phq_9(responses: Sequence[Any], *, table: Coefficients) -> Outputs:
    """Score depression (PHQ-9, 0 to 27); an answer above 0 to item 9 opens the safety path whatever the total.

    References
    ----------
    Kroenke K et al. J Gen Intern Med 2001;16:606-613. doi:10.1046/j.1525-1497.2001.016009606.x
    """
    answers = _answers("phq-9", responses, table)
    total = sum(answers)
    return {"phq_9_score": total, "severity": _band(total, table), "item_9_positive": answers[table["safety_item"] - 1] > 0}


def score_gad_7(responses: Sequence[Any], *, table: Coefficients) -> Outputs:
    """Score anxiety (GAD-7, 0 to 21).

    References
    ----------
    Spitzer RL et al. Arch Intern Med 2006;166:1092-1097. doi:10.1001/archinte.166.10.1092
    """
    total = sum(_answers("gad-7", responses, table))
    return {"gad_7_score": total, "severity": _band(total, table)}


def score_audit_c(responses: Sequence[Any], sex: str, *, table: Coefficients) -> Outputs:
    """Score hazardous drinking (AUDIT-C, 0 to 12); the cut is lower for women.

    References
    ----------
    Bush K et al. Arch Intern Med 1998;158:1789-1795. doi:10.1001/archinte.158.16.1789
    """
    total = sum(_answers("audit-c", responses, table))
    return {"audit_c_score": total, "positive": total >= table["cut"][sex]}


def score_pss_10(responses: Sequence[Any], *, table: Coefficients) -> Outputs:
    """Score perceived stress (PSS-10, 0 to 40); four items count in reverse.

    References
    ----------
    Cohen S, Williamson G. Perceived stress in a probability sample of the United States. 1988
    """
    answers = _answers("pss-10", responses, table)
    reverse = table["reverse"]
    total = sum(table["highest"] - answer if number in reverse else answer for number, answer in enumerate(answers, start=1))
    return {"pss_10_score": total, "severity": _band(total, table)}


def score_isi(responses: Sequence[Any], *, table: Coefficients) -> Outputs:
    """Score insomnia (ISI, 0 to 28).

    References
    ----------
    Bastien CH et al. Sleep Med 2001;2:297-307. doi:10.1016/S1389-9457(00)00065-4
    """
    total = sum(_answers("isi", responses, table))
    return {"isi_score": total, "severity": _band(total, table)}


def _answers(method: str, responses: Sequence[Any], table: Coefficients) -> list[int]:
    if len(responses) != table["items"]:
        raise InvalidInput(f"{method}: responses holds {len(responses)} answers; give {table['items']}")
    for number, answer in enumerate(responses, start=1):
        if isinstance(answer, bool) or not isinstance(answer, int | float) or answer != int(answer):
            raise InvalidInput(f"{method}: answer {number} is {answer!r}; give whole numbers 0 to {table['highest']}")
        if not 0 <= answer <= table["highest"]:
            raise OutOfDomain(f"{method}: answer {number} is {answer}; it can be 0 to {table['highest']}")
    return [int(answer) for answer in responses]


def _band(total: int, table: Coefficients) -> str:
    return str([name for start, name in table["bands"] if total >= start][-1])
