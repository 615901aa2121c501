"""Importer of CPIC's tables as its interface exports them (JSON): recommendations become a pack of guidance."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from singula.errors import BadInput
from singula.sources.imported_packs import put_in_place
from singula.sources.limits import parse_json, read_bounded
from singula.sources.pharmcat import MANIFEST, Guidance, plain_text, write_guidance, write_key

PACK = "cpic"


def import_cpic(file: Path, folder: Path) -> Path:
    """Make the pack ``cpic`` of an export.

    Parameters
    ----------
    file : Path
        One JSON object of tables: ``recommendation`` (needed), ``drug`` or ``pair`` (names of medicines), ``change_log`` (dates).
    folder : Path
        The knowledge folder.

    Returns
    -------
    Path
        The pack's folder; it appears whole or not at all.

    Raises
    ------
    BadInput
        There is no table of recommendations, or a medicine without a name.
    """
    tables = parse_json(read_bounded(file), file.name)
    if not isinstance(tables, Mapping) or not isinstance(tables.get("recommendation"), list):
        raise BadInput(f"{file.name}: has no table recommendation; export the tables recommendation and drug as one JSON object")
    dates = [str(one.get("date", ""))[:10] for one in tables.get("change_log") or () if one.get("date")]
    if not dates:
        raise BadInput(f"{file.name}: has no change_log with dates; export it too, a release without a date takes no precedence")
    made = Path(tempfile.mkdtemp(dir=folder, prefix=".cpic-"))
    try:
        title = "CPIC recommendations as exported"
        manifest = MANIFEST.format(title=title, version=max(dates), date=max(dates), licence="CC0-1.0")
        write_guidance(made, _rows(tables, file.name), manifest)
    except BaseException:
        shutil.rmtree(made)
        raise
    return put_in_place(made, folder / PACK)


def _rows(tables: Mapping[str, Any], name: str) -> Iterator[Guidance]:
    names = {str(one["drugid"]): str(one["drugname"]) for one in tables.get("pair") or () if one.get("drugname")}
    names.update({str(one["drugid"]): str(one["name"]) for one in tables.get("drug") or () if one.get("name")})
    for number, one in enumerate(tables["recommendation"]):
        medicine = names.get(str(one.get("drugid")))
        if medicine is None:
            raise BadInput(f"{name}: recommendation[{number}] is about {one.get('drugid')}, which table drug does not name")
        yield {
            "id": str(one.get("id", number)),
            "body": "CPIC",
            "medicine": medicine.lower().replace(" ", "-"),
            "key": write_key(one.get("lookupkey")),
            "population": plain_text(str(one.get("population") or "general")),
            "strength": plain_text(str(one.get("classification") or "")),
            "dose": "yes" if one.get("dosinginformation") else "no",
            "alternative": "yes" if one.get("alternatedrugavailable") else "no",
            "text": plain_text(str(one.get("drugrecommendation") or "")),
            "citation": "release",
            "review": "unchecked",
        }
