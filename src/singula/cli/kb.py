"""``singula kb``: what is known, whether it holds together, and what a new release changes."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from singula.cli.output import print_json, print_table, read_date
from singula.errors import WrongUsage, quoted
from singula.knowledge import Knowledge, Pack, load_knowledge
from singula.knowledge.sealing import seal_packs

LOSSES = ("lost", "flipped")
EXAMPLES = """\
examples:
  singula kb list
  singula kb verify
  singula kb import uspstf uspstf_api.json
  singula kb diff ./release-2025 ./release-2026        two folders of packs, or two packs
  singula kb import pharmcat release.zip
  singula kb diff ./release-2025 ./release-2026 --records people.jsonl        whose advice on medicines changes
  singula kb diff ./old ./new --reports anna.json bert.json        whose germline findings a new ClinVar release changes
  singula kb import civic 01-Nov-2026-ClinicalEvidenceSummaries.tsv --to knowledge
  singula kb diff ./old ./new --tumours examples/lung/tumour.json        exit 3 where a golden tumour loses or flips a therapy
  singula kb seal -o seals.json        reviewed: refuse any other knowledge where SINGULA_KNOWLEDGE_SEALS names the file

Imported packs go to --to DIR, else to the folder SINGULA_KNOWLEDGE names; a pack there replaces an older shipped one."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``kb``."""
    parser.epilog = EXAMPLES
    asks = parser.add_subparsers(dest="ask", metavar="list|verify|import|diff|seal", required=True)
    for name, words in (("list", "packs, versions and review status"), ("verify", "schema, citations, keys, methods")):
        asks.add_parser(name, help=words).add_argument("--json", action="store_true", help="one JSON object on standard output")
    importing = asks.add_parser("import", help="an official release becomes a pack")
    importing.add_argument("source", help="which release: see the message for an unknown one")
    importing.add_argument("file", type=Path)
    importing.add_argument("--to", type=Path, metavar="DIR", help="knowledge folder; default SINGULA_KNOWLEDGE")
    sealing = asks.add_parser("seal", help="digests of the packs as they are, for SINGULA_KNOWLEDGE_SEALS")
    sealing.add_argument("-o", "--output", type=Path, metavar="FILE", help="file to write; default standard output")
    difference = asks.add_parser("diff", help="what changed between two releases")
    difference.add_argument("old", type=Path)
    difference.add_argument("new", type=Path)
    difference.add_argument(
        "--reports", type=Path, nargs="+", default=[], metavar="JSON", help="saved germline reports: whom a new ClinVar changes"
    )
    difference.add_argument(
        "--records", type=Path, nargs="+", default=[], metavar="RECORD", help="stored persons: whose advice on medicines changes"
    )
    difference.add_argument(
        "--tumours", type=Path, nargs="+", default=[], metavar="FILE", help="golden tumours, files or folders: exit 3 on a loss"
    )
    difference.add_argument("--as-of", metavar="DATE", help="day of the advice for --records, YYYY-MM-DD; default is today")
    difference.add_argument("--json", action="store_true", help="one JSON object on standard output")


def run(arguments: argparse.Namespace) -> int:
    """Answer ``kb list``, ``verify``, ``import``, ``diff`` or ``seal``."""
    answers = {"list": _list, "verify": _verify, "import": _import, "diff": _diff, "seal": _seal}
    return answers[arguments.ask](arguments)


def _list(arguments: argparse.Namespace) -> int:
    from singula.knowledge.verification import count_reviews

    columns = ("pack", "version", "date", "methods", "checked", "unchecked", "title")
    rows = [
        {"pack": pack.name, "version": pack.version, "date": pack.date, "title": pack.manifest["title"],
         "methods": len(pack.method_ids), **count_reviews(pack), "licence": pack.manifest["licence"]}
        for pack in load_knowledge().packs.values()
    ]  # fmt: skip
    if arguments.json:
        print_json({"packs": rows})
    else:
        print_table(columns, [[row[column] for column in columns] for row in rows])
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    from singula.knowledge.verification import verify_packs

    knowledge = load_knowledge()
    faults = verify_packs(knowledge)
    if arguments.json:
        print_json({"packs": len(knowledge.packs), "faults": [asdict(fault) for fault in faults]})
    else:
        for fault in faults:
            print(fault, file=sys.stderr)
        print(f"{len(knowledge.packs)} packs verified, {len(faults)} faults")
    return 3 if faults else 0


def _seal(arguments: argparse.Namespace) -> int:
    sealed = {"packs": seal_packs(load_knowledge().packs)}
    text = json.dumps(sealed, indent=1)
    if arguments.output:
        arguments.output.write_text(f"{text}\n", encoding="utf-8")
        print(f"{len(sealed['packs'])} packs sealed in {arguments.output}; name it as SINGULA_KNOWLEDGE_SEALS")
    else:
        print(text)
    return 0


def _import(arguments: argparse.Namespace) -> int:
    from singula.knowledge.importers import find_importer

    importer = find_importer(arguments.source)
    named = arguments.to or (Path(os.environ["SINGULA_KNOWLEDGE"]) if os.environ.get("SINGULA_KNOWLEDGE") else None)
    if named is None:
        raise WrongUsage("say where the pack goes: --to DIR, or set SINGULA_KNOWLEDGE")
    named.mkdir(parents=True, exist_ok=True)
    made = Pack(importer(arguments.file, named))
    print(f"{made.name} {made.version} ({made.date}) is in {made.folder}")
    return 0


def _diff(arguments: argparse.Namespace) -> int:
    from singula.knowledge.comparison import compare_packs

    old, new = _packs(arguments.old), _packs(arguments.new)
    clinvar = _diff_clinvar(old, new, arguments.reports)
    changes = [{"pack": name, **asdict(change)} for name in sorted({*old, *new}) if name in old and name in new
               for change in compare_packs(old[name], new[name])]  # fmt: skip
    came, went = sorted({*new} - {*old}), sorted({*old} - {*new})
    advice = _diff_advice(arguments)
    tumours = _diff_tumours(arguments, old, new)
    exit_code = 3 if any(change["change"] in LOSSES for one in tumours for change in one["changes"]) else 0
    if arguments.json:
        shown = {"added_packs": came, "removed_packs": went, "changes": changes, **clinvar, "advice": advice, "tumours": tumours}
        print_json(shown)
        return exit_code
    for person in clinvar.get("persons", ()):
        for change in person["changes"]:
            print(f"{person['sample']} ({person['report']}): {change['change']}: {change['gene']} {change['variant']}")
            print(f"  {change['letter_clinician']}")
    for one in advice:
        print(f"{one['id']}: {one['medicine']}: {one['before']['action']} → {one['after']['action']}")
    for one in tumours:
        for change in one["changes"]:
            print(f"{one['sample_id']} ({one['tumour_type']}): {change['change']}: {change['why']}")
    for change in changes:
        print(f"{change['pack']}/{change['table']}: {change['change']}: {change['key']}")
    print(f"{len(changes)} rows changed, {len(came)} packs added, {len(went)} removed")
    return exit_code


def _diff_clinvar(old: dict[str, Pack], new: dict[str, Pack], reports: list[Path]) -> dict[str, Any]:
    from singula.sources.clinvar import PACK

    if PACK not in old or PACK not in new:
        if reports:
            raise WrongUsage("--reports needs an imported ClinVar release on both sides: singula kb import clinvar FILE --to DIR")
        return {}
    from singula.deliver.reclassification import show_reclassified
    from singula.sources.clinvar import open_release
    from singula.sources.reclassification import compare_releases, read_report, reclassify

    before, after, knowledge = open_release(old[PACK].folder), open_release(new[PACK].folder), load_knowledge()
    persons = [
        show_reclassified(report, reclassify(report, after), after.date, knowledge)
        for one in reports
        for report in read_report(one)
    ]
    return {
        "clinvar": {"from": before.date, "to": after.date, **compare_releases(before, after, knowledge)},
        "persons": [one for one in persons if one["changes"]],
        "reports_read": len(reports),
    }


def _diff_advice(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    if not arguments.records:
        return []
    from singula.cli.pgx_advise import advise_files

    day = read_date(arguments.as_of) if arguments.as_of else datetime.now(UTC).date()
    before, after = (
        {(one["id"], medicine["medicine"]): medicine for one in advise_files(arguments.records, load_knowledge(side), day)
         for medicine in one["medicines"]}
        for side in (arguments.old, arguments.new)
    )  # fmt: skip
    compared = ("action", "strength", "dose", "effective", "imported_guidance")
    found = []
    for key in sorted({*before, *after}):
        was, now = ({part: side.get(key, {}).get(part) for part in compared} for side in (before, after))
        if was != now:
            found.append({"id": key[0], "medicine": key[1], "before": was, "after": now})
    return found


def _diff_tumours(arguments: argparse.Namespace, old: dict[str, Pack], new: dict[str, Pack]) -> list[dict[str, Any]]:
    if not arguments.tumours:
        return []
    from singula.sources.golden_tumours import compare_tumours

    shipped = load_knowledge().packs
    return compare_tumours(arguments.tumours, Knowledge({**shipped, **old}), Knowledge({**shipped, **new}))


def _packs(folder: Path) -> dict[str, Pack]:
    if (folder / "manifest.toml").is_file():
        return {folder.name: Pack(folder)}
    packs = {path.parent.name: Pack(path.parent) for path in sorted(folder.glob("*/manifest.toml"))}
    if not packs:
        raise WrongUsage(f"{quoted(folder)} holds no pack; name a pack folder, or a folder of packs")
    return packs
