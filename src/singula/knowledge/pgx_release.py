"""An official pharmacogenomic release on disk: allele definitions, exemptions and phenotype tables, parsed."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import orjson

from singula.errors import BadInput, KnowledgeMissing, quoted


def read_release(folder: Path) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Read a definitions folder.

    Parameters
    ----------
    folder : Path
        Holds ``alleles/<GENE>_translation.json[.gz]``, ``alleles/exemptions.json[.gz]`` and ``phenotype/<GENE>.json[.gz]``.

    Returns
    -------
    tuple of dict
        Definitions by gene, exemptions by gene, phenotype tables by gene.

    Raises
    ------
    KnowledgeMissing
        The folder holds no definitions.
    """
    definitions = {}
    for path in sorted(folder.glob("alleles/*_translation.json*")):
        document = _read(path)
        definitions[str(document.get("gene"))] = document
    if not definitions:
        raise KnowledgeMissing(
            f"{quoted(folder)} holds no alleles/<GENE>_translation.json; name the folder of an unpacked release"
        )
    exemptions: dict[str, Any] = {}
    for path in sorted(folder.glob("alleles/exemptions.json*")):
        exemptions = _read(path)
    phenotypes = {}
    for path in sorted(folder.glob("phenotype/*.json*")):
        document = _read(path)
        phenotypes[str(document.get("gene"))] = document
    return definitions, exemptions, phenotypes


def _read(path: Path) -> Any:
    data = path.read_bytes()
    try:
        return orjson.loads(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
    except (orjson.JSONDecodeError, gzip.BadGzipFile, EOFError) as fault:
        raise BadInput(f"{path.name}: is no readable release file ({fault}); unpack the release again") from None
