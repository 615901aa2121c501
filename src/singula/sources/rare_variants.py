"""Rare alleles of one person by gene, for ranking rare diseases: what is common is left out, what cannot be told is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from singula.errors import BadInput, quoted
from singula.knowledge import Knowledge
from singula.methods.genome.inheritance_fit import RareAllele
from singula.methods.genome.normalisation import trim_alleles
from singula.sources.clinvar_files import ClinVarRelease
from singula.sources.family_file import FamilyMember, find_proband, read_family
from singula.sources.gene_places import GenePlaces, load_gene_places
from singula.sources.site_calls import agree_on_build
from singula.sources.tumour_vcf import choose_transcript
from singula.sources.vcf import VcfFile, VcfRow

FREQUENCY = re.compile(rb"(?:^|;)(?:gnomAD_AF|gnomADe_AF|AF_popmax|faf95_popmax|EXAC_AF|TGP_AF|1000g_AF)=([0-9.eE+-]+)")
NUMBER = re.compile(r"[0-9]*\.?[0-9]+(?:e-?[0-9]+)?", re.IGNORECASE)
ANNOTATED_FREQUENCIES = ("MAX_AF", "gnomADe_AF", "gnomADg_AF", "gnomAD_AF")
HARMLESS = ("synonymous_variant", "intron_variant", "upstream_gene_variant", "downstream_gene_variant", "intergenic_variant")
COMMON_ID = "rs"
PASSING = ("PASS", ".")


@dataclass(frozen=True)
class RareInput:
    """What a user gives: the VCF, a PED of its people, whose variants are asked for, build, and the sex where no PED tells it."""

    path: Path
    family: Path | None = None
    sample: str | None = None
    build: str | None = None
    sex: Literal["male", "female"] | None = None


@dataclass
class RareVariants:
    """Rare alleles by gene, and what could not be told."""

    by_gene: dict[str, list[RareAllele]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _People:
    """Columns of the person and the parents, the person's sex, and whether a parent is known to be unaffected."""

    person: int
    mother: int | None
    father: int | None
    sex: Literal["male", "female"] | None
    mother_unaffected: bool = False
    father_unaffected: bool = False


@dataclass(frozen=True)
class _Sieve:
    """What the rows of one file are judged by."""

    people: _People
    limits: Mapping[str, float]
    shared_places: Sequence[tuple[int, int]]
    release: ClinVarRelease | None
    reported: frozenset[str]


def read_rare_variants(given: RareInput, knowledge: Knowledge, release: ClinVarRelease | None = None) -> RareVariants:
    """Read one person's rare alleles.

    Parameters
    ----------
    given : RareInput
        A VCF, annotated by VEP or SnpEff or not, of one person or of a family with its PED.
    knowledge : Knowledge
        Pack ``germline``: limits, pseudo-autosomal regions.
    release : ClinVarRelease, optional
        Alleles it reports pathogenic are kept however common they are.

    Returns
    -------
    RareVariants
        Without annotated frequencies a variant with a dbSNP number counts as known and is left out.

    Raises
    ------
    BadInput
        The VCF names no sample, or it is not clear whose variants are asked for.
    """
    found = RareVariants()
    with VcfFile(given.path) as vcf:
        header = vcf.header
        people = _find_people(given, header.samples)
        build = agree_on_build(header, given.build, given.path.name)
        places = load_gene_places(build or "") if header.annotation is None else None
        if header.annotation is None and places is None:
            found.notes.append(
                f"{given.path.name}: carries no annotation, and gene coordinates are not installed (package genmod) or the build"
                " is not stated; its variants are not used"
            )
            return found
        if release is not None and release.build and release.build != build:
            found.notes.append(f"ClinVar is in {release.build}, {given.path.name} in {build or 'none stated'}; it is not used")
            release = None
        sieve = _sieve(people, knowledge, build, release)
        for row in vcf.rows():
            if row.filter in PASSING:
                for allele, genes in _alleles(row, sieve, header.annotation, places):
                    for gene in genes:
                        found.by_gene.setdefault(gene, []).append(allele)
    return found


def _sieve(people: _People, knowledge: Knowledge, build: str | None, release: ClinVarRelease | None) -> _Sieve:
    pack = knowledge.pack("germline")
    return _Sieve(
        people,
        {row.name: row.value for row in pack.table("rare_fit")},
        [(row.start, row.end) for row in pack.table("pseudo_autosomal") if row.build == build],
        release,
        frozenset(row.classification for row in pack.table("clinvar_classes") if row.is_finding),
    )


def _find_people(given: RareInput, samples: tuple[str, ...]) -> _People:
    where = given.path.name
    if not samples:
        raise BadInput(f"{where}: names no sample; give the VCF of the person")
    members = read_family(given.family) if given.family else {}
    if given.sample and given.sample not in samples:
        raise BadInput(f"{where}: has no sample {quoted(given.sample)}; it has {', '.join(samples[:10])}")
    if not members and len(samples) > 1 and not given.sample:
        raise BadInput(f"{where}: has {len(samples)} samples; name the person with --sample, or the family with --ped")
    name = given.sample or (find_proband(members, samples, where) if members else samples[0])
    one = members.get(name)
    mother, father = (members.get(parent) if parent else None for parent in ((one.mother, one.father) if one else (None, None)))
    return _People(
        person=samples.index(name),
        mother=_column(mother, samples),
        father=_column(father, samples),
        sex=(one.sex if one else None) or given.sex,
        mother_unaffected=mother is not None and mother.affected is False,
        father_unaffected=father is not None and father.affected is False,
    )


def _column(member: FamilyMember | None, samples: tuple[str, ...]) -> int | None:
    return samples.index(member.name) if member and member.name in samples else None


def _alleles(
    row: VcfRow, sieve: _Sieve, annotation: tuple[str, tuple[str, ...]] | None, places: GenePlaces | None
) -> Iterator[tuple[RareAllele, list[str]]]:
    called = _genotype(row, sieve.people.person, sieve.limits["lowest_quality"])
    for number, alt in enumerate(row.alts, start=1):
        copies = called.count(number) if called else 0
        if not copies or alt.startswith("<") or alt == "*":
            continue
        position, ref, trimmed = trim_alleles(row.position, row.ref, alt)
        reported = _is_reported(row.chromosome, position, (ref, trimmed), sieve)
        chosen = choose_transcript(row.info.decode("utf-8", "replace"), annotation) if annotation else None
        if not reported and _is_common(row, chosen, sieve.limits["frequency_below"]):
            continue
        genes = places.at(row.chromosome, row.position) if places else _annotated_genes(chosen, keep_harmless=reported)
        if genes:
            name = f"{row.chromosome}-{position}-{ref}-{trimmed}"
            parents = (_has(row, sieve.people.mother, number), _has(row, sieve.people.father, number))
            yield _allele(row, (name, copies, reported), parents, sieve), genes


def _allele(row: VcfRow, own: tuple[str, int, bool], parents: tuple[bool | None, bool | None], sieve: _Sieve) -> RareAllele:
    name, copies, reported = own
    people = sieve.people
    unaffected = (parents[0] is True and people.mother_unaffected) or (parents[1] is True and people.father_unaffected)
    return RareAllele(name, copies, _is_single(row, sieve), *parents, unaffected, reported)


def _is_single(row: VcfRow, sieve: _Sieve) -> bool:
    if row.chromosome == "MT":
        return True
    shared = any(start <= row.position <= end for start, end in sieve.shared_places)
    return row.chromosome in ("X", "Y") and sieve.people.sex == "male" and not shared


def _genotype(row: VcfRow, column: int, lowest_quality: float) -> tuple[int, ...] | None:
    values = dict(zip(row.format, row.fields[column].decode("utf-8", "replace").split(":"), strict=False))
    quality = values.get("GQ", "")
    if quality.replace(".", "", 1).isdigit() and float(quality) < lowest_quality:
        return None
    parts = values.get("GT", "").replace("|", "/").split("/")
    return tuple(int(part) for part in parts) if all(part.isdigit() for part in parts) else None


def _has(row: VcfRow, column: int | None, number: int) -> bool | None:
    if column is None:
        return None
    called = _genotype(row, column, 0)
    return None if called is None else number in called


def _is_reported(chromosome: str, position: int, letters: tuple[str, str], sieve: _Sieve) -> bool:
    entry = sieve.release.table.find(chromosome, position, *letters) if sieve.release else None
    return entry is not None and entry.classification in sieve.reported and entry.stars > 0


def _is_common(row: VcfRow, chosen: Mapping[str, str] | None, limit: float) -> bool:
    stated = FREQUENCY.search(row.info)
    if stated:
        return float(stated.group(1)) >= limit
    for name in ANNOTATED_FREQUENCIES:
        values = [float(one) for one in (chosen or {}).get(name, "").split("&") if NUMBER.fullmatch(one)]
        if values:
            return max(values) >= limit
    return row.id.startswith(COMMON_ID)


def _annotated_genes(chosen: Mapping[str, str] | None, *, keep_harmless: bool) -> list[str]:
    if chosen is None:
        return []
    terms = (chosen.get("Consequence") or chosen.get("Annotation") or "").split("&")
    gene = chosen.get("SYMBOL") or chosen.get("Gene_Name")
    return [gene] if gene and (keep_harmless or any(term not in HARMLESS for term in terms)) else []
