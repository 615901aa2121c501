"""Is this FHIR R4? Structure by a parser of the whole specification, meaning by our own rules, profiles by tables.

The structural parser stands behind ``check_structure`` alone, so that another one can take its place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from singula.errors import BadInput, either, quoted
from singula.knowledge import Knowledge, Pack
from singula.sources.fhir_bundle_rules import check_bundles
from singula.sources.fhir_files import is_ndjson
from singula.sources.fhir_profile_rules import check_profiles
from singula.sources.fhir_walk import Issue, R4Rules, Walk
from singula.sources.limits import lines_bounded, open_bounded, parse_json, read_bounded

PACK = "fhir_rules"
INDEX = re.compile(r"\[\d+\]")
GRAVE = ("fatal", "error")
PROFILES = ("genomics-reporting",)


@dataclass(frozen=True)
class Validation:
    """What was found in one file."""

    file: str
    resource_type: str
    issues: tuple[Issue, ...]

    @property
    def is_valid(self) -> bool:
        """Tell whether nothing is fatal and nothing an error."""
        return not any(issue.severity in GRAVE for issue in self.issues)


def validate_file(path: str | Path, knowledge: Knowledge, *, profile: str | None = None) -> Validation:
    """Check one FHIR file: a JSON document, or NDJSON with one resource a line.

    Parameters
    ----------
    path : str or Path
        The file; it is named in the answer as it is given here.
    knowledge : Knowledge
        Holds pack ``fhir_rules``.
    profile : str, optional
        ``genomics-reporting``: faults against its profiles are errors, otherwise warnings.

    Returns
    -------
    Validation
        Also for a file that cannot be opened or is no JSON: one fatal issue.
    """
    file = Path(path)
    pack = knowledge.pack(PACK)
    try:
        if is_ndjson(file):
            return _validate_lines(path, file, pack, profile)
        return validate_bytes(read_bounded(file), str(path), pack, profile=profile)
    except BadInput as fault:
        return Validation(str(path), "", (Issue("fatal", "", str(fault)),))


def validate_bytes(data: bytes, name: str, pack: Pack, *, profile: str | None = None) -> Validation:
    """Check the bytes of one JSON document; ``name`` is how it is named in the answer."""
    try:
        document = parse_json(data, Path(name).name)
    except BadInput as fault:
        return Validation(name, "", (Issue("fatal", "", str(fault)),))
    if not isinstance(document, dict):
        return Validation(name, "", (Issue("fatal", "", "is no JSON object; a FHIR resource is one object"),))
    kind = document.get("resourceType")
    if not isinstance(kind, str):
        return Validation(name, "", (Issue("error", "resourceType", "resourceType is missing; name the type of the resource"),))
    rules = rules_of(pack)
    if kind not in rules.types or "." in kind or kind[:1].islower():
        message = f"{quoted(kind)} is no resource type of FHIR R4; correct the name"
        return Validation(name, kind, (Issue("error", "resourceType", message),))
    return Validation(name, kind, tuple(validate_resource(document, pack, profile=profile, text=data)))


def validate_resource(
    document: dict[str, Any], pack: Pack, *, profile: str | None = None, text: bytes | None = None
) -> Sequence[Issue]:
    """Check one parsed resource; ``text``, where at hand, spares writing it out for the structural parser."""
    walk = Walk(rules_of(pack))
    walk.resource(document, str(document.get("resourceType")))
    issues = [*check_structure(document if text is None else text), *walk.issues, *check_bundles(walk)]
    issues += check_profiles(document, pack, is_asked=profile is not None)
    return list(dict.fromkeys(_spell_choices(issue, walk.rules) for issue in issues))


def check_structure(document: dict[str, Any] | bytes) -> list[Issue]:
    """Check elements, types, cardinalities and formats against the whole of R4."""
    import fhirkit

    try:
        found = fhirkit.validate(document)
    except (fhirkit.ParseError, fhirkit.ValidationError) as fault:
        return [Issue("fatal", "", quoted(fault))]
    return [Issue(one.severity, one.path, one.message) for one in found]


def _spell_choices(issue: Issue, rules: R4Rules) -> Issue:
    """Name the elements that would do where ``value[x]`` is missing."""
    if not issue.path.endswith("[x]"):
        return issue
    owner, _, name = INDEX.sub("", issue.path.removesuffix("[x]")).rpartition(".")
    spelt = [one for one in rules.types.get(owner, ()) if one.startswith(name) and one != name]
    return Issue(issue.severity, issue.path, f"{issue.message}; give {either(spelt[:4])}" if spelt else issue.message)


@lru_cache(maxsize=2)
def rules_of(pack: Pack) -> R4Rules:
    """Return the definitions of the pack, ready for walking."""
    types = pack.document("elements")["types"]
    sets = pack.document("required_codes")["value_sets"]
    codes = {name: {system: frozenset(inside) for system, inside in one.items()} for name, one in sets.items()}
    every = {name: frozenset().union(*one.values()) for name, one in codes.items()}
    return R4Rules({kind: {name: tuple(spec) for name, spec in one.items()} for kind, one in types.items()}, codes, every)


def _validate_lines(path: str | Path, file: Path, pack: Pack, profile: str | None) -> Validation:
    issues: list[Issue] = []
    kinds: set[str] = set()
    with open_bounded(file) as stream:
        for number, line in lines_bounded(stream, file.name):
            if not line.strip():
                continue
            one = validate_bytes(line, f"{file.name}:{number}", pack, profile=profile)
            kinds.add(one.resource_type)
            issues.extend(Issue(issue.severity, f"line {number}: {issue.path}", issue.message) for issue in one.issues)
    if not kinds:
        issues.append(Issue("fatal", "", f"{file.name}: holds no resource; give one a line"))
    return Validation(str(path), kinds.pop() if len(kinds) == 1 else "", tuple(issues))
