"""The audit in the store: appended in the transaction it speaks of, sealed by a signed checkpoint beside the database."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import Connection, func, insert, select

from singula.errors import BadInput
from singula.govern.audit import FIRST_PREV, ChainVerdict, canonical, verify_chain
from singula.store import schema
from singula.store.engine import Store
from singula.store.resources import now_text

HEAD = "audit.head"
SECRET_MODE, FOLDER_MODE = 0o600, 0o700
KEY_BYTES = 32


@dataclass
class Keys:
    """The keys beside the store: one signs checkpoints, one marks entries, one seals pages."""

    folder: Path

    def secret(self, name: str) -> bytes:
        """Return a secret; made once, readable by its owner alone."""
        path = self.folder / name
        if not path.is_file():
            self.folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
            made = os.urandom(KEY_BYTES)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, SECRET_MODE)
            with os.fdopen(handle, "wb") as file:
                file.write(made)
        return path.read_bytes()

    def signer(self) -> Ed25519PrivateKey:
        """Return the key that signs checkpoints."""
        return Ed25519PrivateKey.from_private_bytes(self.secret("audit.key"))


@dataclass
class Ledger:
    """Appends to the audit and seals it."""

    store: Store
    keys: Keys

    def __post_init__(self) -> None:
        """Read the keys once."""
        self._signer, self._mac = self.keys.signer(), self.keys.secret("entry.key")
        public = self._signer.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.key_id = public.hex()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open one transaction and seal the audit with it."""
        with _locked(self.store.folder / "audit.lock"):
            with self.store.writing() as connection:
                yield connection
                count, head = self._head(connection)
            self._seal(count, head)

    def append(self, connection: Connection, **facts: Any) -> None:
        """Append one entry."""
        last = connection.execute(
            select(schema.audit_entry.c.seq, schema.audit_entry.c.hash).order_by(schema.audit_entry.c.seq.desc()).limit(1)
        ).first()
        seq, prev = (last.seq + 1, last.hash) if last else (1, FIRST_PREV)
        entry = {"seq": seq, "time": now_text(), "prev": prev, "actor": "", "event": "", "action": "E", "resource": "",
                 "patient": None, "outcome": "0", "purpose": "", "request_id": "", "details": {}, **facts}  # fmt: skip
        text = canonical(entry)
        digest = hashlib.sha256(text.encode()).hexdigest()
        mac = hmac.new(self._mac, digest.encode(), hashlib.sha256).hexdigest()
        connection.execute(insert(schema.audit_entry).values(
            seq=seq, entry=text, hash=digest, patient=entry["patient"], actor=entry["actor"], mac=mac))  # fmt: skip

    def entries(self) -> Iterator[dict[str, Any]]:
        """Yield the entries in their order, each with its hash."""
        table = schema.audit_entry
        with self.store.reading() as connection:
            for row in connection.execute(select(table.c.entry, table.c.hash).order_by(table.c.seq)):
                yield {**json.loads(row.entry), "hash": row.hash}

    def checkpoint(self) -> dict[str, Any] | None:
        """Return the signed checkpoint; None where there is none."""
        path = self.store.folder / HEAD
        if not path.is_file():
            return None
        try:
            found = json.loads(path.read_text(encoding="utf-8"))["checkpoint"]
        except (ValueError, KeyError, TypeError):
            raise BadInput(f"{path}: is no checkpoint; the audit cannot be judged by it") from None
        return dict(found)

    def verify(self, entries: list[dict[str, Any]] | None = None, checkpoint: Mapping[str, Any] | None = None) -> ChainVerdict:
        """Judge the chain against its signed checkpoint."""
        found = list(self.entries()) if entries is None else entries
        named = self.checkpoint() if checkpoint is None else checkpoint
        if named is not None and not self._is_signed(named):
            return ChainVerdict(False, len(found), found[-1]["hash"] if found else None, "unsigned")
        return verify_chain(found, named)

    def _is_signed(self, checkpoint: Mapping[str, Any]) -> bool:
        bare = {name: value for name, value in checkpoint.items() if name != "signature"}
        try:
            if checkpoint["key"] != self.key_id:
                return False
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.key_id)).verify(
                bytes.fromhex(checkpoint["signature"]), canonical(bare).encode()
            )
        except (InvalidSignature, ValueError, KeyError):
            return False
        return True

    def _head(self, connection: Connection) -> tuple[int, str]:
        table = schema.audit_entry
        count = int(connection.execute(select(func.max(table.c.seq))).scalar() or 0)
        head = connection.execute(select(table.c.hash).where(table.c.seq == count)).scalar()
        return count, str(head or FIRST_PREV)

    def _seal(self, count: int, head: str) -> None:
        made: dict[str, Any] = {"entries": count, "head": head, "key": self.key_id, "time": now_text()}
        made["signature"] = self._signer.sign(canonical(made).encode()).hex()
        path = self.store.folder / HEAD
        beside = path.with_suffix(".new")
        beside.write_text(json.dumps({"checkpoint": made}, sort_keys=True), encoding="utf-8")
        beside.replace(path)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    import fcntl

    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@dataclass(frozen=True)
class Recorder:
    """Writes what one caller does."""

    ledger: Ledger
    actor: str
    purpose: str
    request_id: str = ""

    def note(self, connection: Connection, event: str, action: str, people: Iterable[str], resource: str = "") -> None:
        """Write one entry for each person; a refusal speaks of nobody."""
        outcome = "4" if event.endswith("refused") else "0"
        named: list[str | None] = [*sorted(set(people))]
        for patient in named or [None]:
            self.ledger.append(connection, actor=self.actor, event=event, action=action, resource=resource, patient=patient,
                               outcome=outcome, purpose=self.purpose, request_id=self.request_id)  # fmt: skip
