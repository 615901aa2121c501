"""Calls made elsewhere, translated: gene, diplotype, phenotype and activity score, one per alternative.

CYP2D6 with copies and hybrids, HLA and MT-RNR1 come in this way, because a VCF of short variants does not show them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from singula.errors import quoted
from singula.methods.genome.definitions import INDETERMINATE, PhenotypeTable
from singula.methods.genome.gene_call import GeneCall
from singula.methods.genome.phenotypes import Translation, phenotype_of_score, score_text, translate

NO_CALL = ("", ".", "./.", ".|.", "no call", "n/a")
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
ABBREVIATION = re.compile(r"\s*\([A-Z]{2}\)$")
ONE_ALLELE_IS_WHOLE = ("G6PD", "MT-RNR1", "HLA-A", "HLA-B")
CFTR_REFERENCE = "ivacaftor non-responsive CFTR sequence"
SCORE_FIRST = ("CYP2C9", "CYP2D6", "DPYD")


@dataclass(frozen=True)
class OutsideCall:
    """One line: a gene and what somebody called, as far as the line says.

    ``sample`` is whom the line is about, where it says so. ``program`` is the caller that wrote it: its own phenotype and score
    are compared, and the packaged tables decide.
    """

    gene: str
    diplotype: str | None = None
    phenotype: str | None = None
    activity_score: str | None = None
    sample: str | None = None
    program: str | None = None


def split_alleles(diplotype: str) -> list[str]:
    """Split ``A/B`` into its alleles, each without surrounding blanks."""
    return [part.strip() for part in diplotype.split("/") if part.strip()]


def call_from_outside(
    gene: str, lines: Sequence[OutsideCall], table: PhenotypeTable | None, hla_alleles: Mapping[str, bool] | None = None
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
    hla_alleles : mapping of str to bool, optional
        Alleles that medicines ask about, for the HLA genes, and whether their absence is told too.

    Returns
    -------
    GeneCall
        Status ``outside``; contradictions between what was given are told in its reasons.
    """
    programs = sorted({line.program for line in lines if line.program})
    by_whom = f" of {', '.join(programs)}" if programs else ""
    reasons = [f"taken from the outside call{by_whom}"]
    hla_alleles = hla_alleles or {}
    lookup, phenotypes, scores = [], set(), set()
    for line in lines:
        if line.diplotype:
            lookup.append(line.diplotype)
        elif not (line.phenotype or line.activity_score):
            reasons.append(f"{line.program or 'the table'} makes no call of {gene}")
        for translation in _translations(gene, line, table, hla_alleles, reasons):
            phenotypes.update([translation.phenotype] if translation.phenotype else [])
            scores.update([translation.activity_score] if translation.activity_score else [])
    shown = tuple(_shown(gene, diplotype) for diplotype in lookup)
    return GeneCall(
        gene, "outside", shown, (), tuple(lookup), tuple(sorted(phenotypes)), tuple(sorted(scores)), reasons=tuple(reasons)
    )


def _translations(
    gene: str, line: OutsideCall, table: PhenotypeTable | None, hla_alleles: Mapping[str, bool], reasons: list[str]
) -> Iterator[Translation]:
    from_diplotype = list(_from_diplotype(gene, line, table, hla_alleles, reasons))
    given = standard_phenotype(line.phenotype, table)
    if line.program and from_diplotype:
        reasons.extend(_compared(line, given, from_diplotype))
        yield from from_diplotype
    elif line.activity_score and gene in SCORE_FIRST and (score := _read_score(line.activity_score, reasons)) is not None:
        yield _from_score(line.activity_score, score, table, given, reasons)
    elif given:
        known = {one.phenotype for one in from_diplotype if one.phenotype}
        if known and given not in known:
            reasons.append(
                f"the given phenotype is {given}, the diplotype says {', '.join(sorted(known))}; the given one is used"
            )
        yield Translation(given, line.activity_score)
    else:
        yield from from_diplotype


def _compared(line: OutsideCall, given: str | None, own: Sequence[Translation]) -> Iterator[str]:
    phenotypes = {one.phenotype for one in own}
    if given and given not in phenotypes:
        yield f"{line.program} says {given}, the packaged tables {', '.join(str(one) for one in phenotypes)}; the tables are used"
    scores = {float(one.activity_score.removeprefix("≥")) for one in own if one.activity_score}
    stated = _read_score(line.activity_score, []) if line.activity_score else None
    if stated is not None and scores and stated not in scores:
        shown = ", ".join(score_text(one) for one in sorted(scores))
        yield f"{line.program} says activity score {score_text(stated)}, the packaged values {shown}; these are used"


def standard_phenotype(words: str | None, table: PhenotypeTable | None) -> str | None:
    """Return a phenotype in the spelling of the tables: abbreviations, British spelling and letter case are understood."""
    if not words:
        return None
    plain = ABBREVIATION.sub("", words).replace("etaboliser", "etabolizer")
    plain = next((one for old, one in OLD_WORDS.items() if old.lower() == plain.lower()), plain)
    if table is None:
        return plain
    known = {*table.function_pairs.values(), *(cut[0] for cut in table.cuts), *(one[0] for one in table.pairs.values() if one[0])}
    return next((one for one in sorted(map(str, known)) if one.lower() == plain.lower()), plain)


def _read_score(text: str, reasons: list[str]) -> float | None:
    try:
        return float(text.removeprefix("≥"))
    except ValueError:
        reasons.append(f"the activity score {quoted(text)} is no number and is not used")
        return None


def _from_score(text: str, score: float, table: PhenotypeTable | None, given: str | None, reasons: list[str]) -> Translation:
    phenotype = phenotype_of_score(table, score) if table else given
    if given and given != phenotype:
        reasons.append(f"the given phenotype is {given}, the activity score {text} says {phenotype}; the score is used")
    return Translation(phenotype, text if text.startswith("≥") else score_text(score))


def _from_diplotype(
    gene: str, line: OutsideCall, table: PhenotypeTable | None, hla_alleles: Mapping[str, bool], reasons: list[str]
) -> Iterator[Translation]:
    alleles = tuple(split_alleles(line.diplotype or ""))
    if gene == "MT-RNR1":
        alleles = tuple(dict.fromkeys(alleles))
    if alleles and hla_alleles:
        yield from _hla_answers(alleles, hla_alleles)
    elif alleles and table is not None:
        refused = _refusal(table, alleles)
        reasons.extend(refused)
        is_open = refused and (table.is_activity_gene or len(alleles) == 1)
        yield Translation(INDETERMINATE) if is_open else translate(table, alleles)


def _hla_answers(alleles: Sequence[str], hla_alleles: Mapping[str, bool]) -> Iterator[Translation]:
    typed = {match.group(1) for allele in alleles if (match := HLA_FIELDS.match(allele))}
    for allele, absence_is_told in hla_alleles.items():
        if allele in typed or absence_is_told:
            yield Translation(f"{allele} {'positive' if allele in typed else 'negative'}")


def _refusal(table: PhenotypeTable, alleles: tuple[str, ...]) -> list[str]:
    """Say what speaks against reading the alleles by the table: an allele it does not list, or a side that is not given."""
    told = []
    unknown = [allele for allele in alleles if not _is_known(table, allele)]
    if unknown:
        told.append(f"{', '.join(unknown)} is not in the tables of {table.gene}")
        own = translate(table, alleles).activity_score if table.is_activity_gene else None
        if own:
            told.append(f"the sum of the parts would be activity score {own}; the tables in use do not say so")
    if len(alleles) == 1 and table.gene.replace("_", "-") not in ONE_ALLELE_IS_WHOLE:
        told.append(f"only one allele of {table.gene} is given; write both, as *1/{alleles[0]}")
    return told


def _is_known(table: PhenotypeTable, allele: str) -> bool:
    if table.knows(allele):
        return True
    is_summed = table.gene == "CYP2D6" and not table.pairs
    parts = [part.strip() for part in allele.split("+")] if is_summed else [allele]
    return all(table.knows(part) or table.knows(re.sub(r"x≥?\d+$", "", part)) for part in parts)


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
