"""The command ``singula``: finds the verb, runs it, and turns every refusal into one line and an exit code.

A verb is a module of this package with ``configure(parser)`` and ``run(arguments) -> int``; only the one asked for is imported.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from singula import __version__
from singula.errors import SingulaError

VERBS = {
    "plan": "one person in, one plan out: pages, FHIR and JSON",
    "calc": "published methods: list, show, card, run",
    "record": "what was read from files",
    "fhir": "does a file keep to FHIR R4 and to Genomics Reporting",
    "pgx": "genes and medicines: call, advise",
    "genome": "what a genome file says at any site, and lifting between builds",
    "germline": "inherited findings, carriers, and negatives with their ground",
    "prs": "polygenic scores, with abstention where they cannot be placed honestly",
    "rare": "rare diseases and genes that fit a person's features",
    "tumour": "a tumour's alterations: therapies, resistance, tiers",
    "trials": "which trials fit a tumour, criterion by criterion",
    "kb": "knowledge packs: list, verify, import, diff",
    "import": "FHIR files into the store",
    "user": "who may sign in: add, list, disable, password",
    "client": "which programs may ask: add",
    "token": "access tokens: issue, revoke",
    "consent": "who may see what of a person: grant, revoke, show, explain",
    "audit": "who saw what: verify, export, checkpoint, list",
    "key": "the key of the store: rotate",
    "export": "everything about one person, to take along",
    "erase": "a person leaves without trace",
    "serve": "the server: FHIR, CDS Hooks, SMART and pages",
}
ELSEWHERE = {"serve": "singula.serve.command", "import": "singula.cli.import_"}

EPILOGUE = """\
examples:
  singula plan examples/stent -o out          a whole plan for a bundled synthetic person
  singula calc run egfr-ckd-epi-2021 age_years=50 sex=female creatinine_mg_per_dl=0.8
  singula VERB --help                         examples for each verb

Decision support for professionals; not a device, no diagnosis."""


def find_verb(name: str) -> Any:
    """Import the module of a verb."""
    return import_module(ELSEWHERE.get(name, f"singula.cli.{name}"))


def build_parser(verb: str | None) -> argparse.ArgumentParser:
    """Build the parser of the whole command, or of one verb and the bare names of the others."""
    parser = argparse.ArgumentParser(
        prog="singula",
        description="One plan for one person: explainable, evidence-graded precision medicine.",
        epilog=EPILOGUE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"singula {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for name, help_line in VERBS.items():
        one = verbs.add_parser(name, help=help_line, description=help_line, formatter_class=argparse.RawDescriptionHelpFormatter)
        if name == verb:
            find_verb(name).configure(one)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments after the program's name; default is those of the process.

    Returns
    -------
    int
        0 done, 2 wrong usage, 3 bad input, 4 knowledge missing, 5 refused by consent or policy.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    verb = next((word for word in words if not word.startswith("-")), None)
    arguments = build_parser(verb).parse_args(words)
    try:
        return int(find_verb(arguments.verb).run(arguments))
    except SingulaError as refusal:
        print(f"singula {arguments.verb}: {refusal}", file=sys.stderr)
        return refusal.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print(f"singula {arguments.verb}: stopped", file=sys.stderr)
        return 130
