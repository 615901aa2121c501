"""ClinVar on this machine: the release a user names, else the one that was imported."""

from __future__ import annotations

import shutil
import tempfile
import tomllib
from collections import Counter
from pathlib import Path

from singula.errors import BadInput, KnowledgeMissing
from singula.knowledge import Knowledge, load_knowledge
from singula.sources.clinvar_files import ClinVarRelease, read_clinvar
from singula.sources.clinvar_store import WORDS, TableWriter, open_table

PACK = "clinvar"
MANIFEST = """\
title = "ClinVar: alleles of the release of {date}"
version = "{date}"
date = "{date}"
licence = "Public domain; cite ClinVar with the release date"
checked = "As released; not compared again"
build = "{build}"

[counts]
{counts}
"""


def find_clinvar(named: Path | None, knowledge: Knowledge, *, complete: bool = True) -> ClinVarRelease:
    """Return the release a user named (a file of ClinVar or a pack's folder), else the imported one.

    Parameters
    ----------
    named : Path, optional
        What the user named.
    knowledge : Knowledge
        Where an imported release is looked for.
    complete : bool
        Whether alleles of uncertain and conflicting class are wanted too.

    Raises
    ------
    KnowledgeMissing
        None is named and none was imported; the message says how to import one.
    """
    if named is not None and (named / "manifest.toml").is_file():
        return open_release(named)
    if named is not None:
        return read_clinvar(named, knowledge, complete=complete)
    if knowledge.has(PACK):
        return open_release(knowledge.pack(PACK).folder)
    raise KnowledgeMissing(
        "no ClinVar release is installed; name one with --clinvar FILE, or: singula kb import clinvar FILE --to DIR"
    )


def open_release(folder: Path) -> ClinVarRelease:
    """Open an imported release."""
    manifest = tomllib.loads((folder / "manifest.toml").read_text(encoding="utf-8"))
    if not (folder / WORDS).is_file() or "build" not in manifest:
        raise BadInput(f"{folder}: is no imported ClinVar release; make one with: singula kb import clinvar FILE --to DIR")
    try:
        table = open_table(folder)
    except (OSError, ValueError, KeyError) as fault:
        raise BadInput(f"{folder}: the imported ClinVar release is damaged ({type(fault).__name__}); import it again") from None
    return ClinVarRelease(manifest["build"], manifest["version"], table, Counter(manifest.get("counts", {})))


def import_clinvar(file: Path, folder: Path) -> Path:
    """Make the pack ``clinvar`` of a release: reported, uncertain and conflicting alleles by place, every record's class.

    Parameters
    ----------
    file : Path
        The release's VCF or ``variant_summary.txt``.
    folder : Path
        The knowledge folder.

    Returns
    -------
    Path
        The pack's folder; it appears whole or not at all.
    """
    release = read_clinvar(file, load_knowledge())
    made = Path(tempfile.mkdtemp(dir=folder, prefix=".clinvar-"))
    release.table.save(made)
    counts = "\n".join(f"{name} = {count}" for name, count in sorted(release.counts.items()))
    (made / "manifest.toml").write_text(MANIFEST.format(date=release.date, build=release.build, counts=counts), encoding="utf-8")
    target = folder / PACK
    if target.exists():
        shutil.rmtree(target)
    return made.rename(target)


def find_or_none(named: Path | None, knowledge: Knowledge, *, complete: bool) -> ClinVarRelease:
    """Return the release as :func:`find_clinvar` does, or one without any allele where none is installed."""
    if named is None and not knowledge.has(PACK):
        return no_release()
    return find_clinvar(named, knowledge, complete=complete)


def no_release() -> ClinVarRelease:
    """Return a release that knows no allele."""
    return ClinVarRelease("", "", TableWriter().finish())
