"""Which labels a resource carries: by what it is, its codes and tags, and what its facts are about; the rules are a pack."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from singula.knowledge import Knowledge
from singula.sources.draft import Draft
from singula.sources.fhir import read_fhir
from singula.sources.terminology import terminology_of

PACK = "security_labels"
ANY_SYSTEM = "*"
READ = ("Condition", "Observation", "MedicationRequest", "MedicationStatement", "AllergyIntolerance", "Procedure",
        "FamilyMemberHistory", "DiagnosticReport")  # fmt: skip


@dataclass(frozen=True)
class CodeRule:
    """A label that codes of some systems give."""

    label: str
    systems: tuple[str, ...]
    pattern: re.Pattern[str]

    def matches(self, system: str, code: str) -> bool:
        """Tell whether a coding gives the label; a system is named by a part of its address."""
        return bool(self.pattern.match(code)) and any(one == ANY_SYSTEM or one in system for one in self.systems)


@dataclass(frozen=True)
class Rules:
    """The label rules of one pack."""

    types: Mapping[str, str]
    profiles: tuple[tuple[str, str], ...]
    codes: tuple[CodeRule, ...]
    tags: Mapping[str, str]


def labels_of(doc: Mapping[str, Any], knowledge: Knowledge) -> frozenset[str]:
    """Return the labels a resource carries.

    Parameters
    ----------
    doc : mapping
        The resource.
    knowledge : Knowledge
        Holds the rules, and names what codes are about.

    Returns
    -------
    frozenset of str
        ``genetics``, ``family-history``, ``hiv`` and so on; a label too many hides, one too few tells.
    """
    rules = _rules(knowledge)
    kind = str(doc.get("resourceType"))
    profiles = str((doc.get("meta") or {}).get("profile", ""))
    found = {rules.types[kind]} if kind in rules.types else set()
    found |= {label for label, part in rules.profiles if part in profiles}
    for system, code in _codings(doc):
        found |= {rule.label for rule in rules.codes if rule.matches(system.lower(), code)}
    told = (doc.get("meta") or {}).get("security") or []
    found |= {rules.tags[one["code"]] for one in told if isinstance(one, Mapping) and one.get("code") in rules.tags}
    return frozenset(found | _by_meaning(doc, knowledge))


def sensitivity_codings(labels: frozenset[str], knowledge: Knowledge) -> list[dict[str, str]]:
    """Return the sensitivity codes of labels, as they stand in ``meta.security`` or a Consent."""
    rows = knowledge.pack(PACK).table("labels")
    return [{"system": row.system, "code": row.code, "display": row.display} for row in rows if row.label in labels and row.code]


@lru_cache(maxsize=2)
def _rules(knowledge: Knowledge) -> Rules:
    pack = knowledge.pack(PACK)
    codes = [CodeRule(row.label, tuple(row.system), re.compile(f"(?:{row.pattern})")) for row in pack.table("code_rules")]
    return Rules(
        {row.type: row.label for row in pack.table("types")},
        tuple((row.label, row.contains) for row in pack.table("profiles")),
        tuple(codes),
        {row.code: row.label for row in pack.table("labels") if row.code},
    )


def _by_meaning(doc: Mapping[str, Any], knowledge: Knowledge) -> set[str]:
    if doc.get("resourceType") not in READ:
        return set()
    draft = Draft(input="labels")
    read_fhir(dict(doc), draft, terminology_of(knowledge), _kinds(knowledge))
    return {label for fact in draft.facts for label in fact.labels}


@lru_cache(maxsize=2)
def _kinds(knowledge: Knowledge) -> Any:
    return knowledge.pack("fhir_reading")


def _codings(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        if isinstance(value.get("code"), str):
            yield str(value.get("system") or ""), value["code"]
        for one in value.values():
            yield from _codings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _codings(one)
