"""The audit in the store: appended in the transaction it speaks of, sealed by a signed checkpoint beside the database."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, func, insert, select

from singula.govern.audit import FIRST_PREV, ChainVerdict, canonical, is_checkpoint, parse_line, verify_chain
from singula.govern.occasion import occasion
from singula.govern.seals import Keys, public_of
from singula.store import schema
from singula.store.engine import Store, make_private
from singula.store.resources import now_text

HEAD = "audit.head"
BROKEN = "audit-broken"
AUDIT_LOCK = 0x5E41


@dataclass
class Ledger:
    """Appends to the audit and seals it."""

    store: Store
    keys: Keys

    def __post_init__(self) -> None:
        """Read the keys once; a chain that begins is sealed while it is empty."""
        self._signer, self._mac = self.keys.signer(), self.keys.secret("entry.key")
        self.key_id = public_of(self._signer)
        self._trusted = (self.key_id, *self.keys.former())
        self._last_seal = b""
        if not self._head_file.is_file():
            with _locked(self._lock_file), self.store.reading() as connection:
                if self._head(connection)[0] == 0 and not self._head_file.is_file():
                    self._seal(0, FIRST_PREV)

    @property
    def _head_file(self) -> Path:
        return self.store.folder / HEAD

    @property
    def _lock_file(self) -> Path:
        return self.store.folder / "audit.lock"

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open one transaction and seal the audit with it; a chain that no longer fits its seal is told in the chain itself."""
        with _locked(self._lock_file):
            with self.store.writing() as connection:
                if not self.store.is_sqlite:
                    connection.execute(select(func.pg_advisory_xact_lock(AUDIT_LOCK)))
                self._note_break(connection)
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
                 "patient": None, "outcome": "0", "purpose": "", "request_id": occasion().request_id, **facts}  # fmt: skip
        entry["details"] = {**facts.get("details", {}), **occasion().details}
        text = canonical(entry)
        digest = hashlib.sha256(text.encode()).hexdigest()
        mac = hmac.new(self._mac, digest.encode(), hashlib.sha256).hexdigest()
        connection.execute(insert(schema.audit_entry).values(
            seq=seq, entry=text, hash=digest, patient=entry["patient"], actor=entry["actor"], mac=mac))  # fmt: skip

    def entries(self) -> Iterator[dict[str, Any]]:
        """Yield the entries in their order, each with its hash; what cannot be read is left to ``verify``."""
        for entry, _ in self.rows():
            if isinstance(entry, dict):
                yield entry

    def checkpoint(self) -> Any:
        """Return the signed checkpoint as it lies beside the store; None where there is none, text where it is no checkpoint."""
        if not self._head_file.is_file():
            return None
        found = parse_line(self._head_file.read_text(encoding="utf-8", errors="replace"))
        return found["checkpoint"] if isinstance(found, dict) and "checkpoint" in found else "damaged"

    def verify(self) -> ChainVerdict:
        """Judge the chain in the store against the checkpoint beside it."""
        return self.judge(self.rows(), self.checkpoint())

    def judge(self, rows: Iterable[tuple[Any, bool]], checkpoint: Any) -> ChainVerdict:
        """Judge a chain against a checkpoint.

        Parameters
        ----------
        rows : iterable of (entry, bool)
            Each entry with whether it carries a valid mark of this store.
        checkpoint : object
            What claims to be the signed checkpoint; None where there is none.

        Returns
        -------
        ChainVerdict
            A break that was found while the store was in use is told even when the chain has grown on.
        """
        found = list(rows)
        entries = [entry for entry, _ in found]
        vouched = next((number for number, (_, has_mark) in enumerate(reversed(found)) if not has_mark), len(found))
        verdict = verify_chain(entries, checkpoint, vouched=vouched)
        if verdict.ok and checkpoint is not None and not self._is_signed(checkpoint):
            return ChainVerdict(False, verdict.entries, verdict.head, "unsigned")
        broken = next((one for one in entries if verdict.ok and one["event"] == BROKEN), None)
        if broken is not None:
            problem = str(broken["details"].get("problem", "unsigned"))
            return ChainVerdict(False, verdict.entries, verdict.head, problem, int(broken["seq"]))
        return verdict

    def rows(self) -> Iterator[tuple[Any, bool]]:
        """Yield each entry as it lies in the store, with whether it carries a valid mark; None where it cannot be read."""
        table = schema.audit_entry
        with self.store.reading() as connection:
            for row in connection.execute(select(table).order_by(table.c.seq)):
                yield self._read_row(row), self._has_mark(row)

    def _read_row(self, row: Any) -> Any:
        entry = parse_line(row.entry) if isinstance(row.entry, str) else None
        if not isinstance(entry, dict):
            return None
        is_as_written = canonical(entry) == row.entry
        is_copied = (row.patient, row.actor) == (entry.get("patient"), entry.get("actor"))
        return {**entry, "hash": row.hash if is_as_written and is_copied else FIRST_PREV}

    def _has_mark(self, row: Any) -> bool:
        made = hmac.new(self._mac, str(row.hash).encode(), hashlib.sha256).hexdigest()
        return hmac.compare_digest(made.encode(), str(row.mac).encode("utf-8", "surrogatepass"))

    def _is_signed(self, checkpoint: Mapping[str, Any]) -> bool:
        bare = {name: value for name, value in checkpoint.items() if name != "signature"}
        try:
            key = checkpoint["key"]
            if key not in self._trusted:
                return False
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(
                bytes.fromhex(checkpoint["signature"]), canonical(bare).encode()
            )
        except (InvalidSignature, ValueError, KeyError, TypeError):
            return False
        return True

    def _note_break(self, connection: Connection) -> None:
        """Note that entries were cut or made anew behind the store's back, before a fresh seal covers it."""
        data = self._head_file.read_bytes() if self._head_file.is_file() else b""
        sealed: Any = self.checkpoint() if data else None
        is_good = is_checkpoint(sealed) and (data == self._last_seal or self._is_signed(sealed))
        count, _ = self._head(connection)
        if is_good:
            table = schema.audit_entry
            named = connection.execute(select(table.c.hash).where(table.c.seq == sealed["entries"])).scalar()
            if (named or FIRST_PREV) == sealed["head"]:
                return
        elif not data and count == 0:
            return
        problem = "truncated" if is_good and count < sealed["entries"] else "unsigned"
        told = {"entries": sealed["entries"], "head": sealed["head"]} if is_good else {}
        self.append(connection, event=BROKEN, outcome="8", details={"problem": problem, **told})

    def _head(self, connection: Connection) -> tuple[int, str]:
        table = schema.audit_entry
        count = int(connection.execute(select(func.max(table.c.seq))).scalar() or 0)
        head = connection.execute(select(table.c.hash).where(table.c.seq == count)).scalar()
        return count, str(head or FIRST_PREV)

    def _seal(self, count: int, head: str) -> None:
        made: dict[str, Any] = {"entries": count, "head": head, "key": self.key_id, "time": now_text()}
        made["signature"] = self._signer.sign(canonical(made).encode()).hex()
        self._last_seal = json.dumps({"checkpoint": made}, sort_keys=True).encode()
        beside = self._head_file.with_suffix(".new")
        make_private(beside)
        beside.write_bytes(self._last_seal)
        beside.replace(self._head_file)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    import fcntl

    if not path.exists():
        make_private(path)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@dataclass(frozen=True)
class Act:
    """What is done: the event by its name, the FHIR action, and the resource it is done to."""

    event: str
    action: str
    resource: str = ""


@dataclass(frozen=True)
class Recorder:
    """Writes what one caller does, for what, and where the glass was broken why."""

    ledger: Ledger
    actor: str
    purpose: str
    reason: str = ""

    def note(self, connection: Connection, act: Act, people: Iterable[str], why: Callable[[str], str] | None = None) -> None:
        """Write one entry for each person, with what opened the record; a refusal speaks of nobody."""
        outcome = "4" if act.event.endswith("refused") else "0"
        named: list[str | None] = [*sorted(set(people))]
        for patient in named or [None]:
            opened_by = why(patient) if why is not None and patient is not None else ""
            details = {name: text for name, text in (("because", opened_by), ("reason", self.reason)) if text}
            self.ledger.append(connection, actor=self.actor, event=act.event, action=act.action, resource=act.resource,
                               patient=patient, outcome=outcome, purpose=self.purpose, details=details)  # fmt: skip
