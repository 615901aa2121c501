"""Which labels a resource carries: by what it is, by its codes, and by what its facts are about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from singula.knowledge import Knowledge
from singula.sources.draft import Draft
from singula.sources.fhir import read_fhir
from singula.sources.terminology import terminology_of

GENOMIC_CODES = {"51969-4", "84413-4", "84414-2", "69548-6", "53037-8", "82120-7", "79713-4", "79714-2", "79715-9", "79716-7",
                 "79719-1", "therapeutic-implication", "diagnostic-implication", "molecular-consequence",
                 "molecular-consequences"}  # fmt: skip
GENOMIC_GUIDE = "hl7.org/fhir/uv/genomics-reporting"
ICD10 = (
    ("mental-health", r"F[2-6]\d|F9\d"), ("substance-use", r"F1[0-689]"), ("alcohol-use", r"F10"), ("opioid-use", r"F11"),
    ("hiv", r"B2[0-4]|Z21"), ("sexual-health", r"A5\d|A6[0-4]"), ("violence", r"T74|T76|Y07|Z69"), ("sickle-cell", r"D57"),
    ("genetics", r"Z14|Z15"),
)  # fmt: skip
RULES = tuple((label, re.compile(rf"^(?:{codes})")) for label, codes in ICD10)
GENETIC_KINDS = ("MolecularSequence",)


def labels_of(doc: Mapping[str, Any], knowledge: Knowledge) -> frozenset[str]:
    """Return the labels a resource carries.

    Parameters
    ----------
    doc : mapping
        The resource.
    knowledge : Knowledge
        Names what codes are about.

    Returns
    -------
    frozenset of str
        ``genetics``, ``family-history``, ``hiv`` and so on; a label too many hides, one too few tells.
    """
    found = {"family-history"} if doc.get("resourceType") == "FamilyMemberHistory" else set()
    if doc.get("resourceType") in GENETIC_KINDS or GENOMIC_GUIDE in str((doc.get("meta") or {}).get("profile", "")):
        found.add("genetics")
    for system, code in _codings(doc):
        if (code == "GE" and system.endswith("v2-0074")) or code in GENOMIC_CODES:
            found.add("genetics")
        if "icd-10" in system.lower() or system.endswith("6.90"):
            found |= {label for label, rule in RULES if rule.match(code)}
    return frozenset(found | _by_meaning(doc, knowledge) | _own(doc))


def _own(doc: Mapping[str, Any]) -> set[str]:
    codes = {"GDIS": "genetics", "MH": "mental-health", "PSY": "psychiatry", "SUD": "substance-use", "ETHUD": "alcohol-use",
             "OPIOIDUD": "opioid-use", "HIV": "hiv", "STD": "sexual-health", "SEX": "reproductive", "SDV": "violence",
             "SICKLE": "sickle-cell", "PSYTHPN": "psychotherapy-note", "SPI": "special"}  # fmt: skip
    told = (doc.get("meta") or {}).get("security") or []
    return {codes[one["code"]] for one in told if isinstance(one, Mapping) and one.get("code") in codes}


def _by_meaning(doc: Mapping[str, Any], knowledge: Knowledge) -> set[str]:
    if doc.get("resourceType") not in _READ:
        return set()
    draft = Draft(input="labels")
    read_fhir(dict(doc), draft, terminology_of(knowledge), _kinds(knowledge))
    return {label for fact in draft.facts for label in fact.labels}


_READ = ("Condition", "Observation", "MedicationRequest", "MedicationStatement", "AllergyIntolerance", "Procedure",
         "FamilyMemberHistory", "DiagnosticReport")  # fmt: skip


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
