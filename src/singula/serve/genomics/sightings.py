"""Genomic Observations seen through one pair of eyes: what they are, where they lie, what they rest on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from singula.serve.genomics.places import Region, Spelling, trimmed, try_variant
from singula.serve.genomics.questions import Question, tokens

Resource = Mapping[str, Any]
VARIANT, GENOTYPE, HAPLOTYPE, PHASE = "69548-6", "84413-4", "84414-2", "82120-7"
THERAPEUTIC, DIAGNOSTIC = "therapeutic-implication", "diagnostic-implication"
CONSEQUENCE = ("molecular-consequence", "molecular-consequences")
PRESENT, ABSENT = "LA9633-4", "LA9634-2"
GENE, MEDICINE, CONDITION, FEATURE, SOURCE = "48018-6", "51963-7", "81259-4", "feature-consequence", "48002-0"
REFERENCE, REF, ALT, EXACT, INNER, OUTER, COUNTING = (
    "48013-7", "69547-8", "69551-0", "81254-5", "81302-2", "81301-4", "92822-6",
)  # fmt: skip
NAMES = ("81290-9", "48004-6", "48005-3", "81252-9")
ONE_BASED = "LA30102-0"
GERMLINE = ("germline", "la6683-2")
SYSTEMS_OF_GENES = ("http://www.genenames.org", "http://www.genenames.org/geneId")
ALLELE = re.compile(r"^([A-Z0-9-]*)\s*(\*[\w:.]+)$", re.IGNORECASE)
PAIR = 2
COPIES = re.compile(r"[x×](?:\d+|N)$", re.IGNORECASE)


@dataclass(frozen=True)
class Sighting:
    """One Observation."""

    resource: Resource

    @cached_property
    def codes(self) -> frozenset[str]:
        """The codes that say what kind it is."""
        return frozenset(code for _, code in _codings(self.resource.get("code")))

    @cached_property
    def answers(self) -> frozenset[str]:
        """The codes of its value."""
        return frozenset(code for _, code in _codings(self.resource.get("valueCodeableConcept")))

    @property
    def identity(self) -> str:
        """Its relative address."""
        return f"Observation/{self.resource.get('id')}"

    @property
    def subject(self) -> str:
        """The person's logical id."""
        return str((self.resource.get("subject") or {}).get("reference", "")).rsplit("/", 1)[-1]

    @cached_property
    def parts(self) -> tuple[tuple[str, Mapping[str, Any]], ...]:
        """Its components by code."""
        return tuple(
            (code, one)
            for one in self.resource.get("component") or ()
            if isinstance(one, Mapping)
            for _, code in _codings(one.get("code"))
        )

    @cached_property
    def rests_on(self) -> frozenset[str]:
        """The last two steps of the addresses it derives from."""
        found = self.resource.get("derivedFrom") or ()
        return frozenset("/".join(str(one.get("reference", "")).split("/")[-2:]) for one in found if isinstance(one, Mapping))

    def coded(self, code: str) -> list[tuple[str | None, str]]:
        """The codings a component's value has."""
        return [pair for key, one in self.parts if key == code for pair in _codings(one.get("valueCodeableConcept"))]

    def texts(self, code: str) -> list[str]:
        """The words a component's value has."""
        found = [one for key, one in self.parts if key == code]
        texts = [str(one["valueString"]) for one in found if "valueString" in one]
        return texts + [str((one.get("valueCodeableConcept") or {}).get("text", "")) for one in found]

    @cached_property
    def genes(self) -> frozenset[str]:
        """HGNC ids and symbols."""
        found = self.resource.get("component") or ()
        values = [one.get("valueCodeableConcept") for one in found if GENE in {code for _, code in _codings(one.get("code"))}]
        codings = [coding for value in values if isinstance(value, Mapping) for coding in value.get("coding") or ()]
        return frozenset(str(coding[key]) for coding in codings for key in ("code", "display") if coding.get(key))

    @cached_property
    def spellings(self) -> tuple[Spelling, ...]:
        """Every way the variant is written, its place by numbers included."""
        words = [text for code in NAMES for _, text in self.coded(code)] + [one for code in NAMES for one in self.texts(code)]
        read = [try_variant(word) for word in dict.fromkeys(words)]
        return tuple(one for one in (*read, self._by_numbers()) if one is not None)

    def _by_numbers(self) -> Spelling | None:
        region = self._span(EXACT)
        references, alternatives = self.texts(REF), self.texts(ALT)
        if region is None or not references or not alternatives:
            return None
        place, alternative = trimmed(region.sequence, region.start, references[0], alternatives[0])
        return Spelling(f"{region.sequence}:{region.start}:{references[0]}:{alternatives[0]}", place, alternative)

    def _span(self, code: str) -> Region | None:
        sequence = next((one for _, one in self.coded(REFERENCE)), None) or next(iter(self.texts(REFERENCE)), None)
        for key, one in self.parts:
            span = one.get("valueRange") if key == code else None
            if isinstance(span, Mapping) and sequence:
                low, high = (_number(span.get(end)) for end in ("low", "high"))
                if low is None and high is None:
                    continue
                shift = 1 if any(answer == ONE_BASED for _, answer in self.coded(COUNTING)) else 0
                start = (low if low is not None else high or 0) - shift
                end = high if high is not None else start + max(len(next(iter(self.texts(REF)), "")), 1)
                return Region(sequence, start, max(end, start))
        return None

    @cached_property
    def regions(self) -> tuple[Region, ...]:
        """Where a variant of known place lies."""
        found = [self._span(code) for code in (EXACT, INNER, OUTER)] + [one.region for one in self.spellings]
        return tuple(dict.fromkeys(one for one in found if one is not None))

    @cached_property
    def is_structural(self) -> bool:
        """Tell whether the variant is a large one, known by its inner or outer ends or its copies."""
        return any(code in (INNER, OUTER, "82155-3") for code, _ in self.parts)

    @cached_property
    def alleles(self) -> frozenset[str]:
        """The alleles of a genotype or haplotype, each with its gene, and the pair itself."""
        value = self.resource.get("valueCodeableConcept") or {}
        words = [str(value.get("text") or "")] + [str(one.get("display") or "") for one in value.get("coding") or ()]
        symbols = [one for one in self.genes if not one.startswith("HGNC:")]
        return frozenset(name for word in words if word for name in name_alleles(word, symbols[0] if symbols else ""))


def name_alleles(words: str, gene: str = "") -> Iterator[str]:
    """Name each allele of ``CYP2C19 *2/*3`` as ``CYP2C19*2``, and the pair as ``CYP2C19*2/CYP2C19*3``, alleles in order."""
    gene = _symbol(gene)
    found: list[str] = []
    for part in re.split(r"[/+|~]", words):
        match = ALLELE.match(part.strip())
        if match:
            gene = _symbol(match[1]) or gene
            found.append(f"{gene}{COPIES.sub('', match[2])}")
    yield from found
    if len(found) == PAIR:
        yield "/".join(sorted(found))


def _symbol(name: str) -> str:
    symbol = name.upper().removeprefix("HLA-").strip()
    return f"HLA-{symbol}" if re.fullmatch(r"A|B|C|D[RQP][AB]\d?", symbol) else symbol


def see(resources: Iterable[Resource], question: Question) -> list[Sighting]:
    """Take the genomic Observations that stand and pass the question's filters, newest first."""
    seen = [Sighting(one) for one in resources if one.get("resourceType") == "Observation"]
    return [one for one in seen if one.resource.get("status") not in ("entered-in-error", "cancelled") and _passes(one, question)]


def _passes(one: Sighting, question: Question) -> bool:
    when = str(one.resource.get("effectiveDateTime") or (one.resource.get("effectivePeriod") or {}).get("start") or "")
    if not all(_in_date(when, bound) for bound in question.filters.get("testDateRange", ())):
        return False
    specimens = {code for _, code in tokens(question.filters.get("specimenIdentifiers", ()))}
    specimen = one.resource.get("specimen") or {}
    named = {str(specimen.get("reference", "")).rsplit("/", 1)[-1], str((specimen.get("identifier") or {}).get("value", ""))}
    if specimens and not specimens & named:
        return False
    wanted = {code.lower() for _, code in tokens(question.filters.get("genomicSourceClass", ()))}
    if not wanted:
        return True
    told = {code.lower() for _, code in one.coded(SOURCE)}
    is_germline = not told or bool(told & set(GERMLINE))
    return is_germline == bool(wanted & set(GERMLINE))


def _in_date(when: str, bound: str) -> bool:
    sign, day = (bound[:2], bound[2:]) if bound[:2].isalpha() else ("eq", bound)
    size = min(len(day), len(when), 10)
    if not size:
        return False
    mine, theirs = when[:size], day[:size]
    return {"eq": mine == theirs, "ge": mine >= theirs, "le": mine <= theirs, "gt": mine > theirs, "lt": mine < theirs}[sign]


def has_token(found: Sequence[tuple[str | None, str]], wanted: Sequence[str]) -> bool:
    """Tell whether one of the codings is one of the tokens."""
    return any(code == theirs and (system is None or system == mine) for system, code in tokens(wanted) for mine, theirs in found)


def _codings(concept: Any) -> list[tuple[str | None, str]]:
    if not isinstance(concept, Mapping):
        return []
    found = concept.get("coding") or ()
    return [(one.get("system"), str(one["code"])) for one in found if isinstance(one, Mapping) and one.get("code")]


def _number(quantity: Any) -> int | None:
    value = quantity.get("value") if isinstance(quantity, Mapping) else None
    return int(value) if value is not None else None
