"""The user-access brands: under which name and mark people find this server, as the organisation that runs it says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from singula.errors import BadInput
from singula.serve.settings import Settings
from singula.sources.limits import parse_json, read_bounded

PROFILE = "http://hl7.org/fhir/smart-app-launch/StructureDefinition/user-access"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
REASONS = ("asked-declined", "asked-unknown")
CONNECTION = "http://terminology.hl7.org/CodeSystem/endpoint-connection-type"
ENDPOINT = "singula-endpoint"


def brand_bundle(settings: Settings) -> bytes | None:
    """Return the brand bundle as JSON; None where the organisation gave no brands.

    Parameters
    ----------
    settings : Settings
        Name the file with the organisation's brands: a FHIR Organization, a list, or a Bundle of them; the first is primary.

    Returns
    -------
    bytes or None
        A Bundle with the brands, each pointing to the endpoint of this server where it names none of its own.

    Raises
    ------
    BadInput
        The file holds no brands that can be published.
    """
    if not settings.brands:
        return None
    path = Path(settings.brands)
    try:
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except OSError as fault:
        raise BadInput(f"{path}: cannot be read ({type(fault).__name__}); name the file with the brands") from None
    return _made(path, changed, settings.fhir_base)


def primary_identifier(settings: Settings) -> dict[str, str] | None:
    """Return the identifier of the primary brand, as the well-known document names it."""
    text = brand_bundle(settings)
    if text is None:
        return None
    first = next(one["resource"] for one in json.loads(text)["entry"] if one["resource"]["resourceType"] == "Organization")
    found = first["identifier"][0]
    return {name: found[name] for name in ("system", "value") if name in found}


@lru_cache(maxsize=4)
def _made(path: Path, changed: str, base: str) -> bytes:
    found = parse_json(read_bounded(path), path.name)
    brands = [one for one in _resources(found) if one.get("resourceType") == "Organization"]
    if not brands:
        raise BadInput(f"{path.name}: holds no Organization; write one for each brand, the primary one first")
    taken: set[tuple[str | None, str]] = set()
    for one in brands:
        _check(one, path.name, taken)
    endpoint = {
        "resourceType": "Endpoint", "id": ENDPOINT, "meta": {"profile": [f"{PROFILE}-endpoint"], "lastUpdated": changed},
        "status": "active", "connectionType": {"system": CONNECTION, "code": "hl7-fhir-rest"}, "name": "Singula FHIR R4",
        "payloadType": [{"text": "none"}], "address": base,
        "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/endpoint-fhir-version", "valueCode": "4.0"}],
    }  # fmt: skip
    own = {"reference": f"Endpoint/{ENDPOINT}"}
    entries = [{"fullUrl": f"{base}/Endpoint/{ENDPOINT}", "resource": endpoint}]
    for number, one in enumerate(brands):
        identity = one.get("id") or f"brand-{number}"
        meta = {**one.get("meta", {}), "profile": [f"{PROFILE}-brand"], "lastUpdated": changed}
        endpoints = [own, *one.get("endpoint", [])] if number == 0 else one.get("endpoint", [own])
        brand = {"active": True, **one, "id": identity, "meta": meta, "endpoint": endpoints}
        entries.append({"fullUrl": f"{base}/Organization/{identity}", "resource": brand})
    made = {"resourceType": "Bundle", "meta": {"profile": [f"{PROFILE}-brands-bundle"]}, "type": "collection",
            "timestamp": changed, "entry": entries}  # fmt: skip
    return json.dumps(made, ensure_ascii=False).encode()


def _resources(found: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(found, Mapping) and found.get("resourceType") == "Bundle":
        yield from (one["resource"] for one in found.get("entry") or () if isinstance(one.get("resource"), Mapping))
    elif isinstance(found, list):
        yield from (one for one in found if isinstance(one, Mapping))
    elif isinstance(found, Mapping):
        yield found


def _check(brand: Mapping[str, Any], file: str, taken: set[tuple[str | None, str]]) -> None:
    identifiers = [one for one in brand.get("identifier") or () if isinstance(one, Mapping) and one.get("value")]
    if not brand.get("name") or not identifiers:
        raise BadInput(f"{file}: a brand lacks its name or an identifier with a value")
    for one in identifiers:
        pair = (one.get("system"), str(one["value"]))
        if pair in taken:
            raise BadInput(f"{file}: two brands share the identifier {pair[1][:40]}; give each its own")
        taken.add(pair)
    absent = [code for system, code in _codes(brand) if system == ABSENT and code not in REASONS]
    if absent:
        raise BadInput(f"{file}: a missing element is {absent[0]}; write asked-declined or asked-unknown")


def _codes(value: Any) -> Iterator[tuple[str | None, str]]:
    if isinstance(value, Mapping):
        if str(value.get("url", "")).endswith("/data-absent-reason") and isinstance(value.get("valueCode"), str):
            yield ABSENT, value["valueCode"]
        if isinstance(value.get("code"), str):
            yield value.get("system"), value["code"]
        for one in value.values():
            yield from _codes(one)
    elif isinstance(value, list):
        for one in value:
            yield from _codes(one)
