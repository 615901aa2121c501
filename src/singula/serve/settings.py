"""What a server can be told: by arguments, by environment, by a file, in this order; every setting is documented here."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from singula.errors import BadInput, WrongUsage, quoted

PREFIX = "SINGULA_"
MIB = 1 << 20
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def _setting(meaning: str, default: Any) -> Any:
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True)
class Settings:
    """The settings of one server."""

    data: str = _setting("Folder of the store.", "singula-data")
    host: str = _setting("Address to listen on; anything but loopback needs TLS or --behind-proxy.", "127.0.0.1")
    port: int = _setting("Port to listen on.", 8000)
    base_url: str = _setting("Address by which clients reach the server; default is made of host and port.", "")
    tls_cert: str = _setting("File with the TLS certificate chain.", "")
    tls_key: str = _setting("File with the key of the TLS certificate.", "")
    behind_proxy: bool = _setting("A proxy in front ends TLS and sets X-Forwarded headers.", False)
    allow_origin: tuple[str, ...] = _setting("Origins whose pages may call; none by default.", ())
    fhir_servers: tuple[str, ...] = _setting("FHIR servers that hooks may name and that may be called back; none by default.", ())
    subscription_endpoints: tuple[str, ...] = _setting(
        "Addresses, by their beginning, that notices may go to; none by default.", ()
    )
    brands: str = _setting("JSON file with the Organization resources people find this server by; none by default.", "")
    body_bytes: int = _setting("Largest body of a request.", 20 * MIB)
    requests_per_second: int = _setting("Requests a second that one address may send for long.", 1000)
    requests_burst: int = _setting("Requests that one address may send at once.", 5000)
    most_rows: int = _setting("Largest page of a search.", 1000)
    log_level: str = _setting("error, warning, info or debug.", "info")

    @property
    def base(self) -> str:
        """The server's own address, without a slash at its end."""
        scheme = "https" if self.tls_cert else "http"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (self.base_url or f"{scheme}://{host}:{self.port}").rstrip("/")

    @property
    def fhir_base(self) -> str:
        """The address of the FHIR door."""
        return f"{self.base}/fhir"

    @property
    def issuer(self) -> str:
        """The name under which identity tokens are signed."""
        return f"{self.base}/oauth"

    @property
    def is_local(self) -> bool:
        """Tell whether only this machine reaches the server."""
        return self.host in LOOPBACK and not self.behind_proxy

    @property
    def is_https(self) -> bool:
        """Tell whether clients reach the server over TLS."""
        return self.base.startswith("https:")


def describe_settings() -> list[tuple[str, str, str]]:
    """Return name in the environment, default and meaning of every setting."""
    return [(f"{PREFIX}{one.name.upper()}", _shown(one.default), one.metadata["meaning"]) for one in fields(Settings)]


def read_settings(given: Mapping[str, Any], environment: Mapping[str, str], file: str | None = None) -> Settings:
    """Put the settings together.

    Parameters
    ----------
    given : mapping
        From the command line; None and empty lists count as not given.
    environment : mapping of str to str
        Names begin with ``SINGULA_``; lists are separated by spaces.
    file : str, optional
        A TOML file with the settings by their names.

    Returns
    -------
    Settings
        What the first of the three says.

    Raises
    ------
    WrongUsage
        A name that is no setting, or a value of another kind.
    """
    known = {one.name: one for one in fields(Settings)}
    values: dict[str, Any] = {}
    if file:
        found = _read_file(Path(file))
        for name in found:
            if name not in known:
                raise WrongUsage(f"{file}: {quoted(name)} is no setting; see docs/reference/settings.md")
        values |= found
    values |= {name: environment[f"{PREFIX}{name.upper()}"] for name in known if environment.get(f"{PREFIX}{name.upper()}")}
    values |= {name: value for name, value in given.items() if name in known and value not in (None, [], ())}
    settings = Settings(**{name: _read(name, value, known[name].default) for name, value in values.items()})
    _check(settings)
    return settings


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise BadInput(f"{path}: cannot be read as TOML ({type(fault).__name__}); correct the file") from None


def _read(name: str, value: Any, default: Any) -> Any:
    try:
        if isinstance(default, bool):
            return value if isinstance(value, bool) else {"1": True, "true": True, "0": False, "false": False}[str(value).lower()]
        if isinstance(default, int):
            return int(value)
        if isinstance(default, tuple):
            return tuple(value.split()) if isinstance(value, str) else tuple(str(one) for one in value)
        return str(value)
    except (ValueError, KeyError, TypeError):
        raise WrongUsage(f"the setting {name} is {quoted(value)}; give a value like {_shown(default)}") from None


def _check(settings: Settings) -> None:
    if bool(settings.tls_cert) != bool(settings.tls_key):
        raise WrongUsage("--tls-cert and --tls-key belong together; give both")
    if settings.host not in LOOPBACK and not settings.tls_cert and not settings.behind_proxy:
        raise WrongUsage(f"--host {settings.host} is not loopback; give --tls-cert and --tls-key, or --behind-proxy")
    for origin in settings.allow_origin:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path not in ("", "/"):
            raise WrongUsage(f"--allow-origin {quoted(origin)} is no origin; write https://ehr.example")


def _shown(default: Any) -> str:
    if isinstance(default, bool):
        return "true" if default else "false"
    return " ".join(default) if isinstance(default, tuple) else str(default)
