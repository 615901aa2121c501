"""``singula germline``: what is known to be pathogenic in a person's genome, and on what ground the rest is negative."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from singula.cli.germline_checks import configure_checks, run_check, run_repeats
from singula.cli.germline_classify import configure_classify, run_classify
from singula.cli.output import print_json, progress

EXAMPLES = """\
examples:
  singula germline report person.vcf.gz --clinvar clinvar.vcf.gz --json
  singula germline report person.hg19.vcf.gz --clinvar clinvar.vcf.gz --chain hg19ToHg38.over.chain.gz --json
  singula germline couple anna.vcf.gz bert.vcf.gz --sex female,male --json
  singula germline report person.g.vcf.gz --genes BRCA1,BRCA2,TP53 --json

Without --clinvar and without an imported release (singula kb import clinvar FILE) only founder variants are told."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``germline``."""
    parser.epilog = EXAMPLES
    asks = parser.add_subparsers(dest="ask", metavar="report|classify|couple|check|repeats", required=True)
    report = asks.add_parser("report", help="pathogenic alleles, carriers, unconfirmed calls, negatives with their ground")
    report.add_argument("file", type=Path, help="VCF, gVCF or BCF")
    report.add_argument("--clinvar", type=Path, metavar="PACK-or-FILE", help="a ClinVar release; default the imported one")
    report.add_argument("--chain", type=Path, help="UCSC chain file from the file's build to the release's")
    report.add_argument("--regions", type=Path, metavar="BED", help="the bases that were looked at")
    report.add_argument("--reference", type=Path, metavar="FASTA", help="spell insertions and deletions leftmost against it")
    report.add_argument("--build", choices=("GRCh37", "GRCh38"), help="genome build where the file does not say")
    report.add_argument("--genes", metavar="A,B", help="genes whose negatives are asked for; default the secondary-findings list")
    report.add_argument("--sample", metavar="A,B", help="only these samples")
    report.add_argument("--all", action="store_true", help="also what is carried of uncertain and conflicting class")
    report.add_argument(
        "--withhold-secondary", action="store_true", help="the person did not ask for secondary findings: do not show them"
    )
    report.add_argument("--knowledge", type=Path, metavar="DIR", help="folder of imported packs")
    report.add_argument("--json", action="store_true", help="one JSON object on standard output")
    couple = asks.add_parser("couple", help="what two people carry together, and the chance of an affected child")
    couple.add_argument("files", type=Path, nargs=2, metavar="FILE", help="one VCF of each; the first sample counts")
    couple.add_argument("--sex", metavar="A,B", default="", help="of the two, in order: female,male")
    couple.add_argument("--clinvar", type=Path, metavar="PACK-or-FILE", help="a ClinVar release; default the imported one")
    couple.add_argument("--chain", type=Path, help="UCSC chain file from the files' build to the release's")
    couple.add_argument("--regions", type=Path, metavar="BED", help="the bases that were looked at")
    couple.add_argument("--build", choices=("GRCh37", "GRCh38"), help="genome build where the files do not say")
    couple.add_argument("--knowledge", type=Path, metavar="DIR", help="folder of imported packs")
    couple.add_argument("--json", action="store_true", help="one JSON object on standard output")
    configure_classify(asks)
    configure_checks(asks)


def run(arguments: argparse.Namespace) -> int:
    """Answer ``germline report``, ``couple``, ``check`` or ``repeats``."""
    answers = {"report": _report, "classify": run_classify, "couple": _couple, "check": run_check, "repeats": run_repeats}
    return answers[arguments.ask](arguments)


def _report(arguments: argparse.Namespace) -> int:
    from singula.deliver.germline_view import report_sample, withhold_secondary
    from singula.knowledge import load_knowledge
    from singula.sources.clinvar import find_or_none
    from singula.sources.germline import GermlineInput, gene_rules, read_germline

    knowledge = load_knowledge(arguments.knowledge)
    release = find_or_none(arguments.clinvar, knowledge, complete=arguments.all)
    pack = knowledge.pack("germline")
    given = GermlineInput(
        arguments.file, arguments.build, arguments.chain, arguments.regions, arguments.reference, with_unreported=arguments.all
    )
    reading = read_germline(given, release, pack.table("founder_variants"))
    rules = gene_rules(knowledge)
    genes = arguments.genes.split(",") if arguments.genes else [row.gene for row in pack.table("secondary_findings")]
    samples = []
    for column in progress(reading.reader.choose_samples(arguments.sample), "resolving"):
        shown = report_sample(reading, column, rules, genes, knowledge)
        samples.append(withhold_secondary(shown, rules) if arguments.withhold_secondary else shown)
    if not arguments.json:
        _print(samples)
        return 0
    known = [{"pack": "germline", "version": pack.version}]
    if release.date:
        known.insert(0, {"pack": "clinvar", "version": release.date, "build": release.build})
    answer: dict[str, Any] = {
        "schema": "singula.germline/1",
        "file": arguments.file.name,
        "build": reading.reader.build,
        "samples": samples,
        "knowledge": known,
        "quality": reading.notes,
    }
    print_json({**answer, "release_counts": dict(release.counts)} if arguments.all else answer)
    return 0


def _couple(arguments: argparse.Namespace) -> int:
    from singula.deliver.couple_view import carrier_knowledge, read_partner, show_couple
    from singula.knowledge import load_knowledge
    from singula.sources.clinvar import find_or_none
    from singula.sources.germline import GermlineInput, gene_rules, read_germline

    knowledge = load_knowledge(arguments.knowledge)
    release = find_or_none(arguments.clinvar, knowledge, complete=False)
    known = carrier_knowledge(gene_rules(knowledge), knowledge)
    sexes = [one if one in ("female", "male") else None for one in (*arguments.sex.split(","), "", "")]
    founders = knowledge.pack("germline").table("founder_variants")
    partners = []
    for path, sex in zip(arguments.files, sexes, strict=False):
        given = GermlineInput(path, arguments.build, arguments.chain, arguments.regions)
        partners.append(read_partner(read_germline(given, release, founders), sex, known, knowledge))
    answer = show_couple(partners[0], partners[1], known)
    if arguments.json:
        print_json({"schema": "singula.germline-couple/1", **answer, "knowledge": [{"pack": "clinvar", "version": release.date}]})
        return 0
    for one in answer["genes"]:
        child = one["affected_child_probability"]
        chance = f", affected child {' to '.join(f'{share:.2%}' for share in dict.fromkeys(child))}" if child else ""
        print(f"{one['gene']} ({one['inheritance']}, {', '.join(one['alleles'])}){chance}: {one['words']}")
    print(f"not testable from these files: {', '.join(answer['not_testable'])}")
    return 0


def _print(samples: list[dict[str, Any]]) -> None:
    for sample in samples:
        print(sample["sample"])
        for one in sample["findings"]:
            what = "carrier" if one["carrier"] else "finding"
            words = f"{one['classification'].replace('_', ' ')}, {one['zygosity']}"
            print(f"  {what}: {one['gene']} {one['variant']} {words}, {one['condition']}")
            for note in one["notes"]:
                print(f"    {note}")
        for one in sample["unconfirmed"]:
            print(f"  not confirmed: {one['gene']} {one['variant']}: {one['reason']}")
        for one in sample["founder_variants"]["carried"]:
            print(
                f"  founder variant, {one['meaning']}: {one['gene']} {' + '.join(one['names'])}: {one['words']},"
                f" {one['condition']}"
            )
        for one in sample["negatives"]:
            limits = f"; short reads cannot exclude: {one['not_excluded']}" if "not_excluded" in one else ""
            print(f"  {one['gene']}: {one['status'].replace('_', ' ')} ({sum(one['basis'].values())} known alleles){limits}")
        print(f"  {sample['withheld']}" if "withheld" in sample else "", end="\n" if "withheld" in sample else "")
