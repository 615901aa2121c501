"""What lives between two steps of signing in: codes for a minute, launches for five."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field

CODE_SECONDS, LAUNCH_SECONDS = 60.0, 300.0
MOST_KEPT = 20_000


@dataclass(frozen=True)
class Authorization:
    """What a person has agreed to."""

    client: str
    redirect: str
    scopes: tuple[str, ...]
    challenge: str
    user: str
    patient: str | None
    fhir_user: str | None
    nonce: str | None
    encounter: str | None = None
    family: str = field(default_factory=lambda: secrets.token_hex(16))


@dataclass(frozen=True)
class Launch:
    """A person's record being opened from within an EHR."""

    patient: str
    encounter: str | None
    client: str | None


@dataclass
class _Kept:
    until: float
    value: Authorization | Launch
    is_used: bool = False


class Pending:
    """Codes and launches of one server, by the hash of their secret."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._lock = threading.Lock()
        self._key = secrets.token_bytes(32)

    def keep(self, value: Authorization | Launch) -> str:
        """Keep something and return the secret by which it is found again."""
        secret = secrets.token_urlsafe(32)
        seconds = CODE_SECONDS if isinstance(value, Authorization) else LAUNCH_SECONDS
        with self._lock:
            self._kept[_hash(secret)] = _Kept(time.monotonic() + seconds, value)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return secret

    def take(self, secret: str) -> tuple[Authorization | None, bool]:
        """Return what a code stands for, and whether it was used before; a code counts once."""
        with self._lock:
            kept = self._kept.get(_hash(secret))
            if kept is None or not isinstance(kept.value, Authorization):
                return None, False
            was_used, kept.is_used = kept.is_used, True
            return (kept.value, was_used) if was_used or time.monotonic() <= kept.until else (None, False)

    def find_launch(self, secret: str) -> Launch | None:
        """Return a launch that is still open."""
        kept = self._kept.get(_hash(secret))
        if kept is None or not isinstance(kept.value, Launch) or time.monotonic() > kept.until:
            return None
        return kept.value

    def seal(self, text: str) -> str:
        """Return a seal over a text, to find it unchanged when it comes back in a form."""
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()

    def is_sealed(self, text: str, seal: str) -> bool:
        """Tell whether a text comes back unchanged."""
        return hmac.compare_digest(self.seal(text).encode(), seal.encode("utf-8", "surrogatepass"))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
