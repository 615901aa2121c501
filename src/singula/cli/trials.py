"""``singula trials``: which trials fit a tumour, criterion by criterion."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from singula.cli.output import progress, write_json

SCHEMA = "singula.trial-match/1"

EXAMPLES = """\
examples:
  singula trials match sample.json --trials trials/ --json
  singula trials match cohort.jsonl --trials ctgov_answer.json --json"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``trials``."""
    parser.epilog = EXAMPLES
    asks = parser.add_subparsers(dest="ask", metavar="match", required=True)
    match = asks.add_parser("match", help="judge every arm of every trial for each tumour")
    match.add_argument("samples", type=Path, help="singula.tumour-sample/1 (.json, .jsonl), MAF, annotated VCF, Phenopacket")
    match.add_argument(
        "--trials", type=Path, required=True, metavar="FILE_OR_DIR", help="CTML, ACTIN, ClinicalTrials.gov v2, NCI CTS"
    )
    match.add_argument("--tumour-type", metavar="CODE", help="OncoTree code of samples that name none")
    match.add_argument("--clinical", type=Path, metavar="TSV", help="SAMPLE_ID, ONCOTREE_CODE, further columns are biomarkers")
    match.add_argument("--json", action="store_true", help="one JSON object on standard output")


def run(arguments: argparse.Namespace) -> int:
    """Answer ``trials match``."""
    from singula.knowledge import load_knowledge
    from singula.methods.tumour.tables import load_tumour_tables
    from singula.methods.tumour.trial_match import make_trial_context, match_trials, tiers_by_gene
    from singula.sources.trials import read_trials
    from singula.sources.tumour_files import read_tumour_file

    tables = load_tumour_tables(load_knowledge())
    trials = read_trials(arguments.trials)
    reading = read_tumour_file(arguments.samples, tables, arguments.tumour_type, arguments.clinical, None)
    context = make_trial_context(tables)
    refused = [*trials.refused, *reading.refused]
    for message in refused:
        print(f"singula trials: {message}", file=sys.stderr)
    answers = (
        match_trials(sample, trials.arms, context, tiers_by_gene(sample, tables))
        for sample in progress(reading.samples, "matching")
    )
    if arguments.json:
        print(f'{{"schema": "{SCHEMA}", "quality": {write_json(refused)}, "samples": [')
        for number, answer in enumerate(answers):
            print(f"{',' if number else ''}{write_json(answer)}")
        print("]}")
    else:
        for answer in answers:
            _tell(answer)
    return 3 if refused else 0


def _tell(answer: Mapping[str, Any]) -> None:
    print(answer["sample_id"])
    for one in answer["trials"]:
        told = one["reasons"] if one["status"] == "match" else one["unknown"] or one["failed"]
        closed = "" if one["open"] else " (closed)"
        print(f"  {one['status'].replace('_', ' ')}: {one['trial_id']} {one['arm']}{closed}: {'; '.join(told[:3])}")
    for one in answer["collect"]:
        print(f"  to collect: {one['fact']} (asked by {one['open_arms']} open arms)")
