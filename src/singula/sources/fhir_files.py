"""FHIR on disk: JSON documents and NDJSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from singula.errors import BadInput, UnsafeInput
from singula.knowledge import Knowledge
from singula.sources.draft import Draft
from singula.sources.fhir import read_fhir
from singula.sources.limits import DEFAULT, lines_bounded, open_bounded, parse_json, read_bounded
from singula.sources.terminology import terminology_of

PACK = "fhir_reading"
BOM = b"\xef\xbb\xbf"


class FhirReader:
    """Reads a FHIR JSON document or NDJSON, one resource a line."""

    format = "fhir"

    def recognises(self, head: bytes, name: str) -> bool:
        """Tell a file that begins as JSON."""
        return head.removeprefix(BOM).lstrip()[:1] in (b"{", b"[")

    def read(self, path: Path, draft: Draft, knowledge: Knowledge) -> None:
        """Read the file into the draft; of NDJSON a bad line is told and the others are read."""
        document = _read_lines(path, draft) if is_ndjson(path) else parse_json(read_bounded(path), path.name)
        if isinstance(document, list) and not document:
            raise BadInput(f"{path.name}: holds no resource that can be read; give FHIR R4 resources")
        read_fhir(document, draft, terminology_of(knowledge), knowledge.pack(PACK))


def is_ndjson(path: Path) -> bool:
    """Tell NDJSON from one document: its first line is a whole JSON object and another line follows."""
    if path.name.endswith((".ndjson", ".ndjson.gz", ".jsonl")):
        return True
    with open_bounded(path) as stream:
        first = stream.readline(DEFAULT.line_bytes).strip()
        second = stream.readline(DEFAULT.line_bytes).strip()
    return first.startswith(b"{") and first.endswith(b"}") and second.startswith(b"{")


def _read_lines(path: Path, draft: Draft) -> list[Any]:
    resources: list[Any] = []
    with open_bounded(path) as stream:
        for number, line in lines_bounded(stream, path.name):
            if len(resources) > DEFAULT.records:
                raise UnsafeInput(f"{path.name}: holds over {DEFAULT.records} resources; split it")
            if not line.strip():
                continue
            try:
                resource = parse_json(line, f"{path.name}:{number}")
            except UnsafeInput:
                raise
            except BadInput as fault:
                draft.note("error", f"line {number}", str(fault))
                continue
            if isinstance(resource, dict) and isinstance(resource.get("resourceType"), str):
                resources.append(resource)
            else:
                draft.note("error", f"line {number}", "holds no FHIR resource: resourceType is missing")
    return resources


READER = FhirReader()
