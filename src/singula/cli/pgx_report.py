"""``singula pgx report``: one person's genes and medicines as pages to read, print and send."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from singula.cli.output import print_json, read_date
from singula.errors import BadInput, WrongUsage


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``pgx report``."""
    parser.epilog = (
        "examples:\n  singula pgx report person.json -o report/\n"
        "  singula pgx report record.json genome.vcf.gz --explain CYP2C19 -o report/\n\n"
        "Writes pgx.json, pgx.html, pgx.pdf and pgx.fhir.json (Genomics Reporting)."
    )
    parser.add_argument(
        "inputs", nargs="+", type=Path, metavar="INPUT", help="singula.pgx-record/1, or FHIR and VCF of one person"
    )
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="folder of the files")
    parser.add_argument("--explain", metavar="GENE", help="show how the VCF's call of this gene was made")
    parser.add_argument("--knowledge", type=Path, metavar="DIR", help="folder of imported packs")
    parser.add_argument("--as-of", metavar="DATE", help="day of the report, YYYY-MM-DD; default is today")
    parser.add_argument("--json", action="store_true", help="the object of pgx.json on standard output")


def run(arguments: argparse.Namespace) -> int:
    """Write the report of one person."""
    from singula.cli.pgx_advise import is_pgx_record, read_records
    from singula.deliver.fhir_plan import plan_to_fhir
    from singula.deliver.files import INDENTED
    from singula.deliver.pgx_report import pgx_report, render_pgx_page, render_pgx_pdf
    from singula.knowledge import load_knowledge
    from singula.pipeline import plan
    from singula.sources.reading import read_inputs

    if arguments.output is None and not arguments.json:
        raise WrongUsage("say where the report goes: -o DIR, or --json for standard output")
    knowledge = load_knowledge(arguments.knowledge)
    as_of = read_date(arguments.as_of) if arguments.as_of else datetime.now(UTC).date()
    first = arguments.inputs[0]
    if len(arguments.inputs) == 1 and first.is_file() and is_pgx_record(first):
        records = list(read_records(first, knowledge, as_of))
    else:
        records = list(read_inputs(arguments.inputs, knowledge, as_of=as_of).records)
    if len(records) != 1:
        raise BadInput(f"{first.name}: holds {len(records)} persons; a report is about one, give the files of one person")
    report = pgx_report(records[0], knowledge, _explain(arguments, knowledge))
    if arguments.json:
        print_json(report)
    if arguments.output is not None:
        import orjson

        bundle = plan_to_fhir(plan(records[0], knowledge), records[0], knowledge)
        arguments.output.mkdir(parents=True, exist_ok=True)
        files = {
            "pgx.json": orjson.dumps(report, option=INDENTED),
            "pgx.html": render_pgx_page(report).encode(),
            "pgx.pdf": render_pgx_pdf(report),
            "pgx.fhir.json": orjson.dumps(bundle, option=INDENTED),
        }
        for name, content in files.items():
            made = arguments.output / f".{name}.part"
            made.write_bytes(content)
            made.replace(arguments.output / name)
    return 0


def _explain(arguments: argparse.Namespace, knowledge: Any) -> dict[str, Any] | None:
    if arguments.explain is None:
        return None
    from singula.sources.pgx_calls import build_of, load_tables
    from singula.sources.pgx_explained import explain_call

    for path in arguments.inputs:
        if path.name.endswith((".vcf", ".vcf.gz")):
            return explain_call(path, load_tables(knowledge, None, build_of(path) or "GRCh38"), arguments.explain)
    raise WrongUsage("--explain needs a VCF among the inputs")
