"""The user's own key of the store: from a file, from the environment, or from a command such as a key management service's."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

from singula.errors import BadInput

KEY_BYTES = 32
COMMAND_SECONDS = 30.0


def find_key(key_file: str | None, environment: Mapping[str, str]) -> bytes | None:
    """Find the key of a store.

    Parameters
    ----------
    key_file : str or None
        The file that was named, which goes before everything else.
    environment : mapping of str to str
        ``SINGULA_KEY_FILE`` names a file, ``SINGULA_KEY_COMMAND`` a command that prints the key, ``SINGULA_KEY`` is the key in
        hex; the first of them counts.

    Returns
    -------
    bytes or None
        32 bytes; None where no key is given.

    Raises
    ------
    BadInput
        What is named gives no key; the message never holds what it gave.
    """
    named = key_file or environment.get("SINGULA_KEY_FILE")
    if named:
        return read_key(Path(named))
    if environment.get("SINGULA_KEY_COMMAND"):
        return _ask(environment["SINGULA_KEY_COMMAND"])
    if environment.get("SINGULA_KEY"):
        return _parse(environment["SINGULA_KEY"].encode(), "SINGULA_KEY")
    return None


def read_key(path: Path) -> bytes:
    """Read a key: 64 hex digits, or 32 bytes."""
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise BadInput(f"{path}: cannot be read ({type(fault).__name__}); give the file with the key") from None
    return _parse(data, str(path))


def _ask(command: str) -> bytes:
    """Ask a command for the key; it is run as it stands, without a shell."""
    try:
        words = shlex.split(command)
        done = subprocess.run(words, capture_output=True, check=True, timeout=COMMAND_SECONDS, stdin=subprocess.DEVNULL)  # noqa: S603
    except (OSError, ValueError, IndexError, subprocess.SubprocessError) as fault:
        raise BadInput(f"SINGULA_KEY_COMMAND: gave no key ({type(fault).__name__}); run it by hand to see why") from None
    return _parse(done.stdout, "SINGULA_KEY_COMMAND")


def _parse(data: bytes, where: str) -> bytes:
    if len(data) == KEY_BYTES:
        return data
    try:
        key = bytes.fromhex(data.decode("ascii").strip())
    except (UnicodeDecodeError, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise BadInput(f"{where}: is no key; a key is 64 hex digits or 32 bytes")
    return key
