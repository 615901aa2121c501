"""The post: takes notices out of the outbox, and notes in the audit what was delivered to whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from singula.govern import outbox
from singula.govern.ledger import Ledger
from singula.govern.outbox import Notice, Subscriber
from singula.govern.subscribing import subscriber


@dataclass(frozen=True)
class Post:
    """Notices that are due, one at a time; several servers may share one outbox."""

    ledger: Ledger
    key: bytes

    def take(self, now: float) -> tuple[Notice, Subscriber] | None:
        """Take the next notice; a subscription whose owner may not ask any more is ended on the way."""
        while True:
            with self.ledger.store.writing() as connection:
                taken = outbox.take_due(connection, now)
                if taken is None:
                    return None
                found = subscriber(connection, taken.subscription, self.key)
                if found is not None and (found.until is None or now < found.until):
                    return taken, found
                outbox.end(connection, taken.subscription, outbox.OFF)

    def settle(self, done: Notice, served: Subscriber, people: Sequence[str] = (), *, is_sent: bool = True) -> None:
        """Take a notice out of the box; what was sent is a disclosure."""
        with self.ledger.writing() as connection:
            outbox.settle(connection, done, counts=is_sent and done.sort == outbox.EVENT)
            if is_sent:
                self._note(connection, done, served, people, "0")

    def put_off(self, failed: Notice, served: Subscriber, now: float) -> None:
        """Keep a notice for later."""
        with self.ledger.writing() as connection:
            if not outbox.put_off(connection, failed, now):
                self._note(connection, failed, served, (), "8")

    def refuse(self, notice: Notice, served: Subscriber) -> None:
        """End a subscription whose receiver is none that may be called."""
        with self.ledger.writing() as connection:
            outbox.end(connection, served.id, outbox.ERROR)
            self._note(connection, notice, served, (), "8")

    def _note(self, connection: Connection, notice: Notice, served: Subscriber, people: Sequence[str], outcome: str) -> None:
        resource = f"{notice.kind}/{notice.id}" if notice.kind else f"Subscription/{served.id}"
        named: list[str | None] = [*people]
        for patient in named or [None]:
            self.ledger.append(connection, actor=served.caller.actor, event=f"notice-{notice.sort}", action="R", patient=patient,
                               resource=resource, outcome=outcome, purpose=served.purpose,
                               details={"subscription": served.id, "tries": notice.tries + 1})  # fmt: skip
