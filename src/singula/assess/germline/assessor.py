"""Says what was found in the inherited genome, first findings, then carriers, then what is negative and on what ground."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from singula.assess.germline.inherited_facts import (
    WISH_CARRIER,
    WISH_SECONDARY,
    Told,
    may_be_clonal,
    tell_inherited,
    wishes,
)
from singula.assess.germline.negatives import negative_findings
from singula.finding import (
    SUMMARY_LIMIT,
    Certainty,
    Effect,
    Evidence,
    Finding,
    Missing,
    Statement,
    Strength,
    Topic,
    stable_id,
)
from singula.knowledge import Knowledge
from singula.knowledge.pack import Pack, Row
from singula.record import Record, Variant

NAME = "germline"
GENETICS = "genetics"
ANY_COUNTRY = "*"
WISH_WORDS = {
    WISH_SECONDARY: "treatable inherited risk (the secondary-findings list)",
    WISH_CARRIER: "carrier status",
}
ZYGOSITY = {
    "homozygous": "two copies",
    "hemizygous": "the only copy",
    "heterozygous": "one copy",
    "homoplasmic": "all copies",
    "heteroplasmic": "some copies",
}


class GermlineAssessor:
    """Asks what a person inherited, what it means for them and their family, and what could not be told."""

    name = NAME

    def assess(self, record: Record, knowledge: Knowledge) -> Iterator[Statement]:
        """Tell findings, carriers, relatives, privacy, then negatives with their ground; nothing without a genomic test."""
        told = sorted(tell_inherited(record, knowledge), key=lambda one: (_ORDER.index(one.meaning), one.gene))
        pack = knowledge.pack("germline")
        for one in told:
            yield _finding(one, pack, knowledge)
            relatives = _relatives(one, record, pack) if one.can_be_acted_on and not may_be_clonal(one, pack) else None
            if relatives is not None:
                yield relatives
        firm = [one for one in told if one.can_be_acted_on]
        if firm:
            yield _privacy(record, firm, pack)
        yield from negative_findings(record, pack)
        if any(assay.sites for assay in record.assays):
            yield from _wishes_open(record, pack)


_ORDER = ("finding", "carrier", "risk", "protective")


def _finding(told: Told, pack: Pack, knowledge: Knowledge) -> Finding:
    referral = _referral(told, pack)
    inputs = tuple(sorted(one.id for one in told.variants))
    urgent = told.meaning == "finding" and told.can_be_acted_on
    copies = _copies(told.variants)
    words = {
        "finding": f"{told.gene}: {copies} of a pathogenic allele, {told.condition}; refer to {referral.clinic}",
        "carrier": f"{told.gene}: carrier of {told.condition}; matters for children, offer the partner a test",
        "risk": f"{told.gene}: {copies} of a risk allele, {told.condition}",
        "protective": f"{told.gene}: protective allele, {told.condition}",
    }[told.meaning]
    if not told.can_be_acted_on:
        words = (
            f"{told.gene}: {copies} of a pathogenic allele; how it is inherited is not on file here, ask clinical genetics"
            if told.stars
            else f"{told.gene}: ClinVar entry without review; not enough to act on, shown for completeness"
        )
    return Finding(
        id=stable_id(NAME, told.gene, told.meaning, *inputs),
        assessor=NAME,
        topic=Topic(type="gene", name=f"inherited-{told.gene}", display=f"{told.gene}, inherited"),
        effect=Effect.REFER if urgent else Effect.INFORM,
        kind="refer" if urgent else "counsel" if told.meaning == "carrier" and told.can_be_acted_on else None,
        strength=Strength.STRONG if urgent and told.stars else Strength.MODERATE if urgent else Strength.WEAK,
        certainty=Certainty.HIGH if told.stars > 1 else Certainty.MODERATE if told.stars else Certainty.LOW,
        summary=_short(words),
        detail="\n".join(_details(told, pack)),
        patient_text=_patient_text(told, referral),
        evidence=tuple(_evidence(told, pack, knowledge)),
        inputs=inputs,
        missing=_confirmation(told),
        labels=(GENETICS,),
        urgency=1 if urgent else 3 if told.meaning == "protective" or not told.can_be_acted_on else 2,
    )


def _copies(variants: Sequence[Variant]) -> str:
    if len(variants) > 1:
        return "two different copies" if any(one.detail.get("phase") == "trans" for one in variants) else "several copies"
    return ZYGOSITY.get(variants[0].zygosity or "", "a copy")


def _details(told: Told, pack: Pack) -> Iterator[str]:
    for one in told.variants:
        place = f"{one.chromosome}-{one.position}-{one.ref}-{one.alt}" if one.chromosome else one.hgvs_c or one.display
        number = one.detail.get("variation_id")
        clinvar = f"; ClinVar VariationID {number}" if number else ""
        stars = f", {int(float(one.detail['stars'] or 0))} review stars" if "stars" in one.detail else ""
        zygosity = f", {one.zygosity}" if one.zygosity else ""
        yield f"{place} ({one.assembly or 'build not stated'}){zygosity}{clinvar}{stars}"
        if may_be_clonal(told, pack):
            yield next(str(row.note) for row in pack.table("clonal_genes") if row.gene == told.gene)
        yield from (str(one.detail[key]) for key in ("words", "also", "note") if one.detail.get(key))
        if one.detail.get("phase") == "unknown":
            yield "the phase of the alleles is not known; test the parents"


def _patient_text(told: Told, referral: Row) -> str:
    if not told.can_be_acted_on:
        return (
            f"A change in {told.gene} was found. A genetics clinic can tell whether it matters for you."
            if told.stars
            else f"A change in {told.gene} is listed as harmful, but experts have not reviewed it. Nothing needs to be done."
        )
    return {
        "finding": f"A change in the gene {told.gene} was found that can cause {told.condition}."
        f" {referral.patient_text.capitalize()} can explain what it means for you and your family.",
        "carrier": f"You carry one changed copy of {told.gene} ({told.condition}). This does not make you ill, but it can matter"
        " for your children.",
        "risk": f"A change in {told.gene} was found that raises the chance of {told.condition}.",
        "protective": f"A change in {told.gene} was found that protects: {told.condition}.",
    }[told.meaning]


def _confirmation(told: Told) -> tuple[Missing, ...]:
    if not told.by_scan or told.meaning == "protective":
        return ()
    return (
        Missing(
            what=f"{told.gene}: confirmation of the variant in an accredited laboratory",
            would_change="whether the person and the family act on it",
            because="read from a file, not from a signed report",
        ),
    )


def _evidence(told: Told, pack: Pack, knowledge: Knowledge) -> Iterator[Evidence]:
    if told.rule is not None:
        yield _own_evidence(told.rule, pack, "ACMG SF v3.3")
    for one in told.variants:
        number, release = one.detail.get("variation_id"), one.detail.get("release")
        if number and release:
            yield Evidence(
                source="ClinVar",
                level=f"{int(float(one.detail.get('stars') or 0))} stars",
                citation=f"ClinVar VariationID {number}, release of {release}",
                pack="clinvar",
                pack_version=str(release),
                review="unchecked",
            )
        elif one.detail.get("founder"):
            row = next(row for row in pack.table("founder_variants") if row.name == one.detail["founder"])
            yield _own_evidence(row, pack, "Founder variants")
    if told.rule is None and not any(one.detail for one in told.variants):
        yield _own_evidence(_referral(told, pack), pack, "Reported variant")


def _own_evidence(row: Row, pack: Pack, source: str) -> Evidence:
    return Evidence(
        source=source,
        citation=pack.citation(row.citation),
        pack=pack.name,
        pack_version=pack.version,
        review=row.review,
    )


def _referral(told: Told, pack: Pack) -> Row:
    category = told.rule.category if told.rule is not None else "other"
    rows = {row.category: row for row in pack.table("referrals")}
    return rows.get(category, rows["other"])


def _relatives(told: Told, record: Record, pack: Pack) -> Finding | None:
    state = "carrier" if told.meaning == "carrier" else "finding"
    rows = {(row.inheritance, row.state): row for row in pack.table("cascade")}
    row = rows.get((told.inheritance, state))
    if row is None or told.meaning not in ("finding", "carrier"):
        return None
    inputs = tuple(sorted(one.id for one in told.variants))
    return Finding(
        id=stable_id(NAME, told.gene, "relatives", *inputs),
        assessor=NAME,
        topic=Topic(type="gene", name=f"relatives-{told.gene}", display=f"Relatives and {told.gene}"),
        effect=Effect.INFORM,
        kind="counsel",
        strength=Strength.MODERATE,
        certainty=Certainty.MODERATE,
        summary=_short(f"{told.gene}: offer {row.who} a test for this one variant; the person tells them"),
        detail=f"{row.detail}{_known_relatives(record)}",
        patient_text=row.patient_text,
        evidence=(_own_evidence(row, pack, "Family cascade"),),
        inputs=inputs,
        labels=(GENETICS,),
        urgency=2,
    )


def _known_relatives(record: Record) -> str:
    """Name the living first-degree relatives on record, by relation only; nobody's own data is told to another."""
    relations = [one.relation for one in record.pedigree if one.degree == 1 and not one.deceased]
    return f"\nLiving first-degree relatives on record: {', '.join(relations)}." if relations else ""


def _privacy(record: Record, told: Sequence[Told], pack: Pack) -> Finding:
    rows = {row.country: row for row in pack.table("privacy_notes")}
    country = (record.person.country or "").upper()
    members = {one.country: one.follows for one in pack.table("privacy_countries")}
    row = rows.get(country) or rows[members.get(country, ANY_COUNTRY)]
    inputs = tuple(sorted(variant.id for one in told for variant in one.variants))
    return Finding(
        id=stable_id(NAME, "privacy", row.country, *inputs),
        assessor=NAME,
        topic=Topic(type="test", name="genetic-privacy", display="Genetic results and insurance"),
        effect=Effect.INFORM,
        strength=Strength.WEAK,
        certainty=Certainty.LOW,
        summary=_short(f"Before relatives are tested, speak of insurance and privacy ({country or 'country not stated'})"),
        detail=row.text,
        patient_text=row.patient_text,
        evidence=(_own_evidence(row, pack, "Law"),),
        inputs=inputs,
        labels=(GENETICS,),
        urgency=3,
    )


def _wishes_open(record: Record, pack: Pack) -> Iterator[Finding]:
    """Ask for wishes not stated; said whether or not there is anything to tell, so that it discloses nothing."""
    declined = {one.name for one in record.person.preferences}
    open_wishes = [
        name for name in (WISH_SECONDARY, WISH_CARRIER) if not wishes(record, name) and f"declines:{name}" not in declined
    ]
    if not open_wishes:
        return
    words = " and ".join(WISH_WORDS[name] for name in open_wishes)
    yield Finding(
        id=stable_id(NAME, "wishes", *open_wishes),
        assessor=NAME,
        topic=Topic(type="test", name="genetic-wishes", display="Inherited findings nobody asked for"),
        effect=Effect.INFORM,
        kind="counsel",
        strength=Strength.WEAK,
        certainty=Certainty.LOW,
        summary=_short(f"Ask whether the person wants to know {words}; none are shown until then"),
        patient_text=f"You can choose whether you want to know {words}.",
        evidence=(_own_evidence(next(iter(pack.table("referrals"))), pack, "Consent"),),
        missing=tuple(
            Missing(what=f"wish: {name}", would_change=f"whether {WISH_WORDS[name]} is shown, if there is any")
            for name in open_wishes
        ),
        labels=(GENETICS,),
        urgency=3,
    )


def _short(text: str) -> str:
    return text if len(text) <= SUMMARY_LIMIT else f"{text[: SUMMARY_LIMIT - 1]}…"


GERMLINE = GermlineAssessor()
