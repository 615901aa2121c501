"""Consent: which provision decides whether somebody may see data with these labels, for this purpose, now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from singula.errors import BadInput, quoted

Decision = Literal["permit", "deny"]
EVERYTHING = "*"
DEFAULT_DENY, SELF, BREAK_GLASS = "default-deny", "self", "break-glass"


@dataclass(frozen=True)
class Provision:
    """One sentence of a person's consent; ``from_`` and ``until`` are seconds since 1970."""

    id: str
    decision: Decision
    labels: tuple[str, ...] = (EVERYTHING,)
    actors: tuple[str, ...] = (EVERYTHING,)
    purposes: tuple[str, ...] = (EVERYTHING,)
    from_: float | None = None
    until: float | None = None
    status: str = "active"
    recorded: str = ""
    recorded_by: str = ""

    def holds(self, actors: Sequence[str], purpose: str, at: float) -> bool:
        """Tell whether it speaks of one of these actors and this purpose, and holds at a moment."""
        if (
            self.status != "active"
            or (self.from_ is not None and at < self.from_)
            or (self.until is not None and at >= self.until)
        ):
            return False
        named = EVERYTHING in self.actors or any(actor in self.actors for actor in actors)
        return named and (EVERYTHING in self.purposes or purpose in self.purposes)

    def denies(self, labels: Sequence[str]) -> bool:
        """Tell whether a deny meets data with these labels."""
        return self.decision == "deny" and (EVERYTHING in self.labels or any(label in self.labels for label in labels))

    def permits(self, labels: Sequence[str]) -> bool:
        """Tell whether a permit covers data with all these labels."""
        return self.decision == "permit" and (EVERYTHING in self.labels or all(label in self.labels for label in labels))


@dataclass(frozen=True)
class Asked:
    """Who asks: the actor with its roles, for what, whether the record is their own, whether the glass was broken."""

    actor: str
    roles: tuple[str, ...]
    purpose: str
    is_self: bool = False
    breaks_glass: bool = False

    @property
    def actors(self) -> tuple[str, ...]:
        """The actor and its roles."""
        return (self.actor, *self.roles)


@dataclass(frozen=True)
class Ruling:
    """What was decided, and by which provision."""

    decision: Decision
    because: str


def decide(provisions: Sequence[Provision], asked: Asked, labels: Sequence[str], at: float) -> Ruling:
    """Decide whether data with these labels may be seen.

    Parameters
    ----------
    provisions : sequence of Provision
        The person's consent; where several would decide alike, the first is named.
    asked : Asked
        Who asks, for what.
    labels : sequence of str
        Labels of the data asked for.
    at : float
        The moment, in seconds since 1970.

    Returns
    -------
    Ruling
        A deny beats everything; then the person's own access; then a permit; else default-deny.
    """
    holding = [one for one in provisions if one.holds(asked.actors, asked.purpose, at)]
    for one in holding:
        if one.denies(labels):
            return Ruling("deny", one.id)
    if asked.is_self:
        return Ruling("permit", SELF)
    for one in holding:
        if one.permits(labels):
            return Ruling("permit", one.id)
    return Ruling("permit", BREAK_GLASS) if asked.breaks_glass else Ruling("deny", DEFAULT_DENY)


def read_instant(text: str) -> float:
    """Read an RFC 3339 instant, or a date as its first moment in UTC."""
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise BadInput(f"{quoted(text)} is no instant; write 2026-06-01T12:00:00Z or 2026-06-01") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def show_instant(moment: float | None) -> str | None:
    """Write an instant in UTC."""
    return None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")


def read_provision(document: Mapping[str, Any]) -> Provision:
    """Read a provision from its JSON form."""
    start, end = document.get("from"), document.get("until")
    return Provision(
        id=str(document["id"]),
        decision="permit" if document["decision"] == "permit" else "deny",
        labels=tuple(document.get("labels") or (EVERYTHING,)),
        actors=tuple(document.get("actors") or (EVERYTHING,)),
        purposes=tuple(document.get("purposes") or (EVERYTHING,)),
        from_=read_instant(start) if start else None,
        until=read_instant(end) if end else None,
        status=str(document.get("status", "active")),
    )


def show_provision(one: Provision) -> dict[str, Any]:
    """Write a provision in its JSON form."""
    return {
        "id": one.id,
        "decision": one.decision,
        "labels": list(one.labels),
        "actors": list(one.actors),
        "purposes": list(one.purposes),
        "from": show_instant(one.from_),
        "until": show_instant(one.until),
        "status": one.status,
        "recorded": one.recorded,
        "recorded_by": one.recorded_by,
    }
