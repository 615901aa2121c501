"""One module per medical question: record, knowledge and methods become findings.

An assessor says one thing about one person and proves it; it knows no plan, no file and no other assessor.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from singula.finding import Finding, Statement
from singula.knowledge import Knowledge
from singula.record import Record


@runtime_checkable
class Assessor(Protocol):
    """One medical question.

    ``name`` is stable and appears in every statement it makes.
    """

    name: str

    def assess(self, record: Record, knowledge: Knowledge) -> Iterable[Statement]:
        """Answer the question for this person; says nothing where it has nothing to say, and Missing where it cannot know."""
        ...


@runtime_checkable
class MedicineJudge(Assessor, Protocol):
    """An assessor whose findings can rule a medicine out, so that alternatives are put to it before they are offered."""

    def judge(self, record: Record, knowledge: Knowledge, medicine: str) -> Iterable[Finding]:
        """Say what speaks about one medicine proposed in this record."""
        ...


BUILT_IN: tuple[str, ...] = (
    "singula.assess.medicines.assessor:MEDICINES",
    "singula.assess.medicines.assessor:CHOICES",
    "singula.assess.germline.assessor:GERMLINE",
    "singula.assess.tumour.assessor:TUMOUR",
    "singula.assess.lifestyle.assessor:LIFESTYLE",
    "singula.assess.risk.assessor:RISK",
    "singula.assess.prevention.assessor:PREVENTION",
)
"""Assessors of this package as ``module:object``; others come in by the entry-point group ``singula.assessors``."""
