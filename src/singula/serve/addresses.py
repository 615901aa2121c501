"""Addresses the server may call: exactly those it was told, resolved once, never a private one, never a redirect."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

PORTS = {"http": 80, "https": 443}
PLAIN_HOST = re.compile(r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$")
PLAIN_PATH = re.compile(r"^[A-Za-z0-9/._~$+-]*$")


@dataclass(frozen=True)
class Address:
    """A parsed address of a server."""

    scheme: str
    host: str
    port: int
    path: str


def parse_address(url: str) -> Address | None:
    """Parse an address strictly; None where anything about it is unusual."""
    if not url.isascii() or any(sign in url for sign in "\\@?#%") or any(ord(sign) <= 32 for sign in url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    host = (parts.hostname or "").lower()
    if parts.scheme not in PORTS or not (PLAIN_HOST.match(host) or _is_ip(host)) or not PLAIN_PATH.match(parts.path):
        return None
    if ".." in parts.path.split("/") or "//" in parts.path:
        return None
    return Address(parts.scheme, host, port or PORTS[parts.scheme], parts.path.rstrip("/"))


def is_allowed(url: str, allow_list: Sequence[str]) -> bool:
    """Tell whether an address is one of the list, or lies below one: same scheme, host, port and beginning of the path."""
    address = parse_address(url)
    if address is None:
        return False
    for allowed in (parse_address(one) for one in allow_list):
        if allowed is None or (address.scheme, address.host, address.port) != (allowed.scheme, allowed.host, allowed.port):
            continue
        if address.path == allowed.path or address.path.startswith(f"{allowed.path}/"):
            return True
    return False


def resolve(url: str) -> str | None:
    """Resolve an address once and return the IP to connect to; None where it is private and was not named as such."""
    address = parse_address(url)
    if address is None:
        return None
    if _is_ip(address.host) or address.host == "localhost":
        return address.host
    try:
        found = {str(one[4][0]) for one in socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)}
    except OSError:
        return None
    if not found or any(not ipaddress.ip_address(one).is_global for one in found):
        return None
    return sorted(found)[0]


@dataclass(frozen=True)
class Pinned:
    """An address that was resolved once: what to connect to, and the name to ask for there."""

    target: str
    host: str
    name: str


def pin(url: str) -> Pinned | None:
    """Resolve an address once, so that what was checked is what is called; None where it may not be called."""
    address = resolve(url.split("?", maxsplit=1)[0])
    if address is None:
        return None
    parts = urlsplit(url)
    host = f"[{address}]" if ":" in address else address
    port = f":{parts.port}" if parts.port else ""
    return Pinned(parts._replace(netloc=f"{host}{port}").geturl(), parts.netloc, parts.hostname or "")


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
