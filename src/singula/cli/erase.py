"""``singula erase``: a person leaves without trace."""

from __future__ import annotations

import argparse

from singula.cli.opening import OPERATOR, add_store, open_store
from singula.cli.output import print_json
from singula.errors import WrongUsage


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``erase``."""
    parser.add_argument("patient", metavar="PATIENT")
    parser.add_argument("--yes", action="store_true", help="it cannot be undone; say yes")
    parser.add_argument("--reason", default="", metavar="TEXT")
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Erase the person."""
    from singula.govern.leaving import erase_person

    if not arguments.yes:
        raise WrongUsage("erasing cannot be undone; say --yes")
    told = erase_person(open_store(arguments), arguments.patient, OPERATOR, arguments.reason)
    if arguments.json:
        print_json({"erased": told, "kept": ["audit"]})
    else:
        print(f"{told['resources']} resources of {arguments.patient} erased; the audit is kept")
    return 0
