"""Short tandem repeats a caller such as ExpansionHunter wrote: locus and repeat counts of each sample."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from singula.errors import BadInput
from singula.sources.vcf import VcfFile

LOCUS = re.compile(rb"(?:^|;)(?:REPID|VARID)=([^;]+)")
COUNT = re.compile(r"^\d+$")
GENOTYPE_FIELDS = ("REPCN",)


@dataclass(frozen=True)
class RepeatCall:
    """One locus of one sample; ``counts`` has one number for each allele, None where it was not called."""

    sample: str
    locus: str
    counts: tuple[int | None, ...]
    filter: str


def read_repeats(path: Path) -> list[RepeatCall]:
    """Read every repeat locus of a VCF.

    Raises
    ------
    BadInput
        The file holds none.
    """
    found: list[RepeatCall] = []
    with VcfFile(path) as vcf:
        for row in vcf.rows():
            match = LOCUS.search(row.info)
            at = next((row.format.index(name) for name in GENOTYPE_FIELDS if name in row.format), None)
            if match is None or at is None:
                continue
            locus = match.group(1).decode("utf-8", "replace")
            for sample, text in zip(vcf.header.samples, row.fields, strict=True):
                values = text.decode("utf-8", "replace").split(":")
                parts = re.split(r"[/|,]", values[at]) if at < len(values) else ["."]
                counts = tuple(int(part) if COUNT.match(part) else None for part in parts)
                found.append(RepeatCall(sample, locus, counts, row.filter))
    if not found:
        raise BadInput(f"{path.name}: holds no repeat locus (INFO REPID and FORMAT REPCN); give the VCF of ExpansionHunter")
    return found
