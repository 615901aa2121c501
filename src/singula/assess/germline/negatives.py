"""What was not found, and on what ground: never more than was looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from singula.assess.germline.inherited_facts import WISH_SECONDARY, wishes
from singula.finding import SUMMARY_LIMIT, Certainty, Effect, Evidence, Finding, Missing, Strength, Topic, stable_id
from singula.knowledge.pack import Pack
from singula.record import GeneCoverage, GenomeAssay, Record

NAME = "germline"
WORDS: Mapping[str, tuple[str, str]] = {
    "negative": (
        "every known pathogenic allele was looked at and is absent",
        "We looked at these genes and found none of the changes known to cause disease.",
    ),
    "negative_assumed": (
        "no known pathogenic allele was seen; the file cannot show whether every site was read",
        "No known change was seen in these genes, but the test result does not show that every place was read.",
    ),
    "incomplete": (
        "some known pathogenic alleles could not be looked at: the gene is not cleared",
        "These genes were read only in part; a change may have been missed.",
    ),
}


def negative_findings(record: Record, pack: Pack) -> Iterator[Finding]:
    """Say, for each ground, which genes show no known pathogenic allele.

    Parameters
    ----------
    record : Record
        Its assays carry what every negative rests on; shown only where secondary findings were asked for, because a gene
        missing from the list would tell that something was found in it.
    pack : Pack
        The pack ``germline``.
    """
    if not wishes(record, WISH_SECONDARY):
        return
    limits = {row.gene: row.why for row in pack.table("short_read_limits")}
    for assay in record.assays:
        by_status: dict[str, list[GeneCoverage]] = {}
        for one in assay.negatives:
            by_status.setdefault(one.status, []).append(one)
        for status, genes in by_status.items():
            if status in WORDS:
                yield _negative(assay, status, genes, limits, pack)
        if not by_status.keys().isdisjoint(WORDS):
            yield _limits(assay, pack)


def _negative(assay: GenomeAssay, status: str, genes: list[GeneCoverage], limits: Mapping[str, str], pack: Pack) -> Finding:
    words, plain = WORDS[status]
    names = [one.gene for one in genes]
    lines = [f"{one.gene}: {', '.join(f'{count} {how}' for how, count in sorted(one.counts.items()))}" for one in genes]
    lines.extend(f"{gene}: short reads cannot exclude {limits[gene]}" for gene in names if gene in limits)
    summary = f"{', '.join(names)}: {words}"
    if len(summary) > SUMMARY_LIMIT:
        summary = f"{len(names)} genes: {words}"
    missing = [
        Missing(
            what=f"{gene}: a test that sees {limits[gene]}",
            would_change=f"whether {gene} is cleared",
            because="short reads cannot show it",
        )
        for gene in names
        if gene in limits
    ]
    if status == "incomplete":
        missing.append(
            Missing(
                what=f"complete reading of {', '.join(names)}",
                would_change="whether these genes are cleared",
                because="known sites were not covered, not called or of low quality",
            )
        )
    row = next(iter(pack.table("secondary_findings")))
    return Finding(
        id=stable_id(NAME, status, assay.id, *names),
        assessor=NAME,
        topic=Topic(type="test", name=f"inherited-{status.replace('_', '-')}", display="Genes without a known change"),
        effect=Effect.INFORM,
        strength=Strength.WEAK,
        certainty=Certainty.MODERATE if status == "negative" else Certainty.LOW,
        summary=summary[:SUMMARY_LIMIT],
        detail="\n".join(lines),
        patient_text=plain,
        evidence=(
            Evidence(
                source="ClinVar",
                citation=f"ClinVar release of {assay.release}; {pack.citation(row.citation)}",
                pack=pack.name,
                pack_version=pack.version,
                review=row.review,
            ),
        ),
        missing=tuple(missing),
        labels=("genetics",),
        urgency=3,
    )


def _limits(assay: GenomeAssay, pack: Pack) -> Finding:
    """Say beside every negative what such a test cannot see."""
    rows = list(pack.table("assay_limits"))
    return Finding(
        id=stable_id(NAME, "limits", assay.id),
        assessor=NAME,
        topic=Topic(type="test", name="inherited-limits", display="What this genetic test cannot see"),
        effect=Effect.INFORM,
        strength=Strength.WEAK,
        certainty=Certainty.MODERATE,
        summary="What this genetic test cannot see: a gene without a finding is not a gene without risk",
        detail="\n".join(row.text for row in rows),
        patient_text=" ".join(row.patient_text for row in rows),
        evidence=(
            Evidence(
                source="Limits of the assay",
                citation=pack.citation(rows[0].citation),
                pack=pack.name,
                pack_version=pack.version,
                review=rows[0].review,
            ),
        ),
        labels=("genetics",),
        urgency=3,
    )
