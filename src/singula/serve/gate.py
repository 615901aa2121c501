"""What the server needs of the gateway: who is calling, what they may see, and a place for what they leave.

Every row that leaves comes through a ``View``, which is opened for one caller and one purpose and knows nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from singula.govern.access_log import AccessLog
from singula.govern.consent import Provision
from singula.govern.consents import Terms
from singula.govern.explaining import Question
from singula.govern.one_time import Factor
from singula.govern.outbox import Notice, Subscriber
from singula.govern.parties import Account, Caller, CardNote, Client, Found, Grant, Resource, Stored, Tokens
from singula.govern.refusals import RefusedRequest
from singula.serve.fhir.search import Search

__all__ = [
    "Account",
    "Caller",
    "CardNote",
    "Client",
    "Found",
    "Gate",
    "Grant",
    "RefusedRequest",
    "Resource",
    "Stored",
    "Tokens",
    "View",
]
ROLES_WITH_ROWS = ("patient", "clinician", "client")


class View(Protocol):
    """The store as one caller sees it for one purpose; what they may not see is not there."""

    def read(self, kind: str, identity: str, version: int | None = None) -> Stored | None:
        """Return the current version, or the one asked for; None where there is none to be seen."""
        ...

    def history(self, kind: str, identity: str) -> Sequence[Stored]:
        """Return every version, newest first; empty where there is none to be seen."""
        ...

    def search(self, search: Search) -> Found:
        """Return a page of what is visible, and of what belongs to it."""
        ...

    def disclosed(self, kind: str, patient: str | None = None) -> Sequence[Stored]:
        """Return what the caller may read of the audit (AuditEvent) or of their consent (Consent), newest first."""
        ...

    def person(self, patient: str, kinds: Sequence[str] = ()) -> Sequence[Stored] | None:
        """Return everything visible about one person; None where the person cannot be seen."""
        ...

    def people_rows(self, kinds: Sequence[str]) -> Iterable[tuple[str, Sequence[Stored]]]:
        """Yield each visible person with what is visible of some types, and under an empty name what belongs to nobody."""
        ...

    def create(self, resource: dict[str, Any]) -> Stored:
        """Store a new resource; Refused where the compartment is not the caller's to write."""
        ...

    def update(self, resource: dict[str, Any], if_version: int | None) -> Stored | None:
        """Store a new version; None where there is none to be seen."""
        ...

    def delete(self, kind: str, identity: str) -> bool:
        """Delete; False where there is none to be seen."""
        ...

    def subscribe(self, doc: Mapping[str, Any], kind: str, until: float | None) -> Stored | None:
        """Keep a subscription of the caller, or change the one with its id; None where that is not theirs."""
        ...

    def subscriber(self, identity: str) -> Subscriber | None:
        """Return how a subscription of the caller stands."""
        ...

    def unsubscribe(self, identity: str) -> bool:
        """End a subscription of the caller; False where there is none."""
        ...

    def atomically(self) -> AbstractContextManager[None]:
        """Do all that is written inside, or nothing of it."""
        ...


class Door(Protocol):
    """Where people set up their second factor."""

    def state(self, name: str) -> str:
        """Return ``none``, ``begun`` or ``active``."""
        ...

    def begin_factor(self, name: str) -> Factor:
        """Make a second factor that counts once a code of it was given."""
        ...

    def confirm_factor(self, name: str, code: str) -> Sequence[str] | None:
        """Let it count where the code is right, and return the recovery codes."""
        ...

    def remove_factor(self, name: str, by: str, code: str | None = None) -> bool:
        """Take it away; False where the code is not right."""
        ...


class Post(Protocol):
    """Where notices for subscribers wait."""

    def take(self, now: float) -> tuple[Notice, Subscriber] | None:
        """Take the next notice that is due."""
        ...

    def settle(self, done: Notice, served: Subscriber, people: Sequence[str] = (), *, is_sent: bool = True) -> None:
        """Take a notice out of the box: sent, or holding nothing the subscriber may see."""
        ...

    def put_off(self, failed: Notice, served: Subscriber, now: float) -> None:
        """Keep a notice for later."""
        ...

    def refuse(self, notice: Notice, served: Subscriber) -> None:
        """End a subscription whose receiver is none that may be called."""
        ...


class Gate(Protocol):
    """The gateway, as far as the server needs it."""

    def is_ready(self) -> bool:
        """Tell whether the store answers."""
        ...

    def note_refusal(self, caller: Caller | None, refused: RefusedRequest) -> None:
        """Keep in the audit that a request was turned away."""
        ...

    def caller_of_token(self, token: str) -> Caller | None:
        """Return whose token this is; None where it is unknown, expired or revoked."""
        ...

    def caller_of_session(self, session: str) -> Caller | None:
        """Return whose web session this is; None where it is unknown or over."""
        ...

    def open(self, caller: Caller, purpose: str, reason: str | None = None) -> View:
        """Open the store for a caller; Refused where the purpose is not theirs to name."""
        ...

    def may_use(self, caller: Caller, purpose: str, patient: str, resources: Sequence[Resource]) -> Sequence[Resource]:
        """Return those of a person's resources, sent along by a caller, that the person has not denied."""
        ...

    def access_log(self, caller: Caller, patient: str, before: int | None = None) -> AccessLog | None:
        """Return who saw a person's data; None where the log is not the caller's to read."""
        ...

    def why(self, caller: Caller, patient: str, question: Question) -> Mapping[str, Any] | None:
        """Return why an actor can see something of a person; None where that is not the caller's to ask."""
        ...

    def consent_of(self, caller: Caller) -> Sequence[Provision] | None:
        """Return the active provisions of the caller's own consent; None for everybody but a person themselves."""
        ...

    def change_consent(self, caller: Caller, deed: str, change: Terms | str) -> bool:
        """Change the caller's own consent: ``grant`` or ``revoke`` by terms, or ``end`` a provision by its name."""
        ...

    def emergencies(self, patient: str) -> int:
        """Return how many emergency accesses the person has to be told of."""
        ...

    def issuer(self, issuer: str) -> Client | None:
        """Return the program whose signed tokens name this issuer."""
        ...

    def is_first_use(self, issuer: str, identity: str, until: float) -> bool:
        """Note a one-time identity; False where it was used before."""
        ...

    def note_card(self, caller: Caller, card: CardNote) -> None:
        """Keep that a card was shown, or what became of it."""
        ...

    def silenced_cards(self, patient: str) -> frozenset[str]:
        """Return the cards a reasoned override has silenced for this person."""
        ...

    def shown_card(self, card: str) -> CardNote | None:
        """Return what a card was about; None where it was never shown."""
        ...

    def sign_in(self, name: str, password: str, one_time: str) -> Account | None:
        """Check a person's name, password and, where enrolled, one-time code; the same answer and time for all that is wrong."""
        ...

    @property
    def post(self) -> Post:
        """Where notices for subscribers wait."""
        ...

    @property
    def door(self) -> Door:
        """Where people set up their second factor."""
        ...

    def begin_session(self, account: Account) -> str:
        """Return the secret of a new web session."""
        ...

    def account_of_session(self, session: str) -> Account | None:
        """Return whose web session this is."""
        ...

    def end_session(self, session: str) -> None:
        """End a web session."""
        ...

    def people_of(self, account: Account) -> Sequence[tuple[str, str]]:
        """Return id and words of each person whose record the account may open."""
        ...

    def client(self, identity: str) -> Client | None:
        """Return a registered program."""
        ...

    def is_secret_of(self, identity: str, secret: str) -> bool:
        """Tell whether this is the program's secret."""
        ...

    def give(self, grant: Grant) -> Tokens:
        """Make tokens."""
        ...

    def renew(self, refresh_token: str, client: str, scopes: Sequence[str]) -> Tokens | None:
        """Take a refresh token in and make new tokens; None where it is not this program's, used, or revoked."""
        ...

    def introspect(self, token: str) -> Mapping[str, Any] | None:
        """Return what a token is for; None where it is not active."""
        ...

    def revoke(self, token: str, client: str) -> None:
        """Revoke a program's own token and what was made of it."""
        ...

    def revoke_family(self, family: str) -> None:
        """Revoke every token made of one authorization."""
        ...
