"""A person's variants with what VEP (``CSQ``) or SnpEff (``ANN``) says of each allele."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from singula.errors import BadInput
from singula.methods.genome.automatic_evidence import AnnotatedVariant
from singula.methods.genome.normalisation import trim_alleles
from singula.sources.site_calls import MIN_QUALITY, agree_on_build, read_site_call
from singula.sources.tumour_vcf import choose_transcript
from singula.sources.vcf import VcfFile, VcfRow

FREQUENCIES = (
    "MAX_AF",
    "gnomADe_AF",
    "gnomADg_AF",
    "gnomAD_AF",
    "AF_popmax",
    "faf95_popmax",
    "EXAC_AF",
    "ExAC_AF",
    "GNOMADAF_popmax",
    "GNOMADAF",
)
SPLICE = ("SpliceAI_pred_DS_AG", "SpliceAI_pred_DS_AL", "SpliceAI_pred_DS_DG", "SpliceAI_pred_DS_DL")
RANK = re.compile(r"^(\d+)(?:-\d+)?/(\d+)$")
HARMLESS = frozenset(
    ("intron_variant", "upstream_gene_variant", "downstream_gene_variant", "intergenic_variant", "intergenic_region",
     "sequence_feature", "3_prime_UTR_variant", "5_prime_UTR_variant", "non_coding_transcript_variant",
     "non_coding_transcript_exon_variant")
)  # fmt: skip


@dataclass(frozen=True)
class PersonVariant:
    """One allele a person carries, with its annotation."""

    chromosome: str
    position: int
    ref: str
    alt: str
    copies: int
    annotation: AnnotatedVariant
    hgvs: str

    @property
    def name(self) -> str:
        """The allele as ``chrom-pos-ref-alt``."""
        return f"{self.chromosome}-{self.position}-{self.ref}-{self.alt}"


@dataclass
class AnnotatedFile:
    """A file's build and the variants of one sample."""

    build: str | None
    sample: str
    variants: list[PersonVariant]


def read_annotated(path: Path, build: str | None, sample: str | None, genes: frozenset[str]) -> AnnotatedFile:
    """Read the coding variants one person carries.

    Parameters
    ----------
    path : Path
        A VCF annotated by VEP or SnpEff.
    build : str, optional
        Where the file does not say.
    sample : str, optional
        Which sample; default is the first.
    genes : frozenset of str
        Only these; empty is all.

    Raises
    ------
    BadInput
        The file carries no annotation, or no such sample.
    """
    with VcfFile(path) as vcf:
        header = vcf.header
        if header.annotation is None:
            raise BadInput(f"{path.name}: carries neither VEP (CSQ) nor SnpEff (ANN) annotations; annotate it first")
        if not header.samples or (sample and sample not in header.samples):
            raise BadInput(f"{path.name}: has no sample {sample or ''}; it has {', '.join(header.samples[:5]) or 'none'}")
        column = header.samples.index(sample) if sample else 0
        found = [one for row in vcf.rows() for one in _variants(row, column, header.annotation, genes)]
        return AnnotatedFile(agree_on_build(header, build, path.name), header.samples[column], found)


def _variants(
    row: VcfRow, column: int, annotation: tuple[str, tuple[str, ...]], genes: frozenset[str]
) -> Iterator[PersonVariant]:
    call = read_site_call(row, column)
    if row.filter not in ("PASS", ".") or not any(call.alleles) or (call.quality is not None and call.quality < MIN_QUALITY):
        return
    info = row.info.decode("utf-8", "replace")
    for number, alt in enumerate(row.alts, start=1):
        copies = call.alleles.count(number)
        if not copies or alt.startswith(("<", "*")):
            continue
        chosen = choose_transcript(_of_allele(info, annotation, row.ref, alt, len(row.alts)), annotation)
        if chosen is None:
            continue
        read = _annotation(chosen, info if len(row.alts) == 1 else "")
        if set(read.terms) <= HARMLESS or (genes and read.gene not in genes):
            continue
        position, ref, other = trim_alleles(row.position, row.ref.upper(), alt.upper())
        hgvs = chosen.get("HGVSp") or chosen.get("HGVS.p") or chosen.get("HGVSc") or chosen.get("HGVS.c") or ""
        yield PersonVariant(row.chromosome, position, ref, other, copies, read, hgvs)


def _of_allele(info: str, annotation: tuple[str, tuple[str, ...]], ref: str, alt: str, alleles: int) -> str:
    """Keep the annotations of one allele: VEP names it without the base all alleles share, SnpEff as ALT."""
    key, names = annotation
    text = next((part[len(key) + 1 :] for part in info.split(";") if part.startswith(f"{key}=")), "")
    if alleles == 1 or "Allele" not in names:
        return f"{key}={text}"
    short = alt[1:] or "-" if len(ref) != len(alt) else alt
    at = names.index("Allele")
    return f"{key}=" + ",".join(one for one in text.split(",") if one.split("|")[at] in (alt, short))


def _annotation(chosen: Mapping[str, str], info: str) -> AnnotatedVariant:
    stated = {**dict(part.split("=", 1) for part in info.split(";") if "=" in part), **{k: v for k, v in chosen.items() if v}}
    rank = RANK.match(chosen.get("EXON") or chosen.get("Rank") or "")
    frequencies = [value for name in FREQUENCIES if (value := _number(stated.get(name))) is not None]
    splice = [value for name in SPLICE if (value := _number(stated.get(name))) is not None]
    return AnnotatedVariant(
        gene=chosen.get("SYMBOL") or chosen.get("Gene_Name") or "",
        terms=tuple((chosen.get("Consequence") or chosen.get("Annotation") or "").split("&")),
        exon=(int(rank.group(1)), int(rank.group(2))) if rank else None,
        frequency=max(frequencies, default=None),
        revel=_number(stated.get("REVEL") or stated.get("REVEL_score")),
        splice=max(splice, default=None),
    )


def _number(text: str | None) -> float | None:
    values = []
    for part in re.split(r"[&,]", text or ""):
        try:
            values.append(float(part))
        except ValueError:
            continue
    return max(values, default=None)
