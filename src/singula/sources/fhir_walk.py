"""Walk over one FHIR R4 resource with the type of every element at hand: bindings, reference targets, ids, days, invariants.

Structure and formats are judged elsewhere (``fhir_validation``); this walk finds what a structural parser does not see.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from singula.errors import quoted
from singula.sources.fhir_invariants import INVARIANTS

ID = re.compile(r"[A-Za-z0-9\-.]{1,64}\Z")
LITERAL = re.compile(r"(?:.*/)?([A-Z][A-Za-z]+)/[A-Za-z0-9\-.]{1,64}(?:/_history/[A-Za-z0-9\-.]{1,64})?(?:#.*)?\Z")
DATES = frozenset(("date", "dateTime", "instant"))
POINTERS = frozenset(("uri", "url", "canonical"))
INSIDE = frozenset(("extension", "modifierExtension"))
SHORTEST_DAY_TO_CHECK = 10

Spec = tuple[str, bool, list[str] | None, str | None]


@dataclass(frozen=True, slots=True)
class Issue:
    """One fault of a resource: ``severity`` is fatal, error, warning or information."""

    severity: str
    path: str
    message: str


@dataclass(frozen=True)
class R4Rules:
    """The definitions a walk needs: elements of every type, codes of every required value set."""

    types: Mapping[str, Mapping[str, Spec]]
    codes: Mapping[str, Mapping[str, frozenset[str]]]
    any_system: Mapping[str, frozenset[str]]


@dataclass
class Scope:
    """One resource in its surroundings: who it is, what it contains, which of that is pointed at."""

    root: Mapping[str, Any]
    path: str
    contained: dict[str, str] = field(default_factory=dict)
    pointed: set[str] = field(default_factory=set)


class Walk:
    """One walk over one document; ``issues`` holds what it found."""

    def __init__(self, rules: R4Rules) -> None:
        self.rules = rules
        self.issues: list[Issue] = []
        self.bundles: list[tuple[str, Mapping[str, Any]]] = []
        self.references: list[tuple[str, str, list[str] | None]] = []

    def error(self, path: str, message: str) -> None:
        """Note an error."""
        self.issues.append(Issue("error", path, message))

    def resource(self, node: Any, path: str, outer: Scope | None = None) -> None:
        """Walk over one resource; a contained one shares the scope of its container."""
        if not isinstance(node, dict) or not isinstance(node.get("resourceType"), str):
            return
        kind = node["resourceType"]
        name = node.get("id")
        if isinstance(name, str) and not ID.match(name):
            self.error(f"{path}.id", f"{quoted(name)} is no id; use 1 to 64 of A-Z a-z 0-9 - .")
        scope = outer or Scope(node, path)
        if outer is None:
            inside = [one for one in listed(node.get("contained")) if isinstance(one, dict)]
            scope.contained = {str(one.get("id")): str(one.get("resourceType")) for one in inside}
        if kind == "Bundle":
            self.bundles.append((path, node))
        self.fields(node, kind, path, scope)
        for number, one in enumerate(listed(node.get("contained"))):
            self.contained(one, f"{path}.contained[{number}]", scope, nested=outer is not None)
        if outer is None:
            self.unused(scope)

    def contained(self, node: Any, path: str, scope: Scope, *, nested: bool) -> None:
        """Walk over a contained resource, which may hold no further ones."""
        if nested:
            self.error(path, "dom-2: a contained resource holds contained resources; lift them to the container")
        elif isinstance(node, dict):
            self.resource(node, path, scope)
            meta = node.get("meta")
            if isinstance(meta, dict) and ("versionId" in meta or "lastUpdated" in meta):
                self.error(f"{path}.meta", "dom-4: a contained resource has no version and no time of update of its own")
            if isinstance(meta, dict) and "security" in meta:
                self.error(f"{path}.meta.security", "dom-5: a contained resource has no security label of its own")

    def unused(self, scope: Scope) -> None:
        """Tell contained resources nobody points at."""
        for number, one in enumerate(listed(scope.root.get("contained"))):
            name = one.get("id") if isinstance(one, dict) else None
            if name is not None and f"#{name}" not in scope.pointed and not _points_out(one):
                self.error(f"{scope.path}.contained[{number}]", f"dom-3: nothing refers to contained #{name}; refer or drop it")

    def fields(self, node: Mapping[str, Any], kind: str, path: str, scope: Scope) -> None:
        """Check one object: its invariants, then each of its elements."""
        known = self.rules.types.get(kind)
        if known is None:
            return
        if kind in INVARIANTS:
            self.invariants(node, kind, path)
        if kind == "Reference":
            self.reference_text(node, path, scope)
        for name, value in node.items():
            spec = known.get(name)
            if spec is None:
                self.unlisted(name, value, f"{path}.{name}", scope)
            elif type(value) is list:
                for number, one in enumerate(value):
                    self.element(one, spec, f"{path}.{name}[{number}]", scope)
            else:
                self.element(value, spec, f"{path}.{name}", scope)

    def invariants(self, node: Mapping[str, Any], kind: str, path: str) -> None:
        """Check the invariants of one object."""
        for rule in INVARIANTS[kind]:
            for place, message in rule(node):
                severity = "warning" if message.startswith("con-3") else "error"
                self.issues.append(Issue(severity, f"{path}.{place}" if place else path, message))

    def unlisted(self, name: str, value: Any, path: str, scope: Scope) -> None:
        """Check what no definition lists by name: extensions, and what stands beside primitive values."""
        if name in INSIDE:
            self.extensions(value, path, scope)
        elif name.startswith("_"):
            self.siblings(value, path, scope)
        elif name == "fhir_comments":
            self.error(path, "R4 has no comments; remove them")

    def element(self, value: Any, spec: Spec, path: str, scope: Scope) -> None:
        """Check one value of an element."""
        kind, _, targets, required = spec
        if type(value) is dict:
            self.object(value, kind, path, scope)
            if targets is not None and kind == "Reference":
                self.target(value, targets, path, scope)
            if required is not None:
                self.concept(value, kind, required, path)
        elif type(value) is str:
            if required is not None and value not in self.rules.any_system[required]:
                self.error(path, f"{quoted(value)} is not among the codes of {required}; use {self.some(required)}")
            elif kind in DATES:
                self.day(value, path)
            elif kind in POINTERS and value[:1] == "#":
                scope.pointed.add(value)

    def object(self, value: dict[str, Any], kind: str, path: str, scope: Scope) -> None:
        """Check an object that stands where a type is expected."""
        if not value or (len(value) == 1 and "id" in value):
            self.error(path, "ele-1: an element has a value or children; fill it or leave it out")
        elif kind == "Resource":
            self.resource(value, path)
        else:
            self.fields(value, kind, path, scope)

    def extensions(self, value: Any, path: str, scope: Scope) -> None:
        """Check a list of extensions."""
        for number, one in enumerate(listed(value)):
            if isinstance(one, dict):
                self.object(one, "Extension", f"{path}[{number}]", scope)

    def siblings(self, value: Any, path: str, scope: Scope) -> None:
        """Check what stands beside primitive values: ids and extensions."""
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                if not one:
                    self.error(path, "ele-1: an element has a value or children; fill it or leave it out")
                self.extensions(one.get("extension"), f"{path}.extension", scope)

    def some(self, required: str) -> str:
        """Name some codes of a value set."""
        codes = sorted(self.rules.any_system[required])
        return ", ".join(codes[:6]) + (", …" if len(codes) > len(codes[:6]) else "")

    def concept(self, value: Mapping[str, Any], kind: str, required: str, path: str) -> None:
        """Check a concept or coding bound to a required value set: one coding has to come from it."""
        if kind not in ("CodeableConcept", "Coding"):
            return
        sets = self.rules.codes[required]
        codings = [value] if kind == "Coding" else [one for one in listed(value.get("coding")) if isinstance(one, dict)]
        if codings and not any(_is_within(one, sets) for one in codings):
            place = path if kind == "Coding" else f"{path}.coding[0].code"
            shown = quoted(f"{codings[0].get('system', '')}|{codings[0].get('code', '')}")
            self.error(place, f"{shown} is not among the codes of {required}; use {self.some(required)}")

    def day(self, value: str, path: str) -> None:
        """Check that a full date exists in the calendar."""
        if len(value) >= SHORTEST_DAY_TO_CHECK and value[8:10] > "28":
            try:
                date.fromisoformat(value[:10])
            except ValueError:
                self.error(path, f"{quoted(value)} is no day of the calendar; correct the date")

    def reference_text(self, node: Mapping[str, Any], path: str, scope: Scope) -> None:
        """Check where a reference inside the resource points."""
        text = node.get("reference")
        if not isinstance(text, str):
            return
        if text.startswith("#"):
            scope.pointed.add(text)
            if text != "#" and text[1:] not in scope.contained:
                self.error(
                    f"{path}.reference", f"ref-1: {quoted(text)} points at no contained resource; contain it or correct the id"
                )
        stated = node.get("type")
        found = LITERAL.match(text)
        if (
            isinstance(stated, str)
            and found
            and found[1] in self.rules.types
            and stated in self.rules.types
            and stated != found[1]
        ):
            self.error(f"{path}.type", f"says {stated}, but the reference points at {found[1]}; make them agree")

    def target(self, node: Mapping[str, Any], targets: list[str], path: str, scope: Scope) -> None:
        """Check that a reference points at a type the element allows."""
        text = node.get("reference")
        if not isinstance(text, str):
            stated = node.get("type")
            self.fits(stated if isinstance(stated, str) else None, targets, path)
        elif text.startswith("#"):
            self.fits(scope.contained.get(text[1:]), targets, path)
        elif text.startswith("urn:"):
            self.references.append((path, text, targets))
        elif found := LITERAL.match(text):
            self.fits(found[1], targets, path)

    def fits(self, kind: str | None, targets: list[str], path: str) -> None:
        """Tell a reference whose target type is not allowed here."""
        if kind is not None and kind in self.rules.types and kind not in targets:
            self.error(path, f"refers to a {kind}; {' or '.join(targets[:6])} is allowed here")


def listed(value: Any) -> list[Any]:
    """Return a list, or an empty one for anything else."""
    return value if isinstance(value, list) else []


def _points_out(node: Any) -> bool:
    """Tell whether something inside a contained resource points at its container."""
    stack = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, dict):
            if one.get("reference") == "#":
                return True
            stack.extend(one.values())
        elif isinstance(one, list):
            stack.extend(one)
    return False


def _is_within(coding: Mapping[str, Any], sets: Mapping[str, frozenset[str]]) -> bool:
    return str(coding.get("code")) in sets.get(str(coding.get("system")), frozenset())
