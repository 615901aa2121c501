"""What must hold for tables of star alleles before anybody is called with them; part of ``singula kb verify``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations_with_replacement

from singula.knowledge.pack import Pack, Row

AMBIGUITY = {"R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC"}
STATES_REFERENCE = ("must_be_reference", "reference")
GUIDELINES = ("CPIC", "DPWG")
WITHOUT_PAIRS = ("HLA-A", "HLA-B", "MT-RNR1", "VKORC1")


def lint_alleles(pack: Pack) -> Iterator[str]:
    """Find what is wrong in the tables of alleles, positions and phenotypes.

    Parameters
    ----------
    pack : Pack
        With tables ``alleles``, ``positions``, ``function_pairs`` and ``activity_cuts``.

    Yields
    ------
    str
        One sentence per fault.
    """
    for gene, positions in pack.index("positions", "gene").items():
        yield from _lint_positions(gene, positions)
        alleles = pack.index("alleles", "gene").get(gene, ())
        yield from _lint_bases(gene, positions, alleles)
        yield from _lint_same_key(gene, alleles)
    yield from _lint_rsids(pack)
    for gene in pack.index("alleles", "gene"):
        if pack.index("activity_cuts", "gene").get(gene):
            yield from _lint_activity(pack, gene)
        else:
            yield from _lint_holes(pack, gene)


def _lint_positions(gene: str, positions: tuple[Row, ...]) -> Iterator[str]:
    for row in positions:
        for alt in row.alts or ():
            if alt == row.ref:
                yield f"{gene} {row.rsid}: the alternative {alt} is the reference base"
            elif _is_padded(row.ref, alt):
                yield f"{gene} {row.rsid}: {row.ref}>{alt} is not written in the shortest form with one base before"


def _is_padded(ref: str, alt: str) -> bool:
    shortest = min(len(ref), len(alt))
    return shortest > 1 and (ref[-1] == alt[-1] or ref[:2] == alt[:2]) and len(ref) != len(alt) and not alt.startswith(ref)


def _lint_rsids(pack: Pack) -> Iterator[str]:
    places: dict[str, set[tuple[str, int]]] = {}
    for row in pack.table("positions"):
        if row.rsid:
            places.setdefault(row.rsid, set()).add((row.chromosome, row.position))
    for rsid, where in places.items():
        if len(where) > 1:
            yield f"{rsid} stands at {len(where)} positions: {', '.join(f'{name}:{place}' for name, place in sorted(where))}"


def _lint_bases(gene: str, positions: tuple[Row, ...], alleles: tuple[Row, ...]) -> Iterator[str]:
    at = {(row.rsid, row.position): row for row in positions}
    for row in alleles:
        if not row.base:
            continue
        position = at.get((row.rsid, row.position))
        if position is None:
            yield f"{gene} {row.allele}: {row.rsid} at {row.position} is no position of the gene"
            continue
        known = {position.ref, *(position.alts or ())}
        stray = {base for base in AMBIGUITY.get(row.base, (row.base,)) if base not in known}
        if stray:
            yield f"{gene} {row.allele}: {', '.join(sorted(stray))} at {row.rsid} is neither REF nor one of its alternatives"
        if row.base == position.ref and row.rule not in STATES_REFERENCE:
            yield f"{gene} {row.allele}: the base at {row.rsid} is the reference base {row.base}; mark it must_be_reference"


def _lint_same_key(gene: str, alleles: tuple[Row, ...]) -> Iterator[str]:
    keys: dict[str, list[tuple[str, int, str]]] = {}
    for row in alleles:
        key = keys.setdefault(row.allele, [])
        if row.base:
            key.append((row.rsid or "", row.position, row.base))
    seen: dict[tuple[tuple[str, int, str], ...], str] = {}
    for name, bases in keys.items():
        whole = tuple(sorted(bases))
        if len({(rsid, place) for rsid, place, _ in whole}) < len(whole):
            yield f"{gene} {name}: states two bases at one position"
        if whole in seen:
            yield f"{gene}: {seen[whole]} and {name} have the same bases"
        seen.setdefault(whole, name)


def _lint_activity(pack: Pack, gene: str) -> Iterator[str]:
    for row in pack.index("alleles", "gene")[gene]:
        if row.function and row.function.lower() not in ("unknown function", "uncertain function") and not row.activity_value:
            yield f"{gene} {row.allele}: has the function {row.function} and no activity value"


def _lint_holes(pack: Pack, gene: str) -> Iterator[str]:
    given = pack.index("given_alleles", "gene").get(gene, ())
    functions = sorted({row.function for row in (*pack.index("alleles", "gene")[gene], *given) if row.function})
    pairs = {tuple(sorted((row.first, row.second))) for row in pack.index("function_pairs", "gene").get(gene, ()) if row.second}
    if not pairs or gene in WITHOUT_PAIRS:
        return
    for pair in combinations_with_replacement(functions, 2):
        if pair not in pairs:
            yield f"{gene}: the table of phenotypes has a hole at {pair[0]} with {pair[1]}"


def lint_advice(pack: Pack) -> Iterator[str]:
    """Find rows of advice that cannot be carried out: a range the wrong way round, a change of dose without figures, no year."""
    for row in pack.table("actions"):
        if row.percent_low is not None and row.percent_high is not None and row.percent_low > row.percent_high:
            yield f"{row.id}: percent_low {row.percent_low:g} is above percent_high {row.percent_high:g}"
        if row.percent_low is not None and row.action == "reduce_dose" and row.percent_low >= 0:
            yield f"{row.id}: asks for less and states {row.percent_low:+g} %"
        if row.percent_high is not None and row.action == "increase_dose" and row.percent_high <= 0:
            yield f"{row.id}: asks for more and states {row.percent_high:+g} %"
        if row.medicine in (row.alternatives or ()):
            yield f"{row.id}: names {row.medicine} as the alternative to itself"
        if row.year is None and row.body in GUIDELINES:
            yield f"{row.id}: has no year"
