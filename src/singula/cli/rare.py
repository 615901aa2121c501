"""``singula rare``: which rare diseases and genes fit a person's features."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from singula.cli.output import print_json, read_lines
from singula.errors import SingulaError, WrongUsage

EXAMPLES = """\
examples:
  singula rare rank --hpo HP:0001159,HP:0000486,HP:0000327 --json
  singula rare rank --hpo HP:0001159 --exclude HP:0001249 --vcf person.vcf.gz --build GRCh37 --json
  singula rare rank --jsonl cases.jsonl --top 20"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``rare``."""
    parser.epilog = EXAMPLES
    asks = parser.add_subparsers(dest="ask", metavar="rank", required=True)
    rank = asks.add_parser("rank", help="diseases and genes by how well they explain the features")
    rank.add_argument("--hpo", metavar="HP:…,HP:…", help="features of the person")
    rank.add_argument("--exclude", default="", metavar="HP:…", help="features that were looked for and are absent")
    rank.add_argument("--vcf", type=Path, help="the person's variants")
    rank.add_argument("--build", choices=("GRCh37", "GRCh38"), help="genome build where the file does not say")
    rank.add_argument("--top", type=int, default=50, metavar="N", help="how many to tell (50)")
    rank.add_argument(
        "--jsonl", metavar="FILE", help='lines {"id", "inputs": {"hpo": […], "excluded": […]}}; - is standard input'
    )
    rank.add_argument("--json", action="store_true", help="one JSON object on standard output")


def run(arguments: argparse.Namespace) -> int:
    """Answer ``rare rank``."""
    from singula.methods.genome.phenotype_ranking import load_phenotypes

    phenotypes = load_phenotypes()
    if arguments.jsonl:
        return _rank_lines(arguments, phenotypes)
    if not arguments.hpo:
        raise WrongUsage("give features with --hpo HP:0001159,HP:0000486, or cases with --jsonl FILE")
    from singula.deliver.rare_view import rank_rare
    from singula.sources.rare_variants import read_rare_variants

    variants = read_rare_variants(arguments.vcf, arguments.build) if arguments.vcf else None
    excluded = [one for one in arguments.exclude.split(",") if one]
    answer = rank_rare(arguments.hpo.split(","), excluded, phenotypes, arguments.top, variants)
    for note in variants.notes if variants else ():
        print(f"singula rare: {note}", file=sys.stderr)
    if arguments.json:
        print_json({"schema": "singula.rare/1", **answer, "knowledge": [{"pack": "hpo", "version": phenotypes.version}]})
        return 0
    for one in answer["diseases"]:
        print(f"{one['rank']}\t{one['id']}\t{one['name']}\t{one['score']:.3f}\t{', '.join(one['matching'])}")
    if answer["next_question"]:
        print(f"to ask next: {answer['next_question']}")
    return 0


def _rank_lines(arguments: argparse.Namespace, phenotypes: object) -> int:
    import orjson

    from singula.deliver.rare_view import rank_rare

    refused = 0
    for line in read_lines(arguments.jsonl):
        line_id = None
        try:
            question = orjson.loads(line)
            line_id, inputs = question.get("id"), question["inputs"]
            answer = {"id": line_id, "outputs": rank_rare(inputs["hpo"], inputs.get("excluded") or [], phenotypes, arguments.top)}  # type: ignore[arg-type]
        except SingulaError as fault:
            refused += 1
            answer = {"id": line_id, "error": {"kind": "invalid_input", "message": str(fault)}}
        except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError):
            refused += 1
            answer = {
                "id": line_id,
                "error": {"kind": "invalid_input", "message": 'the line is no {"id", "inputs": {"hpo": […]}}'},
            }
        sys.stdout.buffer.write(orjson.dumps(answer, option=orjson.OPT_APPEND_NEWLINE))
        sys.stdout.buffer.flush()
    return 3 if refused else 0
