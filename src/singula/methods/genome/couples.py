"""What two people carry together: genes both carry, genes one carries and the other may, X-linked genes of the mother."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from singula.methods.genome.resolver import NEGATIVE
from singula.methods.registry import run_method
from singula.record.genome import SiteStatus

AFFECTED = 1.0


@dataclass(frozen=True)
class CarriedGene:
    """What one person carries of one gene: its alleles by name and how many copies; two make them affected themselves."""

    names: tuple[str, ...]
    copies: int


@dataclass(frozen=True)
class Partner:
    """One of the two: what they carry, and for the other genes how known alleles were seen."""

    sample: str
    sex: str | None
    carried: Mapping[str, CarriedGene]
    basis: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class CoupleRisk:
    """One gene's answer: the chance of an affected child, as a range where a carrier's frequency is only known by population."""

    gene: str
    kind: str
    inheritance: str
    first: float | None
    second: tuple[float, float] | None
    child: tuple[float, float] | None
    words: str
    names: tuple[str, ...] = ()
    son: float | None = None


@dataclass(frozen=True)
class CarrierKnowledge:
    """Inheritance by gene, carrier frequencies by gene over all populations, and genes short reads cannot see."""

    inheritance: Mapping[str, str]
    frequencies: Mapping[str, Sequence[float]]
    unseen: frozenset[str]


def judge_couple(first: Partner, second: Partner, known: CarrierKnowledge) -> list[CoupleRisk]:
    """Join what two people carry.

    Parameters
    ----------
    first, second : Partner
        The couple.
    known : CarrierKnowledge
        What is known of the genes.

    Returns
    -------
    list of CoupleRisk
        Genes both carry first, then genes one of them carries, then X-linked genes.
    """
    both = [gene for gene in first.carried if gene in second.carried and known.inheritance.get(gene) != "XL"]
    answers = [_both(gene, first, second, known) for gene in sorted(both)]
    for one, other in ((first, second), (second, first)):
        alone = sorted(gene for gene in one.carried if gene not in both and known.inheritance.get(gene) == "AR")
        answers.extend(_one(gene, one, other, known) for gene in alone)
    for one in (first, second):
        answers.extend(_x_linked(one, known))
    return answers


def _chance(carried: CarriedGene) -> float:
    """Return the probability that counts in a·b/4: a carrier 1, an affected person 2 (every child gets an allele)."""
    return AFFECTED * min(carried.copies, 2)


def _both(gene: str, first: Partner, second: Partner, known: CarrierKnowledge) -> CoupleRisk:
    one, other = first.carried[gene], second.carried[gene]
    names = (*one.names, *other.names)
    inheritance = known.inheritance.get(gene, "unknown")
    if inheritance != "AR":
        words = {
            "unknown": "both carry a change in this gene; how it is inherited is not on file here: ask the genetics clinic",
        }.get(inheritance, "both carry a change that one copy of can matter; two copies in a child may be a graver condition")
        return CoupleRisk(gene, "both", inheritance, None, None, None, words, names)
    child = _chance(one) * _chance(other) / 4
    words = "both carry a change in this gene"
    return CoupleRisk(gene, "both", inheritance, _chance(one), (_chance(other),) * 2, (child, child), words, names)


def _one(gene: str, one: Partner, other: Partner, known: CarrierKnowledge) -> CoupleRisk:
    names = one.carried[gene].names
    frequencies = known.frequencies.get(gene, ())
    if not frequencies:
        words = f"{other.sample} shows no known change; how common carriers are is not on file"
        return CoupleRisk(gene, "one", "AR", _chance(one.carried[gene]), None, None, words, names)
    looked_at = 0.0 if gene in known.unseen else seen_share(other.basis.get(gene, {}))
    risks = [
        float(
            run_method("carrier-residual-risk", {"carrier_frequency": one, "detection_rate": looked_at})["residual_carrier_risk"]
        )
        for one in (min(frequencies), max(frequencies))
    ]
    children = [
        float(
            run_method(
                "carrier-couple-risk", {"inheritance": "AR", "carrier_probability_a": AFFECTED, "carrier_probability_b": risk}
            )["affected_child_probability"]
        )
        * _chance(one.carried[gene])
        for risk in risks
    ]
    why = "short reads cannot show it" if gene in known.unseen else f"{looked_at:.0%} of the known alleles were looked at"
    words = f"{other.sample} shows no known change; {why}; the range is that of the populations on file"
    first = _chance(one.carried[gene])
    return CoupleRisk(gene, "one", "AR", first, (risks[0], risks[1]), (children[0], children[1]), words, names)


def _x_linked(one: Partner, known: CarrierKnowledge) -> Iterator[CoupleRisk]:
    if one.sex == "male":
        return
    for gene in sorted(one.carried):
        if known.inheritance.get(gene) == "XL":
            found = run_method("carrier-couple-risk", {"inheritance": "XL", "carrier_probability_mother": AFFECTED})
            child = float(found["affected_child_probability"])
            words = f"{one.sample} carries it" if one.sex else f"if {one.sample} is the mother"
            son = float(found["affected_son_probability"])
            yield CoupleRisk(gene, "x-linked", "XL", AFFECTED, None, (child, child), words, one.carried[gene].names, son)


def seen_share(basis: Mapping[str, int]) -> float:
    """Return the share of known alleles that were looked at; what is only assumed was not."""
    total = sum(basis.values())
    known = sum(count for status, count in basis.items() if SiteStatus(status) in NEGATIVE)
    return known / total if total else 0.0
