"""Rare variants of one person by gene, for ranking rare diseases: what is common is left out, what cannot be told is kept."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from singula.errors import BadInput
from singula.methods.genome.normalisation import trim_alleles
from singula.sources.gene_places import load_gene_places
from singula.sources.tumour_vcf import choose_transcript
from singula.sources.vcf import VcfFile, VcfRow

FREQUENCY = re.compile(rb"(?:^|;)(?:gnomAD_AF|gnomADe_AF|AF_popmax|faf95_popmax|EXAC_AF|TGP_AF|1000g_AF)=([0-9.eE+-]+)")
HARMLESS = ("synonymous_variant", "intron_variant", "upstream_gene_variant", "downstream_gene_variant", "intergenic_variant")
RARE_BELOW = 0.01
LOW_QUALITY = 20
COMMON_ID = "rs"


@dataclass
class RareVariants:
    """Variants by gene as ``chrom-pos-ref-alt``, with how many alleles, and what could not be told."""

    by_gene: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def read_rare_variants(path: Path, build: str | None) -> RareVariants:
    """Read one person's rare variants.

    Parameters
    ----------
    path : Path
        A VCF of one sample, annotated by VEP or SnpEff or not.
    build : str, optional
        Where the file does not say.

    Returns
    -------
    RareVariants
        Without annotated frequencies a variant with a dbSNP number counts as known and is left out.
    """
    found = RareVariants()
    with VcfFile(path) as vcf:
        if not vcf.header.samples:
            raise BadInput(f"{path.name}: names no sample; give the VCF of the person")
        places = load_gene_places(vcf.header.build or build or "") if vcf.header.annotation is None else None
        if vcf.header.annotation is None and places is None:
            found.notes.append(
                f"{path.name}: carries no annotation and gene coordinates are not installed (package genmod) or the build is not"
                " stated; its variants are not used"
            )
            return found
        for row in vcf.rows():
            if row.filter in ("PASS", ".") and not _is_common(row):
                alleles = _alleles(row)
                for gene in _genes(row, vcf.header.annotation, places) if alleles else ():
                    found.by_gene.setdefault(gene, []).append((_name(row), alleles))
    return found


def _is_common(row: VcfRow) -> bool:
    stated = FREQUENCY.search(row.info)
    if stated:
        return float(stated.group(1)) >= RARE_BELOW
    return row.id.startswith(COMMON_ID)


def _alleles(row: VcfRow) -> int:
    values = dict(zip(row.format, row.fields[0].decode("utf-8", "replace").split(":"), strict=False))
    quality = values.get("GQ", "")
    if quality.replace(".", "").isdigit() and float(quality) < LOW_QUALITY:
        return 0
    return sum(part not in ("0", ".", "") for part in values.get("GT", "").replace("|", "/").split("/"))


def _genes(row: VcfRow, annotation: object, places: object) -> list[str]:
    from singula.sources.gene_places import GenePlaces

    if isinstance(places, GenePlaces):
        return places.at(row.chromosome, row.position)
    chosen = choose_transcript(row.info.decode("utf-8", "replace"), annotation)  # type: ignore[arg-type]
    if chosen is None:
        return []
    terms = (chosen.get("Consequence") or chosen.get("Annotation") or "").split("&")
    gene = chosen.get("SYMBOL") or chosen.get("Gene_Name")
    return [gene] if gene and any(term not in HARMLESS for term in terms) else []


def _name(row: VcfRow) -> str:
    position, ref, alt = trim_alleles(row.position, row.ref, row.alts[0] if row.alts else row.ref)
    return f"{row.chromosome}-{position}-{ref}-{alt}"
