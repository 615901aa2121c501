"""``singula trials``: which trials fit a tumour, criterion by criterion."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from singula.cli.output import print_json, progress

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
    from singula.deliver.trial_view import SCHEMA, make_trial_context, match_trials, tiers_by_gene
    from singula.knowledge import load_knowledge
    from singula.methods.tumour.tables import load_tumour_tables
    from singula.sources.trials import read_trials
    from singula.sources.tumour_files import read_tumour_file

    tables = load_tumour_tables(load_knowledge())
    trials = read_trials(arguments.trials)
    reading = read_tumour_file(arguments.samples, tables, arguments.tumour_type, arguments.clinical, None)
    context = make_trial_context(tables)
    samples = [
        match_trials(sample, trials.arms, context, tiers_by_gene(sample, tables))
        for sample in progress(reading.samples, "matching")
    ]
    refused = [*trials.refused, *reading.refused]
    for message in refused:
        print(f"singula trials: {message}", file=sys.stderr)
    if arguments.json:
        print_json({"schema": SCHEMA, "samples": samples, "quality": refused})
    else:
        for sample in samples:
            print(sample["sample_id"])
            for one in sample["trials"]:
                told = one["reasons"] if one["status"] == "match" else one["unknown"] or one["failed"]
                closed = "" if one["open"] else " (closed)"
                print(f"  {one['status'].replace('_', ' ')}: {one['trial_id']} {one['arm']}{closed}: {'; '.join(told[:3])}")
            for one in sample["collect"]:
                print(f"  to collect: {one['fact']} (asked by {one['open_arms']} open arms)")
    return 3 if refused else 0
