"""A release of therapy claims becomes a pack of rows in the form of the shipped therapy table, dated and checksummed.

Facts only: who says that which medicines do what in which tumour with which alteration, and where it was published.
The source's sentences stay in its own file.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from singula.errors import BadInput
from singula.methods.tumour.expression import read_expression
from singula.methods.tumour.matching import TIERS
from singula.sources.imported_packs import digest_of, put_in_place, refuse_older, write_table

COLUMNS = (
    "id", "medicines", "direction", "expression", "oncotree", "exclude_oncotree", "setting", "agency", "label", "level",
    "approval", "tier", "citation", "review",
)  # fmt: skip
MANIFEST = """\
title = "{title}"
version = "{version}"
date = "{date}"
licence = "{licence}"
checked = "As released; no row was compared again"
source_sha256 = "{digest}"
claims = {claims}
left_out = {left_out}

[tables.therapies]
key = ["id"]
types = {{ medicines = "list", oncotree = "list", exclude_oncotree = "list" }}
"""


@dataclass(frozen=True)
class Source:
    """Whose release it is."""

    pack: str
    title: str
    licence: str
    date: str
    version: str


@dataclass(frozen=True)
class Claim:
    """One thing a release says: medicines, what they do, in which tumour, with which alteration."""

    id: str
    medicines: tuple[str, ...]
    direction: str
    expression: str
    tumour_types: tuple[str, ...]
    level: str
    tier: str
    citation: str
    pmid: str = ""
    agency: str = ""
    approval: str = ""
    setting: str = ""
    excluded_types: tuple[str, ...] = ()


@dataclass
class Release:
    """What was read of a release: claims, and what could not be carried over and why."""

    claims: list[Claim] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)

    def leave_out(self, one: str, why: str) -> None:
        """Keep why an entry was not carried over."""
        self.left_out[one] = why


def name_medicine(text: str) -> str:
    """Return a medicine's name as the therapy table writes it."""
    return " ".join(text.lower().removeprefix("5-").removesuffix(" acetate").split())


def write_release(file: Path, folder: Path, source: Source, release: Release) -> Path:
    """Write the pack of a release.

    Parameters
    ----------
    file : Path
        The release as fetched; its SHA-256 is kept.
    folder : Path
        The knowledge folder.
    source : Source
        Whose it is.
    release : Release
        What was read. Claims about the same thing become one row with every citation, at the best level.

    Returns
    -------
    Path
        The pack's folder; it appears whole or not at all.

    Raises
    ------
    BadInput
        Nothing could be carried over, or the folder holds a newer release.
    """
    if not release.claims:
        why = next(iter(release.left_out.values()), "it holds no claim about a therapy")
        raise BadInput(f"{file.name}: nothing can be carried over: {why}")
    target = folder / source.pack
    refuse_older(file, target, source.date)
    rows = list(_number(_row(group) for group in _group(release.claims)))
    made = Path(tempfile.mkdtemp(dir=folder, prefix=f".{source.pack}-"))
    manifest = MANIFEST.format(
        title=source.title, version=source.version, date=source.date, licence=source.licence, digest=digest_of(file),
        claims=len(release.claims), left_out=len(release.left_out),
    )  # fmt: skip
    (made / "manifest.toml").write_text(manifest, encoding="utf-8")
    cited = {one.id: (one.citation, one.pmid) for one in release.claims}
    lines = [("key", "citation", "doi", "pmid", "url"), ("release", source.title, "", "", "")]
    write_table(made / "citations.tsv", [*lines, *((key, text, "", pmid, "") for key, (text, pmid) in cited.items())])
    write_table(made / "therapies.tsv", [COLUMNS, *rows])
    if release.left_out:
        told = [(one, why, "release", "unchecked") for one, why in release.left_out.items()]
        write_table(made / "left_out.tsv", [("entry", "why", "citation", "review"), *told])
    return put_in_place(made, target)


def _number(rows: Iterable[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Tell rows of one entry apart that speak of several medicines or tumours."""
    seen: Counter[str] = Counter()
    for first, *others in rows:
        seen[first] += 1
        yield (first if seen[first] == 1 else f"{first}-{seen[first]}", *others)


def _group(claims: Sequence[Claim]) -> list[list[Claim]]:
    groups: dict[tuple[object, ...], list[Claim]] = {}
    for one in claims:
        read_expression(one.expression)
        key = (tuple(sorted(one.medicines)), one.direction, one.expression, one.tumour_types, one.setting, one.agency)
        groups.setdefault(key, []).append(one)
    return [sorted(group, key=lambda one: (TIERS.index(one.tier), one.id)) for group in groups.values()]


def _row(group: Sequence[Claim]) -> tuple[str, ...]:
    best = group[0]
    return (
        best.id, ";".join(best.medicines), best.direction, best.expression, ";".join(best.tumour_types),
        ";".join(best.excluded_types), best.setting, best.agency, best.id, best.level, best.approval, best.tier,
        ";".join(one.id for one in group), "unchecked",
    )  # fmt: skip
