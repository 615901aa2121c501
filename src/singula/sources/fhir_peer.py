"""The other side: fetching one person's record from another FHIR server, as a SMART backend program or with a token in hand."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from singula.errors import BadInput, Refused, quoted
from singula.sources.limits import parse_json

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
KINDS = ("Condition", "Observation", "MedicationRequest", "MedicationStatement", "AllergyIntolerance", "Procedure",
         "Immunization", "FamilyMemberHistory", "DiagnosticReport", "Specimen")  # fmt: skip
SECONDS, ASSERTION_SECONDS = 20.0, 240
MOST_BYTES, MOST_PAGES = 64 << 20, 200
LOOPBACK = ("127.0.0.1", "localhost", "::1")
OK = 200


@dataclass(frozen=True)
class Program:
    """Who we are to the other server: a client id, and the private key that proves it."""

    client_id: str
    jwk: Mapping[str, Any]
    scope: str = "system/*.rs"


class Peer:
    """Another FHIR server.

    Parameters
    ----------
    base : str
        Its FHIR address; TLS, unless on this machine.
    token : str, optional
        An access token for it.
    """

    def __init__(self, base: str, token: str | None = None) -> None:
        parts = urlsplit(base)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            raise BadInput(f"{quoted(base)}: a FHIR server is reached over https; correct the address")
        self.base, self.origin, self.token = base.rstrip("/"), (parts.scheme, parts.netloc), token
        self._http = httpx.Client(timeout=SECONDS, follow_redirects=False, trust_env=False)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def sign_in(self, program: Program) -> str:
        """Get an access token as a backend program, by an assertion signed with its key."""
        told = self._get(f"{self.base}/.well-known/smart-configuration", with_token=False)
        address = told.get("token_endpoint")
        if not isinstance(address, str):
            raise BadInput(f"{self.base}: names no token address in its smart-configuration; ask who runs it")
        form = {
            "grant_type": "client_credentials",
            "scope": program.scope,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": make_assertion(program, address),
        }
        answer = self._send(self._http.build_request("POST", address, data=form))
        token = answer.get("access_token")
        if not isinstance(token, str):
            raise Refused(f"{self.base}: gave no access token; check the client id, its key and the scope")
        self.token = token
        return token

    def pull(self, patient: str) -> dict[str, Any]:
        """Fetch everything about one person.

        Parameters
        ----------
        patient : str
            The person's id there.

        Returns
        -------
        dict
            A Bundle of type collection; by ``$everything`` where the server has it, else type by type.
        """
        try:
            resources = self._pages(f"{self.base}/Patient/{patient}/$everything")
        except BadInput:
            resources = [self._get(f"{self.base}/Patient/{patient}")]
            for kind in KINDS:
                resources += self._pages(f"{self.base}/{kind}?patient={patient}")
        unique = {(one.get("resourceType"), one.get("id")): one for one in resources}
        entries = [{"fullUrl": f"{self.base}/{kind}/{identity}", "resource": one} for (kind, identity), one in unique.items()]
        return {"resourceType": "Bundle", "type": "collection", "entry": entries}

    def _pages(self, address: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for _ in range(MOST_PAGES):
            bundle = self._get(address)
            found += [one["resource"] for one in bundle.get("entry") or () if isinstance(one.get("resource"), dict)]
            following = next((one.get("url") for one in bundle.get("link") or () if one.get("relation") == "next"), None)
            if not isinstance(following, str):
                return found
            parts = urlsplit(following)
            if (parts.scheme, parts.netloc) != self.origin:
                raise BadInput(f"{self.base}: the next page lies on another server; the token is not sent there")
            address = following
        raise BadInput(f"{self.base}: the answer has over {MOST_PAGES} pages; ask for one person only")

    def _get(self, address: str, *, with_token: bool = True) -> dict[str, Any]:
        headers = {"Accept": "application/fhir+json, application/json"}
        if with_token and self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return self._send(self._http.build_request("GET", address, headers=headers))

    def _send(self, request: httpx.Request) -> dict[str, Any]:
        try:
            answer = self._http.send(request, stream=True)
            body = b""
            for chunk in answer.iter_bytes():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise BadInput(f"{self.base}: an answer is larger than {MOST_BYTES >> 20} MiB; it is not read")
            answer.close()
        except httpx.HTTPError as fault:
            raise BadInput(f"{self.base}: cannot be reached ({type(fault).__name__}); check the address") from None
        if answer.status_code in (401, 403):
            raise Refused(f"{self.base}: does not let us in ({answer.status_code}); check token, scope and client")
        if answer.status_code != OK:
            raise BadInput(f"{self.base}: answered {answer.status_code}; check the address and the id")
        document = parse_json(body, self.base)
        if not isinstance(document, dict):
            raise BadInput(f"{self.base}: answered with no JSON object; is it a FHIR server?")
        return document


def make_assertion(program: Program, audience: str) -> str:
    """Sign who we are, for one token address and a few minutes."""
    try:
        key: ECKey | RSAKey = (
            ECKey.import_key(dict(program.jwk)) if program.jwk.get("kty") == "EC" else RSAKey.import_key(dict(program.jwk))
        )
        algorithm = "ES384" if program.jwk.get("kty") == "EC" else "RS384"
        now = int(time.time())
        claims = {"iss": program.client_id, "sub": program.client_id, "aud": audience, "iat": now,
                  "exp": now + ASSERTION_SECONDS, "jti": secrets.token_hex(16)}  # fmt: skip
        header = {"alg": algorithm, "typ": "JWT", "kid": str(program.jwk.get("kid", ""))}
        return jwt.encode(header, claims, key, algorithms=[algorithm])
    except (JoseError, ValueError, TypeError, KeyError):
        raise BadInput("the key is no private JWK on P-384 or RSA with its kid; make one for this client") from None
