"""What the verbs of the store share: which folder, which key, and the gateway they open."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from singula.errors import BadInput, WrongUsage, quoted

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from singula.govern.gateway import Gateway

OPERATOR = "user:operator"


def add_store(parser: argparse.ArgumentParser) -> None:
    """Declare where the store lies."""
    parser.add_argument("--data", metavar="DIR", help="folder of the store (or SINGULA_DATA)")
    parser.add_argument(
        "--key-file",
        metavar="FILE",
        help="file with the key of the store (or SINGULA_KEY_FILE, SINGULA_KEY_COMMAND, SINGULA_KEY)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")


def open_store(arguments: argparse.Namespace, *, makes: bool = False) -> Gateway:
    """Open the store the arguments name; only some verbs make a new one."""
    from singula.govern.gateway import open_gateway
    from singula.govern.keys import find_key
    from singula.knowledge import load_knowledge

    named = arguments.data or os.environ.get("SINGULA_DATA")
    if not named:
        raise WrongUsage("name the folder of the store: --data DIR, or SINGULA_DATA")
    folder = Path(named)
    if not makes and not (folder / "singula.db").is_file() and not os.environ.get("SINGULA_DATABASE"):
        raise BadInput(f"{folder}: holds no store; make one with: singula import FILE --data {folder}")
    key = find_key(arguments.key_file, os.environ)
    if key is None:
        sys.stderr.write("singula: no key is given; the store and its audit key lie unencrypted in the folder\n")
    return open_gateway(folder, load_knowledge(), key=key, address=os.environ.get("SINGULA_DATABASE"))


def check_person(connection: Connection, patient: str) -> None:
    """Refuse a person the store does not know."""
    from singula.govern.records import has_person

    if not has_person(connection, patient):
        raise BadInput(f"there is no person {quoted(patient)} in the store; import them first")
