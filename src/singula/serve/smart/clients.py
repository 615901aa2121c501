"""Which program is asking: by its public id, by its secret, or by an assertion signed with its key."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_plus

from singula.serve.gate import Client, Gate
from singula.serve.hooks.issuers import unverified_issuer, verify_signed
from singula.serve.smart.key_sets import key_set

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class OAuthFault(Exception):
    """A request at the token address that is not done."""

    def __init__(self, error: str, words: str, status: int = 400) -> None:
        super().__init__(words)
        self.error, self.words, self.status = error, words, status


@dataclass(frozen=True)
class Asked:
    """A request at one of the OAuth addresses: its form, its Authorization header, and the address itself."""

    form: Mapping[str, str]
    authorization: str | None
    address: str


def invalid_client() -> OAuthFault:
    """Return the one refusal for every program that cannot be believed."""
    return OAuthFault("invalid_client", "the program is unknown or did not prove who it is", 401)


def authenticate_client(asked: Asked, gate: Gate, *, needs_proof: bool = False) -> Client:
    """Find out which program asks.

    Parameters
    ----------
    asked : Asked
        The request.
    gate : Gate
        Knows the programs.
    needs_proof : bool
        Whether a public program, which can prove nothing, is refused.

    Returns
    -------
    Client
        The program.

    Raises
    ------
    OAuthFault
        ``invalid_client``.
    """
    if asked.form.get("client_assertion") or asked.form.get("client_assertion_type"):
        return _by_assertion(asked, gate)
    identity, secret = _basic(asked.authorization) if asked.authorization else (None, None)
    identity = identity or asked.form.get("client_id")
    secret = secret if secret is not None else asked.form.get("client_secret")
    client = gate.client(identity) if identity else None
    if client is None:
        raise invalid_client()
    if client.is_public:
        if needs_proof:
            raise invalid_client()
        return client
    if client.jwks is not None or not secret or not gate.is_secret_of(client.id, secret):
        raise invalid_client()
    return client


def _basic(header: str) -> tuple[str | None, str | None]:
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return None, None
    try:
        identity, _, secret = base64.b64decode(value, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise invalid_client() from None
    return unquote_plus(identity), unquote_plus(secret)


def _by_assertion(asked: Asked, gate: Gate) -> Client:
    token = asked.form.get("client_assertion", "")
    issuer = unverified_issuer(token) if asked.form.get("client_assertion_type") == ASSERTION_TYPE else None
    client = gate.client(issuer) if issuer else None
    keys = key_set(client) if client is not None else None
    if client is None or keys is None or asked.form.get("client_id", client.id) != client.id:
        raise invalid_client()
    claims = verify_signed(token, keys, issuer=client.id, audiences=frozenset({asked.address}))
    if claims is None or claims.get("sub") != client.id:
        raise invalid_client()
    if not gate.is_first_use(client.id, str(claims["jti"]), float(claims["exp"])):
        raise invalid_client()
    return client
