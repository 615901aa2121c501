"""``singula genome``: what a genome file says at any list of sites, and where they lie in another build."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from singula.cli.output import print_json

if TYPE_CHECKING:
    from singula.methods.genome.resolver import Resolved

EXAMPLES = """\
examples:
  singula genome resolve person.g.vcf.gz --sites sites.tsv --json
  singula genome resolve person.vcf.gz --sites sites.tsv --regions panel.bed --json
  singula genome lift sites.tsv --chain hg19ToHg38.over.chain.gz --json"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``genome``."""
    parser.epilog = EXAMPLES
    asks = parser.add_subparsers(dest="ask", metavar="resolve|lift", required=True)
    resolve = asks.add_parser("resolve", help="each sample's state at each site, with the ground it stands on")
    resolve.add_argument("file", type=Path, help="VCF, gVCF (plain, gzip, bgzip) or BCF")
    resolve.add_argument("--sites", type=Path, required=True, metavar="TSV", help="columns id chrom pos ref alt")
    resolve.add_argument("--regions", type=Path, metavar="BED", help="the bases that were looked at")
    resolve.add_argument("--build", choices=("GRCh37", "GRCh38"), help="genome build where the file does not say")
    resolve.add_argument("--reference", type=Path, metavar="FASTA", help="spell insertions and deletions leftmost against it")
    resolve.add_argument("--min-gq", type=float, default=20.0, metavar="Q", help="lowest genotype quality that counts (20)")
    resolve.add_argument("--sample", metavar="A,B", help="only these samples")
    resolve.add_argument("--json", action="store_true", help="one JSON object on standard output")
    lift = asks.add_parser("lift", help="positions in another build, along a chain file")
    lift.add_argument("sites", type=Path, metavar="TSV", help="columns id chrom pos, 1-based")
    lift.add_argument("--chain", type=Path, required=True, help="UCSC chain file")
    lift.add_argument("--json", action="store_true", help="one JSON object on standard output")


def run(arguments: argparse.Namespace) -> int:
    """Answer ``genome resolve`` or ``genome lift``."""
    return _resolve(arguments) if arguments.ask == "resolve" else _lift(arguments)


def _resolve(arguments: argparse.Namespace) -> int:
    from singula.sources.reference_sequence import ReferenceSequence
    from singula.sources.regions import Regions
    from singula.sources.site_calls import SiteReader, SiteRules, positions_of, read_sites

    regions = Regions(arguments.regions) if arguments.regions else None
    reference = ReferenceSequence(arguments.reference) if arguments.reference else None
    sites = read_sites(arguments.sites)
    rules = SiteRules(regions, arguments.min_gq, arguments.build, reference)
    reader = SiteReader(arguments.file, positions_of(sites, reference), rules)
    samples: list[dict[str, Any]] = []
    for column in reader.choose_samples(arguments.sample):
        answers = [_show(site.id, reader.resolve(site, column)) for site in sites]
        samples.append({"sample": reader.header.samples[column], "sites": answers})
    if arguments.json:
        print_json({"schema": "singula.genome-sites/1", "build": reader.build, "samples": samples})
    else:
        for sample in samples:
            for one in sample["sites"]:
                print(f"{sample['sample']}\t{one['id']}\t{one['status']}\t{one['genotype'] or '-'}\t{one['reason']}")
    return 0


def _show(site_id: str, found: Resolved) -> dict[str, Any]:
    return {
        "id": site_id,
        "status": found.status.value,
        "genotype": found.genotype,
        "dosage": found.dosage,
        "reason": found.reason,
    }


def _lift(arguments: argparse.Namespace) -> int:
    from singula.errors import BadInput
    from singula.sources.chain_file import read_chain
    from singula.sources.site_calls import read_table
    from singula.sources.vcf_header import plain_chromosome

    chain = read_chain(arguments.chain)
    answers = []
    for where, row in read_table(arguments.sites, ("id", "chrom", "pos")):
        if not row["pos"].isdigit():
            raise BadInput(f"{where}: pos has to be a whole number, 1-based")
        found = chain.lift(plain_chromosome(row["chrom"]), int(row["pos"]))
        answers.append(
            {"id": row["id"], "status": found.status, "chrom": found.chromosome, "pos": found.position, "strand": found.strand}
        )
    if arguments.json:
        print_json({"schema": "singula.genome-lift/1", "sites": answers})
    else:
        for one in answers:
            print(f"{one['id']}\t{one['status']}\t{one['chrom'] or '-'}\t{one['pos'] or '-'}\t{one['strand'] or '-'}")
    return 0
