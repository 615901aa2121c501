"""The token address: codes, refresh tokens and assertions become access tokens."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import time
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

from singula.errors import BadInput
from singula.serve.gate import Client, Gate, Grant, Tokens
from singula.serve.scopes import DataScope, cut_to, read_scope, read_scopes
from singula.serve.settings import Settings
from singula.serve.smart.clients import Asked, OAuthFault, authenticate_client
from singula.serve.smart.pending import Authorization, Pending

VERIFIER = re.compile(r"^[A-Za-z0-9\-._~]{43,128}$")
KEY_BITS, IDENTITY_ALGORITHM = 2048, "RS256"
USER_SECONDS, BACKEND_SECONDS, IDENTITY_SECONDS = 900, 300, 900


@dataclass(frozen=True)
class Issuer:
    """What the token address works with."""

    settings: Settings
    gate: Gate
    pending: Pending
    key: RSAKey


def make_key() -> RSAKey:
    """Make the key that signs identity tokens while the server runs."""
    return RSAKey.generate_key(KEY_BITS, {"kid": secrets.token_hex(8), "use": "sig", "alg": IDENTITY_ALGORITHM})


def answer_token(asked: Asked, issuer: Issuer) -> dict[str, Any]:
    """Answer a request for tokens.

    Parameters
    ----------
    asked : Asked
        The request.
    issuer : Issuer
        Settings, programs, codes and the signing key.

    Returns
    -------
    dict
        The answer of RFC 6749, section 5.1, with the context SMART adds.

    Raises
    ------
    OAuthFault
        ``invalid_client``, ``invalid_grant``, ``invalid_request``, ``invalid_scope`` or ``unsupported_grant_type``.
    """
    kind = asked.form.get("grant_type")
    if kind == "authorization_code":
        return _by_code(asked, issuer)
    if kind == "refresh_token":
        return _by_refresh(asked, issuer)
    if kind == "client_credentials":
        return _by_assertion(asked, issuer)
    raise OAuthFault("unsupported_grant_type" if kind else "invalid_request", "grant_type is missing or not understood")


def _by_code(asked: Asked, issuer: Issuer) -> dict[str, Any]:
    client = authenticate_client(asked, issuer.gate)
    for name in ("code", "redirect_uri", "code_verifier"):
        if not asked.form.get(name):
            raise OAuthFault("invalid_request", f"{name} is missing")
    found, was_used = issuer.pending.take(asked.form["code"])
    if found is not None and was_used:
        issuer.gate.revoke_family(found.family)
    is_good = (
        found is not None
        and not was_used
        and found.client == client.id
        and found.redirect == asked.form["redirect_uri"]
        and _is_verified(asked.form["code_verifier"], found.challenge)
    )
    if found is None or not is_good:
        raise OAuthFault("invalid_grant", "the code is unknown, old, used, or not this program's")
    grant = Grant(
        client=client.id,
        scopes=found.scopes,
        user=found.user,
        patient=found.patient,
        seconds=USER_SECONDS,
        with_refresh=bool({"offline_access", "online_access"} & set(found.scopes)),
        family=found.family,
    )
    made = _answer(issuer.gate.give(grant))
    if found.encounter:
        made["encounter"] = found.encounter
    if "openid" in found.scopes:
        made["id_token"] = _identity_token(found, issuer)
    if "fhirUser" in found.scopes and found.fhir_user:
        made["fhirUser"] = found.fhir_user
    return made


def _by_refresh(asked: Asked, issuer: Issuer) -> dict[str, Any]:
    client = authenticate_client(asked, issuer.gate)
    token = asked.form.get("refresh_token")
    if not token:
        raise OAuthFault("invalid_request", "refresh_token is missing")
    found = issuer.gate.renew(token, client.id, _scopes(asked))
    if found is None:
        raise OAuthFault("invalid_grant", "the refresh token is unknown, used, revoked, or not this program's")
    return _answer(found)


def _by_assertion(asked: Asked, issuer: Issuer) -> dict[str, Any]:
    client = authenticate_client(asked, issuer.gate, needs_proof=True)
    if client.jwks is None:
        raise OAuthFault("unauthorized_client", "a backend program signs an assertion with its registered key")
    wanted = _scopes(asked)
    if not wanted:
        raise OAuthFault("invalid_scope", "scope is missing; name system scopes")
    for one in wanted:
        scope = read_scope(one)
        if not isinstance(scope, DataScope) or scope.context != "system":
            raise OAuthFault("invalid_scope", "a backend program has system scopes only")
    kept = cut_to(wanted, client.scopes)
    if not kept:
        raise OAuthFault("invalid_scope", "the program is not registered for any of these scopes")
    return _answer(issuer.gate.give(Grant(client.id, tuple(kept), seconds=BACKEND_SECONDS)))


def _scopes(asked: Asked) -> list[str]:
    try:
        return read_scopes(asked.form.get("scope", ""))
    except BadInput as fault:
        raise OAuthFault("invalid_scope", str(fault)) from None


def _is_verified(verifier: str, challenge: str) -> bool:
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return bool(VERIFIER.match(verifier)) and hmac.compare_digest(digest, challenge)


def _answer(tokens: Tokens) -> dict[str, Any]:
    made: dict[str, Any] = {
        "access_token": tokens.access_token,
        "token_type": "Bearer",
        "expires_in": tokens.expires_in,
        "scope": tokens.scope,
    }
    if tokens.patient:
        made |= {"patient": tokens.patient, "need_patient_banner": True}
    if tokens.refresh_token:
        made["refresh_token"] = tokens.refresh_token
    return made


def _identity_token(found: Authorization, issuer: Issuer) -> str:
    now = int(time.time())
    claims: dict[str, Any] = {
        "iss": issuer.settings.issuer,
        "sub": hashlib.sha256(f"{issuer.settings.issuer} {found.user}".encode()).hexdigest()[:32],
        "aud": found.client,
        "iat": now,
        "exp": now + IDENTITY_SECONDS,
    }
    claims |= {"nonce": found.nonce} if found.nonce else {}
    claims |= {"fhirUser": found.fhir_user} if found.fhir_user and {"fhirUser", "profile"} & set(found.scopes) else {}
    return jwt.encode(
        {"alg": IDENTITY_ALGORITHM, "kid": str(issuer.key.kid), "typ": "JWT"}, claims, issuer.key, algorithms=[IDENTITY_ALGORITHM]
    )


def introspect(asked: Asked, issuer: Issuer) -> dict[str, Any]:
    """Say what a token is for; only to programs that prove who they are."""
    authenticate_client(asked, issuer.gate, needs_proof=True)
    found = issuer.gate.introspect(asked.form.get("token", ""))
    return {"active": False} if found is None else {"active": True, **found, "iss": issuer.settings.issuer}


def revoke(asked: Asked, issuer: Issuer) -> None:
    """Revoke a token; an unknown one is revoked already."""
    client: Client = authenticate_client(asked, issuer.gate)
    if asked.form.get("token"):
        issuer.gate.revoke(asked.form["token"], client.id)
