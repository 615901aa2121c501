"""The first thing every request meets: who is it, is it too big or too much, and what may be told about it afterwards.

A path that is not open needs a caller, before anything else about the request is looked at; so a route that forgets to ask
cannot be open.
"""

from __future__ import annotations

import time
import uuid
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from singula.errors import BadInput, Refused
from singula.govern.occasion import Occasion, on_occasion
from singula.serve.answers import Refusal, unauthenticated
from singula.serve.gate import Caller, RefusedRequest
from singula.serve.logs import LOGGER, note
from singula.serve.measures import Measures
from singula.serve.settings import Settings

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Identify = Callable[[Request], Caller | None]
NoteRefusal = Callable[[Caller | None, RefusedRequest], None]

OPEN = (
    "/healthz",
    "/openapi.json",
    "/fhir/metadata",
    "/.well-known/smart-configuration",
    "/fhir/.well-known/smart-configuration",
    "/login",
)
OPEN_BELOW = ("/oauth/", "/static/")
OPEN_TO_READ = ("/cds-services",)
SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
)
POLICY = (
    b"default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
ALLOWED_HEADERS = "Authorization, Content-Type, Accept, If-Match, If-None-Match, Prefer, Singula-Purpose, Singula-Reason"
MOST_ADDRESSES = 10_000
UNFORESEEN = 500
REFUSALS = (401, 403)
TOKEN_NAMES = ("access_token", "token", "id_token")


def is_open(method: str, path: str) -> bool:
    """Tell whether a path needs no caller."""
    if path in OPEN or any(path.startswith(one) for one in OPEN_BELOW):
        return True
    return method in ("GET", "HEAD") and path in OPEN_TO_READ


@dataclass
class Bucket:
    """How many requests an address may still send at once."""

    left: float
    at: float


@dataclass
class Guard:
    """ASGI middleware around the whole application."""

    app: Any
    settings: Settings
    measures: Measures
    identify: Identify
    note_refusal: NoteRefusal
    buckets: OrderedDict[str, Bucket] = field(default_factory=OrderedDict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = uuid.uuid4().hex[:16]
        scope.setdefault("state", {})["request_id"] = request_id
        told: dict[str, Any] = {"status": 500}
        origin = self._origin(scope)

        async def send_marked(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                told["status"] = message["status"]
                if message["status"] in REFUSALS:
                    refused = RefusedRequest(scope["method"], scope["path"], message["status"])
                    await run_in_threadpool(self.note_refusal, scope["state"].get("caller"), refused)
                message["headers"] = [*message.get("headers", []), *self._headers(message, origin, request_id)]
            await send(message)

        address = scope["client"][0] if scope.get("client") else ""
        try:
            with on_occasion(Occasion(request_id, address)):
                answer = await self._stop(scope, origin)
                if answer is not None:
                    await answer(scope, receive, send_marked)
                else:
                    await self._pass(scope, receive, send_marked)
        finally:
            seconds = time.perf_counter() - started
            route = getattr(scope.get("route"), "path", "other")
            self.measures.note_answer(scope["method"], route, told["status"], seconds)
            note("request", request_id=request_id, method=scope["method"], route=route, status=told["status"],
                 milliseconds=round(seconds * 1000, 1))  # fmt: skip

    async def _stop(self, scope: Scope, origin: str | None) -> Response | None:
        request = Request(scope)
        if request.method == "OPTIONS" and origin and "access-control-request-method" in request.headers:
            return Response(status_code=204)
        if not self._has_room(request):
            return Refusal(429, "throttled", "too many requests; try again in a second", {"Retry-After": "1"}).answer()
        if not is_open(request.method, request.url.path):
            query = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
            has_token_in_address = any(name in TOKEN_NAMES for name, _ in query)
            caller = None if has_token_in_address else await run_in_threadpool(self.identify, request)
            if caller is None:
                wants_page = "text/html" in request.headers.get("accept", "") and request.method in ("GET", "HEAD")
                if wants_page and "authorization" not in request.headers and not has_token_in_address:
                    return RedirectResponse("/login", 303)
                return unauthenticated().answer()
            scope["state"]["caller"] = caller
        length = request.headers.get("content-length", "0")
        if not length.isdigit() or int(length) > self.settings.body_bytes:
            return self._too_large()
        return None

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        taken = 0
        begun = False

        async def receive_bounded() -> MutableMapping[str, Any]:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self.settings.body_bytes:
                raise Refusal(413, "too-long", f"a body may have {self.settings.body_bytes} bytes; send less at a time")
            return message

        async def send_noted(message: MutableMapping[str, Any]) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive_bounded, send_noted)
        except Exception as fault:
            if refuse(fault).status == UNFORESEEN:
                LOGGER.error("fault", exc_info=fault, extra={"event": "fault", "request_id": scope["state"]["request_id"]})
            if not begun:
                await refuse(fault).answer()(scope, receive, send)

    def _too_large(self) -> Response:
        return Refusal(413, "too-long", f"a body may have {self.settings.body_bytes} bytes; send less at a time").answer()

    def _origin(self, scope: Scope) -> str | None:
        found = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"origin"), None)
        return found if found in self.settings.allow_origin else None

    def _headers(self, message: MutableMapping[str, Any], origin: str | None, request_id: str) -> list[tuple[bytes, bytes]]:
        there = {name.lower() for name, _ in message.get("headers", [])}
        made = [*SECURITY_HEADERS, (b"x-request-id", request_id.encode())]
        if b"content-security-policy" not in there:
            made.append((b"content-security-policy", POLICY))
        if b"cache-control" not in there:
            made.append((b"cache-control", b"no-store"))
        if self.settings.is_https:
            made.append((b"strict-transport-security", b"max-age=31536000"))
        if origin and b"access-control-allow-origin" not in there:
            made += [
                (b"access-control-allow-origin", origin.encode()),
                (b"vary", b"Origin"),
                (b"access-control-allow-methods", b"GET, POST, PUT, DELETE, OPTIONS"),
                (b"access-control-allow-headers", ALLOWED_HEADERS.encode()),
                (b"access-control-expose-headers", b"ETag, Location, Content-Location, X-Progress, Retry-After"),
            ]
        return made

    def _has_room(self, request: Request) -> bool:
        address = request.client.host if request.client else ""
        now = time.monotonic()
        bucket = self.buckets.get(address)
        if bucket is None:
            bucket = self.buckets[address] = Bucket(self.settings.requests_burst, now)
            if len(self.buckets) > MOST_ADDRESSES:
                self.buckets.popitem(last=False)
        bucket.left = min(bucket.left + (now - bucket.at) * self.settings.requests_per_second, self.settings.requests_burst)
        bucket.at = now
        if bucket.left < 1:
            return False
        bucket.left -= 1
        return True


def refuse(fault: Exception) -> Refusal:
    """Return the answer to a fault: its own where it is one of ours, else one that tells nothing."""
    if isinstance(fault, Refusal):
        return fault
    if isinstance(fault, Refused):
        return Refusal(403, "forbidden", str(fault))
    if isinstance(fault, BadInput):
        return Refusal(400, "invalid", str(fault))
    return Refusal(UNFORESEEN, "exception", "the server met a fault; it is noted under the request id")
