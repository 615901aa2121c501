"""What one input stated, before inputs are joined: persons, facts, counts, problems."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from singula.record import EarlierPlan, Fact, GenomeAssay, Person, Problem

Severity = Literal["error", "warning", "information"]


@dataclass
class Draft:
    """The statements of one input.

    ``persons`` are keyed by how facts of this input refer to them. ``format`` says what the file was taken for.
    """

    input: str
    format: str = ""
    size: int = 0
    is_read: bool = False
    persons: dict[str, Person] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)
    assays: list[tuple[str, GenomeAssay]] = field(default_factory=list)
    earlier_plans: list[tuple[str, EarlierPlan]] = field(default_factory=list)
    resources: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)

    def note(self, severity: Severity, where: str, message: str) -> None:
        """Keep a problem the reader of the plan should know."""
        self.problems.append(Problem(severity=severity, input=self.input, where=where, message=message))
