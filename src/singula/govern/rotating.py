"""A new key for the store: afterwards the old one opens nothing."""

from __future__ import annotations

import hashlib
from pathlib import Path

from singula.errors import BadInput
from singula.store.engine import Store


def rotate_key(folder: Path, old: bytes, new: bytes) -> str:
    """Encrypt the store with a new key.

    Parameters
    ----------
    folder : Path
        Where it lies.
    old, new : bytes
        32 bytes each.

    Returns
    -------
    str
        What the new key is known by: the beginning of its hash.

    Raises
    ------
    BadInput
        The old key is not the store's.
    """
    if old == new:
        raise BadInput("the new key is the old one; make another")
    store = Store(folder, old)
    connection = store.engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.execute(f"PRAGMA rekey = \"x'{new.hex()}'\"")
        cursor.close()
    finally:
        connection.close()
        store.close()
    Store(folder, new).close()
    return hashlib.sha256(new).hexdigest()[:16]
