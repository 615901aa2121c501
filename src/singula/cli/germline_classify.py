"""``singula germline classify``: the evidence annotated variants supply, ClinVar beside it, what a human may add."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from singula.cli.output import print_json
from singula.errors import WrongUsage, quoted


def configure_classify(asks: Any) -> None:
    """Declare ``classify``."""
    classify = asks.add_parser("classify", help="ACMG/AMP evidence of annotated variants, with ClinVar and what a human may add")
    classify.add_argument("file", type=Path, help="VCF annotated by VEP or SnpEff")
    classify.add_argument("--genes", metavar="A,B", help="only these genes")
    classify.add_argument("--sample", help="which sample; default the first")
    classify.add_argument("--build", choices=("GRCh37", "GRCh38"), help="genome build where the file does not say")
    classify.add_argument("--clinvar", type=Path, metavar="PACK-or-FILE", help="a ClinVar release in the file's build")
    classify.add_argument(
        "--add", action="append", default=[], metavar="VARIANT:CODES", help="what a human found, as 17-7674220-C-T:PS3,PP1"
    )
    classify.add_argument("--knowledge", type=Path, metavar="DIR", help="folder of imported packs")
    classify.add_argument("--json", action="store_true", help="one JSON object on standard output")


def run_classify(arguments: argparse.Namespace) -> int:
    """Answer ``germline classify``."""
    from singula.deliver.evidence_view import read_limits, show_evidence
    from singula.knowledge import load_knowledge
    from singula.sources.annotated_variants import read_annotated
    from singula.sources.clinvar import find_or_none, no_release

    knowledge = load_knowledge(arguments.knowledge)
    genes = frozenset((arguments.genes or "").split(",")) - {""}
    read = read_annotated(arguments.file, arguments.build, arguments.sample, genes)
    release = find_or_none(arguments.clinvar, knowledge, complete=True)
    notes = []
    if release.build not in ("", read.build):
        notes.append(f"the ClinVar release is in {release.build}, the file in {read.build or 'an unstated build'}; not compared")
        release = no_release()
    added = _added(arguments.add)
    limits = read_limits(knowledge)
    variants = [show_evidence(one, limits, release, added.pop(one.name, [])) for one in read.variants]
    if added:
        raise WrongUsage(f"--add names {quoted(next(iter(added)))}, which this sample does not carry")
    variants.sort(key=lambda one: -one["points"])
    if arguments.json:
        print_json(
            {"schema": "singula.germline-classify/1", "sample": read.sample, "build": read.build, "variants": variants,
             "quality": notes, "knowledge": [{"pack": "clinvar", "version": release.date}]}
        )  # fmt: skip
        return 0
    for one in variants:
        codes = " ".join(piece["code"] for piece in one["evidence"]) or "no evidence"
        print(f"{one['variant']}\t{one['gene']}\t{one['hgvs']}\t{codes}\t{one['points']} points\t{one['shown']}: {one['why']}")
    return 0


def _added(texts: list[str]) -> dict[str, list[str]]:
    added: dict[str, list[str]] = {}
    for text in texts:
        name, _, codes = text.partition(":")
        if not codes:
            raise WrongUsage(f"--add wants VARIANT:CODES, as 17-7674220-C-T:PS3,PP1, not {quoted(text)}")
        added.setdefault(name, []).extend(codes.split(","))
    return added
