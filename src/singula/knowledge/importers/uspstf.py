"""The Task Force's own data file becomes the pack ``uspstf``: grades, ages and sex as columns, its prose as plain text."""

from __future__ import annotations

import gzip
import json
import shutil
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from singula.errors import BadInput
from singula.knowledge.importers.markup import plain_text
from singula.knowledge.library import load_knowledge

PACK = "uspstf"
MOST_BYTES = 200_000_000
GZIP_MAGIC = b"\x1f\x8b"
NO_UPPER_AGE = 99
SEXES = {"female": "female", "women": "female", "male": "male", "men": "male", "men and women": "any"}
WEIGHTS = {"U": "underweight", "N": "normal", "O": "overweight", "OB": "obese"}
GRADES = ("A", "B", "C", "D", "I")
COLUMNS = (
    "id", "topic", "who", "kind", "grade", "grade_version", "sex", "age_min", "age_max", "risks", "weights", "published", "year",
    "citation", "review",
)  # fmt: skip
MANIFEST = """\
title = "USPSTF recommendations: the Task Force's data of {date}"
version = "{date}"
date = "{date}"
licence = "Works of the US government; cite the Task Force"
checked = "As released; rows are checked where grade, sex and ages are those a rule of the pack prevention was compared with"
last_updated = {moment}

[tables.recommendations]
key = ["id"]

[tables.recommendations.types]
id = "integer"
grade_version = "integer"
age_min = "integer"
age_max = "integer"
year = "integer"
risks = "list"
weights = "list"
"""
CITATIONS = """\
key\tcitation\tdoi\tpmid\turl
uspstf-data\tUSPSTF, Prevention TaskForce data of {date}\t\t\thttps://www.uspreventiveservicestaskforce.org
"""


def import_uspstf(file: Path, folder: Path) -> Path:
    """Make the pack ``uspstf`` of a data file of the Prevention TaskForce.

    Parameters
    ----------
    file : Path
        The API's JSON, plain or gzipped.
    folder : Path
        The knowledge folder.

    Returns
    -------
    Path
        The pack's folder; it appears whole or not at all.

    Raises
    ------
    BadInput
        The file is no such data, or the folder holds newer data already.
    """
    data = _read(file)
    try:
        moment = int(data["lastUpdated"])
        date = datetime.fromtimestamp(moment, UTC).date().isoformat()
        rows = [_row(entry, data) for entry in data["specificRecommendations"]]
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError, OSError) as fault:
        raise BadInput(f"{file}: is no Prevention TaskForce data: {type(fault).__name__} {fault}") from None
    target = folder / PACK
    _refuse_older(file, target, moment)
    made = Path(tempfile.mkdtemp(dir=folder, prefix=".uspstf-"))
    (made / "manifest.toml").write_text(MANIFEST.format(date=date, moment=moment), encoding="utf-8")
    (made / "citations.tsv").write_text(CITATIONS.format(date=date), encoding="utf-8")
    lines = ["\t".join(COLUMNS), *("\t".join(row[column] for column in COLUMNS) for row in _reviewed(rows))]
    (made / "recommendations.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    prose = {str(entry["id"]): _prose(entry) for entry in data["specificRecommendations"]}
    document = {"citations": "uspstf-data", "review": "unchecked", "prose": prose}
    (made / "prose.json").write_text(json.dumps(document, ensure_ascii=False, sort_keys=True, indent=1) + "\n", encoding="utf-8")
    if target.exists():
        shutil.rmtree(target)
    return made.rename(target)


def _read(file: Path) -> Mapping[str, Any]:
    try:
        with file.open("rb") as stream:
            packed = stream.read(len(GZIP_MAGIC)) == GZIP_MAGIC
        with gzip.open(file) if packed else file.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except (OSError, EOFError) as fault:
        raise BadInput(f"{file}: cannot be read: {fault}") from None
    if len(content) > MOST_BYTES:
        raise BadInput(f"{file}: is larger than {MOST_BYTES} bytes")
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        raise BadInput(f"{file}: is no JSON") from None
    if not isinstance(data, dict) or not isinstance(data.get("specificRecommendations"), list):
        raise BadInput(f"{file}: is no Prevention TaskForce data: specificRecommendations is missing")
    return data


def _row(entry: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, str]:
    topic, _, who = plain_text(str(entry["title"])).partition(" -- ")
    name, _, kind = topic.rpartition(": ")
    general = data.get("generalRecommendations", {}).get(str(entry.get("general")), {})
    lowest, highest = (int(age) for age in entry["ageRange"])
    grade = str(entry["grade"]).upper()
    if grade not in GRADES:
        raise ValueError(f"grade {grade!r}")
    risks = data.get("risks", {})
    return {
        "id": str(int(entry["id"])),
        "topic": name or kind,
        "who": who,
        "kind": kind if name else "",
        "grade": grade,
        "grade_version": str(int(entry.get("gradeVer") or 0)),
        "sex": SEXES[str(entry.get("sex") or entry.get("gender")).lower()],
        "age_min": str(lowest),
        "age_max": "" if highest >= NO_UPPER_AGE else str(highest),
        "risks": ";".join(plain_text(str(risks.get(str(one), {}).get("name", one))).lower() for one in _items(entry.get("risk"))),
        "weights": ";".join(WEIGHTS.get(one, one) for one in _items(entry.get("bmi"))),
        "published": plain_text(str(general.get("pubDate") or "")),
        "year": "".join(sign for sign in str(general.get("topicYear") or "") if sign.isdigit()),
        "citation": "uspstf-data",
        "review": "unchecked",
    }


def _items(value: object) -> list[str]:
    """Return the parts of a list, also of one that came as text (``"['1']"``, ``"O,OB"``)."""
    parts = value if isinstance(value, list) else str(value or "").strip("[]").split(",")
    return [word for part in parts if (word := plain_text(str(part)).strip("'\" "))]


def _reviewed(rows: list[dict[str, str]]) -> Iterator[dict[str, str]]:
    """Mark as checked what reads as the structured rules were compared with."""
    compared = {str(row.source_id): row for row in load_knowledge().pack("prevention").table("sources")}
    for row in rows:
        twin = compared.get(row["id"])
        same = twin is not None and all(row[name] == _text(twin[name]) for name in ("grade", "sex", "age_min", "age_max"))
        yield {**row, "review": "checked" if same else "unchecked"}


def _text(cell: object) -> str:
    return "" if cell is None else str(cell)


def _prose(entry: Mapping[str, Any]) -> dict[str, str]:
    names = {"text": "text", "frequency": "servFreq", "risk": "riskText"}
    said = {name: plain_text(str(entry.get(field) or "")) for name, field in names.items()}
    return {name: words for name, words in said.items() if words}


def _refuse_older(file: Path, target: Path, moment: int) -> None:
    if not (target / "manifest.toml").is_file():
        return
    there = tomllib.loads((target / "manifest.toml").read_text(encoding="utf-8")).get("last_updated", 0)
    if there > moment:
        newer = datetime.fromtimestamp(there, UTC).date()
        raise BadInput(f"{file}: is older than the data of {newer} in {target}; the newer data stays")
