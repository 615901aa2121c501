"""What the named alleles of a gene are: positions, the bases each allele has there, and how phenotypes follow from pairs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

AMBIGUITY: Mapping[str, str] = {
    "R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC", "B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT",
}  # fmt: skip
INDETERMINATE = "Indeterminate"


@dataclass(frozen=True)
class Position:
    """One place in the genome that tells alleles apart, in VCF spelling."""

    chromosome: str
    position: int
    ref: str
    alts: tuple[str, ...]
    rsid: str | None = None

    @property
    def key(self) -> tuple[str, int, str]:
        """What a VCF row is recognised by: chromosome, position and REF text."""
        return (self.chromosome, self.position, self.ref)

    @property
    def label(self) -> str:
        """Words for a reader: rsID where there is one, else the place."""
        return self.rsid or f"{self.chromosome}:{self.position}{self.ref}"


@dataclass(frozen=True)
class NamedAllele:
    """One named allele: its base at each position of the gene, None where any base of the reference allele is meant."""

    name: str
    bases: tuple[str | None, ...]
    is_reference: bool = False

    @cached_property
    def core(self) -> tuple[int, ...]:
        """Indices of the positions the allele states a base for."""
        return tuple(index for index, base in enumerate(self.bases) if base is not None)


@dataclass(frozen=True, eq=False)
class GeneDefinition:
    """Everything needed to call one gene."""

    gene: str
    chromosome: str
    positions: tuple[Position, ...]
    alleles: tuple[NamedAllele, ...]
    version: str = ""
    suballeles: Mapping[str, str] = field(default_factory=dict)
    required: frozenset[int] = frozenset()
    lowest_function: bool = False
    undocumented_is_reference: bool = False
    priorities: tuple[tuple[frozenset[str], str], ...] = ()
    extra_positions: tuple[Position, ...] = ()

    @cached_property
    def reference(self) -> NamedAllele:
        """The allele every null base is taken from."""
        return next(allele for allele in self.alleles if allele.is_reference)

    @cached_property
    def used_bases(self) -> tuple[frozenset[str], ...]:
        """Per position the bases some allele of the gene uses, REF included."""
        used: list[set[str]] = [{position.ref} for position in self.positions]
        for allele in self.alleles:
            for index, base in enumerate(allele.bases):
                if base is not None:
                    used[index] |= set(expand(base))
        return tuple(frozenset(bases) | frozenset(p.alts) for bases, p in zip(used, self.positions, strict=True))

    @cached_property
    def admitted(self) -> Mapping[str, tuple[frozenset[str], ...]]:
        """Per allele and position the bases it admits."""
        return {allele.name: tuple(self._admit(allele, index) for index in range(len(self.positions))) for allele in self.alleles}

    @cached_property
    def admitting(self) -> tuple[Mapping[str, int], ...]:
        """Per position and base the alleles that admit it, as bits in the order of the alleles."""
        found: list[dict[str, int]] = [{} for _ in self.positions]
        for number, allele in enumerate(self.alleles):
            for bits, bases in zip(found, self.admitted[allele.name], strict=True):
                for base in bases:
                    bits[base] = bits.get(base, 0) | 1 << number
        return tuple(found)

    @cached_property
    def stating(self) -> tuple[int, ...]:
        """Per position the alleles that state a base there, as bits in the order of the alleles."""
        return tuple(
            sum(1 << number for number, allele in enumerate(self.alleles) if allele.bases[index] is not None)
            for index in range(len(self.positions))
        )

    def _admit(self, allele: NamedAllele, index: int) -> frozenset[str]:
        base = allele.bases[index]
        if base is not None:
            return frozenset(expand(base))
        standard = self.reference.bases[index]
        if standard is None or standard in AMBIGUITY:
            standard = self.positions[index].ref
        return frozenset({standard})


def expand(base: str) -> Iterable[str]:
    """Return the bases an allele's base text stands for; only single ambiguity letters stand for several."""
    return AMBIGUITY.get(base, (base,)) if len(base) == 1 else (base,)


@dataclass(frozen=True, eq=False)
class PhenotypeTable:
    """How phenotypes follow from alleles.

    ``pairs`` holds a table of whole diplotypes where a release brings one; else ``function_pairs`` and, for activity genes, the
    sum of ``activity`` against ``cuts`` decide.
    """

    gene: str
    functions: Mapping[str, str] = field(default_factory=dict)
    activity: Mapping[str, str] = field(default_factory=dict)
    pairs: Mapping[tuple[str, ...], tuple[str | None, str | None]] = field(default_factory=dict)
    function_pairs: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    cuts: tuple[tuple[str, float, float | None], ...] = ()
    version: str = ""
    is_activity_gene: bool = False

    def knows(self, allele: str) -> bool:
        """Tell whether the table lists an allele."""
        return allele in self.functions or allele in self.activity

    def activity_of(self, allele: str) -> float | None:
        """Return an allele's activity value, None where it is not known."""
        text = self.activity.get(allele, "n/a").removeprefix("≥")
        return None if text in ("n/a", "") else float(text)


def read_release_definition(
    document: Mapping[str, Any], exemptions: Mapping[str, Any], policies: Mapping[str, frozenset[str]]
) -> GeneDefinition:
    """Read one gene of an official release (definition format version 2).

    Parameters
    ----------
    document : mapping
        The parsed ``<GENE>_translation.json``.
    exemptions : mapping
        The gene's entry of ``exemptions.json``, empty where there is none.
    policies : mapping
        Names of genes by policy: ``undocumented_alt_is_reference``, ``lowest_function_genes``.

    Returns
    -------
    GeneDefinition
        Ignored alleles and positions are left out.
    """
    gene = document["gene"]
    ignored = {(one["position"], one["ref"]) for one in exemptions.get("ignoredPositions", ())}
    ignored_alleles = {name.lower() for name in exemptions.get("ignoredAlleles", ())}
    kept = [index for index, one in enumerate(document["variants"]) if (one["position"], one["ref"]) not in ignored]
    positions = tuple(_position(document["variants"][index]) for index in kept)
    required = set(exemptions.get("requiredPositions", ()))
    alleles = tuple(
        NamedAllele(one["name"], tuple(one["alleles"][index] for index in kept), bool(one["reference"]))
        for one in document["namedAlleles"]
        if one["name"].lower() not in ignored_alleles
    )
    return GeneDefinition(
        gene=gene,
        chromosome=document["chromosome"],
        positions=positions,
        alleles=alleles,
        version=document.get("version", ""),
        suballeles=document.get("suballelesMap") or {},
        required=frozenset(index for index, position in enumerate(positions) if position.position in required),
        lowest_function=gene in policies.get("lowest_function_genes", frozenset()),
        undocumented_is_reference=gene in policies.get("undocumented_alt_is_reference", frozenset()),
        priorities=tuple((frozenset(one["list"]), one["pick"]) for one in exemptions.get("unphasedDiplotypePriorities", ())),
        extra_positions=tuple(_position(one) for one in exemptions.get("extraPositions", ())),
    )


def _position(variant: Mapping[str, Any]) -> Position:
    return Position(variant["chromosome"], variant["position"], variant["ref"], tuple(variant["alts"]), variant.get("rsid"))


def read_release_phenotypes(document: Mapping[str, Any], cuts: Sequence[tuple[str, float, float | None]] = ()) -> PhenotypeTable:
    """Read one gene's phenotype table of an official release.

    Parameters
    ----------
    document : mapping
        The parsed ``phenotype/<GENE>.json``.
    cuts : sequence, optional
        Cut-offs of the activity score, for copies that the table of whole diplotypes does not list.

    Returns
    -------
    PhenotypeTable
        With the release's own table of diplotypes.
    """
    named = document.get("namedAlleles") or ()
    functions = {one["name"]: one["functionValue"] or "" for one in named}
    functions.update({name: functions.get(name, value) for name, value in document["haplotypes"].items()})
    activity = {name: value for name, value in (document.get("activityValues") or {}).items() if value}
    pairs = {}
    for one in document["diplotypes"]:
        alleles = tuple(sorted(name for name, count in one["diplotypekey"].items() for _ in range(count)))
        phenotype = one.get("phenotype") or one.get("generesult")
        pairs[alleles] = (phenotype, one.get("activityScore"))
    return PhenotypeTable(
        gene=document["gene"],
        functions=functions,
        activity=activity,
        pairs=pairs,
        cuts=tuple(cuts),
        version=document.get("version", ""),
        is_activity_gene=bool(activity),
    )
