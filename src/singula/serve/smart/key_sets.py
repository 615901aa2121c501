"""The keys of a program: registered as they are, or by one address, fetched from there and kept no longer than it says."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from singula.errors import BadInput
from singula.serve.addresses import is_allowed, pin
from singula.serve.gate import Client
from singula.sources.limits import parse_json

SECONDS, MOST_BYTES, LONGEST_KEPT = 3.0, 1 << 20, 3600.0
MAX_AGE = re.compile(r"max-age\s*=\s*\"?(\d{1,9})")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_kept: dict[str, tuple[float, Mapping[str, Any]]] = {}
_lock = threading.Lock()


def key_set(client: Client, clock: Callable[[], float] = time.monotonic) -> Mapping[str, Any] | None:
    """Return the key set of a program.

    Parameters
    ----------
    client : Client
        Registered with a key set, or with the address of one.
    clock : callable
        Tells the time in seconds, for how long a fetched set is kept.

    Returns
    -------
    mapping or None
        None where there is none, or its address does not answer with one.
    """
    address = client.jwks.get("uri") if client.jwks else None
    if not isinstance(address, str):
        return client.jwks
    now = clock()
    with _lock:
        until, found = _kept.get(address, (0.0, {}))
    if now < until:
        return found
    return _fetch(address, now)


def _fetch(address: str, now: float) -> Mapping[str, Any] | None:
    import httpx

    pinned = pin(address) if is_allowed(address, [address]) and is_protected(address) else None
    if pinned is None:
        return None
    headers = {"Accept": "application/json", "Host": pinned.host}
    try:
        with (
            httpx.Client(follow_redirects=False, timeout=SECONDS, trust_env=False) as caller,
            caller.stream("GET", pinned.target, headers=headers, extensions={"sni_hostname": pinned.name}) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                return None
            body = b""
            for chunk in answer.iter_bytes():
                body += chunk
                if len(body) > MOST_BYTES:
                    return None
            kept_for = _kept_for(answer.headers.get("cache-control", ""))
        found = parse_json(body, "key set")
    except (httpx.HTTPError, BadInput):
        return None
    if not isinstance(found, dict) or not isinstance(found.get("keys"), list):
        return None
    with _lock:
        _kept[address] = (now + kept_for, found)
    return found


def is_protected(address: str) -> bool:
    """Tell whether an address is reached over TLS, or lies on this machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or parts.hostname in LOOPBACK


def _kept_for(header: str) -> float:
    """Return how many seconds a key set may be kept; what says nothing is not kept at all."""
    found = MAX_AGE.search(header.lower())
    if found is None or "no-store" in header.lower() or "no-cache" in header.lower():
        return 0.0
    return min(float(found[1]), LONGEST_KEPT)
