"""Call one gene of one person: diplotypes, what they rest on, and the phenotype they are read as."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from singula.methods.genome.definitions import GeneDefinition, PhenotypeTable
from singula.methods.genome.diplotypes import Pair, apply_priorities, match_pairs
from singula.methods.genome.lowest_function import call_lowest_function
from singula.methods.genome.observed import UNREAD, Genotypes, Observed
from singula.methods.genome.partial import call_partial
from singula.methods.genome.phenotypes import Translation, translate

SLCO1B1_KEY = "rs4149056"


@dataclass(frozen=True)
class Options:
    """How the caller was asked: every valid pair instead of the best, and combination calls where nothing fits."""

    all_candidates: bool = False
    partial: bool = False


@dataclass(frozen=True)
class GeneCall:
    """The answer for one gene; the fields are those of the command contract."""

    gene: str
    status: str
    diplotypes: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    lookup: tuple[str, ...] = ()
    phenotypes: tuple[str, ...] = ()
    activity_scores: tuple[str, ...] = ()
    scores: tuple[float, ...] = ()
    missing: tuple[int, ...] = ()
    undocumented: tuple[str, ...] = ()
    phased: bool = False
    reasons: tuple[str, ...] = field(default=())


def call_gene(
    definition: GeneDefinition, table: PhenotypeTable | None, genotypes: Genotypes, options: Options, notes: Sequence[str] = ()
) -> GeneCall:
    """Call one gene.

    Parameters
    ----------
    definition : GeneDefinition
        Positions and named alleles.
    table : PhenotypeTable or None
        How phenotypes follow; None leaves them empty.
    genotypes : tuple of Observed or None
        One per position of the definition; None was not read.
    options : Options
        All candidates, combination calls.
    notes : sequence of str
        What reading the rows already noticed.

    Returns
    -------
    GeneCall
        Status and diplotypes; nothing is called where a base no allele uses was seen.
    """
    missing = tuple(index for index, seen in enumerate(genotypes) if seen is None)
    if len(missing) == len(genotypes):
        return GeneCall(definition.gene, "not_tested", missing=missing, reasons=tuple(notes))
    genotypes, undocumented, reasons = _settle_undocumented(definition, genotypes, options)
    base = {
        "missing": missing,
        "undocumented": undocumented,
        "phased": all(seen is None or not seen.is_het or seen.block is not None for seen in genotypes),
    }
    reasons = (*notes, *reasons)
    refusal = _refusal(definition, genotypes, missing, options)
    if refusal:
        call = GeneCall(definition.gene, "no_call", reasons=(*reasons, refusal), **base)  # type: ignore[arg-type]
        return _key_position_lookup(definition, table, genotypes, call)
    if definition.lowest_function:
        found = call_lowest_function(definition, genotypes, table or PhenotypeTable(definition.gene))
        call = GeneCall(
            definition.gene,
            "partial" if options.partial and found.status == "called" and " + " in found.diplotypes[0] else found.status,
            found.diplotypes,
            found.components,
            found.lookup,
            reasons=(*reasons, *found.reasons),
            **base,  # type: ignore[arg-type]
        )
        return with_phenotypes(call, table)
    return _call_named(definition, table, genotypes, options, GeneCall(definition.gene, "no_call", reasons=reasons, **base))  # type: ignore[arg-type]


def _call_named(
    definition: GeneDefinition, table: PhenotypeTable | None, genotypes: Genotypes, options: Options, blank: GeneCall
) -> GeneCall:
    candidates = match_pairs(definition, genotypes)
    pairs: Sequence[Pair] = candidates.pairs
    reasons = list(blank.reasons)
    if not options.all_candidates:
        pairs, why = apply_priorities(definition, candidates)
        reasons.extend([why] if why else [])
    if not pairs:
        if options.partial:
            partial = call_partial(definition, genotypes)
            if partial:
                return _filled(blank, "partial", tuple(partial), partial, (), reasons)
        reasons.append("no pair of known alleles explains what was read")
        return _key_position_lookup(definition, table, genotypes, _filled(blank, "no_call", (), (), (), reasons))
    if len(pairs) > 1 and not options.all_candidates:
        reasons.append(f"{len(pairs)} diplotypes explain the data equally well")
    names = tuple(pair.name for pair in pairs)
    status = "called" if len(names) == 1 else "ambiguous"
    call = _filled(blank, status, names, names, tuple(pair.score for pair in pairs), reasons)
    return with_phenotypes(call, table)


def _filled(
    blank: GeneCall, status: str, names: tuple[str, ...], lookup: Sequence[str], scores: tuple[float, ...], reasons: Sequence[str]
) -> GeneCall:
    return GeneCall(
        blank.gene,
        status,
        names,
        (),
        tuple(lookup),
        scores=scores,
        missing=blank.missing,
        undocumented=blank.undocumented,
        phased=blank.phased,
        reasons=tuple(reasons),
    )


def with_phenotypes(call: GeneCall, table: PhenotypeTable | None) -> GeneCall:
    """Return the call with the phenotypes and scores of its lookup pairs: sorted, each once."""
    if table is None:
        return call
    read: list[Translation] = [translate(table, split_pair(pair)) for pair in call.lookup]
    phenotypes = tuple(sorted({one.phenotype for one in read if one.phenotype}))
    scores = tuple(sorted({one.activity_score for one in read if one.activity_score}))
    return GeneCall(**{**call.__dict__, "phenotypes": phenotypes, "activity_scores": scores})


def split_pair(pair: str) -> tuple[str, ...]:
    """Split ``A/B`` into its alleles; an allele name may hold a slash only inside brackets."""
    return tuple(part.strip() for part in pair.split("/"))


def _settle_undocumented(
    definition: GeneDefinition, genotypes: Genotypes, options: Options
) -> tuple[Genotypes, tuple[str, ...], tuple[str, ...]]:
    as_reference = definition.undocumented_is_reference and (not options.partial or definition.lowest_function)
    settled: list[Observed | None] = []
    odd: list[str] = []
    reasons: list[str] = []
    for position, used, seen in zip(definition.positions, definition.used_bases, genotypes, strict=True):
        unknown = [base for base in seen.bases if base not in used and base != UNREAD] if seen is not None else []
        if seen is None or not unknown:
            settled.append(seen)
            continue
        odd.extend(f"{position.label} {base}" for base in dict.fromkeys(unknown))
        if as_reference:
            reasons.append(f"{position.label}: {', '.join(unknown)} is in no allele's definition and is read as reference")
            settled.append(
                Observed(tuple(position.ref if base in unknown else base for base in seen.bases), seen.block, seen.is_half)
            )
        else:
            reasons.append(f"{position.label}: {', '.join(unknown)} is in no allele's definition")
            settled.append(seen)
    return tuple(settled), tuple(odd), tuple(reasons)


def _refusal(definition: GeneDefinition, genotypes: Genotypes, missing: tuple[int, ...], options: Options) -> str | None:
    lacking = [definition.positions[index].label for index in missing if index in definition.required]
    if lacking:
        return f"{', '.join(lacking)} must be read before {definition.gene} can be called"
    seen = [one for one in genotypes if one is not None]
    if any(one.is_half for one in seen) and not options.partial:
        return "one strand of a position was not read while the other is variant"
    if len({one.is_haploid for one in seen}) > 1:
        return "some positions were read as one strand, others as two"
    return None


def _key_position_lookup(
    definition: GeneDefinition, table: PhenotypeTable | None, genotypes: Genotypes, call: GeneCall
) -> GeneCall:
    if definition.gene != "SLCO1B1" or table is None:
        return call
    index = next((number for number, position in enumerate(definition.positions) if position.rsid == SLCO1B1_KEY), None)
    seen = genotypes[index] if index is not None else None
    if seen is None or index is None:
        return call
    reference = definition.positions[index].ref
    lookup = "/".join(sorted("*1" if base == reference else "*5" for base in seen.bases))
    reason = f"no star allele fits; the phenotype is read from {SLCO1B1_KEY} alone"
    named = GeneCall(**{**call.__dict__, "lookup": (lookup,), "reasons": (*call.reasons, reason)})
    return with_phenotypes(named, table)
