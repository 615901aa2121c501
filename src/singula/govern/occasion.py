"""The occasion of what is done: the request it comes with, so that the audit names it without every caller passing it on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

NAMING = frozenset({"name", "family", "given", "identifier", "birthdate", "address", "telecom", "phone", "email", "phonetic"})
MASK, LONGEST_QUERY = "***", 2000


@dataclass(frozen=True)
class Occasion:
    """A request: its number, where it came from, and what it asked for; values that name a person are masked by who makes it."""

    request_id: str = ""
    address: str = ""
    query: str = ""

    @property
    def details(self) -> dict[str, str]:
        """What the audit keeps beside the number."""
        return {name: value for name, value in (("address", self.address), ("query", self.query)) if value}


_NOW: ContextVar[Occasion | None] = ContextVar("singula_occasion", default=None)


def occasion() -> Occasion:
    """Return the occasion of now; an empty one outside of any request."""
    return _NOW.get() or Occasion()


@contextmanager
def on_occasion(one: Occasion) -> Iterator[None]:
    """Do what is inside on this occasion."""
    token = _NOW.set(one)
    try:
        yield
    finally:
        _NOW.reset(token)


def masked_query(kind: str, pairs: Iterable[tuple[str, str]]) -> str:
    """Write a search for the audit; values that name a person are left out, so that erasing the person can keep its word."""

    def shown(name: str, value: str) -> str:
        names_somebody = bool(NAMING & set(re.split(r"[.:]", name))) or ":text" in name
        return f"{name}={MASK if names_somebody else value}"

    return f"{kind}?{'&'.join(shown(name, value) for name, value in pairs)}"[:LONGEST_QUERY]
