"""What the server needs of the gateway: who is calling, what they may see, and a place for what they leave.

Every row that leaves comes through a ``View``, which is opened for one caller and one purpose and knows nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from singula.serve.fhir.search import Search

Resource = Mapping[str, Any]
ROLES_WITH_ROWS = ("patient", "clinician", "client")


@dataclass(frozen=True)
class Caller:
    """Who calls: a person or a program, and what their token was given for."""

    actor: str
    role: str
    scopes: tuple[str, ...]
    patient: str | None = None
    client: str | None = None
    token: str = ""

    @property
    def default_purpose(self) -> str:
        """The purpose that holds when none is named."""
        return {"patient": "PATRQT", "researcher": "HRESCH"}.get(self.role, "TREAT")


@dataclass(frozen=True)
class Stored:
    """One version of a resource."""

    kind: str
    id: str
    version: int
    resource: Resource
    is_deleted: bool = False


@dataclass(frozen=True)
class Found:
    """One page of a search."""

    rows: tuple[Stored, ...] = ()
    included: tuple[Stored, ...] = ()
    total: int | None = None
    next_page: str | None = None


@dataclass(frozen=True)
class Client:
    """A registered program."""

    id: str
    name: str
    is_public: bool
    scopes: tuple[str, ...]
    redirects: tuple[str, ...] = ()
    jwks: Mapping[str, Any] | None = None
    cds_issuer: str | None = None


@dataclass(frozen=True)
class Account:
    """A signed-in person."""

    name: str
    role: str
    patient: str | None = None


@dataclass(frozen=True)
class Tokens:
    """Fresh tokens, shown once."""

    access_token: str
    expires_in: int
    scope: str
    patient: str | None = None
    refresh_token: str | None = None


@dataclass(frozen=True)
class Grant:
    """What a token is made for."""

    client: str
    scopes: tuple[str, ...]
    user: str | None = None
    patient: str | None = None
    seconds: int = 900
    with_refresh: bool = False
    family: str = ""


@dataclass(frozen=True)
class CardNote:
    """A card that was shown, or what became of it."""

    card: str
    patient: str
    rule: str
    outcome: str
    detail: Mapping[str, Any] = field(default_factory=dict)


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

    def atomically(self) -> AbstractContextManager[None]:
        """Do all that is written inside, or nothing of it."""
        ...


class Gate(Protocol):
    """The gateway, as far as the server needs it."""

    def is_ready(self) -> bool:
        """Tell whether the store answers."""
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
