"""One-time codes by the clock (RFC 6238) as a second factor, and recovery codes for when the device is lost."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import re
import secrets
import struct
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

STEP_SECONDS, DIGITS, SECRET_BYTES, WINDOW = 30, 6, 20, 1
RECOVERY_CODES, RECOVERY_LENGTH = 10, 12
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
NONCE_BYTES = 12
CODE = re.compile(r"^[0-9]{6}$")
Digest = Callable[[], Any]


def code_at(secret: bytes, counter: int, *, digits: int = DIGITS, digest: Digest = hashlib.sha1) -> str:
    """Return the one-time code of a counter.

    Parameters
    ----------
    secret : bytes
        Shared with the person's device.
    counter : int
        Number of whole steps of 30 seconds since 1970.
    digits : int
        Length of the code.
    digest : callable
        Hash function; devices know SHA-1 for certain.

    References
    ----------
    RFC 4226, section 5.3; RFC 6238, section 4.
    """
    mac = hmac.new(secret, struct.pack(">Q", counter), digest).digest()
    start = mac[-1] & 0xF
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**digits).zfill(digits)


def counter_at(moment: float) -> int:
    """Return the counter of a moment in seconds since 1970."""
    return int(moment // STEP_SECONDS)


@dataclass
class Factor:
    """A person's second factor: its secret, the last counter that was used, hashes of recovery codes, and whether it counts."""

    secret: str
    is_active: bool = False
    last: int = -1
    recovery: tuple[str, ...] = ()

    @property
    def key(self) -> bytes:
        """The secret as bytes."""
        return base64.b32decode(self.secret)

    def accepts(self, code: str, moment: float) -> bool:
        """Tell whether a code is right now, and was not used; a recovery code is used up."""
        text = code.replace(" ", "").replace("-", "").lower()
        if CODE.match(text):
            now = counter_at(moment)
            for counter in range(now - WINDOW, now + WINDOW + 1):
                if counter > self.last and hmac.compare_digest(code_at(self.key, counter), text):
                    self.last = counter
                    return True
            return False
        hashed = _hash(text)
        kept = tuple(one for one in self.recovery if not hmac.compare_digest(one, hashed))
        was_there, self.recovery = len(kept) < len(self.recovery), kept
        return was_there


def new_factor() -> Factor:
    """Make a second factor that does not count yet."""
    return Factor(base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode())


def activate(factor: Factor) -> list[str]:
    """Let a factor count, and return its recovery codes, shown once."""
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)]
    factor.is_active, factor.recovery = True, tuple(_hash(one) for one in codes)
    return ["-".join(one[at : at + 4] for at in range(0, RECOVERY_LENGTH, 4)) for one in codes]


def address_of(factor: Factor, name: str) -> str:
    """Return the address a device reads the secret from, as text or as a QR code."""
    return f"otpauth://totp/Singula:{quote(name)}?secret={factor.secret}&issuer=Singula"


def seal_factor(factor: Factor, key: bytes, name: str) -> str:
    """Write a factor so that the database alone does not tell it."""
    nonce = os.urandom(NONCE_BYTES)
    text = json.dumps(asdict(factor)).encode()
    return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, text, name.encode())).decode()


def open_factor(sealed: str | None, key: bytes, name: str) -> Factor | None:
    """Read a factor; None where there is none, and one that nothing opens where it was tampered with."""
    if not sealed:
        return None
    try:
        data = base64.b64decode(sealed, validate=True)
        found = json.loads(AESGCM(key).decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], name.encode()))
    except (InvalidTag, binascii.Error, ValueError):
        return Factor("", is_active=True, last=2**62)
    return Factor(**{**found, "recovery": tuple(found["recovery"])})


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
