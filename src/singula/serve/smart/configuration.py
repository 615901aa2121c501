"""The well-known document: where to go and what is understood."""

from __future__ import annotations

from typing import Any

from singula.serve.brands import primary_identifier
from singula.serve.settings import Settings

SCOPES = (
    "openid", "fhirUser", "launch", "launch/patient", "offline_access", "online_access",
    "patient/*.rs", "patient/*.cruds", "user/*.rs", "user/*.cruds", "system/*.rs", "system/*.cruds",
)  # fmt: skip
CAPABILITIES = (
    "launch-standalone", "launch-ehr", "client-public", "client-confidential-symmetric", "client-confidential-asymmetric",
    "context-standalone-patient", "context-ehr-patient", "permission-offline", "permission-online", "permission-patient",
    "context-ehr-encounter", "context-banner", "permission-user", "permission-v1", "permission-v2",
    "sso-openid-connect", "authorize-post",
)  # fmt: skip
SIGNING = ("RS384", "ES384")
GRANTS = ("authorization_code", "client_credentials", "refresh_token")
CLIENT_AUTHENTICATION = ("private_key_jwt", "client_secret_basic", "client_secret_post")


def smart_configuration(settings: Settings) -> dict[str, Any]:
    """Return the document; every address in it is absolute."""
    base = settings.base
    return _brands(settings) | {
        "issuer": settings.issuer,
        "jwks_uri": f"{base}/oauth/jwks",
        "authorization_endpoint": f"{base}/oauth/authorize",
        "token_endpoint": f"{base}/oauth/token",
        "introspection_endpoint": f"{base}/oauth/introspect",
        "revocation_endpoint": f"{base}/oauth/revoke",
        "grant_types_supported": list(GRANTS),
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": list(CLIENT_AUTHENTICATION),
        "token_endpoint_auth_signing_alg_values_supported": list(SIGNING),
        "introspection_endpoint_auth_methods_supported": list(CLIENT_AUTHENTICATION),
        "id_token_signing_alg_values_supported": ["RS256"],
        "subject_types_supported": ["public"],
        "scopes_supported": list(SCOPES),
        "capabilities": list(CAPABILITIES),
    }


def _brands(settings: Settings) -> dict[str, Any]:
    identifier = primary_identifier(settings)
    if identifier is None:
        return {}
    return {"user_access_brand_bundle": f"{settings.base}/static/brands.json", "user_access_brand_identifier": identifier}


def openid_configuration(settings: Settings) -> dict[str, Any]:
    """Return what OpenID Connect Discovery asks for."""
    kept = ("issuer", "jwks_uri", "authorization_endpoint", "token_endpoint", "response_types_supported", "scopes_supported",
            "grant_types_supported", "code_challenge_methods_supported", "token_endpoint_auth_methods_supported",
            "subject_types_supported", "id_token_signing_alg_values_supported")  # fmt: skip
    found = smart_configuration(settings)
    return {name: found[name] for name in kept} | {"claims_supported": ["iss", "sub", "aud", "exp", "iat", "nonce", "fhirUser"]}
