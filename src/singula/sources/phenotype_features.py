"""A person's features as terms of the Human Phenotype Ontology: Phenopackets, FHIR, or a list of codes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from singula.errors import BadInput
from singula.sources.limits import parse_json, read_bounded

TERM = re.compile(r"HP:\d{7}")
ABSENT_CODES = ("LA9634-2", "2667000", "272519000", "N", "NEG")
SEXES = {"female": "female", "male": "male"}


@dataclass(frozen=True)
class Features:
    """Features seen, features looked for and absent, and the sex where it is stated."""

    observed: tuple[str, ...]
    excluded: tuple[str, ...]
    sex: str | None = None


def read_features(path: Path) -> Features:
    """Read the features of one person.

    Parameters
    ----------
    path : Path
        A GA4GH Phenopacket (1.0 or 2.0; of a family, its proband), a FHIR resource or Bundle with HPO codes, or text with one
        term a line, ``!`` before those that are absent.

    Raises
    ------
    BadInput
        The file names no term.
    """
    content = read_bounded(path)
    if content.lstrip()[:1] in (b"{", b"["):
        document = parse_json(content, path.name)
        features = _from_phenopacket(document) or _from_fhir(document)
    else:
        features = _from_text(content.decode("utf-8", "replace"))
    if not features.observed:
        raise BadInput(f"{path.name}: names no feature of the Human Phenotype Ontology (HP: and seven digits)")
    return features


def _from_phenopacket(document: Any) -> Features | None:
    if not isinstance(document, Mapping):
        return None
    packet = document.get("proband") or document.get("phenopacket") or document
    listed = packet.get("phenotypicFeatures") if isinstance(packet, Mapping) else None
    if not isinstance(listed, list):
        return None
    seen: dict[bool, list[str]] = {False: [], True: []}
    for one in listed:
        if isinstance(one, Mapping) and isinstance(one.get("type"), Mapping):
            seen[bool(one.get("excluded") or one.get("negated"))].append(str(one["type"].get("id", "")))
    subject = packet.get("subject")
    return _features(seen, str(subject.get("sex", "")).lower() if isinstance(subject, Mapping) else "")


def _from_fhir(document: Any) -> Features:
    seen: dict[bool, list[str]] = {False: [], True: []}
    sex = ""
    for resource in _resources(document):
        kind = resource.get("resourceType")
        if kind == "Patient":
            sex = str(resource.get("gender", ""))
        elif kind in ("Condition", "Observation") and "entered-in-error" not in (_status(resource), resource.get("status")):
            absent = _status(resource) == "refuted" or _is_absent(resource)
            seen[absent].extend(_terms(resource.get("code")))
            if kind == "Observation" and not absent:
                seen[False].extend(_terms(resource.get("valueCodeableConcept")))
    return _features(seen, sex)


def _resources(document: Any) -> Iterator[Mapping[str, Any]]:
    entries = document if isinstance(document, list) else [document]
    for one in entries:
        if not isinstance(one, Mapping):
            continue
        if one.get("resourceType") == "Bundle":
            yield from _resources([entry.get("resource") for entry in one.get("entry") or () if isinstance(entry, Mapping)])
        else:
            yield one


def _terms(concept: Any) -> list[str]:
    codings = concept.get("coding") if isinstance(concept, Mapping) else None
    codes = [str(one.get("code", "")) for one in codings or () if isinstance(one, Mapping)]
    return [
        code if code.startswith("HP:") else code.replace("HP_", "HP:") for code in codes if TERM.search(code.replace("_", ":"))
    ]


def _status(resource: Mapping[str, Any]) -> str:
    stated = resource.get("verificationStatus")
    codings = stated.get("coding") if isinstance(stated, Mapping) else None
    return str(codings[0].get("code", "")) if codings and isinstance(codings[0], Mapping) else ""


def _is_absent(resource: Mapping[str, Any]) -> bool:
    if resource.get("valueBoolean") is False:
        return True
    value = resource.get("valueCodeableConcept")
    codings = value.get("coding") if isinstance(value, Mapping) else None
    return any(isinstance(one, Mapping) and one.get("code") in ABSENT_CODES for one in codings or ())


def _from_text(text: str) -> Features:
    seen: dict[bool, list[str]] = {False: [], True: []}
    for line in text.splitlines():
        seen[line.lstrip().startswith("!")].extend(TERM.findall(line))
    return _features(seen, "")


def _features(seen: Mapping[bool, list[str]], sex: str) -> Features:
    observed, excluded = (tuple(dict.fromkeys(one for one in seen[absent] if TERM.fullmatch(one))) for absent in (False, True))
    return Features(observed, tuple(one for one in excluded if one not in observed), SEXES.get(sex))
