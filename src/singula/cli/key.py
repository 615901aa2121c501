"""``singula key``: the key of the store."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from singula.cli.opening import OPERATOR
from singula.cli.output import print_json
from singula.errors import BadInput, WrongUsage


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``key``."""
    asks = parser.add_subparsers(dest="ask", metavar="ASK", required=True)
    rotate = asks.add_parser("rotate", help="encrypt the store with a new key")
    rotate.add_argument(
        "--key-file", metavar="OLD", help="file with the key as it is (or SINGULA_KEY_FILE, SINGULA_KEY_COMMAND, SINGULA_KEY)"
    )
    rotate.add_argument("--new-key-file", metavar="NEW", required=True, help="file with the new key")
    rotate.add_argument("--data", metavar="DIR", help="folder of the store (or SINGULA_DATA)")
    rotate.add_argument("--json", action="store_true", help="one JSON object on standard output")


def run(arguments: argparse.Namespace) -> int:
    """Rotate the key."""
    from singula.govern.keys import find_key, read_key
    from singula.govern.rotating import rotate_key

    folder = arguments.data or os.environ.get("SINGULA_DATA")
    old = find_key(arguments.key_file, os.environ)
    if not folder or not old:
        raise WrongUsage("name the folder with --data and the key as it is with --key-file")
    if not (Path(folder) / "singula.db").is_file():
        raise BadInput(f"{folder}: holds no store")
    made = rotate_key(Path(folder), old, read_key(Path(arguments.new_key_file)), OPERATOR)
    if arguments.json:
        print_json({"rotated": True, "blobs": 0, "key": made})
    else:
        print(f"the store is encrypted with key {made}")
    return 0
