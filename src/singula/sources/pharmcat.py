"""Importer of official pharmacogenomic releases: allele definitions, phenotype tables and guideline recommendations.

A release is a folder, a ZIP or a tar archive. Definitions and phenotype tables are kept as released; recommendations become the
table ``guidance`` of the pack. Guideline sentences stay in the user's folder under their own licence.
"""

from __future__ import annotations

import gzip
import io
import re
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from singula.errors import BadInput
from singula.sources.imported_packs import put_in_place
from singula.sources.limits import GZIP_MAGIC, MIB, parse_json

PACK = "pharmcat"
MOST_BYTES = 1024 * MIB
KEPT = re.compile(
    r"(?:^|/)(?:(?P<alleles>[A-Z0-9_]+_translation\.json|exemptions\.json)|phenotype/(?P<phenotype>[^/]+\.json))(?:\.gz)?$"
)
TAGS, BLANKS = re.compile(r"<[^>]+>"), re.compile(r"\s+")
COLUMNS = ("id", "body", "medicine", "key", "population", "strength", "dose", "alternative", "text", "citation", "review")
MANIFEST = """\
title = "{title}"
version = "{version}"
date = "{date}"
licence = "{licence}"
checked = "As released; not compared again"
"""
GUIDANCE = """
[tables.guidance]
key = ["id", "medicine", "key"]
"""
LICENCE = "Definitions and CPIC content CC0-1.0; ClinPGx and DPWG annotation texts CC BY-SA 4.0"

Guidance = dict[str, str]


def import_pharmcat(file: Path, folder: Path) -> Path:
    """Make the pack ``pharmcat`` of a release.

    Parameters
    ----------
    file : Path
        Folder, ZIP or tar archive with ``*_translation.json``, ``exemptions.json``, ``phenotype/*.json`` and guideline files;
        guidance may be absent, and so may definitions.
    folder : Path
        The knowledge folder.

    Returns
    -------
    Path
        The pack's folder; it appears whole or not at all. Its date is that of the definitions, else of the file.

    Raises
    ------
    BadInput
        Nothing of a release is in it, or it is too large.
    """
    made = Path(tempfile.mkdtemp(dir=folder, prefix=".pharmcat-"))
    rows: list[Guidance] = []
    versions: set[str] = set()
    try:
        for name, data in _members(file):
            kept = KEPT.search(name)
            if kept:
                document = parse_json(data, name)
                versions.update([str(document["version"])] if kept["alleles"] and document.get("version") else [])
                place = made / ("alleles" if kept["alleles"] else "phenotype") / (kept["alleles"] or kept["phenotype"])
                place.parent.mkdir(exist_ok=True)
                place.write_bytes(data)
            elif name.endswith((".json", ".json.gz")):
                rows.extend(_guidance(parse_json(data, name)))
        if not versions and not rows:
            raise BadInput(
                f"{file.name}: holds neither *_translation.json nor guideline files; give an unpacked or packed release"
            )
        version = max(versions, default="") or datetime.fromtimestamp(file.stat().st_mtime, UTC).date().isoformat()
        title = "Allele definitions, phenotype tables and guidance as released"
        write_guidance(made, rows, MANIFEST.format(title=title, version=version, date=version[:10], licence=LICENCE))
    except BaseException:
        shutil.rmtree(made)
        raise
    return put_in_place(made, folder / PACK)


def write_guidance(folder: Path, rows: Iterable[Guidance], manifest: str) -> None:
    """Write manifest and citations of a pack, and the table ``guidance`` where there are rows."""
    ordered = sorted({tuple(row[column] for column in COLUMNS) for row in rows})
    (folder / "manifest.toml").write_text(f"{manifest}{GUIDANCE if ordered else ''}", encoding="utf-8")
    (folder / "citations.tsv").write_text(
        "key\tcitation\tdoi\tpmid\turl\nrelease\tThe release this pack was made of\t\t\thttps://www.clinpgx.org\n",
        encoding="utf-8",
    )
    if ordered:
        lines = ["\t".join(COLUMNS), *("\t".join(row) for row in ordered)]
        (folder / "guidance.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def plain_text(words: str) -> str:
    """Return words without markup, on one line."""
    return BLANKS.sub(" ", TAGS.sub(" ", words)).strip()


def write_key(lookup: Any) -> str:
    """Write what a recommendation is looked up by: ``GENE=phenotype or score``, several joined by `` & ``."""
    parts = lookup if isinstance(lookup, list) else [lookup]
    joined = {gene: value for part in parts if isinstance(part, Mapping) for gene, value in part.items()}
    return " & ".join(f"{gene}={plain_text(str(value))}" for gene, value in sorted(joined.items()))


def _guidance(document: Any) -> Iterator[Guidance]:
    """Yield the recommendations of one guideline file, or of one file with all guidelines."""
    if isinstance(document, list):
        for one in document:
            yield from _guidance(one)
    elif isinstance(document, Mapping):
        if isinstance(document.get("guidelines"), list):
            yield from _guidance(document["guidelines"])
        guideline = document.get("guideline")
        body = str((guideline if isinstance(guideline, Mapping) else document).get("source") or "").removesuffix("_GUIDELINE")
        for one in document.get("recommendations") or ():
            yield from _recommendation(one, body)


def _recommendation(one: Mapping[str, Any], body: str) -> Iterator[Guidance]:
    strength, text = one.get("classification"), one.get("text")
    lookups = one.get("lookupKey")
    for lookup in lookups if isinstance(lookups, list) else [lookups]:
        for chemical in one.get("relatedChemicals") or ():
            yield {
                "id": str(one.get("id") or ""),
                "body": body,
                "medicine": plain_text(str(chemical.get("name") or "")).lower().replace(" ", "-"),
                "key": write_key(lookup),
                "population": plain_text(str(one.get("population") or "general")),
                "strength": plain_text(str((strength.get("term") if isinstance(strength, Mapping) else strength) or "")),
                "dose": "yes" if one.get("dosingInformation") else "no",
                "alternative": "yes" if one.get("alternateDrugAvailable") else "no",
                "text": plain_text(str((text.get("html") if isinstance(text, Mapping) else text) or "")),
                "citation": "release",
                "review": "unchecked",
            }


def _members(file: Path) -> Iterator[tuple[str, bytes]]:
    left = MOST_BYTES
    for name, size, read in _entries(file):
        if not name.endswith((".json", ".json.gz")):
            continue
        left -= size
        if left < 0:
            raise BadInput(f"{file.name}: unpacks to more than {MOST_BYTES // MIB} MiB; this is no release")
        data = read()
        if data[:2] == GZIP_MAGIC:
            with gzip.open(io.BytesIO(data)) as packed:
                data = packed.read(left + 1)
            left -= len(data)
        yield name, data


def _entries(file: Path) -> Iterator[tuple[str, int, Any]]:
    if file.is_dir():
        for path in sorted(file.rglob("*.json*")):
            yield path.relative_to(file).as_posix(), path.stat().st_size, path.read_bytes
        return
    try:
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as archive:
                for info in archive.infolist():
                    yield str(PurePosixPath(info.filename)), info.file_size, lambda info=info: archive.read(info)
            return
        with tarfile.open(file) as packed:
            for member in packed:
                if member.isfile():
                    yield member.name, member.size, lambda member=member: _read_member(packed, member)
    except (tarfile.TarError, zipfile.BadZipFile, OSError, EOFError) as fault:
        raise BadInput(f"{file.name}: is no folder, ZIP or tar archive that can be read ({fault})") from None


def _read_member(packed: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    stream = packed.extractfile(member)
    return stream.read() if stream is not None else b""
