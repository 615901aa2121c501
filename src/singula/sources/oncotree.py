"""Importer of the whole OncoTree: the interface's list or tree (JSON), the download with levels, or a table of codes."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from singula.errors import BadInput
from singula.sources.imported_packs import digest_of, put_in_place, refuse_older, release_date, write_table
from singula.sources.limits import decode_utf8, parse_json, read_bounded

PACK, ROOT = "oncotree", "TISSUE"
HOW = "name the file with the version, such as oncotree_2025_10_03.json"
COLUMNS = ("code", "name", "parent", "main_type", "tissue", "nci", "earlier", "citation", "review")
LEVEL = re.compile(r"^(?P<name>.+?)\s*\((?P<code>[^()]+)\)$")
MANIFEST = """\
title = "OncoTree of {day}"
version = "{day}"
date = "{day}"
licence = "CC BY 4.0; Memorial Sloan Kettering Cancer Center"
checked = "As released"
source_sha256 = "{digest}"

[tables.tumour_types]
key = ["code"]
types = {{ nci = "list", earlier = "list" }}
"""
Node = dict[str, str]


def import_oncotree(file: Path, folder: Path) -> Path:
    """Make the pack ``oncotree`` of the whole tree; it takes the place of the packaged tree where it is as new or newer.

    Parameters
    ----------
    file : Path
        JSON of ``/api/tumorTypes`` or ``/api/tumorTypes/tree``, the tab-separated download, or a table code, name, parent.
    folder : Path
        The knowledge folder.

    Returns
    -------
    Path
        The pack's folder.

    Raises
    ------
    BadInput
        The file is no OncoTree, a parent is not in it, or its version is not known.
    """
    data = read_bounded(file)
    if data.lstrip()[:1] in (b"[", b"{"):
        nodes = list(_of_json(parse_json(data, file.name), file.name))
    else:
        nodes = list(_of_table(decode_utf8(data, file.name), file.name))
    by_code = {node["code"]: node for node in nodes}
    if len(by_code) < 2:
        raise BadInput(f"{file.name}: holds no tumour types")
    lost = [node["code"] for node in nodes if node["parent"] and node["parent"] not in by_code]
    if lost:
        raise BadInput(f"{file.name}: the parent of {lost[0]} is not in the tree; fetch the whole file again")
    day = release_date(file, None, HOW)
    target = folder / PACK
    refuse_older(file, target, day)
    made = Path(tempfile.mkdtemp(dir=folder, prefix=".oncotree-"))
    (made / "manifest.toml").write_text(MANIFEST.format(day=day, digest=digest_of(file)), encoding="utf-8")
    write_table(made / "citations.tsv", [("key", "citation", "doi", "pmid", "url"), ("release", f"OncoTree {day}", "", "", "")])
    rows = [[*(node.get(column, "") for column in COLUMNS[:-2]), "release", "unchecked"] for node in by_code.values()]
    write_table(made / "tumour_types.tsv", [COLUMNS, *rows])
    return put_in_place(made, target)


def _of_json(document: Any, name: str) -> Iterator[Node]:
    waiting = list(document.values()) if isinstance(document, Mapping) else list(document)
    while waiting:
        one = waiting.pop(0)
        if not isinstance(one, Mapping) or not one.get("code") or not one.get("name"):
            raise BadInput(f"{name}: is no OncoTree: an entry has no code and name")
        waiting.extend((one.get("children") or {}).values())
        references = one.get("externalReferences") or {}
        earlier = [code for field in ("history", "revocations", "precursors") for code in one.get(field) or ()]
        yield {
            "code": str(one["code"]),
            "name": str(one["name"]),
            "parent": str(one.get("parent") or ""),
            "main_type": str(one.get("mainType") or ""),
            "tissue": str(one.get("tissue") or ""),
            "nci": ";".join(map(str, references.get("NCI") or ())),
            "earlier": ";".join(dict.fromkeys(map(str, earlier))),
        }


def _of_table(text: str, name: str) -> Iterator[Node]:
    table = csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE)
    columns = table.fieldnames or ()
    if {"code", "name", "parent"} <= set(columns):
        for row in table:
            yield {column: row.get(column) or "" for column in COLUMNS[:-2]}
        return
    levels = [column for column in columns if column.startswith("level_")]
    if not levels:
        raise BadInput(f"{name}:1: is no OncoTree: it has neither code, name, parent nor level_1, level_2 …")
    yield {"code": ROOT, "name": ROOT.capitalize(), "parent": ""}
    seen = {ROOT}
    for number, row in enumerate(table, start=2):
        parent = ROOT
        for column in levels:
            match = LEVEL.match((row.get(column) or "").strip())
            if match is None:
                if (row.get(column) or "").strip():
                    raise BadInput(f"{name}:{number}: {column} is {row[column]!r}; expected: name (CODE)")
                continue
            if match["code"] not in seen:
                seen.add(match["code"])
                earlier = (row.get("history") or "").replace(",", ";")
                yield {"code": match["code"], "name": match["name"], "parent": parent, "main_type": row.get("metamaintype") or "",
                       "nci": (row.get("metanci") or "").replace(",", ";"), "earlier": earlier}  # fmt: skip
            parent = match["code"]
