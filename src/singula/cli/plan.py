"""``singula plan``: one person in, one plan out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from singula.cli.output import read_date
from singula.errors import BadInput, either, quoted

if TYPE_CHECKING:
    from datetime import date

    from singula.knowledge import Knowledge
    from singula.plan.model import Plan
    from singula.record import Record

SHOWN_ACTIONS = 7
SHOWN_PERSONS = 5

EXAMPLES = """\
examples:
  singula plan examples/stent -o out
  singula plan record.json genome.vcf.gz --as-of 2026-11-26 --json > plan.json

With -o the folder gets plan.json, plan.html, patient.html, plan.pdf, plan.fhir.json and calendar.ics, all of them or none."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``plan``."""
    parser.epilog = EXAMPLES
    parser.add_argument(
        "inputs", nargs="*", metavar="INPUT", help="FHIR bundle or NDJSON, VCF, laboratory CSV, tumour file, or a folder"
    )
    parser.add_argument("-o", "--output", metavar="DIR", help="folder for the plan's files")
    parser.add_argument("--json", action="store_true", help="print the object of plan.json on standard output")
    parser.add_argument("--as-of", metavar="DATE", help="day of the plan, YYYY-MM-DD; default is today")
    parser.add_argument("--data", metavar="DIR", help="plan from the store in this folder, with --patient")
    parser.add_argument("--key-file", metavar="FILE", help="file with the key of the store")
    parser.add_argument("--patient", metavar="ID", help="the person in the store")
    parser.add_argument("--as", dest="reader", metavar="NAME", help="the account that reads the store; default is the person")
    parser.add_argument("--purpose", metavar="CODE", help="purpose of use, such as TREAT")
    parser.add_argument("--person", metavar="ID", help="which person, where the inputs hold several")


def run(arguments: argparse.Namespace) -> int:
    """Read, reason, and write or print the plan."""
    from singula.deliver.files import plan_to_json, write_outputs
    from singula.knowledge import load_knowledge
    from singula.pipeline import plan
    from singula.sources.reading import read_inputs

    as_of = read_date(arguments.as_of) if arguments.as_of else datetime.now(UTC).date()
    knowledge = load_knowledge()
    if arguments.data and arguments.patient:
        record = _stored_person(arguments, knowledge, as_of)
    else:
        reading = read_inputs(arguments.inputs, knowledge, as_of=as_of)
        for note in reading.inputs:
            _say(f"read {note.input}: {note.format or 'not read'}")
        record = _one_person(reading.records, arguments.person)
    made = plan(record, knowledge)
    if arguments.output:
        written = write_outputs(made, record, Path(arguments.output))
        _say(f"wrote {', '.join(path.name for path in written)} to {arguments.output}")
    if arguments.json:
        sys.stdout.write(plan_to_json(made).decode())
    else:
        print(summarise(made, arguments.output))
    return 0


def _stored_person(arguments: argparse.Namespace, knowledge: Knowledge, as_of: date) -> Record:
    """Read a person from the store as a reader sees them; refused where consent opens nothing to the reader."""
    from singula.cli.opening import open_store
    from singula.govern.reading import read_stored

    gateway = open_store(arguments)
    return read_stored(gateway, arguments.patient, reader=arguments.reader, purpose=arguments.purpose, as_of=as_of)


def _one_person(records: Sequence[Record], wanted: str | None) -> Record:
    if wanted is not None:
        chosen = [record for record in records if record.person.id == wanted]
        if not chosen:
            raise BadInput(
                f"no person {quoted(wanted)} in the inputs; there are {either([record.person.id for record in records])}"
            )
        return chosen[0]
    if len(records) != 1:
        there = either([record.person.id for record in records][:SHOWN_PERSONS]) or "none"
        raise BadInput(f"the inputs hold {len(records)} persons ({there}); name one with --person ID")
    return records[0]


def summarise(made: Plan, folder: str | None) -> str:
    """Say the plan in about ten lines: the first actions, what else there is, and where the pages lie."""
    person = made.person
    who = ", ".join(
        part
        for part in (person.name or person.id, person.sex or "", f"{person.age_years} years" if person.age_years else "")
        if part
    )
    lines = [f"Plan for {who} on {made.as_of}"]
    for number, action in enumerate(made.actions[:SHOWN_ACTIONS], start=1):
        due = f" (by {action.due.date})" if action.due else ""
        lines.append(f"{number:2}. {action.kind}: {action.summary}{due}")
    further = len(made.actions) - SHOWN_ACTIONS
    counts = [
        (max(further, 0), "further action", "further actions"),
        (len(made.options), "option grid", "option grids"),
        (len(made.conflicts), "conflict decided", "conflicts decided"),
        (len(made.considered), "thing weighed and not advised", "things weighed and not advised"),
        (len(made.missing), "thing missing", "things missing"),
        (len(made.quality), "quality note", "quality notes"),
    ]
    lines.append("    " + ", ".join(f"{number} {one if number == 1 else many}" for number, one, many in counts if number))
    if folder:
        lines.append(
            f"    read on: {folder}/plan.html (clinician), {folder}/patient.html (person), plan.pdf, plan.fhir.json, plan.json"
        )
    return "\n".join(lines)


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)
