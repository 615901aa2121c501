"""Genomics Reporting 3.0.0 as tables: categories, codes, values, components and fixed words of every profile.

A resource is judged by the profile it declares; where the guide is asked for, also by the code of its findings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from singula.errors import quoted
from singula.knowledge import Pack, Row
from singula.sources.fhir_walk import Issue

CATEGORY = re.compile(r"(?P<system>[^|]+)\|(?P<code>\S+) (?P<least>\d)\.\.(?P<most>\d)\Z")
TBD = "http://hl7.org/fhir/uv/genomics-reporting/CodeSystem/tbd-codes-cs"
TBD_CODES = "tbd-codes-cs"
ANY = "*"
Fault = tuple[str, str]


@dataclass(frozen=True)
class Guide:
    """The tables of the guide, ready to look things up."""

    by_address: Mapping[str, Row]
    by_code: Mapping[tuple[str, str], Row]
    components: Mapping[str, Mapping[tuple[str, str], Row]]
    codes: Mapping[str, frozenset[tuple[str, str]]]

    def holds(self, value_set: str, coding: Mapping[str, Any]) -> bool:
        """Tell whether a coding is in a value set."""
        inside = self.codes[value_set]
        system = str(coding.get("system"))
        return (system, str(coding.get("code"))) in inside or (system, ANY) in inside


@lru_cache(maxsize=2)
def guide_of(pack: Pack) -> Guide:
    """Return the guide's tables out of pack ``fhir_rules``."""
    profiles = pack.table("profiles")
    components: dict[str, dict[tuple[str, str], Row]] = {}
    for row in pack.table("components"):
        components.setdefault(row.profile, {})[row.code_system, row.code] = row
    codes: dict[str, set[tuple[str, str]]] = {}
    for row in pack.table("profile_codes"):
        codes.setdefault(row.value_set, set()).add((row.system, row.code))
    return Guide(
        {row.canonical: row for row in profiles},
        {(row.code_system, row.code): row for row in profiles if row.code},
        components,
        {name: frozenset(inside) for name, inside in codes.items()},
    )


def check_profiles(document: Mapping[str, Any], pack: Pack, *, is_asked: bool) -> list[Issue]:
    """Check every resource of a document that belongs to the guide.

    Parameters
    ----------
    document : mapping
        A resource; entries of a Bundle and resources of Parameters are looked into.
    pack : Pack
        Pack ``fhir_rules``.
    is_asked : bool
        Faults are errors, and undeclared findings are judged by their code; otherwise faults are warnings.

    Returns
    -------
    list of Issue
        One per fault, with its place.
    """
    severity = "error" if is_asked else "warning"
    guide = guide_of(pack)
    issues: list[Issue] = []
    for resource, path in _resources(document, str(document.get("resourceType"))):
        row = _find_profile(resource, guide, by_code=is_asked)
        if row is not None:
            issues.extend(
                Issue(severity, f"{path}.{place}" if place else path, f"{row.profile}: {message}")
                for place, message in _check(resource, row, guide)
            )
    return issues


def _find_profile(resource: Mapping[str, Any], guide: Guide, *, by_code: bool) -> Row | None:
    """Find the profile a resource declares, or else the one its code belongs to."""
    for address in _declared(resource):
        row = guide.by_address.get(address.split("|")[0])
        if row is not None:
            return row
    if by_code and resource.get("resourceType") in ("Observation", "DiagnosticReport"):
        return next((guide.by_code[one] for one in sorted(_pairs(resource.get("code"))) if one in guide.by_code), None)
    return None


def _resources(node: Any, path: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    if not isinstance(node, dict):
        return
    yield node, path
    if node.get("resourceType") == "Bundle":
        for number, entry in enumerate(_objects(node.get("entry"))):
            yield from _resources(entry.get("resource"), f"{path}.entry[{number}].resource")
    elif node.get("resourceType") == "Parameters":
        yield from _parameters(node.get("parameter"), f"{path}.parameter")


def _parameters(parameters: Any, path: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    for number, one in enumerate(_objects(parameters)):
        yield from _resources(one.get("resource"), f"{path}[{number}].resource")
        yield from _parameters(one.get("part"), f"{path}[{number}].part")


def _check(resource: Mapping[str, Any], row: Row, guide: Guide) -> Iterator[Fault]:
    if resource.get("resourceType") != row.resource:
        yield "", f"is a profile of {row.resource}, not of {resource.get('resourceType')}; declare another one"
        return
    if row.code and (row.code_system, row.code) not in _pairs(resource.get("code")):
        yield "code", f"has to hold {row.code_system}|{row.code}"
    yield from _check_categories(resource, row)
    yield from _check_value(resource, row, guide)
    for rule in row.fixed or ():
        name, _, word = rule.partition("=")
        if resource.get(name) != word:
            yield name, f"is fixed to {quoted(word)}"
    if row.code_set and "code" in resource and not _is_coded(resource["code"], row.code_set, guide):
        yield "code", f"is not among the answers of {row.code_set}; leave it out and put the words into description"
    yield from _check_components(resource, guide.components.get(row.profile, {}), guide)
    yield from _check_own_codes(resource, "", guide)


def _check_categories(resource: Mapping[str, Any], row: Row) -> Iterator[Fault]:
    category = resource.get("category")
    stated = [_pairs(one) for one in ([category] if isinstance(category, dict) else _objects(category))]
    for rule in row.categories or ():
        found = CATEGORY.match(rule)
        if found is None:
            continue
        count = sum((found["system"], found["code"]) in one for one in stated)
        if not int(found["least"]) <= count <= int(found["most"]):
            wanted = f"{found['least']} to {found['most']}" if found["least"] != found["most"] else f"exactly {found['most']}"
            yield "category", f"holds {count} times {found['system']}|{found['code']}; {wanted} is right"


def _check_value(resource: Mapping[str, Any], row: Row, guide: Guide) -> Iterator[Fault]:
    name = next((one for one in resource if one.startswith("value")), None)
    if name is None:
        if row.value_needed:
            yield "valueCodeableConcept", "the value is missing; give it as a concept"
        return
    if row.value_types and name.removeprefix("value") not in row.value_types:
        yield name, f"the value has to be a {' or '.join(row.value_types)}"
    elif row.value_set and not _is_coded(resource[name], row.value_set, guide):
        yield name, f"the value is not among the codes of {row.value_set}"


def _check_components(resource: Mapping[str, Any], slices: Mapping[tuple[str, str], Row], guide: Guide) -> Iterator[Fault]:
    counts: dict[str, int] = {}
    for number, component in enumerate(_objects(resource.get("component"))):
        row = next((slices[one] for one in _pairs(component.get("code")) if one in slices), None)
        if row is None:
            continue
        place = f"component[{number}]"
        counts[row.slice] = counts.get(row.slice, 0) + 1
        if row.most != ANY and counts[row.slice] > int(row.most):
            yield place, f"{row.slice} stands {counts[row.slice]} times; {row.most} is the most"
        for inner, message in _check_component(component, row, guide):
            yield f"{place}.{inner}" if inner else place, f"{row.slice} {message}"


def _check_component(component: Mapping[str, Any], row: Row, guide: Guide) -> Iterator[Fault]:
    name = next((one for one in component if one.startswith("value")), None)
    if name is None:
        if row.value_needed:
            yield "", f"has no value; give a {' or '.join(row.value_types)}"
        return
    kind = name.removeprefix("value")
    allowed = [one[0].upper() + one[1:] for one in row.value_types or ()]
    if allowed and kind not in allowed:
        yield name, f"has a {kind}; give a {' or '.join(row.value_types)}"
    elif row.value_set and not _is_coded(component[name], row.value_set, guide):
        yield name, f"is not among the codes of {row.value_set}"
    elif row.quantity_system and isinstance(component[name], dict) and component[name].get("system") != row.quantity_system:
        yield f"{name}.system", f"has to be {row.quantity_system}"


def _check_own_codes(node: Any, path: str, guide: Guide) -> Iterator[Fault]:
    """Tell codes of the guide's own to-be-determined system that it does not have."""
    if isinstance(node, dict):
        if node.get("system") == TBD and not guide.holds(TBD_CODES, node):
            yield path, f"{quoted(node.get('code'))} is no code of {TBD}; use one of its {len(guide.codes[TBD_CODES])}"
        for name, value in node.items():
            yield from _check_own_codes(value, f"{path}.{name}" if path else name, guide)
    elif isinstance(node, list):
        for number, one in enumerate(node):
            yield from _check_own_codes(one, f"{path}[{number}]", guide)


def _is_coded(value: Any, value_set: str, guide: Guide) -> bool:
    return isinstance(value, dict) and any(guide.holds(value_set, one) for one in _objects(value.get("coding")))


def _declared(resource: Mapping[str, Any]) -> Sequence[str]:
    meta = resource.get("meta")
    addresses = meta.get("profile") if isinstance(meta, dict) else None
    return [one for one in addresses if isinstance(one, str)] if isinstance(addresses, list) else ()


def _pairs(concept: Any) -> set[tuple[str, str]]:
    codings = _objects(concept.get("coding")) if isinstance(concept, dict) else []
    return {(str(one.get("system")), str(one.get("code"))) for one in codings}


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
