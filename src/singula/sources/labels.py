"""Which security labels a fact carries: those of what it is about, always sorted, each once."""

from __future__ import annotations

from collections.abc import Iterable

GENETICS = "genetics"


def labels_for(labels: Iterable[str] | None) -> tuple[str, ...]:
    """Return labels sorted, each once."""
    return tuple(sorted(set(labels or ())))
