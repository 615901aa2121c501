"""How the server answers: JSON that keeps its numbers, OperationOutcomes, and refusals that tell nothing they should not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import Response

FHIR_JSON = "application/fhir+json"
JSON_TYPE = "application/json"
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class Refusal(Exception):
    """A request that is not done; it becomes an OperationOutcome."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, dict(headers or {})

    def answer(self) -> Response:
        """Return the refusal as a response."""
        return fhir_answer(outcome(self.code, self.message), self.status, self.headers)


def unauthenticated() -> Refusal:
    """Return the refusal of a missing, malformed, expired or revoked token: one sentence for all of them."""
    return Refusal(401, "login", "sign in: send a valid access token as Authorization: Bearer", {"WWW-Authenticate": "Bearer"})


def not_found(kind: str, identity: str) -> Refusal:
    """Return the refusal of what is not there or not to be seen: the same for both."""
    return Refusal(404, "not-found", f"there is no {kind}/{identity} here")


def outcome(code: str, message: str, severity: str = "error") -> dict[str, Any]:
    """Return an OperationOutcome with one issue."""
    return {"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": code, "diagnostics": message}]}


def fhir_answer(resource: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with a FHIR resource."""
    return Response(to_json(resource), status, dict(headers or {}), media_type=FHIR_JSON)


def json_answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with JSON."""
    return Response(to_json(value), status, dict(headers or {}), media_type=JSON_TYPE)


def to_json(value: Any) -> bytes:
    """Write JSON; bytes are written as they are."""
    return value if isinstance(value, bytes) else orjson.dumps(value)
