"""What may be done with each type, and what a search may ask besides its conditions."""

from __future__ import annotations

from collections.abc import Mapping

from singula.sources.search_paths import SEARCH

READ_ONLY = ("AuditEvent", "Consent", "Provenance")
INCLUDES: Mapping[str, tuple[str, ...]] = {
    kind: tuple(f"{kind}:{name}" for name, sort in found.items() if sort == "reference") for kind, found in SEARCH.items()
}
RESULT = ("_count", "_sort", "_include", "_revinclude", "_summary", "_total", "_elements", "_format", "_pretty", "_page", "_has")


def is_searchable(kind: str) -> bool:
    """Tell whether a type can be searched; a Binary is had by its id alone."""
    return kind != "Binary"


def is_writable(kind: str) -> bool:
    """Tell whether clients may write a type; who may see what and who saw what is never written by a client."""
    return kind not in READ_ONLY
