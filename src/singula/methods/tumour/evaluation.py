"""Does a tumour satisfy an expression: yes, no, or not known, with what was found and what was not looked at."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from singula.methods.tumour.alteration import (
    ANY,
    DELETION,
    FRAMESHIFT,
    INSERTION,
    MISSENSE,
    SKIPPING,
    SPLICE,
    TRUNCATING,
)
from singula.methods.tumour.expression import Atom, GeneAtom, JoinedAtom, Junction, MarkerAtom, Node
from singula.methods.tumour.protein_text import read_protein
from singula.methods.tumour.sample import PATHOGENIC, Fusion, GeneEvent, TumourSample, TumourVariant

CODONS = re.compile(r"^codon\((?P<codons>[\d,\s]+)\)(?:\[(?P<allowed>[^\]]*)\])?$")
EXON = re.compile(r"^exon\((?P<exon>\d+)\):(?P<kind>\w+)(?:\[!(?P<exception>[^\]]*)\])?$")
RANGE = re.compile(r"^range\((?P<first>\d+)-(?P<last>\d+)\):(?P<kind>\w+)$")
KINDS: Mapping[str, tuple[str, ...]] = {
    "missense": (MISSENSE,), "inframe_insertion": (INSERTION,), "inframe_deletion": (DELETION,), "frameshift": (FRAMESHIFT,),
    "truncating": TRUNCATING, "skipping": (SKIPPING, SPLICE), "splice": (SPLICE,),
    "any_mutation": (MISSENSE, INSERTION, DELETION, FRAMESHIFT, SPLICE, SKIPPING, ANY, *TRUNCATING),
}  # fmt: skip
SIGNS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt,
}  # fmt: skip
NOT_POSITIVE_HER2 = ("negative", "low", "ultralow")


@dataclass(frozen=True)
class Definitions:
    """What expressions refer to: codons of exons, known residues, named classes of alterations."""

    exons: Mapping[tuple[str, int], tuple[int, int]]
    residues: Mapping[str, Mapping[int, str]]
    classes: Mapping[tuple[str, str], tuple[str, ...]]
    skipping: Mapping[str, tuple[tuple[int, int], ...]]
    skipping_substitutions: Mapping[str, frozenset[int]]
    itd_codons: Mapping[str, tuple[int, int]]


@dataclass
class Answer:
    """Three-valued: ``value`` None is not known. ``genomic`` tells that something in the genome was found."""

    value: bool | None
    genomic: bool = False
    inputs: tuple[str, ...] = ()
    variants: tuple[TumourVariant, ...] = ()
    untested: tuple[str, ...] = ()
    unknown_origin: tuple[str, ...] = ()
    could_be: bool = field(default=False)


def evaluate_expression(node: Node, sample: TumourSample, definitions: Definitions) -> Answer:
    """Evaluate an expression with three values (Kleene).

    Parameters
    ----------
    node : Node
        From :func:`read_expression`.
    sample : TumourSample
        The tumour.
    definitions : Definitions
        Exons, residues and named classes.

    Returns
    -------
    Answer
        ``could_be`` is True where the value is not known only because genes were not tested or an origin is not known.
    """
    if isinstance(node, Junction):
        return _evaluate_junction(node, sample, definitions)
    return _evaluate_atom(node, sample, definitions)


def _evaluate_junction(node: Junction, sample: TumourSample, definitions: Definitions) -> Answer:
    parts = [evaluate_expression(part, sample, definitions) for part in node.parts]
    if node.sign == "not":
        return Answer(parts[0].value is not True, could_be=parts[0].value is not True)
    if node.sign == "wt":
        return _wild_type(node.parts[0], parts[0], sample)
    if node.sign == "and":
        value = False if any(one.value is False for one in parts) else None if any(one.value is None for one in parts) else True
        could_be = all(one.could_be for one in parts)
        told = parts
    else:
        value = True if any(one.value for one in parts) else None if any(one.value is None for one in parts) else False
        could_be = any(one.could_be for one in parts)
        told = [one for one in parts if one.value] if value else parts
    return Answer(
        value,
        any(one.genomic for one in told),
        tuple(dict.fromkeys(fact for one in told for fact in one.inputs)),
        tuple(dict.fromkeys(variant for one in told for variant in one.variants)),
        tuple(dict.fromkeys(gene for one in parts for gene in one.untested)),
        tuple(dict.fromkeys(gene for one in parts for gene in one.unknown_origin)),
        could_be,
    )


def _wild_type(node: Node, found: Answer, sample: TumourSample) -> Answer:
    genes = _genes_in(node)
    if found.value:
        return Answer(False, inputs=found.inputs)
    untested = tuple(gene for gene in genes if gene not in sample.tested_genes)
    return Answer(None if untested else True, untested=untested, could_be=True)


def _genes_in(node: Node) -> tuple[str, ...]:
    if isinstance(node, GeneAtom):
        return node.genes
    if isinstance(node, JoinedAtom):
        return (node.five_prime, node.three_prime)
    return tuple(gene for part in node.parts for gene in _genes_in(part)) if isinstance(node, Junction) else ()


def _evaluate_atom(atom: Atom, sample: TumourSample, definitions: Definitions) -> Answer:
    if isinstance(atom, MarkerAtom):
        value = _compare_marker(atom, sample)
        return Answer(value, could_be=value is True)
    if isinstance(atom, JoinedAtom):
        pair = {atom.five_prime, atom.three_prime}
        found = [one for one in sample.fusions if {one.five_prime, one.three_prime} == pair]
        return _found(found, (atom.five_prime, atom.three_prime), sample)
    return _evaluate_gene(atom, sample, definitions)


def _found(found: list[Fusion], genes: tuple[str, ...], sample: TumourSample) -> Answer:
    if found:
        return Answer(True, True, tuple(fact for one in found for fact in one.inputs), could_be=True)
    return Answer(False if all(gene in sample.tested_genes for gene in genes) else None)


def _compare_marker(atom: MarkerAtom, sample: TumourSample) -> bool | None:
    value = sample.marker(atom.marker)
    if value is None:
        return None
    if atom.sign == "=":
        if atom.marker == "her2" and atom.value == "negative":
            return value in NOT_POSITIVE_HER2
        return str(value).lower() == atom.value.lower()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return SIGNS[atom.sign](value, float(atom.value))


def _evaluate_gene(atom: GeneAtom, sample: TumourSample, definitions: Definitions) -> Answer:
    events = _events(atom, sample)
    if events is not None:
        if events:
            return Answer(True, True, tuple(fact for one in events for fact in one.inputs), could_be=True)
        if atom.what not in ("itd", "skipping"):
            return Answer(False if set(atom.genes) <= sample.tested_genes else None)
    matching = [
        variant
        for gene in atom.genes
        for variant in sample.variants_by_gene.get(gene, ())
        if matches_alteration(atom.what, variant, definitions)
    ]
    of_origin = [one for one in matching if atom.origin in (None, one.origin)]
    if of_origin:
        inputs = tuple(dict.fromkeys(fact for one in of_origin for fact in one.inputs))
        return Answer(True, True, inputs, tuple(of_origin), could_be=True)
    if any(one.origin == "unknown" for one in matching):
        return Answer(None, unknown_origin=tuple(one.gene for one in matching), could_be=True)
    return Answer(False if matching or set(atom.genes) <= sample.tested_genes else None)


def _events(atom: GeneAtom, sample: TumourSample) -> list[Fusion | GeneEvent] | None:
    if atom.what == "fusion":
        return [one for one in sample.fusions if one.five_prime in atom.genes or one.three_prime in atom.genes]
    if atom.what in ("amplification", "deletion", "gain", "loss"):
        return [one for one in sample.copy_number if one.gene in atom.genes and one.event == atom.what]
    if atom.what in ("itd", "v7", "viii", "kinase_domain_duplication", "reversion", "skipping"):
        return [one for one in sample.structural if one.gene in atom.genes and one.event == atom.what]
    return None


def matches_alteration(what: str, variant: TumourVariant, definitions: Definitions) -> bool:
    """Tell whether one variant is what an atom asks for.

    Parameters
    ----------
    what : str
        The atom behind the gene: ``V600E``, ``codon(12,13)``, ``exon(19):inframe_deletion``, ``pathogenic`` …
    variant : TumourVariant
        One that may match at all.
    definitions : Definitions
        Exons, residues and named classes.
    """
    by_class = _by_class(what, variant, definitions)
    if by_class is not None:
        return by_class
    for pattern, rule in ((CODONS, _by_codon), (EXON, _by_exon), (RANGE, _by_range)):
        match = pattern.match(what)
        if match:
            return rule(match, variant, definitions)
    return _is_same_change(what, variant)


def _by_class(what: str, variant: TumourVariant, definitions: Definitions) -> bool | None:
    alteration = variant.alteration
    if what == "pathogenic":
        return variant.classification in PATHOGENIC
    if what == "truncating":
        return alteration.consequence in TRUNCATING
    if what == "oncogenic_mutation":
        return variant.classification in PATHOGENIC or _is_hotspot(variant, definitions)
    if what == "itd":
        codons = definitions.itd_codons.get(variant.gene)
        return alteration.structural == "itd" or bool(
            codons and alteration.consequence == INSERTION and alteration.overlaps(*codons)
        )
    if what in ("v7", "viii", "kinase_domain_duplication"):
        return alteration.structural == what
    members = definitions.classes.get((variant.gene, what))
    if members is not None:
        return any(matches_alteration(one, variant, definitions) for one in members)
    return None


def _is_hotspot(variant: TumourVariant, definitions: Definitions) -> bool:
    alteration = variant.alteration
    known = definitions.residues.get(variant.gene, {})
    if alteration.consequence == MISSENSE and any(alteration.overlaps(codon, codon) for codon in known):
        return True
    listed = [member for (gene, _), members in definitions.classes.items() if gene == variant.gene for member in members]
    return any(matches_alteration(member, variant, definitions) for member in listed)


def _by_codon(match: re.Match[str], variant: TumourVariant, definitions: Definitions) -> bool:
    alteration = variant.alteration
    if alteration.consequence != MISSENSE:
        return False
    if match["allowed"]:
        return any(_is_same_change(one.strip(), variant) for one in match["allowed"].split(","))
    return any(alteration.overlaps(int(codon), int(codon)) for codon in match["codons"].split(","))


def _by_exon(match: re.Match[str], variant: TumourVariant, definitions: Definitions) -> bool:
    exon, kind, alteration = int(match["exon"]), match["kind"], variant.alteration
    if match["exception"] and any(_is_same_change(one.strip(), variant) for one in match["exception"].split(",")):
        return False
    if kind == "skipping":
        return _skips(exon, variant, definitions)
    if alteration.consequence not in KINDS.get(kind, ()):
        return False
    if alteration.kind == "exon":
        return alteration.exon == exon
    codons = definitions.exons.get((variant.gene, exon))
    return codons is not None and alteration.overlaps(*codons)


def _skips(exon: int, variant: TumourVariant, definitions: Definitions) -> bool:
    alteration = variant.alteration
    if alteration.kind == "exon":
        return alteration.exon == exon and alteration.consequence == SKIPPING
    if alteration.consequence == MISSENSE:
        return alteration.start in definitions.skipping_substitutions.get(variant.gene, frozenset())
    is_splice = alteration.consequence == SPLICE or (variant.consequence or "").startswith("splice_")
    return is_splice and any(alteration.overlaps(*codons) for codons in definitions.skipping.get(variant.gene, ()))


def _by_range(match: re.Match[str], variant: TumourVariant, definitions: Definitions) -> bool:
    return variant.alteration.consequence in KINDS.get(match["kind"], ()) and variant.alteration.overlaps(
        int(match["first"]), int(match["last"])
    )


@lru_cache(maxsize=4096)
def _normalised(text: str) -> str | None:
    return read_protein(text).normalised


def _is_same_change(text: str, variant: TumourVariant) -> bool:
    wanted = _normalised(text)
    return wanted is not None and wanted == variant.alteration.normalised


def atoms_of(node: Node) -> Iterator[Atom]:
    """Yield the atoms of an expression."""
    if isinstance(node, Junction):
        for part in node.parts:
            yield from atoms_of(part)
    else:
        yield node
