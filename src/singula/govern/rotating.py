"""A new key for the store: afterwards the old one opens nothing, and a new key signs checkpoints."""

from __future__ import annotations

import hashlib
from pathlib import Path

from singula.errors import BadInput
from singula.govern.ledger import Ledger
from singula.govern.seals import SIGNER, Keys
from singula.store.engine import Store


def rotate_key(folder: Path, old: bytes, new: bytes, actor: str) -> str:
    """Encrypt the store with a new key.

    Parameters
    ----------
    folder : Path
        Where it lies.
    old, new : bytes
        32 bytes each.
    actor : str
        Who does it, for the audit.

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
    keys = Keys(folder / "keys", old)
    keys.secret(SIGNER)
    keys.prepare_next(new)
    connection = store.engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.execute(f"PRAGMA rekey = \"x'{new.hex()}'\"")
        cursor.close()
    finally:
        connection.close()
        store.close()
    keys.adopt_next(new)
    name = hashlib.sha256(new).hexdigest()[:16]
    _note(folder, new, actor, name)
    return name


def _note(folder: Path, new: bytes, actor: str, name: str) -> None:
    store = Store(folder, new)
    ledger = Ledger(store, Keys(folder / "keys", new))
    with ledger.writing() as connection:
        ledger.append(connection, actor=actor, event="key-rotate", action="U", details={"key": name, "signer": ledger.key_id})
    store.close()
