"""``singula record show``: what was read from files, before anything is concluded."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime

from singula.cli.output import print_json, print_table
from singula.errors import BadInput

EXAMPLES = """\
examples:
  singula record show examples/stent
  singula record show bundle.json results.hl7 --facts --json"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``record``."""
    parser.epilog = EXAMPLES
    asks = parser.add_subparsers(dest="ask", metavar="show", required=True)
    show = asks.add_parser("show", help="counts, persons, problems, and with --facts every fact")
    show.add_argument("inputs", nargs="+", metavar="INPUT", help="files or folders")
    show.add_argument("--facts", action="store_true", help="list every fact")
    show.add_argument("--json", action="store_true", help="one JSON object on standard output")


def run(arguments: argparse.Namespace) -> int:
    """Read the inputs and show what they state; 3 where nothing could be read."""
    from singula.knowledge import load_knowledge
    from singula.sources.reading import Reading, list_files, read_inputs
    from singula.sources.reading_view import show_reading

    failed = 0
    try:
        reading = read_inputs(arguments.inputs, load_knowledge(), as_of=datetime.now(UTC).date())
    except BadInput as fault:
        from singula.sources.draft import Draft

        print(f"singula record: {fault}", file=sys.stderr)
        reading = Reading((), tuple(Draft(input=shown) for shown, _ in list_files(arguments.inputs)), ())
        failed = fault.exit_code
    shown = show_reading(reading, with_facts=arguments.facts)
    if arguments.json:
        print_json(shown)
    elif not failed:
        rows = [(one["path"], one["format"] or "not read", one["persons"], sum(one["facts"].values())) for one in shown["inputs"]]
        print_table(("input", "format", "persons", "facts"), rows)
        for problem in shown["problems"]:
            print(f"{problem['severity']}: {problem['input']} {problem['where']}: {problem['message']}")
        for fact in shown.get("fact_list", ()):
            print(
                f"{fact['kind']:22} {fact['status']:8} {fact['code']['display'] or fact['code']['code']}  {fact['value'] or ''}"
            )
    return failed
