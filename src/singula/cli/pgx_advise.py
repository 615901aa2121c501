"""``singula pgx advise``: what a person's genes, kidneys, other medicines and history make of each medicine."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from singula.cli.output import print_json, progress, read_date
from singula.errors import BadInput
from singula.knowledge import Knowledge, load_knowledge
from singula.record import Record


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``pgx advise``."""
    parser.add_argument(
        "inputs", nargs="+", type=Path, metavar="RECORD", help="singula.pgx-record/1 (JSON or JSON lines), FHIR, VCF"
    )
    parser.add_argument("--knowledge", type=Path, metavar="DIR", help="folder of imported packs")
    parser.add_argument("--as-of", metavar="DATE", help="day of the advice, YYYY-MM-DD; default is today")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")


def run(arguments: argparse.Namespace) -> int:
    """Advise on every medicine of every record; a record that cannot be read is told and the others are answered."""
    from singula.assess.medicines.answer_view import advise

    knowledge = load_knowledge(arguments.knowledge)
    as_of = read_date(arguments.as_of) if arguments.as_of else datetime.now(UTC).date()
    answers: list[dict[str, Any]] = []
    faults = 0
    for path in progress(arguments.inputs, "advising"):
        try:
            answers.extend(advise(record, knowledge) for record in read_records(path, knowledge, as_of))
        except BadInput as fault:
            faults += 1
            print(f"singula pgx: {fault}", file=sys.stderr)
    if arguments.json:
        print_json({"records": answers})
    else:
        for answer in answers:
            print(answer["id"])
            for medicine in answer["medicines"]:
                others = ", ".join(one["medicine"] for one in medicine["alternatives"][:4])
                print(
                    f"  {medicine['medicine']}: {medicine['action'].replace('_', ' ')}{f' (instead: {others})' if others else ''}"
                )
                for why in medicine["why"][:3]:
                    print(f"    {why}")
    return 3 if faults else 0


def advise_files(paths: Iterable[Path], knowledge: Knowledge, as_of: date) -> Iterator[dict[str, Any]]:
    """Advise on every record of several files; the first that cannot be read ends it."""
    from singula.assess.medicines.answer_view import advise

    for path in paths:
        yield from (advise(record, knowledge) for record in read_records(path, knowledge, as_of))


def is_pgx_record(path: Path) -> bool:
    """Tell whether a file is the small pharmacogenomic record."""
    from singula.sources.limits import open_bounded
    from singula.sources.pgx_record import SCHEMA

    with open_bounded(path) as stream:
        return SCHEMA.encode() in stream.read(4096)


def read_records(path: Path, knowledge: Knowledge, as_of: date) -> Iterator[Record]:
    """Read the persons of one file of any kind."""
    from singula.sources.pgx_record import read_pgx_records
    from singula.sources.reading import read_inputs

    if is_pgx_record(path):
        yield from read_pgx_records(path, knowledge, as_of)
    else:
        yield from read_inputs([path], knowledge, as_of=as_of).records
