"""``singula import``: files into the store."""

from __future__ import annotations

import argparse

from singula.cli.opening import OPERATOR, add_store, open_store
from singula.cli.output import print_json


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``import``."""
    parser.add_argument("inputs", nargs="+", metavar="INPUT", help="FHIR bundle, resource or NDJSON, or a folder")
    parser.add_argument("--patient", metavar="ID", help="the person a VCF belongs to")
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Read the files into the store."""
    from singula.govern.loading import load_files

    told = load_files(open_store(arguments, makes=True), arguments.inputs, OPERATOR)
    if arguments.json:
        print_json({"imported": dict(told.imported), "unchanged": dict(told.unchanged), "patients": told.patients,
                    "rejected": told.rejected})  # fmt: skip
    else:
        print(
            f"{told.imported.total()} resources of {len(told.patients)} persons; "
            f"{told.unchanged.total()} unchanged, {len(told.rejected)} rejected"
        )
        for one in told.rejected:
            print(f"  {one['source']}:{one['line']}: {one['reason']}")
    return 0
