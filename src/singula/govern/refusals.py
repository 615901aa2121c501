"""Refused requests in the audit: each for itself, but whoever floods the door with them fills no disk."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field

ACTIONS = {"GET": "R", "HEAD": "R", "PUT": "U", "PATCH": "U", "DELETE": "D"}
MOST_A_MINUTE, MOST_ADDRESSES, LONGEST_PATH = 120, 10_000, 200
MINUTE = 60.0


@dataclass(frozen=True)
class RefusedRequest:
    """A request that was turned away: what it wanted, and with which HTTP status it was told."""

    method: str
    path: str
    status: int

    @property
    def action(self) -> str:
        """The FHIR action of what was asked."""
        return ACTIONS.get(self.method, "E")

    @property
    def resource(self) -> str:
        """What was asked for, as the audit names it."""
        return self.path.removeprefix("/fhir/")[:LONGEST_PATH]


@dataclass
class _Window:
    start: float
    noted: int = 0
    unnoted: int = 0


@dataclass
class Flood:
    """Counts refusals by address; above a number a minute they are counted and told with the next one that is noted."""

    windows: OrderedDict[str, _Window] = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, address: str, now: float | None = None) -> int | None:
        """Return how many went unnoted before this one; None where this one goes unnoted too."""
        moment = time.monotonic() if now is None else now
        with self.lock:
            found = self.windows.setdefault(address, _Window(moment))
            if len(self.windows) > MOST_ADDRESSES:
                self.windows.popitem(last=False)
            if moment - found.start >= MINUTE:
                found.start, found.noted = moment, 0
            if found.noted >= MOST_A_MINUTE:
                found.unnoted += 1
                return None
            found.noted += 1
            before, found.unnoted = found.unnoted, 0
            return before
