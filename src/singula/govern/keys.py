"""The user's own key of the store."""

from __future__ import annotations

from pathlib import Path

from singula.errors import BadInput

KEY_BYTES = 32


def read_key(path: Path) -> bytes:
    """Read a key: 64 hex digits, or 32 bytes."""
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise BadInput(f"{path}: cannot be read ({type(fault).__name__}); give the file with the key") from None
    if len(data) == KEY_BYTES:
        return data
    try:
        key = bytes.fromhex(data.decode("ascii").strip())
    except (UnicodeDecodeError, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise BadInput(f"{path}: is no key; a key is 64 hex digits or 32 bytes")
    return key
