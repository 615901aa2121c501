"""``singula export``: everything about one person, to take along."""

from __future__ import annotations

import argparse
import json
import zipfile
from pathlib import Path

from singula.cli.opening import OPERATOR, add_store, open_store
from singula.cli.output import print_json


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``export``."""
    parser.add_argument("patient", metavar="PATIENT")
    parser.add_argument("-o", "--output", metavar="FILE", required=True, help="the zip to write")
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the zip."""
    from singula.govern.leaving import export_person

    Path(arguments.output).write_bytes(export_person(open_store(arguments), arguments.patient, OPERATOR))
    with zipfile.ZipFile(arguments.output) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    if arguments.json:
        print_json(manifest)
    else:
        print(f"{len(manifest['files'])} files of {arguments.patient} in {arguments.output}")
    return 0
