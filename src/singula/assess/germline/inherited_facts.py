"""Which inherited variants of a record may be told, and what each comes to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from singula.knowledge import Knowledge
from singula.knowledge.pack import Pack, Row
from singula.record import Record, Variant
from singula.record.genome import SCANNED

WISH_SECONDARY = "secondary-findings"
WISH_CARRIER = "carrier-status"
PATHOGENIC = (
    "pathogenic",
    "likely_pathogenic",
    "pathogenic_or_likely_pathogenic",
    "pathogenic_low_penetrance",
    "likely_pathogenic_low_penetrance",
    "established_risk_allele",
    "likely_risk_allele",
)
RECESSIVE = "AR"
TWO_ALLELES = ("homozygous", "hemizygous")


@dataclass(frozen=True)
class Told:
    """The variants of one gene with one meaning: ``finding``, ``carrier``, ``risk`` or ``protective``."""

    gene: str
    meaning: str
    variants: tuple[Variant, ...]
    inheritance: str
    rule: Row | None

    @property
    def condition(self) -> str:
        """The condition in words: the gene's own where the gene is listed."""
        stated = next((str(one.detail["condition"]) for one in self.variants if one.detail.get("condition")), "")
        listed = str(self.rule.condition) if self.rule is not None else ""
        return listed or stated.split(";")[0] or f"a condition of {self.gene}"

    @property
    def stars(self) -> int:
        """The best ClinVar review among the variants."""
        return max((int(float(one.detail.get("stars") or 0)) for one in self.variants), default=0)

    @property
    def can_be_acted_on(self) -> bool:
        """Whether to act on it: what a scan met counts only when it is reviewed and the gene's inheritance is on file."""
        reviewed = self.stars > 0 or any(one.detail.get("founder") for one in self.variants)
        return not self.by_scan or (reviewed and bool(self.inheritance))

    @property
    def by_scan(self) -> bool:
        """Whether nobody asked about this gene: it was met when a whole file was looked through."""
        return all(source.reader == SCANNED for one in self.variants for source in one.sources)


def tell_inherited(record: Record, knowledge: Knowledge) -> Iterator[Told]:
    """Yield what may be told of a record's inherited variants.

    Parameters
    ----------
    record : Record
        Findings of a scan are told only where the person wished for them: ``secondary-findings``, ``carrier-status``.
    knowledge : Knowledge
        Pack ``germline``.
    """
    pack = knowledge.pack("germline")
    rules = {row.gene: row for row in pack.table("secondary_findings")}
    recessive = {row.gene for row in pack.table("carrier_frequencies") if row.inheritance == RECESSIVE}
    groups: dict[tuple[str, str], list[Variant]] = {}
    for gene, variants in _by_gene(record).items():
        for one in variants:
            groups.setdefault((gene, _meaning(one, variants, rules.get(gene), gene in recessive)), []).append(one)
    for (gene, meaning), members in groups.items():
        rule = rules.get(gene)
        stated = next((str(one.detail["inheritance"]) for one in members if one.detail.get("inheritance")), "")
        inheritance = stated or (rule.inheritance if rule is not None else RECESSIVE if gene in recessive else "")
        told = Told(gene, meaning, tuple(members), inheritance, rule)
        if not told.by_scan or wishes(record, WISH_CARRIER if meaning == "carrier" else WISH_SECONDARY):
            yield told


def wishes(record: Record, name: str) -> bool:
    """Tell whether the person asked for something by name."""
    return any(one.name == name for one in record.person.preferences)


def _by_gene(record: Record) -> dict[str, list[Variant]]:
    found: dict[str, list[Variant]] = {}
    for one in record.of_shape(Variant):
        if one.is_present and one.source_class == "germline" and one.gene and _is_told(one):
            found.setdefault(one.gene, []).append(one)
    return found


def _is_told(variant: Variant) -> bool:
    word = (variant.significance or "").strip().lower().replace(" ", "_").replace("-", "_").replace("/", "_or_")
    return word in PATHOGENIC or "meaning" in variant.detail


def _meaning(variant: Variant, variants: list[Variant], rule: Row | None, is_recessive: bool) -> str:
    stated = variant.detail.get("meaning")
    if stated:
        return str(stated)
    recessive = is_recessive or (rule is not None and rule.inheritance == RECESSIVE)
    single = len(variants) == 1 and variant.zygosity not in TWO_ALLELES
    return "carrier" if recessive and single else "finding"


def may_be_clonal(told: Told, pack: Pack) -> bool:
    """Tell whether so few reads carry a variant that it may have arisen in blood cells rather than been inherited."""
    row = next((one for one in pack.table("clonal_genes") if one.gene == told.gene), None)
    if row is None:
        return False
    shares = [float(one.detail["balance"] or 0) for one in told.variants if one.detail.get("balance") is not None]
    return any(row.balance_low <= share <= row.balance_high for share in shares)
