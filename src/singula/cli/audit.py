"""``singula audit``: who saw what, and whether that was touched."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from singula.cli.opening import add_store, open_store
from singula.cli.output import print_json, read_lines
from singula.deliver.cells import safe_cell
from singula.govern.audit import is_checkpoint, read_chain
from singula.govern.audit_events import audit_event

SITE = "Singula"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``audit``."""
    asks = parser.add_subparsers(dest="ask", metavar="ASK", required=True)
    verify = asks.add_parser("verify", help="is the chain whole; exit 1 where it is not")
    verify.add_argument("--file", metavar="FILE", help="an exported chain; judged by the checkpoint in it")
    verify.add_argument("--checkpoint", metavar="FILE", help="a checkpoint kept elsewhere")
    add_store(verify)
    for name, words in (("export", "the chain as NDJSON"), ("checkpoint", "the signed checkpoint")):
        one = asks.add_parser(name, help=words)
        one.add_argument("-o", "--output", metavar="FILE")
        if name == "export":
            one.add_argument("--fhir", action="store_true", help="as FHIR AuditEvents (IHE BALP), without checkpoint")
        add_store(one)
    shown = asks.add_parser("list", help="entries by person, actor or time")
    for name in ("patient", "actor", "event", "purpose", "since"):
        shown.add_argument(f"--{name}")
    add_store(shown)


def run(arguments: argparse.Namespace) -> int:
    """Verify, export or list the audit."""
    ledger = open_store(arguments).ledger
    if arguments.ask == "verify":
        return _verify(ledger, arguments)
    checkpoint = {"checkpoint": ledger.checkpoint()}
    if arguments.ask == "list":
        wanted = {name: getattr(arguments, name) for name in ("patient", "actor", "event", "purpose") if getattr(arguments, name)}
        found = [one for one in ledger.entries() if all(one[name] == value for name, value in wanted.items())]
        found = [one for one in found if not arguments.since or one["time"] >= arguments.since]
        if arguments.json:
            print_json({"entries": found})
        else:
            for one in found:
                print("\t".join(safe_cell(one[name] or "") for name in ("time", "actor", "event", "resource", "patient")))
        return 0
    if arguments.ask == "export" and arguments.fhir:
        return _write(
            "".join(f"{json.dumps(audit_event(one, SITE), ensure_ascii=False)}\n" for one in ledger.entries()), arguments
        )
    lines = [json.dumps(one, ensure_ascii=False, sort_keys=True) for one in ledger.entries()] if arguments.ask == "export" else []
    return _write("\n".join([*lines, json.dumps(checkpoint)]) + "\n", arguments)


def _write(text: str, arguments: argparse.Namespace) -> int:
    if arguments.output:
        Path(arguments.output).write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0


def _verify(ledger: Any, arguments: argparse.Namespace) -> int:
    chain = read_chain(_lines(arguments.file)) if arguments.file else None
    rows = [(one, False) for one in chain.entries] if chain else list(ledger.rows())
    own = chain.checkpoint if chain else ledger.checkpoint()
    kept: Any = read_chain(_lines(arguments.checkpoint)).checkpoint or "none" if arguments.checkpoint else None
    verdict = ledger.judge(rows, own if kept is None or own is not None else kept)
    if kept is not None and verdict.ok:
        before = ledger.judge(rows[: kept["entries"]] if is_checkpoint(kept) else rows, kept)
        verdict = verdict if before.ok else before
    if arguments.json:
        print_json(asdict(verdict))
    else:
        print(f"{verdict.entries} entries: {'whole' if verdict.ok else f'{verdict.problem} at {verdict.first_bad}'}")
    return 0 if verdict.ok else 1


def _lines(file: str) -> list[str]:
    return b"".join(read_lines(file)).decode("utf-8", errors="replace").split("\n")
