"""``singula pgx``: what a person's genes make of medicines."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from singula.cli import pgx_advise, pgx_cohort, pgx_report
from singula.cli.output import progress
from singula.errors import BadInput, quoted

EXAMPLES = """\
examples:
  singula pgx call person.vcf.gz --json
  singula pgx call laboratory.csv --json
  singula pgx call cohort.vcf.gz --definitions release/ --outside-calls cyp2d6.tsv --json
  singula pgx advise person.json --json
  singula pgx report person.json -o report/
  singula pgx cohort biobank.vcf.gz -o tables/ --ancestry groups.tsv"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``pgx``."""
    parser.epilog = EXAMPLES
    asks = parser.add_subparsers(dest="ask", metavar="call|advise|report|cohort", required=True)
    call = asks.add_parser("call", help="star alleles, functions and phenotypes from VCF files and outside calls")
    call.add_argument(
        "inputs",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="VCF, FHIR Genomics, or calls made elsewhere (StarPhase, Aldy, StellarPGx, PharmCAT's table, a laboratory's table)",
    )
    call.add_argument(
        "--outside-calls",
        metavar="FILE|beside",
        help="calls made elsewhere, in any of these shapes; beside reads X.outside*.tsv next to X.vcf",
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
    seen: set[str] = set()
    for path in progress(arguments.inputs, "calling"):
        try:
            for sample in list(_call_one(path, arguments, knowledge, errors)):
                answers.add(sample)
                seen.add(sample.sample)
        except BadInput as fault:
            errors.append({"file": path.name, "message": str(fault)})
    errors.extend(_of_nobody(arguments, seen))
    for error in errors:
        print(f"singula pgx: {error['message']}", file=sys.stderr)
    tables = load_tables(knowledge, arguments.definitions)
    answers.finish(errors, [{"pack": tables.pack, "version": tables.version}])
    return 3 if errors else 0


def _call_one(path: Path, arguments: argparse.Namespace, knowledge: Any, errors: list[dict[str, str]]) -> Iterable[Any]:
    from singula.methods.genome.gene_call import Options
    from singula.sources.outside_files import is_outside_file
    from singula.sources.pgx_calls import build_of, call_file, call_given, load_tables

    given = [one for file in _outside_files(path, arguments.outside_calls) for one in _read_outside(file, errors)]
    if is_outside_file(path):
        tables = load_tables(knowledge, arguments.definitions)
        return call_given(path.name, [*_read_outside(path, errors), *given], tables)
    if _is_record(path):
        return _call_records(path, arguments, knowledge, given)
    build = "GRCh38" if arguments.definitions else build_of(path) or "GRCh38"
    tables = load_tables(knowledge, arguments.definitions, build)
    options = Options(arguments.all_candidates, arguments.partial)
    return call_file(path, tables, options, given, cyp2d6_from_vcf=arguments.cyp2d6_from_vcf)


def _of_nobody(arguments: argparse.Namespace, seen: set[str]) -> Iterator[dict[str, str]]:
    """Yield a message for each person an outside file speaks of who is in none of the inputs."""
    files = {file for path in arguments.inputs for file in _outside_files(path, arguments.outside_calls)}
    for file in sorted(files):
        named = {one.sample for one in _read_outside(file, []) if one.sample}
        for sample in sorted(named - seen):
            told = f"{file.name}: speaks of sample {quoted(sample)}, which is in none of the inputs; give its name as there"
            yield {"file": file.name, "message": told}


def _read_outside(file: Path, errors: list[dict[str, str]]) -> Iterable[Any]:
    """Read a file of outside calls; rows that are wrong go to the errors, the others are used."""
    from singula.sources.outside_files import read_outside_file

    read = read_outside_file(file)
    errors.extend({"file": file.name, "gene": one.gene, "message": one.message} for one in read.mistakes)
    return read.calls


def _is_record(path: Path) -> bool:
    from singula.sources.fhir_files import FhirReader
    from singula.sources.limits import open_bounded

    with open_bounded(path) as stream:
        head = stream.read(4096)
    return pgx_advise.is_pgx_record(path) or FhirReader().recognises(head, path.name)


def _call_records(path: Path, arguments: argparse.Namespace, knowledge: Any, given: list[Any]) -> Iterator[Any]:
    from singula.sources.outside_records import calls_of_record
    from singula.sources.pgx_calls import call_given, load_tables

    tables = load_tables(knowledge, arguments.definitions)
    for record in pgx_advise.read_records(path, knowledge, datetime.now(UTC).date()):
        yield from call_given(path.name, [*calls_of_record(record), *given], tables, record.person.id)


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
