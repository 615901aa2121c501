"""``singula pgx``: what a person's genes make of medicines."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from singula.cli import pgx_advise, pgx_cohort, pgx_report
from singula.cli.output import progress
from singula.errors import BadInput

EXAMPLES = """\
examples:
  singula pgx call person.vcf.gz --json
  singula pgx call cohort.vcf.gz --definitions release/ --outside-calls cyp2d6.tsv --json
  singula pgx advise person.json --json
  singula pgx report person.json -o report/
  singula pgx cohort biobank.vcf.gz -o tables/ --ancestry groups.tsv"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``pgx``."""
    parser.epilog = EXAMPLES
    asks = parser.add_subparsers(dest="ask", metavar="call|advise|report|cohort", required=True)
    call = asks.add_parser("call", help="star alleles, functions and phenotypes from VCF files and outside calls")
    call.add_argument("inputs", nargs="+", type=Path, metavar="VCF")
    call.add_argument(
        "--outside-calls", metavar="TSV|beside", help="calls made elsewhere; beside reads X.outside*.tsv next to X.vcf"
    )
    call.add_argument("--definitions", type=Path, metavar="DIR", help="an official release in place of the packaged core tables")
    call.add_argument("--knowledge", type=Path, metavar="DIR", help="folder of imported packs")
    call.add_argument("--all-candidates", action="store_true", help="every valid diplotype, not only the best")
    call.add_argument("--partial", action="store_true", help="combination calls where no pair of alleles fits (research)")
    call.add_argument(
        "--cyp2d6-from-vcf", action="store_true", help="call CYP2D6 from short variants, without copies and hybrids"
    )
    call.add_argument("--json", action="store_true", help="one JSON object on standard output")
    pgx_advise.configure(asks.add_parser("advise", help="each medicine for this person: action, dose, alternatives, sources"))
    pgx_report.configure(asks.add_parser("report", help="pages: medicines taken, what to avoid for life, the most useful test"))
    pgx_cohort.configure(asks.add_parser("cohort", help="tables of calls, advice and frequencies of many people"))


def run(arguments: argparse.Namespace) -> int:
    """Answer ``pgx call``, ``advise``, ``report`` or ``cohort``."""
    answers = {"call": _call, "advise": pgx_advise.run, "report": pgx_report.run, "cohort": pgx_cohort.run}
    return answers[arguments.ask](arguments)


def _call(arguments: argparse.Namespace) -> int:
    from singula.knowledge import load_knowledge
    from singula.sources.pgx_calls import load_tables

    knowledge = load_knowledge(arguments.knowledge)
    errors: list[dict[str, str]] = []
    answers = _CallPrinter(as_json=arguments.json)
    for path in progress(arguments.inputs, "calling"):
        try:
            for sample in list(_call_one(path, arguments, knowledge)):
                answers.add(sample)
        except BadInput as fault:
            errors.append({"file": path.name, "message": str(fault)})
            print(f"singula pgx: {fault}", file=sys.stderr)
    tables = load_tables(knowledge, arguments.definitions)
    answers.finish(errors, [{"pack": tables.pack, "version": tables.version}])
    return 3 if errors else 0


def _call_one(path: Path, arguments: argparse.Namespace, knowledge: Any) -> Iterator[Any]:
    from singula.methods.genome.gene_call import Options
    from singula.sources.outside_calls import read_outside_calls
    from singula.sources.pgx_calls import build_of, call_file, load_tables

    build = "GRCh38" if arguments.definitions else build_of(path) or "GRCh38"
    tables = load_tables(knowledge, arguments.definitions, build)
    outside = [call for file in _outside_files(path, arguments.outside_calls) for call in read_outside_calls(file)]
    options = Options(arguments.all_candidates, arguments.partial)
    return call_file(path, tables, options, outside, cyp2d6_from_vcf=arguments.cyp2d6_from_vcf)


def _outside_files(path: Path, wanted: str | None) -> list[Path]:
    if wanted is None:
        return []
    if wanted != "beside":
        return [Path(wanted)]
    stem = path.name.removesuffix(".gz").removesuffix(".vcf")
    return sorted(path.parent.glob(f"{stem}.outside*.tsv"))


class _CallPrinter:
    """Writes calls as they come: one JSON object, or a table."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json, self.count = as_json, 0
        self.texts: dict[int, tuple[Any, str]] = {}
        if as_json:
            sys.stdout.write('{"samples": [')

    def add(self, sample: Any) -> None:
        """Write one sample; the text of a call that many samples share is made once."""
        import orjson

        from singula.sources.pgx_calls import show_call

        if not self.as_json:
            for _, call in sample.genes:
                names = " or ".join(call.diplotypes) or " + ".join(call.components) or "-"
                print(f"{sample.sample}\t{call.gene}\t{call.status}\t{names}\t{', '.join(call.phenotypes)}")
            return
        entries = []
        for definition, call in sample.genes:
            if id(call) not in self.texts:
                self.texts[id(call)] = (call, orjson.dumps(show_call(definition, call)).decode())
            entries.append(self.texts[id(call)][1])
        lead = orjson.dumps({"sample": sample.sample, "file": sample.file}).decode()[:-1]
        sys.stdout.write(f'{", " if self.count else ""}{lead}, "genes": [{", ".join(entries)}]}}')
        self.count += 1

    def finish(self, errors: list[dict[str, str]], knowledge: list[dict[str, str]]) -> None:
        """Write what ends the answer."""
        import orjson

        if self.as_json:
            sys.stdout.write(f'], "errors": {orjson.dumps(errors).decode()}, "knowledge": {orjson.dumps(knowledge).decode()}}}\n')
