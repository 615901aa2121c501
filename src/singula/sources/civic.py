"""Importer of CIViC's table of clinical evidence (TSV, nightly or monthly), in both generations of its header."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from pathlib import Path

from singula.errors import BadInput
from singula.sources.imported_packs import release_date
from singula.sources.limits import decode_utf8, read_bounded
from singula.sources.profile_words import ProfileReader, load_profile_reader
from singula.sources.therapy_release import Claim, Release, Source, name_medicine, write_release

PACK = "civic"
OLDER_HEADER = {
    "variant": "profile",
    "drugs": "therapies",
    "drug_interaction_type": "interaction",
    "clinical_significance": "significance",
}
NEWER_HEADER = {"molecular_profile": "profile", "therapy_interaction_type": "interaction"}
NEEDED = ("profile", "therapies", "significance", "evidence_level", "evidence_id", "disease")
TIER_OF_LEVEL = {"A": "I-B", "B": "II-C", "C": "II-D", "D": "II-D"}
DIRECTIONS = {
    ("Supports", "Sensitivity/Response"): "sensitivity", ("Supports", "Sensitivity"): "sensitivity",
    ("Supports", "Resistance"): "resistance", ("Supports", "Reduced Sensitivity"): "resistance",
    ("Does Not Support", "Sensitivity/Response"): "no_benefit", ("Does Not Support", "Sensitivity"): "no_benefit",
}  # fmt: skip
COMBINED, SEPARATE = "Combination", "Substitutes"
PMID = re.compile(r"^\d+")


def import_civic(file: Path, folder: Path) -> Path:
    """Make the pack ``civic`` of a table of clinical evidence.

    Parameters
    ----------
    file : Path
        ``…ClinicalEvidenceSummaries.tsv``, plain or gzip.
    folder : Path
        The knowledge folder.

    Returns
    -------
    Path
        The pack's folder. Accepted predictive evidence of levels A to D is carried over; level E, flagged rows, evidence
        against resistance and profiles that cannot be matched stand in its table ``left_out``.

    Raises
    ------
    BadInput
        The table is not CIViC's, or no date is known.
    """
    rows = _read(file)
    reviewed = max((row.get("last_review_date", "")[:10] for row in rows), default="")
    day = release_date(file, reviewed or None, "name the file with it, such as 01-Nov-2026-ClinicalEvidenceSummaries.tsv")
    release, reader = Release(), load_profile_reader()
    for row in rows:
        if row.get("evidence_type") == "Predictive":
            why = _take(row, release, reader)
            if why:
                release.leave_out(f"EID{row['evidence_id']}", why)
    source = Source(PACK, f"CIViC clinical evidence of {day}", "CC0-1.0", day, day)
    return write_release(file, folder, source, release)


def _read(file: Path) -> list[dict[str, str]]:
    text = decode_utf8(read_bounded(file), file.name)
    table = csv.reader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE)
    header = next(table, [])
    names = NEWER_HEADER if "molecular_profile" in header else OLDER_HEADER
    columns = [names.get(name, name) for name in header]
    absent = [name for name in NEEDED if name not in columns]
    if absent:
        raise BadInput(f"{file.name}:1: is no CIViC table of clinical evidence: it has no column {', '.join(absent)}")
    return [dict(zip(columns, cells, strict=False)) for cells in table if len(cells) == len(columns)]


def _take(row: Mapping[str, str], release: Release, reader: ProfileReader) -> str | None:
    """Add the claims of a row, or say why it is left out."""
    status, level = row.get("evidence_status", "accepted"), row["evidence_level"]
    if status != "accepted" or row.get("is_flagged", "").lower() == "true":
        return "it is flagged" if status == "accepted" else f"its status is {status}"
    tier = TIER_OF_LEVEL.get(level)
    direction = DIRECTIONS.get((row.get("evidence_direction", ""), row["significance"]))
    if tier is None or direction is None:
        return f"evidence level {level}" if tier is None else f"{row.get('evidence_direction')}: {row['significance']}"
    origin = "germline" if "germline" in row.get("variant_origin", "").lower() else ""
    profile = f"{row['gene']} {row['profile']}" if row.get("gene") else row["profile"]
    expression = reader.read_profile(profile, origin)
    tumour_types = reader.read_disease(row["disease"])
    choices = _medicines(row)
    if not expression or not tumour_types or not choices:
        return f"the profile {profile} cannot be matched" if not expression else _why_not(row, bool(tumour_types))
    stem = f"EID{row['evidence_id']}"
    for number, medicines in enumerate(choices, start=1):
        release.claims.append(
            Claim(
                id=stem if len(choices) == 1 else f"{stem}-{number}",
                medicines=medicines,
                direction=direction,
                expression=expression,
                tumour_types=tumour_types,
                level=level,
                tier=tier,
                citation=f"CIViC {stem}: {row.get('citation') or row.get('source_type', '')}",
                pmid=_pmid(row),
                agency="CIViC",
            )
        )
    return None


def _why_not(row: Mapping[str, str], disease_is_known: bool) -> str:
    if not disease_is_known:
        return f"the disease {row['disease'] or '(none)'} is no tumour type known here"
    return f"how {row['therapies'] or '(none)'} go together is not stated or is in sequence"


def _medicines(row: Mapping[str, str]) -> list[tuple[str, ...]]:
    names = [name_medicine(one) for one in row["therapies"].split(",") if one.strip()]
    if len(names) == 1 or (names and row.get("interaction") == SEPARATE):
        return [(one,) for one in names]
    return [tuple(names)] if names and row.get("interaction") == COMBINED else []


def _pmid(row: Mapping[str, str]) -> str:
    found = PMID.match(row.get("citation_id", ""))
    return found[0] if found and "pubmed" in row.get("source_type", "").lower() else ""
