"""``singula prs``: polygenic scores, with abstention where they cannot be placed honestly."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from singula.cli.output import print_json, progress
from singula.errors import WrongUsage

EXAMPLES = """\
examples:
  singula prs score cohort.vcf.gz --score PGS000001_hmPOS_GRCh38.txt --json
  singula prs score person.vcf.gz --score a.txt --score b.txt --sites sites.tsv --regions panel.bed --json
  singula prs score person.vcf.gz --score a.txt --reference ref.tsv --population EUR --risk risk.tsv --ages 50,80
  singula prs adjust --reference reference.tsv --target people.tsv --json"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``prs``."""
    parser.epilog = EXAMPLES
    asks = parser.add_subparsers(dest="ask", metavar="score|adjust", required=True)
    score = asks.add_parser("score", help="sums of scoring files for every sample")
    score.add_argument("file", type=Path, help="VCF, gVCF or BCF")
    score.add_argument(
        "--score", type=Path, action="append", required=True, metavar="FILE", help="PGS Catalog scoring file; may be repeated"
    )
    score.add_argument(
        "--sites", type=Path, metavar="TSV", help="chrom pos ref alt: where a missing record means the reference base"
    )
    score.add_argument("--regions", type=Path, metavar="BED", help="the bases that were looked at")
    score.add_argument(
        "--missing", choices=("zero", "mean"), default="zero", help="leave missing genotypes out, or use the mean dosage"
    )
    score.add_argument("--frequencies", type=Path, metavar="TSV", help="chrom pos effect_allele frequency, for --missing mean")
    score.add_argument("--reference", type=Path, metavar="TSV", help="score_id population mean sd")
    score.add_argument("--population", metavar="P", help="whom the person is compared with; never supposed")
    score.add_argument(
        "--risk",
        type=Path,
        metavar="TSV",
        help="hazard ratio by score, incidence and mortality by age: absolute risk with --ages",
    )
    score.add_argument("--ages", metavar="FROM,TO", help="ages in years between which risk is told, as 50,80")
    score.add_argument(
        "--keep-ambiguous", action="store_true", help="use A/T and C/G variants although their strand cannot be told"
    )
    score.add_argument("--min-match", type=float, default=0.75, metavar="SHARE", help="lowest share of matched variants (0.75)")
    score.add_argument("--build", choices=("GRCh37", "GRCh38"), help="genome build where the file does not say")
    score.add_argument("--sample", metavar="A,B", help="only these samples")
    score.add_argument("--json", action="store_true", help="one JSON object on standard output")
    adjust = asks.add_parser("adjust", help="scores beyond what ancestry foretells")
    adjust.add_argument(
        "--reference", type=Path, required=True, metavar="TSV", help="sample population related score_id sum pc1 …"
    )
    adjust.add_argument("--target", type=Path, required=True, metavar="TSV", help="sample score_id sum pc1 …")
    adjust.add_argument("--components", type=int, default=4, metavar="N", help="components in the models (4)")
    adjust.add_argument("--population-components", type=int, default=5, metavar="N", help="components that place a person (5)")
    adjust.add_argument("--json", action="store_true", help="one JSON object on standard output")


def run(arguments: argparse.Namespace) -> int:
    """Answer ``prs score`` or ``prs adjust``."""
    return _score(arguments) if arguments.ask == "score" else _adjust(arguments)


def _score(arguments: argparse.Namespace) -> int:
    from singula.deliver.score_view import Placing, compare_traits, show_score
    from singula.sources.polygenic import ScoreOptions, read_references, sum_scores
    from singula.sources.score_files import read_score_file
    from singula.sources.score_risks import read_score_risks

    options = ScoreOptions(
        arguments.missing, arguments.keep_ambiguous, arguments.build, arguments.regions, arguments.sites, arguments.frequencies
    )
    references = read_references(arguments.reference) if arguments.reference else None
    risks = read_score_risks(arguments.risk) if arguments.risk else {}
    placing = Placing(references, arguments.population, arguments.min_match, risks, _read_ages(arguments))
    scores = [read_score_file(path) for path in progress(arguments.score, "reading scores")]
    reader, found = sum_scores(arguments.file, scores, options, arguments.sample)
    samples: list[dict[str, Any]] = [
        {"sample": reader.header.samples[column], "scores": [show_score(one, column, placing) for one in found]}
        for column in reader.choose_samples(arguments.sample)
    ]
    for sample in samples:
        sample["traits"] = compare_traits(sample["scores"])
    if arguments.json:
        print_json({"schema": "singula.prs/1", "build": reader.build, "samples": samples})
        return 0
    for sample in samples:
        for one in sample["scores"]:
            place = (
                f"percentile {one['percentile']:.0f}"
                if one["percentile"] is not None
                else one["reason"] or "not placed: no --reference"
            )
            print(f"{sample['sample']}\t{one['score_id']}\t{one['sum']:.6g}\t{one['matched']}/{one['total']}\t{place}")
        for trait in sample["traits"]:
            verdict = trait["reason"] or f"percentile {trait['percentile']:.0f} of {len(trait['scores'])} scores that agree"
            print(f"{sample['sample']}\t{trait['trait']}\t{verdict}")
    return 0


def _read_ages(arguments: argparse.Namespace) -> tuple[float, float] | None:
    if bool(arguments.risk) != bool(arguments.ages):
        raise WrongUsage("--risk and --ages go together: rates by age, and between which ages risk is told")
    if not arguments.ages:
        return None
    try:
        start, end = (float(one) for one in arguments.ages.split(","))
    except ValueError:
        raise WrongUsage(f"--ages takes two numbers, as 50,80; not {arguments.ages!r}") from None
    return start, end


def _adjust(arguments: argparse.Namespace) -> int:
    from singula.sources.score_tables import adjust_scores

    samples = adjust_scores(arguments.reference, arguments.target, arguments.components, arguments.population_components)
    if arguments.json:
        print_json({"schema": "singula.prs-adjust/1", "samples": samples})
        return 0
    for one in samples:
        doubt = " (low confidence)" if one["low_confidence"] else ""
        print(f"{one['sample']}\t{one['score_id']}\t{one['z_norm1']:.4f}\t{one['z_norm2']:.4f}\t{one['population']}{doubt}")
    return 0
