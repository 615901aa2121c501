"""``singula tumour``: what a tumour's findings open and close, and how an alteration is read."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from singula.cli.output import print_json, progress
from singula.errors import BadInput, WrongUsage, either

if TYPE_CHECKING:
    from singula.methods.tumour.tables import TumourTables
    from singula.sources.tumour_samples import TumourReading

SHOWN_SAMPLES = 5

EXAMPLES = """\
examples:
  singula tumour annotate sample.json --json
  singula tumour annotate cohort.maf --clinical clinical.tsv --json
  singula tumour annotate cohort.maf --tumour-type LUAD --events cna.txt fusions.txt --panel genes.csv --json
  singula tumour annotate panel.vcf.gz --tumour-type LUAD --json
  singula tumour parse "p.Val600Glu" --gene BRAF --json
  singula tumour report examples/lung/tumour.json -o out"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tumour``."""
    parser.epilog = EXAMPLES
    asks = parser.add_subparsers(dest="ask", metavar="annotate|parse|report", required=True)
    annotate = asks.add_parser("annotate", help="therapies, resistance and tiers for the tumours of a file")
    annotate.add_argument("file", type=Path, help="singula.tumour-sample/1 (.json, .jsonl), MAF, annotated VCF, Phenopacket")
    annotate.add_argument("--tumour-type", metavar="CODE", help="OncoTree code of samples that name none")
    annotate.add_argument("--clinical", type=Path, metavar="TSV", help="SAMPLE_ID, ONCOTREE_CODE, further columns are biomarkers")
    annotate.add_argument("--build", choices=("GRCh37", "GRCh38"), help="genome build where the file does not say")
    annotate.add_argument(
        "--events", type=Path, nargs="+", default=[], metavar="TSV", help="copy-number and fusion tables beside it"
    )
    annotate.add_argument(
        "--panel", type=Path, metavar="FILE", help="genes the panel covers: what was not found in them is wild type"
    )
    annotate.add_argument("--knowledge", type=Path, metavar="DIR", help="folder of imported packs")
    annotate.add_argument("--json", action="store_true", help="one JSON object on standard output")
    report = asks.add_parser("report", help="a page, PDF and FHIR bundle for the tumour board")
    report.add_argument("file", type=Path, help="singula.tumour-sample/1 (.json, .jsonl), MAF, annotated VCF, Phenopacket")
    report.add_argument("-o", "--output", type=Path, metavar="DIR", required=True, help="folder for the report's files")
    report.add_argument("--sample", metavar="ID", help="which tumour, where the file holds several")
    report.add_argument("--as-of", metavar="DATE", help="day of the report, YYYY-MM-DD; default is today")
    report.add_argument("--tumour-type", metavar="CODE", help="OncoTree code of samples that name none")
    report.add_argument("--clinical", type=Path, metavar="TSV", help="SAMPLE_ID, ONCOTREE_CODE, further columns are biomarkers")
    report.add_argument("--build", choices=("GRCh37", "GRCh38"), help="genome build where the file does not say")
    report.add_argument(
        "--events", type=Path, nargs="+", default=[], metavar="TSV", help="copy-number and fusion tables beside it"
    )
    report.add_argument(
        "--panel", type=Path, metavar="FILE", help="genes the panel covers: what was not found in them is wild type"
    )
    report.add_argument("--knowledge", type=Path, metavar="DIR", help="folder of imported packs")
    parse = asks.add_parser("parse", help="read an alteration as laboratories write it")
    parse.add_argument("alteration", nargs="?", help="such as V600E, E746_A750del, Exon 14 skipping, EML4-ALK fusion")
    parse.add_argument("--gene", help="the gene it is about")
    parse.add_argument("--jsonl", metavar="FILE", help='lines {"id", "alteration", "gene"?}; - is standard input')
    parse.add_argument("--json", action="store_true", help="one JSON object on standard output")


def run(arguments: argparse.Namespace) -> int:
    """Answer ``tumour annotate``, ``tumour parse`` or ``tumour report``."""
    return {"annotate": _annotate, "parse": _parse, "report": _report}[arguments.ask](arguments)


def _report(arguments: argparse.Namespace) -> int:
    from datetime import UTC, datetime

    from singula.cli.output import read_date
    from singula.deliver.files import write_files
    from singula.deliver.tumour_report import make_report, render_report
    from singula.knowledge import load_knowledge
    from singula.methods.tumour.tables import load_tumour_tables

    as_of = read_date(arguments.as_of) if arguments.as_of else datetime.now(UTC).date()
    tables = load_tumour_tables(load_knowledge(arguments.knowledge))
    reading = _read(arguments, tables)
    if not reading.samples and reading.refused:
        raise BadInput(reading.refused[0])
    chosen = [one for one in reading.samples if arguments.sample in (None, one.sample_id)]
    if len(chosen) != 1:
        there = either([one.sample_id for one in reading.samples][:SHOWN_SAMPLES]) or "none"
        raise BadInput(f"{arguments.file.name}: {len(chosen)} tumours fit (there are {there}); name one with --sample ID")
    sample = chosen[0]
    notes = (*reading.notes.get(sample.sample_id, ()), *reading.refused)
    written = write_files(render_report(make_report(sample, tables, notes, as_of)), arguments.output)
    print(f"wrote {', '.join(path.name for path in written)} to {arguments.output}", file=sys.stderr)
    return 3 if reading.refused else 0


def _read(arguments: argparse.Namespace, tables: TumourTables) -> TumourReading:
    """Read the tumour file and what stands beside it."""
    from singula.sources.gene_events import add_events, add_panel, read_panel
    from singula.sources.tumour_files import make_context, read_tumour_file

    asked = (arguments.tumour_type, arguments.clinical, arguments.build)
    reading = read_tumour_file(arguments.file, tables, *asked)
    if arguments.events:
        add_events(reading, arguments.events, make_context(tables, *asked))
    if arguments.panel:
        add_panel(reading, read_panel(arguments.panel))
    return reading


def _annotate(arguments: argparse.Namespace) -> int:
    from singula.deliver.tumour_view import SCHEMA, annotate_sample
    from singula.knowledge import load_knowledge
    from singula.methods.tumour.tables import load_tumour_tables

    tables = load_tumour_tables(load_knowledge(arguments.knowledge))
    reading = _read(arguments, tables)
    samples = [
        annotate_sample(sample, tables, reading.notes.get(sample.sample_id, ()))
        for sample in progress(reading.samples, "matching")
    ]
    for message in reading.refused:
        print(f"singula tumour: {message}", file=sys.stderr)
    if not samples and reading.refused:
        raise BadInput(reading.refused[0])
    if arguments.json:
        print_json(
            {
                "schema": SCHEMA,
                "samples": samples,
                "quality": reading.refused,
                "knowledge": [{"pack": one.name, "version": one.version} for one in (tables.pack, *tables.imported)],
            }
        )
    else:
        _print_samples(samples)
    return 3 if reading.refused else 0


def _print_samples(samples: list[dict[str, Any]]) -> None:
    for sample in samples:
        print(f"{sample['sample_id']} ({sample['tumour_type']})")
        for one in sample["therapies"]:
            print(f"  {one['tier']}  {one['direction'].replace('_', ' ')}: {' + '.join(one['medicines'])}  ({one['reason']})")
        for one in sample["conflicts"]:
            print(f"  sources disagree: {one['rule']}")
        for words in (*sample["missing"], *sample["quality"]):
            print(f"  note: {words}")


def _parse(arguments: argparse.Namespace) -> int:
    import orjson

    from singula.cli.output import read_lines
    from singula.knowledge import load_knowledge
    from singula.methods.tumour.alteration_view import show_alteration
    from singula.methods.tumour.tables import load_tumour_tables

    tables = load_tumour_tables(load_knowledge())
    if arguments.jsonl is None:
        if arguments.alteration is None:
            raise WrongUsage('give an alteration, such as singula tumour parse "V600E" --gene BRAF, or --jsonl FILE')
        shown = show_alteration(arguments.alteration, arguments.gene, tables)
        if arguments.json:
            print_json(shown)
        else:
            for name, value in shown.items():
                print(f"{name}: {value}")
        return 0
    refused = 0
    for line in read_lines(arguments.jsonl):
        try:
            question = orjson.loads(line)
            inputs = question.get("inputs", question)
            answer = {"id": question.get("id"), "outputs": show_alteration(str(inputs["alteration"]), inputs.get("gene"), tables)}
        except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError):
            refused += 1
            answer = {"id": None, "error": {"kind": "invalid_input", "message": 'the line is no {"id", "alteration", "gene"?}'}}
        sys.stdout.buffer.write(orjson.dumps(answer, option=orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()
    if refused:
        print(f"singula tumour: {refused} lines refused; their answers say why", file=sys.stderr)
    return 0
