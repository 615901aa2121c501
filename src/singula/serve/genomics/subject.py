"""Answers about one person: a Parameters resource per question."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from singula.serve.genomics.places import Region
from singula.serve.genomics.questions import Question, tokens
from singula.serve.genomics.sightings import (
    ABSENT,
    CONDITION,
    CONSEQUENCE,
    DIAGNOSTIC,
    FEATURE,
    GENOTYPE,
    HAPLOTYPE,
    MEDICINE,
    PHASE,
    PRESENT,
    THERAPEUTIC,
    VARIANT,
    Resource,
    Sighting,
    has_token,
    name_alleles,
    see,
)

Part = dict[str, Any]
REGIONS = re.compile(r"(N[CTWG]_\d+\.\d+):(\d+)-(\d+)")
REGION_STUDIED = ("53041-0", "51959-5")
REPORTS = ("DiagnosticReport", "Procedure")
STUDY_REPORT = "51969-4"
BUILD, CHANGE = "62374-4", "48019-4"


def answer_subject(question: Question, resources: Sequence[Resource]) -> dict[str, Any]:
    """Answer a question about one person.

    Parameters
    ----------
    question : Question
        What is asked.
    resources : sequence of dict
        The person's resources, as far as the reader may see them.

    Returns
    -------
    dict
        A Parameters resource; what was not found and not known to have been tested is told in an OperationOutcome.
    """
    seen = see(resources, question)
    name = question.operation.name
    if name == "find-study-metadata":
        return _parameters(list(_studies(question, resources, seen)))
    if name in ("find-subject-haplotypes", "find-subject-specific-haplotypes"):
        return _parameters(list(_haplotypes(question, seen)))
    if name in ("find-subject-tx-implications", "find-subject-dx-implications", "find-subject-molecular-consequences"):
        return _parameters(_implied(question, seen))
    return _variants(question, resources, seen)


def _variants(question: Question, resources: Sequence[Resource], seen: Sequence[Sighting]) -> dict[str, Any]:
    studied = studied_regions(resources)
    parts, unknown = [], []
    is_specific = question.operation.name == "find-subject-specific-variants"
    shows = is_specific or "includeVariants" in question.flags
    for item, is_asked, region in wanted_variants(question):
        told = [one for one in variants_of(seen) if is_asked(one)]
        found = [one for one in told if PRESENT in one.answers or not one.answers]
        inside: list[Part] = [
            {"name": "variantItem" if is_specific else "rangeItem", "valueString": item},
            {"name": "presence", "valueBoolean": bool(found)},
        ]
        if shows:
            inside += [{"name": "variant", "resource": one.resource} for one in found]
        if "includePhasing" in question.flags:
            ids = {one.identity for one in found}
            inside += [
                {"name": "sequencePhaseRelationship", "resource": one.resource}
                for one in seen
                if PHASE in one.codes and one.rests_on & ids
            ]
        parts.append({"name": "variants", "part": inside})
        was_tested = any(ABSENT in one.answers for one in told) or any(one.holds(region) for one in studied if region)
        if not found and not was_tested:
            unknown.append(item)
    return _parameters(parts, unknown)


def variants_of(seen: Iterable[Sighting]) -> list[Sighting]:
    """Return the variants among what was seen."""
    return [one for one in seen if VARIANT in one.codes]


def wanted_variants(question: Question) -> Iterator[tuple[str, Callable[[Sighting], bool], Region | None]]:
    """Yield each item asked for, whether a variant is it, and where it lies."""
    name = question.operation.name
    if "structural" in name:
        for item, region in question.ranges:
            yield item, _structural(region, is_subsuming="subsuming" in name), region
    elif name == "find-subject-variants":
        for item, region in question.ranges:
            yield item, _inside(region), region
    else:
        for item, spelling in question.variants:
            yield item, _spelt(spelling), spelling.region


def _structural(region: Region, *, is_subsuming: bool) -> Callable[[Sighting], bool]:
    def is_asked(one: Sighting) -> bool:
        return one.is_structural and any(place.holds(region) if is_subsuming else place.meets(region) for place in one.regions)

    return is_asked


def _inside(region: Region) -> Callable[[Sighting], bool]:
    return lambda one: any(place.meets(region) for place in one.regions)


def _spelt(spelling: Any) -> Callable[[Sighting], bool]:
    return lambda one: any(spelling.is_same(other) for other in one.spellings)


def studied_regions(resources: Sequence[Resource]) -> list[Region]:
    """Return the regions that are known to have been tested."""
    found = []
    for one in resources:
        if one.get("resourceType") == "Procedure":
            texts = [str(inner) for extension in one.get("extension") or () for inner in _strings(extension, "studied")]
        elif one.get("resourceType") == "Observation" and set(REGION_STUDIED) & Sighting(one).codes:
            texts = list(_strings(one, ""))
        else:
            continue
        found += [Region(seq, int(low), int(high)) for text in texts for seq, low, high in REGIONS.findall(text)]
    return found


def _strings(value: Any, under: str) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        if "url" in value and under and value["url"] in ("called", "uncalled", "description"):
            return
        for one in value.values():
            yield from _strings(one, under)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one, under)


def _haplotypes(question: Question, seen: Sequence[Sighting]) -> Iterator[Part]:
    genes = question.operation.name == "find-subject-haplotypes"
    for item in question.lists["genes" if genes else "haplotypes"]:
        code = item.rsplit("|", 1)[-1]
        found = [one for one in haplotypes_of(seen) if (code in one.genes if genes else carries(one, code))]
        inside: list[Part] = [{"name": "geneItem" if genes else "haplotypeItem", "valueString": code}]
        if not genes:
            inside.append({"name": "presence", "valueBoolean": bool(found)})
        inside += [{"name": _kind(one), "resource": one.resource} for one in found]
        yield {"name": "haplotypes", "part": inside}


def haplotypes_of(seen: Iterable[Sighting]) -> list[Sighting]:
    """Return the genotypes and haplotypes among what was seen."""
    return [one for one in seen if one.codes & {GENOTYPE, HAPLOTYPE} and ABSENT not in one.answers]


def carries(one: Sighting, item: str) -> bool:
    """Tell whether a genotype or haplotype holds what was asked: a gene, an allele (HLA by its first fields), or a pair."""
    if any(item == code for _, code in _value_codes(one)) or item in one.genes:
        return True
    asked = list(name_alleles(item))
    if not asked:
        return False
    if len(asked) == 3:
        return asked[-1] in one.alleles
    return any(held == asked[0] or held.startswith(f"{asked[0]}:") for held in one.alleles if "/" not in held)


def _value_codes(one: Sighting) -> list[tuple[Any, str]]:
    value = one.resource.get("valueCodeableConcept") or {}
    return [(coding.get("system"), str(coding.get("code"))) for coding in value.get("coding") or ()]


def implications_of(question: Question, seen: Sequence[Sighting]) -> list[Sighting]:
    """Return the implications or consequences that meet every list of the question."""
    name = question.operation.name
    if "tx-implications" in name:
        kinds = {THERAPEUTIC}
    elif "dx-implications" in name:
        kinds = {DIAGNOSTIC}
    else:
        kinds = set(CONSEQUENCE)
    rests = _grounds(question, seen)
    found = []
    for one in seen:
        if not one.codes & kinds:
            continue
        is_asked = all(
            has_token(one.coded(code), question.lists[key])
            for key, code in (("treatments", MEDICINE), ("conditions", CONDITION), ("featureConsequences", FEATURE))
            if question.lists.get(key)
        )
        if is_asked and (rests is None or one.rests_on & rests):
            found.append(one)
    return found


def _grounds(question: Question, seen: Sequence[Sighting]) -> set[str] | None:
    """Return the findings an implication has to rest on; None where the question names none."""
    if not any(question.lists.get(name) for name in ("variants", "ranges", "haplotypes")):
        return None
    spelt = [_spelt(spelling) for _, spelling in question.variants] + [_inside(region) for _, region in question.ranges]
    found = {one.identity for one in variants_of(seen) if any(is_asked(one) for is_asked in spelt)}
    items = [code for _, code in tokens(question.lists.get("haplotypes", ()))]
    return found | {one.identity for one in haplotypes_of(seen) if any(carries(one, item) for item in items)}


def _implied(question: Question, seen: Sequence[Sighting]) -> list[Part]:
    found = implications_of(question, seen)
    word = "consequence" if "consequences" in question.operation.name else "implication"
    grounds = {identity for one in found for identity in one.rests_on}
    parts: list[Part] = [{"name": word, "resource": one.resource} for one in found]
    return parts + [{"name": _kind(one), "resource": one.resource} for one in seen if one.identity in grounds and _kind(one)]


def _kind(one: Sighting) -> str:
    kinds = {GENOTYPE: "genotype", HAPLOTYPE: "haplotype", VARIANT: "variant"}
    return next((word for code, word in kinds.items() if code in one.codes), "")


def _studies(question: Question, resources: Sequence[Resource], seen: Sequence[Sighting]) -> Iterator[Part]:
    wanted = {code for _, code in tokens(question.filters.get("testIdentifiers", ()))}
    for report in resources:
        if report.get("resourceType") != "DiagnosticReport" or STUDY_REPORT not in str(report.get("code")):
            continue
        names = {str(report.get("id")), *(str(one.get("value")) for one in report.get("identifier") or ())}
        if wanted and not wanted & names:
            continue
        members = {str(one.get("reference", "")).split("/")[-1] for one in report.get("result") or ()}
        inside = [one for one in seen if str(one.resource.get("id")) in members]
        yield {"name": "tests", "part": list(_study(report, inside, studied_regions(resources)))}


def _study(report: Resource, members: Sequence[Sighting], studied: Sequence[Region]) -> Iterator[Part]:
    yield {"name": "testId", "valueString": str(report.get("id"))}
    when = report.get("effectiveDateTime") or report.get("issued")
    if when:
        yield {"name": "testDate", "valueDateTime": when}
    for specimen in report.get("specimen") or ():
        yield {"name": "specimenId", "valueString": str(specimen.get("reference", "")).rsplit("/", 1)[-1]}
    for word, code in (("genomicBuild", BUILD), ("dnaChangeType", CHANGE)):
        told = dict.fromkeys(pair for one in members for pair in one.coded(code))
        if told:
            concept = {"coding": [{"system": system, "code": answer} for system, answer in told]}
            yield {"name": word, "valueCodeableConcept": concept}
    if studied:
        yield {"name": "regionStudied", "valueString": ",".join(f"{one.sequence}:{one.start}-{one.end}" for one in studied)}


def _parameters(parts: Sequence[Part], unknown: Sequence[str] = ()) -> dict[str, Any]:
    made = list(parts)
    if unknown:
        issue = {
            "severity": "information",
            "code": "incomplete",
            "diagnostics": f"not known to have been studied: {', '.join(unknown)}; presence false does not mean absent",
        }
        made.append({"name": "outcome", "resource": {"resourceType": "OperationOutcome", "issue": [issue]}})
    return {"resourceType": "Parameters", **({"parameter": made} if made else {})}
