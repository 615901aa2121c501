"""Who comes to the gateway and what they bring: callers, accounts, programs, grants, tokens, and what became of cards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Resource = Mapping[str, Any]


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
