"""``singula fhir validate``: does a file keep to FHIR R4, and to Genomics Reporting where asked."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from singula.cli.output import print_json, progress

EXAMPLES = """\
examples:
  singula fhir validate bundle.json
  singula fhir validate out/plan.fhir.json --profile genomics-reporting --json
  singula fhir pull https://ehr.example/fhir pat-1 -o pat-1.json --client singula --jwk private.jwk
  singula fhir pull https://ehr.example/fhir pat-1 -o pat-1.json --token-file token.txt"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``fhir``."""
    parser.epilog = EXAMPLES
    asks = parser.add_subparsers(dest="ask", metavar="ASK", required=True)
    check = asks.add_parser("validate", help="every fault of FHIR R4 resources, with its place")
    check.add_argument("files", nargs="+", metavar="FILE", help="JSON documents or NDJSON, plain or gzip")
    check.add_argument("--profile", choices=("genomics-reporting",), help="make faults against this guide's profiles errors")
    check.add_argument("--json", action="store_true", help="one JSON object on standard output")
    fetch = asks.add_parser("pull", help="fetch one person's record from another FHIR server")
    fetch.add_argument("server", metavar="URL", help="the server's FHIR address")
    fetch.add_argument("patient", metavar="ID", help="the person's id there")
    fetch.add_argument("-o", "--output", metavar="FILE", required=True, help="file for the Bundle")
    fetch.add_argument("--token-file", metavar="FILE", help="file with an access token")
    fetch.add_argument("--client", metavar="ID", help="client id of this program there, with --jwk")
    fetch.add_argument("--jwk", metavar="FILE", help="file with the private JWK of the client")
    fetch.add_argument("--scope", default="system/*.rs", help="scope to ask for (default: %(default)s)")
    fetch.add_argument("--json", action="store_true", help="one JSON object on standard output")


def run(arguments: argparse.Namespace) -> int:
    """Check files, 0 where all are valid and otherwise 3; or fetch a record."""
    if arguments.ask == "pull":
        return _pull(arguments)
    return _validate(arguments)


def _pull(arguments: argparse.Namespace) -> int:
    import json
    from pathlib import Path

    from singula.errors import WrongUsage
    from singula.sources.fhir_peer import Peer, Program
    from singula.sources.limits import parse_json, read_bounded

    if bool(arguments.client) != bool(arguments.jwk) or bool(arguments.client) == bool(arguments.token_file):
        raise WrongUsage("give --token-file, or --client with --jwk")
    token = read_bounded(Path(arguments.token_file)).decode("utf-8").strip() if arguments.token_file else None
    peer = Peer(arguments.server, token)
    try:
        if arguments.client:
            key = parse_json(read_bounded(Path(arguments.jwk)), Path(arguments.jwk).name)
            peer.sign_in(Program(arguments.client, key if isinstance(key, dict) else {}, arguments.scope))
        bundle = peer.pull(arguments.patient)
    finally:
        peer.close()
    Path(arguments.output).write_text(json.dumps(bundle, ensure_ascii=False), encoding="utf-8")
    count = len(bundle["entry"])
    if arguments.json:
        print_json({"patient": arguments.patient, "resources": count, "file": arguments.output})
    else:
        print(f"{count} resources of {arguments.patient} in {arguments.output}")
    return 0


def _validate(arguments: argparse.Namespace) -> int:
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
