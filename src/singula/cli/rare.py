"""``singula rare``: which rare diseases and genes fit a person's features."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from singula.cli.output import print_json, read_lines
from singula.errors import SingulaError, WrongUsage

if TYPE_CHECKING:
    from singula.deliver.rare_view import GenomeSide

EXAMPLES = """\
examples:
  singula rare rank --hpo HP:0001159,HP:0000486,HP:0000327 --json
  singula rare rank --hpo HP:0001159 --exclude HP:0001249 --vcf person.vcf.gz --build GRCh37 --json
  singula rare rank --features phenopacket.json --vcf trio.vcf.gz --ped trio.ped --clinvar clinvar.vcf.gz
  singula rare rank --jsonl cases.jsonl --top 20"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``rare``."""
    parser.epilog = EXAMPLES
    asks = parser.add_subparsers(dest="ask", metavar="rank", required=True)
    rank = asks.add_parser("rank", help="diseases and genes by how well they explain the features")
    rank.add_argument("--hpo", default="", metavar="HP:…,HP:…", help="features of the person")
    rank.add_argument("--exclude", default="", metavar="HP:…", help="features that were looked for and are absent")
    rank.add_argument(
        "--features",
        type=Path,
        metavar="FILE",
        help="features from a Phenopacket, FHIR, or text with a term a line (! is absent)",
    )
    rank.add_argument("--vcf", type=Path, help="the person's variants, or the family's with --ped")
    rank.add_argument("--ped", type=Path, help="who in the VCF is whose parent, and who is affected")
    rank.add_argument("--sample", metavar="NAME", help="whose variants; default the affected person of the PED")
    rank.add_argument("--sex", choices=("female", "male"), help="where neither PED nor features tell it")
    rank.add_argument("--clinvar", type=Path, metavar="PACK-or-FILE", help="a ClinVar release; default the imported one")
    rank.add_argument("--build", choices=("GRCh37", "GRCh38"), help="genome build where the file does not say")
    rank.add_argument("--top", type=int, default=50, metavar="N", help="how many to tell (50)")
    rank.add_argument(
        "--jsonl", metavar="FILE", help='lines {"id", "inputs": {"hpo": […], "excluded": […]}}; - is standard input'
    )
    rank.add_argument("--json", action="store_true", help="one JSON object on standard output")


def run(arguments: argparse.Namespace) -> int:
    """Answer ``rare rank``."""
    from singula.methods.genome.phenotype_ranking import load_phenotypes
    from singula.sources.phenotype_features import Features, read_features

    if arguments.jsonl:
        return _rank_lines(arguments, load_phenotypes())
    if not arguments.hpo and not arguments.features:
        raise WrongUsage("give features with --hpo HP:0001159,HP:0000486 or --features FILE, or cases with --jsonl FILE")
    from singula.deliver.rare_view import rank_rare

    read = read_features(arguments.features) if arguments.features else Features((), ())
    observed = [*_split(arguments.hpo), *read.observed]
    excluded = [*_split(arguments.exclude), *read.excluded]
    genome = _read_genome(arguments, arguments.sex or read.sex) if arguments.vcf else None
    phenotypes = load_phenotypes()
    answer = rank_rare(observed, excluded, phenotypes, arguments.top, genome)
    if arguments.json:
        print_json({"schema": "singula.rare/1", **answer, "knowledge": [{"pack": "hpo", "version": phenotypes.version}]})
        return 0
    for one in answer["diseases"]:
        genotype = f"\t{', '.join(one['genotype']['alleles'])}: {one['genotype']['why']}" if one["genotype"] else ""
        print(f"{one['rank']}\t{one['id']}\t{one['name']}\t{one['score']:.3f}\t{', '.join(one['matching'])}{genotype}")
    for question in (answer["next_question"], answer["next_test"]):
        if question:
            print(f"to ask next: {question}")
    return 0


def _split(codes: str) -> list[str]:
    return [one.strip() for one in codes.split(",") if one.strip()]


def _read_genome(arguments: argparse.Namespace, sex: str | None) -> GenomeSide:
    from singula.deliver.rare_view import GenomeSide
    from singula.knowledge import load_knowledge
    from singula.sources.clinvar import find_or_none
    from singula.sources.rare_variants import RareInput, read_rare_variants

    knowledge = load_knowledge()
    release = find_or_none(arguments.clinvar, knowledge, complete=False)
    given = RareInput(arguments.vcf, arguments.ped, arguments.sample, arguments.build, sex)  # type: ignore[arg-type]
    variants = read_rare_variants(given, knowledge, release)
    for note in variants.notes:
        print(f"singula rare: {note}", file=sys.stderr)
    return GenomeSide(variants.by_gene, {row.name: row.value for row in knowledge.pack("germline").table("rare_fit")})


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
