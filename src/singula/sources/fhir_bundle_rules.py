"""What a FHIR R4 Bundle has to keep to as a whole: entries that fit its type, full addresses, references that resolve inside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from singula.errors import quoted
from singula.sources.fhir_walk import Issue, Walk, listed

COUNTED = ("searchset", "history")
ASKING = ("batch", "transaction", "history")
ANSWERING = ("batch-response", "transaction-response", "history")
CLOSED = ("document", "message", "transaction")
ONCE = ("self", "first", "previous", "next", "last")
FIRST = {"document": ("bdl-11", "Composition"), "message": ("bdl-12", "MessageHeader")}


def check_bundles(walk: Walk) -> list[Issue]:
    """Check every bundle a walk came by, and the urn references it met."""
    issues: list[Issue] = []
    targets: dict[str, str] = {}
    for path, bundle in walk.bundles:
        entries = [one if isinstance(one, dict) else {} for one in listed(bundle.get("entry"))]
        issues.extend(Issue("error", place, message) for place, message in _check(bundle, entries, path))
        targets.update(_addresses(entries))
    for path, text, allowed in walk.references:
        kind = targets.get(text)
        if kind is not None and allowed is not None and kind not in allowed:
            issues.append(Issue("error", path, f"refers to a {kind}; {' or '.join(allowed[:6])} is allowed here"))
    return issues


def _check(bundle: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], path: str) -> Iterator[tuple[str, str]]:
    kind = str(bundle.get("type"))
    yield from _check_whole(bundle, entries, kind, path)
    seen: set[tuple[str, str]] = set()
    for number, entry in enumerate(entries):
        place = f"{path}.entry[{number}]"
        yield from _check_parts(entry, kind, place)
        address = entry.get("fullUrl")
        if not isinstance(address, str):
            continue
        if "/_history/" in address:
            yield f"{place}.fullUrl", "bdl-8: fullUrl names a version; give the address without _history"
        resource = entry.get("resource")
        meta = resource.get("meta") if isinstance(resource, dict) else None
        version = str(meta.get("versionId", "")) if isinstance(meta, dict) else ""
        if (address, version) in seen and kind != "history":
            yield f"{place}.fullUrl", f"bdl-7: fullUrl {quoted(address)} stands twice; give each entry its own"
        seen.add((address, version))
        yield from _check_address(address, place)
    if kind in CLOSED:
        yield from _check_resolved(entries, path)


def _check_whole(
    bundle: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], kind: str, path: str
) -> Iterator[tuple[str, str]]:
    if "total" in bundle and kind not in COUNTED:
        yield f"{path}.total", "bdl-1: only searchset and history state a total; remove it"
    if kind == "document":
        identifier = bundle.get("identifier")
        if not isinstance(identifier, dict) or not {"system", "value"} <= set(identifier):
            yield f"{path}.identifier", "bdl-9: a document has an identifier with system and value; add them"
        if "timestamp" not in bundle:
            yield f"{path}.timestamp", "bdl-10: a document has a timestamp; add it"
    links = [one.get("relation") for one in listed(bundle.get("link")) if isinstance(one, dict)]
    for number, relation in enumerate(links):
        if relation in ONCE and relation in links[:number]:
            yield f"{path}.link[{number}]", f"a second link {quoted(relation)}; keep one"
    if kind in FIRST:
        key, wanted = FIRST[kind]
        first = entries[0].get("resource") if entries else None
        if not isinstance(first, dict) or first.get("resourceType") != wanted:
            yield f"{path}.entry[0]" if entries else path, f"{key}: a {kind} begins with a {wanted}; put it first"


def _check_parts(entry: Mapping[str, Any], kind: str, place: str) -> Iterator[tuple[str, str]]:
    if entry and not any(name in entry for name in ("resource", "request", "response")):
        yield place, "bdl-5: an entry holds a resource, a request or a response"
    if "search" in entry and kind != "searchset":
        yield f"{place}.search", "bdl-2: only entries of a searchset state how they matched; remove search"
    if ("request" in entry) != (kind in ASKING):
        word = "needs a request" if kind in ASKING else "has no request"
        yield f"{place}.request", f"bdl-3: an entry of a {kind} {word}"
    if "response" in entry and kind not in ANSWERING:
        yield f"{place}.response", f"bdl-4: an entry of a {kind} has no response; remove it"
    if "response" not in entry and kind in ("batch-response", "transaction-response"):
        yield f"{place}.response", f"bdl-4: an entry of a {kind} needs a response"


def _check_address(address: str, place: str) -> Iterator[tuple[str, str]]:
    """Check that a fullUrl is absolute, and that a UUID is well-formed."""
    if address.startswith("urn:uuid:"):
        digits = address.removeprefix("urn:uuid:")
        if len(digits.replace("-", "")) != 32 or digits.lower() != digits or digits.count("-") != 4:
            yield f"{place}.fullUrl", f"{quoted(address)} is no UUID in lower case with hyphens; correct it"
    elif ":" not in address:
        yield f"{place}.fullUrl", f"{quoted(address)} is no absolute address; give it with its server, or as urn:uuid"


def _addresses(entries: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    found = {}
    for entry in entries:
        resource = entry.get("resource")
        if isinstance(resource, dict) and isinstance(entry.get("fullUrl"), str):
            found[str(entry["fullUrl"])] = str(resource.get("resourceType"))
    return found


def _check_resolved(entries: Sequence[Mapping[str, Any]], path: str) -> Iterator[tuple[str, str]]:
    known = {str(entry.get("fullUrl")) for entry in entries}
    for number, entry in enumerate(entries):
        for place, text in _urn_references(entry.get("resource"), f"{path}.entry[{number}].resource"):
            if text.split("#")[0] not in known:
                yield place, f"{quoted(text)} does not resolve in the bundle; add the entry or correct the reference"


def _urn_references(node: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for name, value in node.items():
            if name == "reference" and isinstance(value, str) and value.startswith(("urn:uuid:", "urn:oid:")):
                yield f"{path}.reference", value
            else:
                yield from _urn_references(value, f"{path}.{name}")
    elif isinstance(node, list):
        for number, one in enumerate(node):
            yield from _urn_references(one, f"{path}[{number}]")
