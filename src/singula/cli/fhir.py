"""``singula fhir validate``: does a file keep to FHIR R4, and to Genomics Reporting where asked."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from singula.cli.output import print_json, progress

EXAMPLES = """\
examples:
  singula fhir validate bundle.json
  singula fhir validate out/plan.fhir.json --profile genomics-reporting --json"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``fhir``."""
    parser.epilog = EXAMPLES
    asks = parser.add_subparsers(dest="ask", metavar="validate", required=True)
    check = asks.add_parser("validate", help="every fault of FHIR R4 resources, with its place")
    check.add_argument("files", nargs="+", metavar="FILE", help="JSON documents or NDJSON, plain or gzip")
    check.add_argument("--profile", choices=("genomics-reporting",), help="make faults against this guide's profiles errors")
    check.add_argument("--json", action="store_true", help="one JSON object on standard output")


def run(arguments: argparse.Namespace) -> int:
    """Check the files; 0 where all are valid, otherwise 3."""
    from singula.knowledge import load_knowledge
    from singula.sources.fhir_validation import validate_file

    knowledge = load_knowledge()
    files = progress(arguments.files, "checking")
    results = [validate_file(file, knowledge, profile=arguments.profile) for file in files]
    if arguments.json:
        shown = [
            {
                "file": one.file,
                "resource_type": one.resource_type,
                "valid": one.is_valid,
                "issues": [asdict(issue) for issue in one.issues],
            }
            for one in results
        ]
        print_json({"results": shown})
    else:
        for one in results:
            print(f"{one.file}: {'valid' if one.is_valid else 'not valid'} {one.resource_type}".rstrip())
            for issue in one.issues:
                print(f"  {issue.severity}: {issue.path + ': ' if issue.path else ''}{issue.message}")
    return 0 if all(one.is_valid for one in results) else 3
