"""SMART scopes, first and second version: what a token may do with which type, and under which query."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from singula.errors import BadInput, quoted

SHAPE = re.compile(r"^(patient|user|system)/(\*|[A-Z][A-Za-z]*)\.([a-z*.]+)(?:\?(.+))?$")
SECOND = re.compile(r"^c?r?u?d?s?$")
FIRST = {"read": "rs", "write": "cud", "*": "cruds"}
SPECIAL = ("openid", "profile", "fhirUser", "launch", "launch/patient", "launch/encounter", "offline_access", "online_access")
LONGEST = 2000


@dataclass(frozen=True)
class Needs:
    """One thing a request wants to do with a type: c, r, u, d or s."""

    kind: str
    deed: str

    @property
    def words(self) -> str:
        """The need, for a message."""
        deeds = {"c": "create", "r": "read", "u": "update", "d": "delete", "s": "search"}
        return f"{deeds[self.deed]} of {self.kind}"


@dataclass(frozen=True)
class DataScope:
    """A scope on resources."""

    context: str
    resource: str
    permissions: str
    query: Mapping[str, str] = field(default_factory=dict)

    def covers(self, needs: Needs) -> bool:
        """Tell whether the scope covers it."""
        return needs.deed in self.permissions and self.resource in ("*", needs.kind)


def read_scope(text: str) -> DataScope | str:
    """Read one scope: on resources, or a special one by its name; BadInput where it is neither."""
    if text in SPECIAL:
        return text
    match = SHAPE.match(text) if len(text) <= LONGEST else None
    if match is None:
        raise BadInput(f"{quoted(text)} is no scope; write patient/Observation.rs")
    context, kind, deeds, query = match.groups()
    found = FIRST.get(deeds) or (deeds if SECOND.match(deeds) else "")
    if not found or (query and (kind == "*" or deeds in FIRST)):
        raise BadInput(f"{quoted(text)} is no scope; write patient/Observation.rs")
    return DataScope(context, kind, found, dict(parse_qsl(query, keep_blank_values=True)) if query else {})


def read_scopes(text: str) -> list[str]:
    """Split a list of scopes; each has to be one."""
    found = list(dict.fromkeys(text.split()))
    for one in found:
        read_scope(one)
    return found


def data_scopes(scopes: Iterable[str]) -> list[DataScope]:
    """Return the scopes on resources among many; what is none is left out."""
    found = []
    for text in scopes:
        try:
            one = read_scope(text)
        except BadInput:
            continue
        if isinstance(one, DataScope):
            found.append(one)
    return found


def is_permitted(scopes: Iterable[str], needs: Needs, *, is_patient: bool) -> bool:
    """Tell whether one of the scopes covers a need; ``patient/`` scopes count only for tokens bound to a patient."""
    return any(one.covers(needs) and (one.context != "patient" or is_patient) for one in data_scopes(scopes))


def is_bound(scopes: Sequence[str], needs: Needs) -> bool:
    """Tell whether a need is covered by ``patient/`` scopes alone, so that only the bound person's rows are meant."""
    covering = [one for one in data_scopes(scopes) if one.covers(needs)]
    return bool(covering) and all(one.context == "patient" for one in covering)


def cut_to(asked: Sequence[str], registered: Sequence[str]) -> list[str]:
    """Return what of the scopes asked for is registered, each cut to what is."""
    allowed = data_scopes(registered)
    kept: list[str] = []
    for text in asked:
        one = read_scope(text)
        if isinstance(one, str):
            kept += [text] if text in registered or (text in ("openid", "fhirUser") and "openid" in registered) else []
        else:
            kept += [cut for rule in allowed for cut in _cut(one, rule)]
    return list(dict.fromkeys(kept))


def _cut(one: DataScope, rule: DataScope) -> list[str]:
    if one.context != rule.context or (one.resource != "*" and rule.resource not in ("*", one.resource)):
        return []
    deeds = "".join(deed for deed in "cruds" if deed in one.permissions and deed in rule.permissions)
    kind = rule.resource if one.resource == "*" else one.resource
    query = {**rule.query, **one.query}
    if not deeds or (kind == "*" and query):
        return []
    tail = "?" + "&".join(f"{name}={value}" for name, value in query.items()) if query else ""
    return [f"{one.context}/{kind}.{deeds}{tail}"]
