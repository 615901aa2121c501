"""People signing in: password, second factor, waits for whoever guesses, and setting the second factor up."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, update

from singula.errors import BadInput, quoted
from singula.govern import accounts
from singula.govern.ledger import Ledger
from singula.govern.occasion import occasion
from singula.govern.one_time import Factor, activate, new_factor, open_factor, seal_factor
from singula.govern.parties import Account
from singula.store import schema

MOST_FAILURES, FAILURE_SECONDS, MOST_ADDRESSES = 50, 900.0, 10_000
SECOND_FACTOR_ROLES = ("clinician", "auditor", "operator")


@dataclass
class Guesses:
    """Failed sign-ins by address: whoever fails too often is not listened to for a while, whatever name they give."""

    failed: OrderedDict[str, list[float]] = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def is_over(self, address: str, now: float) -> bool:
        """Tell whether an address has failed too often lately."""
        with self.lock:
            recent = [one for one in self.failed.get(address, ()) if now - one < FAILURE_SECONDS]
            if address in self.failed:
                self.failed[address] = recent
            return len(recent) >= MOST_FAILURES

    def note(self, address: str, now: float) -> None:
        """Note a failure."""
        with self.lock:
            self.failed.setdefault(address, []).append(now)
            if len(self.failed) > MOST_ADDRESSES:
                self.failed.popitem(last=False)


@dataclass
class Door:
    """Lets people in.

    Parameters
    ----------
    ledger : Ledger
        Notes who came and who was turned away.
    demands_second_factor : bool
        Whether clinicians, auditors and operators need one; so it is where the server is reached from elsewhere.
    """

    ledger: Ledger
    demands_second_factor: bool = False
    guesses: Guesses = field(default_factory=Guesses)

    def __post_init__(self) -> None:
        """Read the key that seals second factors."""
        self._key = self.ledger.keys.secret("factor.key")

    def sign_in(self, name: str, password: str, one_time: str) -> Account | None:
        """Check name, password and one-time code; the same answer for all that is wrong."""
        address, now = occasion().address, time.time()
        is_over = self.guesses.is_over(address, now)
        factors: list[str] = []

        def second(connection: Connection, row: Any) -> bool:
            factor = self._factor(row)
            if factor is None or not factor.is_active:
                return not (self.demands_second_factor and row.role in SECOND_FACTOR_ROLES)
            is_right = factor.accepts(one_time, now)
            self._keep(connection, row.name, factor)
            factors.append("one-time code")
            return is_right

        with self.ledger.writing() as connection:
            account = None if is_over else accounts.check_password(connection, name, password, second)
            is_known = accounts.find_account(connection, name[:64]) is not None
            event, outcome = ("sign-in", "0") if account else ("sign-in-refused", "4")
            self.ledger.append(connection, actor=f"user:{name}" if is_known else "", event=event, outcome=outcome,
                               details={"factors": 1 + len(factors)})  # fmt: skip
        if account is None:
            self.guesses.note(address, now)
        return account

    def state(self, name: str) -> str:
        """Return whether a person has a second factor: ``none``, ``begun`` or ``active``."""
        with self.ledger.store.reading() as connection:
            factor = self._factor(accounts.find_account(connection, name))
        return "none" if factor is None else "active" if factor.is_active else "begun"

    def begin_factor(self, name: str) -> Factor:
        """Make a second factor that counts once a code of it was given; one that was begun is gone on with."""
        with self.ledger.writing() as connection:
            row = self._row(connection, name)
            held = self._factor(row)
            if held is not None and held.is_active:
                raise BadInput("there is a second factor already; remove it first")
            factor = held or new_factor()
            self._keep(connection, name, factor)
        return replace(factor)

    def confirm_factor(self, name: str, code: str) -> Sequence[str] | None:
        """Let the factor count where the code is right, and return the recovery codes."""
        with self.ledger.writing() as connection:
            factor = self._factor(self._row(connection, name))
            if factor is None or factor.is_active or not self._accepts(factor, code):
                return None
            codes = activate(factor)
            self._keep(connection, name, factor)
            self._note(connection, name, f"user:{name}", "on")
        return codes

    def set_factor(self, name: str, by: str) -> tuple[Factor, Sequence[str]]:
        """Give a person a new second factor that counts at once, whatever they had before."""
        factor = new_factor()
        codes = activate(factor)
        with self.ledger.writing() as connection:
            self._row(connection, name)
            self._keep(connection, name, factor)
            self._note(connection, name, by, "on")
        return factor, codes

    def remove_factor(self, name: str, by: str, code: str | None = None) -> bool:
        """Take a second factor away; False where a code is given that is not right."""
        with self.ledger.writing() as connection:
            factor = self._factor(self._row(connection, name))
            if code is not None and factor is not None and not self._accepts(factor, code):
                return False
            self._keep(connection, name, None)
            self._note(connection, name, by, "off")
        return True

    def _accepts(self, factor: Factor, code: str) -> bool:
        address, now = occasion().address, time.time()
        is_right = not self.guesses.is_over(address, now) and factor.accepts(code, now)
        if not is_right:
            self.guesses.note(address, now)
        return is_right

    def _row(self, connection: Connection, name: str) -> Any:
        row = accounts.find_account(connection, name)
        if row is None:
            raise BadInput(f"there is no account {quoted(name)}; see: singula user list")
        return row

    def _factor(self, row: Any) -> Factor | None:
        return open_factor(row.totp, self._key, row.name) if row is not None else None

    def _keep(self, connection: Connection, name: str, factor: Factor | None) -> None:
        sealed = seal_factor(factor, self._key, name) if factor else None
        connection.execute(update(schema.account).where(schema.account.c.name == name).values(totp=sealed))

    def _note(self, connection: Connection, name: str, by: str, state: str) -> None:
        self.ledger.append(connection, actor=by, event="user-totp", action="U", details={"user": name, "state": state})
