"""``singula germline``: what is known to be pathogenic in a person's genome, and on what ground the rest is negative."""

from __future__ import annotations

import argparse
from pathlib import Path

from singula.cli.output import print_json, progress

EXAMPLES = """\
examples:
  singula germline report person.vcf.gz --clinvar clinvar.vcf.gz --json
  singula germline report person.hg19.vcf.gz --clinvar clinvar.vcf.gz --chain hg19ToHg38.over.chain.gz --json
  singula germline report person.g.vcf.gz --genes BRCA1,BRCA2,TP53 --json"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``germline``."""
    parser.epilog = EXAMPLES
    asks = parser.add_subparsers(dest="ask", metavar="report", required=True)
    report = asks.add_parser("report", help="pathogenic alleles, carriers, unconfirmed calls, negatives with their ground")
    report.add_argument("file", type=Path, help="VCF, gVCF or BCF")
    report.add_argument("--clinvar", type=Path, metavar="PACK-or-VCF", help="a ClinVar release; default the imported one")
    report.add_argument("--chain", type=Path, help="UCSC chain file from the file's build to the release's")
    report.add_argument("--regions", type=Path, metavar="BED", help="the bases that were looked at")
    report.add_argument("--build", choices=("GRCh37", "GRCh38"), help="genome build where the file does not say")
    report.add_argument("--genes", metavar="A,B", help="genes whose negatives are asked for; default the secondary-findings list")
    report.add_argument("--sample", metavar="A,B", help="only these samples")
    report.add_argument("--all", action="store_true", help="also count what the release calls conflicting, uncertain or benign")
    report.add_argument("--knowledge", type=Path, metavar="DIR", help="folder of imported packs")
    report.add_argument("--json", action="store_true", help="one JSON object on standard output")


def run(arguments: argparse.Namespace) -> int:
    """Answer ``germline report``."""
    from singula.deliver.germline_view import show_inherited
    from singula.knowledge import load_knowledge
    from singula.methods.genome.inherited import report_inherited
    from singula.sources.clinvar import find_clinvar
    from singula.sources.germline import GermlineInput, gene_rules, read_germline

    knowledge = load_knowledge(arguments.knowledge)
    release = find_clinvar(arguments.clinvar, knowledge)
    reading = read_germline(GermlineInput(arguments.file, arguments.build, arguments.chain, arguments.regions), release)
    rules = gene_rules(knowledge)
    genes = arguments.genes.split(",") if arguments.genes else [gene for gene, rule in rules.items() if rule.report_rule]
    samples = [
        show_inherited(reading.reader.header.samples[column], report_inherited(reading.resolve(column), rules, genes), knowledge)
        for column in progress(reading.reader.choose_samples(arguments.sample), "resolving")
    ]
    if arguments.json:
        counted = {"release_counts": dict(release.counts)} if arguments.all else {}
        print_json(
            {
                "schema": "singula.germline/1",
                "samples": samples,
                "knowledge": [{"pack": "clinvar", "version": release.date, "build": release.build}],
                "quality": reading.notes,
                **counted,
            }
        )
        return 0
    for sample in samples:
        print(sample["sample"])
        for one in sample["findings"]:
            what = "carrier" if one["carrier"] else "finding"
            words = f"{one['classification'].replace('_', ' ')}, {one['zygosity']}"
            print(f"  {what}: {one['gene']} {one['variant']} {words}, {one['condition']}")
        for one in sample["negatives"]:
            print(f"  {one['gene']}: {one['status'].replace('_', ' ')} ({sum(one['basis'].values())} known alleles)")
    return 0
