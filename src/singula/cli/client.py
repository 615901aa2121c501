"""``singula client``: which programs may ask."""

from __future__ import annotations

import argparse
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from singula.cli.opening import OPERATOR, add_store, open_store
from singula.cli.output import print_json
from singula.errors import BadInput, quoted

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``client``."""
    asks = parser.add_subparsers(dest="ask", metavar="ASK", required=True)
    add = asks.add_parser("add", help="register a program")
    add.add_argument("name")
    kind = add.add_mutually_exclusive_group(required=True)
    kind.add_argument("--public", action="store_true", help="can keep no secret")
    kind.add_argument("--secret", action="store_true", help="proves itself by a secret, shown once")
    kind.add_argument("--jwks", metavar="FILE", help="proves itself by a key; file with its JWKS")
    kind.add_argument("--jwks-url", metavar="URL", help="proves itself by a key; https address of its JWKS")
    add.add_argument("--redirect", action="append", default=[], metavar="URI", help="address to go back to; may repeat")
    add.add_argument("--scope", required=True, help="scopes it may have")
    add.add_argument("--cds-issuer", metavar="URL", help="signs its own tokens for CDS Hooks under this name")
    add_store(add)


def run(arguments: argparse.Namespace) -> int:
    """Register a program."""
    from singula.govern import accounts
    from singula.govern.parties import Client
    from singula.sources.limits import parse_json, read_bounded

    jwks = parse_json(read_bounded(Path(arguments.jwks)), arguments.jwks) if arguments.jwks else None
    if jwks is not None and (not isinstance(jwks, dict) or not isinstance(jwks.get("keys"), list)):
        raise BadInput(f"{arguments.jwks}: is no JWKS; give an object with a list of keys")
    if arguments.jwks_url:
        parts = urlsplit(arguments.jwks_url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            raise BadInput(f"--jwks-url {quoted(arguments.jwks_url)} is not protected; give an https address")
        jwks = {"uri": arguments.jwks_url}
    gateway = open_store(arguments, makes=True)
    identity = f"{arguments.name[:32]}-{secrets.token_hex(4)}" if not arguments.name.isidentifier() else arguments.name
    secret = secrets.token_urlsafe(32) if arguments.secret else None
    made = Client(identity, arguments.name, arguments.public, tuple(arguments.scope.split()), tuple(arguments.redirect), jwks,
                  arguments.cds_issuer)  # fmt: skip
    with gateway.writing() as connection:
        if accounts.find_client(connection, "id", identity) is not None:
            raise BadInput(f"there is a client {identity} already; choose another name")
        accounts.add_client(connection, made, secret)
        gateway.ledger.append(connection, actor=OPERATOR, event="client-add", details={"client": identity})
    if arguments.json:
        print_json({"client_id": identity, "client_secret": secret})
    else:
        print(f"client id: {identity}" + (f"\nsecret (shown once): {secret}" if secret else ""))
    return 0
