"""Tokens that EHRs sign themselves: who may call, checked against the keys registered for that issuer and no others."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

ALGORITHMS = ["ES384", "RS384"]
LONGEST_LIFE, SLACK = 300, 5
LONGEST_TOKEN = 8192


def unverified_issuer(token: str) -> str | None:
    """Return whom a token says it is from, to find the keys to check that with."""
    import base64
    import json

    if len(token) > LONGEST_TOKEN or token.count(".") != 2:
        return None
    try:
        part = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        return None
    issuer = claims.get("iss") if isinstance(claims, Mapping) else None
    return issuer if isinstance(issuer, str) else None


def verify_signed(token: str, keys: Mapping[str, Any], *, issuer: str, audiences: frozenset[str]) -> Mapping[str, Any] | None:
    """Check a signed token.

    Parameters
    ----------
    token : str
        As sent.
    keys : mapping
        The JWKS registered for the issuer; keys named in the token's header are never fetched.
    issuer : str
        Who has to have signed it.
    audiences : frozenset of str
        The addresses it may be meant for.

    Returns
    -------
    mapping or None
        Its claims; None where anything is wrong with it.
    """
    try:
        found = jwt.decode(token, KeySet.import_key_set(dict(keys)), algorithms=ALGORITHMS)  # type: ignore[arg-type]
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    if "kid" not in found.header or not _are_good(found.claims, issuer, audiences):
        return None
    return found.claims


def _are_good(claims: Mapping[str, Any], issuer: str, audiences: frozenset[str]) -> bool:
    now = time.time()
    ends, begins, identity = claims.get("exp"), claims.get("nbf", claims.get("iat", 0)), claims.get("jti")
    audience = claims.get("aud")
    named = set(audience) if isinstance(audience, list) and all(isinstance(one, str) for one in audience) else {audience}
    if claims.get("iss") != issuer or not named & audiences:
        return False
    if isinstance(ends, bool) or not isinstance(ends, int | float) or not now - SLACK < ends <= now + LONGEST_LIFE + SLACK:
        return False
    if isinstance(begins, bool) or not isinstance(begins, int | float) or begins > now + SLACK:
        return False
    return isinstance(identity, str) and bool(identity)
