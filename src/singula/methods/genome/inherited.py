"""What the state of known pathogenic alleles means: findings, carriers, unconfirmed calls, negatives with their ground."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from singula.methods.genome.resolver import NEGATIVE, Resolved
from singula.record.genome import SiteStatus

TRUNCATING = ("nonsense", "frameshift_variant", "splice_donor_variant", "splice_acceptor_variant", "stop_gained")
LOWEST_STARS = 1
MATERNAL = "MT"


class PathogenicAllele(Protocol):
    """What is known of an allele."""

    @property
    def gene(self) -> str:
        """Gene symbol."""
        ...

    @property
    def stars(self) -> int:
        """Review stars, 0 to 4."""
        ...

    @property
    def name(self) -> str:
        """The allele as ``chrom-pos-ref-alt``."""
        ...

    @property
    def variation_id(self) -> str:
        """ClinVar's number."""
        ...

    @property
    def classification(self) -> str:
        """Class, in words of the pack."""
        ...

    @property
    def condition(self) -> str:
        """Conditions, in words."""
        ...

    @property
    def consequences(self) -> tuple[str, ...]:
        """Molecular consequences."""
        ...


@dataclass(frozen=True)
class GeneRule:
    """How a gene is inherited and when its finding is reported to people who asked for secondary findings."""

    gene: str
    inheritance: str
    report_rule: str | None = None
    recessive_condition: str | None = None


@dataclass(frozen=True)
class InheritedFinding:
    """A pathogenic allele one person carries."""

    allele: PathogenicAllele
    zygosity: str
    inheritance: str | None
    is_carrier: bool
    is_secondary: bool
    phase: str | None
    resolved: Resolved
    also: str = ""

    @property
    def allele_balance(self) -> float | None:
        """The share of reads that carry it, where the file says."""
        return self.resolved.call.allele_balance if self.resolved.call else None


@dataclass(frozen=True)
class GeneNegative:
    """What "nothing found" rests on in one gene: ``negative``, ``negative_assumed``, ``incomplete`` or ``not_assessed``."""

    gene: str
    status: str
    basis: Mapping[str, int]


@dataclass(frozen=True)
class InheritedAnswer:
    """Everything said of one person."""

    findings: tuple[InheritedFinding, ...]
    unconfirmed: tuple[tuple[PathogenicAllele, Resolved], ...]
    negatives: tuple[GeneNegative, ...]


def report_inherited(
    resolved: Iterable[tuple[PathogenicAllele, Resolved]],
    rules: Mapping[str, GeneRule],
    genes: Sequence[str],
    counted: Mapping[str, Mapping[str, int]] | None = None,
) -> InheritedAnswer:
    """Say what known pathogenic alleles mean for one person.

    Parameters
    ----------
    resolved : iterable
        Known pathogenic alleles with their state in this person.
    rules : mapping
        Inheritance and reporting rule by gene.
    genes : sequence of str
        Genes whose negatives are asked for.
    counted : mapping, optional
        Further alleles nobody carries, counted by gene and status.

    Returns
    -------
    InheritedAnswer
        A gene with a finding is not among the negatives; a negative states how many alleles were looked at and how.
    """
    present: dict[str, list[tuple[PathogenicAllele, Resolved]]] = {}
    unconfirmed: list[tuple[PathogenicAllele, Resolved]] = []
    basis: dict[str, Counter[str]] = {gene: Counter(counts) for gene, counts in (counted or {}).items()}
    for allele, state in resolved:
        basis.setdefault(allele.gene, Counter())[state.status.value] += 1
        if state.status is SiteStatus.CALLED and state.dosage:
            present.setdefault(allele.gene, []).append((allele, state))
        elif state.status is SiteStatus.LOW_QUALITY and state.has_alternative:
            unconfirmed.append((allele, state))
    findings = [one for gene, carried in present.items() for one in _judge_gene(carried, rules.get(gene))]
    negatives = [_judge_negative(gene, basis.get(gene, Counter())) for gene in genes if gene not in present]
    return InheritedAnswer(tuple(findings), tuple(unconfirmed), tuple(negatives))


def _judge_gene(carried: Sequence[tuple[PathogenicAllele, Resolved]], rule: GeneRule | None) -> Iterable[InheritedFinding]:
    phase = _phase(carried)
    homozygous = any(_zygosity(state) in ("hom", "hemi") for _, state in carried)
    biallelic = homozygous or (len(carried) > 1 and phase != "cis")
    recessive = rule is not None and rule.inheritance == "AR"
    for allele, state in carried:
        yield InheritedFinding(
            allele=allele,
            zygosity=_zygosity(state),
            inheritance=_inheritance(allele, rule),
            is_carrier=recessive and not biallelic,
            is_secondary=_is_secondary(allele, state, rule, biallelic),
            phase=phase if len(carried) > 1 else None,
            resolved=state,
            also=f"{rule.recessive_condition} in children whose other parent also carries a change in {allele.gene}"
            if rule and rule.recessive_condition
            else "",
        )


def _inheritance(allele: PathogenicAllele, rule: GeneRule | None) -> str | None:
    if allele.name.startswith("MT-"):
        return MATERNAL
    return rule.inheritance or None if rule is not None else None


def _zygosity(state: Resolved) -> str:
    if state.genotype is not None and "/" not in state.genotype and "|" not in state.genotype:
        return "hemi"
    return "hom" if state.dosage == 2 else "het"


def _phase(carried: Sequence[tuple[PathogenicAllele, Resolved]]) -> str:
    strands = set()
    for _, state in carried:
        genotype = state.genotype or ""
        if "|" not in genotype or state.dosage == 2:
            return "unknown"
        strands.add(genotype.split("|").index("1"))
    return "trans" if len(strands) > 1 else "cis"


def _is_secondary(allele: PathogenicAllele, state: Resolved, rule: GeneRule | None, biallelic: bool) -> bool:
    if rule is None or rule.report_rule is None or allele.stars < LOWEST_STARS:
        return False
    if rule.report_rule == "biallelic_plp":
        return biallelic
    if rule.report_rule == "truncating_plp":
        return any(one in TRUNCATING for one in allele.consequences)
    if rule.report_rule == "hfe_c282y_homozygous":
        return allele.name == "6-26092913-G-A" and state.dosage == 2
    return True


def _judge_negative(gene: str, basis: Counter[str]) -> GeneNegative:
    total = sum(basis.values())
    known = sum(basis[status.value] for status in NEGATIVE)
    assumed = basis[SiteStatus.HOM_REF_ASSUMED.value]
    if known + assumed == 0:
        status = "not_assessed"
    elif known + assumed < total:
        status = "incomplete"
    else:
        status = "negative_assumed" if assumed else "negative"
    return GeneNegative(gene, status, dict(basis))
