"""``singula pgx cohort``: calls, advice and frequencies of many people at once."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from singula.cli.output import print_json, progress
from singula.errors import BadInput


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``pgx cohort``."""
    parser.epilog = (
        "example:\n  singula pgx cohort chr*.vcf.gz -o cohort/ --ancestry groups.tsv\n\n"
        "Each VCF gives NAME.calls.tsv and NAME.advice.tsv; frequencies.tsv covers all of them. Run again if interrupted:\n"
        "a VCF whose tables are complete, with the same definitions and knowledge, is not read again."
    )
    parser.add_argument("inputs", nargs="+", type=Path, metavar="VCF")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="folder of the tables")
    parser.add_argument("--ancestry", type=Path, metavar="TSV", help="sample and group, tab-separated, for the frequencies")
    parser.add_argument(
        "--definitions", type=Path, metavar="DIR", help="an official release in place of the packaged core tables"
    )
    parser.add_argument("--knowledge", type=Path, metavar="DIR", help="folder of imported packs")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")


def run(arguments: argparse.Namespace) -> int:
    """Write the tables of every VCF; a VCF that cannot be read is told and the others are done."""
    from singula.cohort.pgx import frequency_lines
    from singula.knowledge import load_knowledge

    knowledge = load_knowledge(arguments.knowledge)
    ancestry = _read_groups(arguments.ancestry) if arguments.ancestry else {}
    arguments.output.mkdir(parents=True, exist_ok=True)
    done: list[dict[str, Any]] = []
    errors: list[dict[str, str]] = []
    for path in arguments.inputs:
        try:
            done.append(_do_file(path, arguments, knowledge, ancestry))
        except BadInput as fault:
            errors.append({"file": path.name, "message": str(fault)})
            print(f"singula pgx: {fault}", file=sys.stderr)
    counts: Counter[tuple[str, str, str, str]] = Counter()
    for one in done:
        for key, number in json.loads((arguments.output / f"{one['name']}.counts.json").read_text(encoding="utf-8")):
            counts[tuple(key)] += number
    _write(arguments.output / "frequencies.tsv", frequency_lines(counts))
    if arguments.json:
        print_json({"files": done, "errors": errors})
    else:
        for one in done:
            print(f"{one['name']}: {one['samples']} samples{', done before' if one['done_before'] else ''}")
    return 3 if errors else 0


def _read_groups(path: Path) -> dict[str, str]:
    from singula.sources.limits import decode_utf8, read_bounded

    groups = {}
    for number, line in enumerate(decode_utf8(read_bounded(path), path.name).splitlines(), start=1):
        cells = line.split("\t")
        if line.strip() and not line.startswith("#"):
            if len(cells) != 2:
                raise BadInput(f"{path.name}:{number}: has {len(cells)} columns; write sample and group, separated by a tab")
            groups[cells[0]] = cells[1]
    return groups


def _do_file(path: Path, arguments: argparse.Namespace, knowledge: Any, ancestry: dict[str, str]) -> dict[str, Any]:
    from singula.cohort.pgx import advice_lines, call_lines, count_calls, judge_cohort
    from singula.methods.genome.gene_call import Options
    from singula.sources.pgx_calls import build_of, load_tables
    from singula.sources.pgx_patterns import call_cohort

    name = path.name.removesuffix(".gz").removesuffix(".vcf")
    build = "GRCh38" if arguments.definitions else build_of(path) or "GRCh38"
    tables = load_tables(knowledge, arguments.definitions, build)
    advice = knowledge.pack("pgx_advice")
    known = [
        path.stat().st_size,
        path.stat().st_mtime_ns,
        tables.pack,
        tables.version,
        build,
        advice.version,
        sorted(ancestry.items()),
    ]
    mark = hashlib.sha256(json.dumps(known).encode()).hexdigest()
    stamp = arguments.output / f"{name}.done.json"
    if stamp.is_file() and (earlier := json.loads(stamp.read_text(encoding="utf-8")))["mark"] == mark:
        return {"name": name, "samples": earlier["samples"], "done_before": True}
    calls = call_cohort(path, tables, Options(), lambda rows: progress(rows, f"reading {path.name}"))
    _write(arguments.output / f"{name}.calls.tsv", call_lines(calls))
    judged = list(judge_cohort(calls, tables, knowledge))
    _write(arguments.output / f"{name}.advice.tsv", advice_lines(calls.samples, judged))
    counts = count_calls(calls, ancestry)
    _write(arguments.output / f"{name}.counts.json", [json.dumps(sorted(counts.items()))])
    _write(stamp, [json.dumps({"mark": mark, "samples": len(calls.samples)})])
    return {"name": name, "samples": len(calls.samples), "done_before": False}


def _write(path: Path, lines: Iterable[str]) -> None:
    """Write a table whole or not at all."""
    made = path.with_name(f".{path.name}.part")
    with made.open("w", encoding="utf-8") as stream:
        stream.writelines(f"{line}\n" for line in lines)
    made.replace(path)
