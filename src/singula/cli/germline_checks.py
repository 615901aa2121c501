"""``singula germline check`` and ``singula germline repeats``."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from singula.cli.output import print_json

PASSING = ("PASS", ".")


def configure_checks(asks: Any) -> None:
    """Declare ``check`` and ``repeats``."""
    check = asks.add_parser("check", help="is the sample whose it is said to be: sex, kinship, contamination, homozygous runs")
    check.add_argument("file", type=Path, help="VCF with genotypes, whole")
    check.add_argument("--build", choices=("GRCh37", "GRCh38"), help="genome build where the file does not say")
    check.add_argument("--sex", choices=("female", "male"), help="the stated sex of a single sample")
    check.add_argument("--json", action="store_true", help="one JSON object on standard output")
    repeats = asks.add_parser("repeats", help="repeat loci of an ExpansionHunter VCF: normal, intermediate, expanded")
    repeats.add_argument("file", type=Path)
    repeats.add_argument("--json", action="store_true", help="one JSON object on standard output")


def run_check(arguments: argparse.Namespace) -> int:
    """Answer ``germline check``."""
    from singula.knowledge import load_knowledge
    from singula.methods.genome.sample_checks import estimate_kinship, judge_sample
    from singula.sources.sample_checks import AUTOSOMES, check_limits, count_file

    knowledge = load_knowledge()
    limits = check_limits(knowledge)
    checked = count_file(arguments.file, arguments.build, knowledge)
    stated = arguments.sex if len(checked.samples) == 1 else None
    whole = checked.chromosomes >= AUTOSOMES
    samples = [
        {"sample": name, **asdict(judge_sample(tally, limits, stated_sex=stated, whole_genome=whole)), "het": tally.het,
         "hom": tally.hom, "y_called": tally.y_called}
        for name, tally in zip(checked.samples, checked.tallies, strict=True)
    ]  # fmt: skip
    pairs: list[dict[str, Any]] = []
    for (first, second), tally in checked.pairs.items():
        kinship, words = estimate_kinship(tally, limits)
        pairs.append({"samples": [checked.samples[first], checked.samples[second]], "kinship": kinship, "relation": words})
    if arguments.json:
        print_json({"schema": "singula.germline-check/1", "build": checked.build, "samples": samples, "pairs": pairs})
        return 0
    for one in samples:
        print(f"{one['sample']}: sex {one['inferred_sex'] or 'not told'}, homozygous runs {one['roh_megabases']:.1f} Mb")
        for warning in one["warnings"]:
            print(f"  {warning}")
    for pair in pairs:
        told = "too few variants" if pair["kinship"] is None else f"{pair['kinship']:.3f}, {pair['relation']}"
        print(f"{' and '.join(pair['samples'])}: kinship {told}")
    return 0


def run_repeats(arguments: argparse.Namespace) -> int:
    """Answer ``germline repeats``."""
    from singula.sources.repeat_calls import read_repeats

    answers: list[dict[str, Any]] = []
    for call in read_repeats(arguments.file):
        alleles = [_classify(call.locus, count) for count in call.counts]
        answers.append(
            {"sample": call.sample, "locus": call.locus, "counts": list(call.counts), "alleles": alleles,
             "words": [f"{count or '-'} {one['status']}" for count, one in zip(call.counts, alleles, strict=True)],
             "confirmed": call.filter in PASSING}
        )  # fmt: skip
    if arguments.json:
        print_json({"schema": "singula.germline-repeats/1", "loci": answers})
        return 0
    for one in answers:
        words = ", ".join(one["words"])
        print(f"{one['sample']}\t{one['locus']}\t{words}{'' if one['confirmed'] else ' (filtered: confirm by another method)'}")
    return 0


def _classify(locus: str, count: int | None) -> dict[str, Any]:
    from singula.errors import OutOfDomain
    from singula.methods.registry import run_method

    if count is None:
        return {"status": "not_called"}
    try:
        return dict(run_method("repeat-expansion-class", {"locus": locus, "repeat_count": count}))
    except OutOfDomain:
        return {"status": "unknown_locus"}
