"""Calls made elsewhere: a table of gene, diplotype, phenotype and activity score, one line per alternative.

CYP2D6 with copies and hybrids, HLA and MT-RNR1 come in this way, because a VCF of short variants does not show them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from singula.errors import BadInput, quoted
from singula.methods.genome.definitions import INDETERMINATE, PhenotypeTable
from singula.methods.genome.gene_call import GeneCall
from singula.methods.genome.phenotypes import Translation, phenotype_of_score, score_text, translate
from singula.sources.limits import decode_utf8, read_bounded

NO_CALL = ("", ".", "./.", ".|.", "no call", "n/a")
SUBALLELE = re.compile(r"(\*\d+)\.\d+")
HLA_FIELDS = re.compile(r"^(\*\d+:\d+)(?::.*)?$")
OLD_WORDS = {
    "Extensive Metabolizer": "Normal Metabolizer",
    "EM": "Normal Metabolizer",
    "NM": "Normal Metabolizer",
    "IM": "Intermediate Metabolizer",
    "PM": "Poor Metabolizer",
    "UM": "Ultrarapid Metabolizer",
    "RM": "Rapid Metabolizer",
}
CFTR_REFERENCE = "ivacaftor non-responsive CFTR sequence"
SCORE_FIRST = ("CYP2C9", "CYP2D6", "DPYD")


@dataclass(frozen=True)
class OutsideCall:
    """One line: a gene and what somebody called, as far as the line says."""

    gene: str
    diplotype: str | None = None
    phenotype: str | None = None
    activity_score: str | None = None


def read_outside_calls(path: Path) -> list[OutsideCall]:
    """Read a table of outside calls.

    Parameters
    ----------
    path : Path
        Tab-separated: gene, diplotype, phenotype, activity score; ``#`` begins a comment.

    Returns
    -------
    list of OutsideCall
        In file order; several lines of one gene are alternatives.

    Raises
    ------
    BadInput
        A line without a gene, or a diplotype of more than two alleles.
    """
    calls = []
    for number, line in enumerate(decode_utf8(read_bounded(path), path.name).splitlines(), start=1):
        if line.strip() and not line.startswith("#"):
            calls.append(_read_line(f"{path.name}:{number}", line.split("\t")))
    return calls


def _read_line(where: str, cells: Sequence[str]) -> OutsideCall:
    gene, diplotype, phenotype, score = ([cell.strip() for cell in cells[:4]] + [""] * 4)[:4]
    if not gene or gene.startswith("*"):
        raise BadInput(
            f"{where}: the first column names no gene: {quoted(gene)}; write gene, diplotype, phenotype, activity score"
        )
    if not (diplotype or phenotype or score):
        raise BadInput(f"{where}: {gene} has neither diplotype nor phenotype nor activity score; give one of them")
    if diplotype.lower() in NO_CALL:
        return OutsideCall(gene, None, phenotype or None, score or None)
    alleles = split_alleles(re.sub(rf"{re.escape(gene)}\s*(?=\*)", "", diplotype))
    if len(alleles) > 2:
        raise BadInput(f"{where}: {gene} {quoted(diplotype)} names {len(alleles)} alleles; a person has two, write A/B")
    if gene == "CYP2D6":
        alleles = [SUBALLELE.sub(r"\1", allele) for allele in alleles]
    return OutsideCall(gene, "/".join(alleles), phenotype or None, score or None)


def split_alleles(diplotype: str) -> list[str]:
    """Split ``A/B`` into its alleles, each without surrounding blanks."""
    return [part.strip() for part in diplotype.split("/") if part.strip()]


def call_from_outside(
    gene: str, lines: Sequence[OutsideCall], table: PhenotypeTable | None, hla_alleles: Sequence[str] = ()
) -> GeneCall:
    """Turn the outside lines of one gene into a call.

    Parameters
    ----------
    gene : str
        HGNC symbol.
    lines : sequence of OutsideCall
        The alternatives given.
    table : PhenotypeTable or None
        The gene's table.
    hla_alleles : sequence of str
        Alleles that medicines ask about, for the HLA genes.

    Returns
    -------
    GeneCall
        Status ``outside``; contradictions between what was given are told in its reasons.
    """
    reasons = ["taken from the outside call"]
    lookup, phenotypes, scores = [], set(), set()
    for line in lines:
        if line.diplotype:
            lookup.append(line.diplotype)
        for translation in _translations(gene, line, table, hla_alleles, reasons):
            phenotypes.update([translation.phenotype] if translation.phenotype else [])
            scores.update([translation.activity_score] if translation.activity_score else [])
    shown = tuple(_shown(gene, diplotype) for diplotype in lookup)
    return GeneCall(
        gene, "outside", shown, (), tuple(lookup), tuple(sorted(phenotypes)), tuple(sorted(scores)), reasons=tuple(reasons)
    )


def _translations(
    gene: str, line: OutsideCall, table: PhenotypeTable | None, hla_alleles: Sequence[str], reasons: list[str]
) -> Iterator[Translation]:
    from_diplotype = list(_from_diplotype(gene, line, table, hla_alleles, reasons))
    given = OLD_WORDS.get(line.phenotype or "", line.phenotype)
    if line.activity_score and gene in SCORE_FIRST:
        yield _from_score(line.activity_score, table, given, reasons)
    elif given:
        known = {one.phenotype for one in from_diplotype if one.phenotype}
        if known and given not in known:
            reasons.append(
                f"the given phenotype is {given}, the diplotype says {', '.join(sorted(known))}; the given one is used"
            )
        yield Translation(given, line.activity_score)
    else:
        yield from from_diplotype


def _from_score(text: str, table: PhenotypeTable | None, given: str | None, reasons: list[str]) -> Translation:
    try:
        score = float(text.removeprefix("≥"))
    except ValueError:
        reasons.append(f"the activity score {quoted(text)} is no number and is not used")
        return Translation(given or INDETERMINATE)
    phenotype = phenotype_of_score(table, score) if table else given
    if given and given != phenotype:
        reasons.append(f"the given phenotype is {given}, the activity score {text} says {phenotype}; the score is used")
    return Translation(phenotype, text if text.startswith("≥") else score_text(score))


def _from_diplotype(
    gene: str, line: OutsideCall, table: PhenotypeTable | None, hla_alleles: Sequence[str], reasons: list[str]
) -> Iterator[Translation]:
    if not line.diplotype:
        return
    alleles = tuple(split_alleles(line.diplotype))
    if hla_alleles:
        typed = {match.group(1) for allele in alleles if (match := HLA_FIELDS.match(allele))}
        for allele in hla_alleles:
            yield Translation(f"{allele} {'positive' if allele in typed else 'negative'}")
        return
    if table is None:
        return
    unknown = [allele for allele in alleles if not _is_known(table, allele)]
    if unknown:
        reasons.append(f"{', '.join(unknown)} is not in the tables of {gene}")
        if table.is_activity_gene:
            yield Translation(INDETERMINATE)
            return
    yield translate(table, alleles)


def _is_known(table: PhenotypeTable, allele: str) -> bool:
    return table.knows(allele) or table.knows(re.sub(r"x≥?\d+$", "", allele))


def _shown(gene: str, diplotype: str) -> str:
    alleles = split_alleles(diplotype)
    if gene == "CFTR":
        alleles = ["Reference" if allele == CFTR_REFERENCE else allele for allele in alleles]
    return "/".join(sorted(alleles, key=_allele_order))


def _allele_order(allele: str) -> tuple[int, str]:
    match = re.match(r"\*(\d+)", allele)
    return (int(match.group(1)) if match else 0, allele)


def tables_by_gene(tables: Mapping[str, PhenotypeTable], gene: str) -> PhenotypeTable | None:
    """Return a gene's table; releases write some genes with an underscore."""
    return tables.get(gene) or tables.get(gene.replace("-", "_"))
