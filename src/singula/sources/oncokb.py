"""Importer of what OncoKB told the user: an annotated MAF, copy-number or fusion table, or answers of its interface as JSON.

Only the alteration, the tumour type, the medicines, the level and the citations are carried over: no sample, no patient, and
never the user's token.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from singula.errors import BadInput
from singula.sources.imported_packs import release_date
from singula.sources.limits import decode_utf8, parse_json, read_bounded
from singula.sources.profile_words import ProfileReader, load_profile_reader
from singula.sources.therapy_release import Claim, Release, Source, name_medicine, write_release

PACK = "oncokb"
HOW = "name the file with the day it was annotated, such as oncokb-2026-11-27.maf"
LICENCE = "OncoKB's terms; the user's own copy, not to be passed on"
LEVELS = {
    "LEVEL_1": ("sensitivity", "I-A"), "LEVEL_2": ("sensitivity", "I-B"), "LEVEL_2A": ("sensitivity", "I-B"),
    "LEVEL_3A": ("sensitivity", "II-C"), "LEVEL_3B": ("sensitivity", "II-C"), "LEVEL_2B": ("sensitivity", "II-C"),
    "LEVEL_4": ("sensitivity", "II-D"), "LEVEL_R1": ("resistance", "I-A"), "LEVEL_R2": ("resistance", "II-D"),
}  # fmt: skip
CHANGE_COLUMNS = ("hgvsp_short", "protein_change", "alteration", "hgvsp", "copy_number_alteration")
TYPE_COLUMNS = ("oncotree_code", "cancer_type", "tumor_type")
PMID = re.compile(r"\b\d{6,9}\b")


def import_oncokb(file: Path, folder: Path) -> Path:
    """Make the pack ``oncokb`` of annotations the user fetched with a token of their own.

    Parameters
    ----------
    file : Path
        A table with the annotator's columns ``LEVEL_1`` … ``LEVEL_R2`` and ``ONCOTREE_CODE``, or answers of the interface
        as JSON.
    folder : Path
        The knowledge folder.

    Returns
    -------
    Path
        The pack's folder.

    Raises
    ------
    BadInput
        There are no such columns or answers, or no date is known.
    """
    data = read_bounded(file)
    release, reader = Release(), load_profile_reader()
    stated = None
    claims: Iterator[Claim]
    if data.lstrip()[:1] in (b"[", b"{"):
        document = parse_json(data, file.name)
        answers = document if isinstance(document, list) else [document]
        stated = max((_day(one) for one in answers if isinstance(one, Mapping)), default="") or None
        claims = itertools.chain.from_iterable(_claims_of_answer(one, file.name, release, reader) for one in answers)
    else:
        claims = _claims_of_table(decode_utf8(data, file.name), file.name, release, reader)
    release.claims.extend({(one.medicines, one.level, one.expression, one.tumour_types): one for one in claims}.values())
    day = release_date(file, stated, HOW)
    return write_release(file, folder, Source(PACK, f"OncoKB annotations of {day}", LICENCE, day, day), release)


def _claims_of_table(text: str, name: str, release: Release, reader: ProfileReader) -> Iterator[Claim]:
    lines = (line for line in io.StringIO(text) if not line.startswith("#"))
    table = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    header = [column.strip().lower() for column in next(table, [])]
    levels = [level for level in LEVELS if level.lower() in header]
    if not levels:
        raise BadInput(f"{name}: has none of the annotator's columns LEVEL_1 to LEVEL_R2; annotate it first")
    for cells in table:
        row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        said = {level: row[level.lower()] for level in levels if row.get(level.lower())}
        if not said:
            continue
        gene, change = _alteration_of(row)
        code = next((row[column] for column in TYPE_COLUMNS if row.get(column)), "")
        pmids = PMID.findall(row.get("tx_citations", ""))
        for level, medicines in said.items():
            for one in medicines.split(","):
                names = [part for part in one.split("+") if part.strip()]
                claim = _claim(level, names, (gene, change), (code, pmids), reader)
                yield from _kept(claim, f"{gene} {change} in {code or 'no tumour type'}", release)


def _alteration_of(row: Mapping[str, str]) -> tuple[str, str]:
    pair = [row[name] for name in ("genea", "geneb") if row.get(name)]
    if len(pair) == 2:
        return pair[0], "::".join(pair)
    gene = row.get("hugo_symbol") or row.get("gene") or ""
    change = next((row[column] for column in CHANGE_COLUMNS if row.get(column)), row.get("fusion", ""))
    return gene, {"2": "amplification", "-2": "deletion"}.get(change, change).removeprefix("p.")


def _claims_of_answer(one: Any, name: str, release: Release, reader: ProfileReader) -> Iterator[Claim]:
    query = one.get("query") if isinstance(one, Mapping) else None
    if not isinstance(query, Mapping) or not isinstance(one.get("treatments"), list):
        raise BadInput(f"{name}: is no answer of OncoKB's interface: it has no query and treatments")
    gene, change = str(query.get("hugoSymbol") or ""), str(query.get("alteration") or "")
    for treatment in one["treatments"]:
        disease = treatment.get("levelAssociatedCancerType") or {}
        main = disease.get("mainType") or {}
        code = str(disease.get("code") or disease.get("name") or (main.get("name") if isinstance(main, Mapping) else main) or "")
        names = [str(drug.get("drugName")) for drug in treatment.get("drugs") or ()]
        pmids = [str(number) for number in treatment.get("pmids") or ()]
        claim = _claim(str(treatment.get("level")), names, (gene, change), (code, pmids), reader)
        yield from _kept(claim, f"{gene} {change} in {code or 'no tumour type'}", release)


def _kept(claim: Claim | str, entry: str, release: Release) -> Iterator[Claim]:
    if isinstance(claim, Claim):
        yield claim
    else:
        release.leave_out(entry, claim)


def _claim(
    level: str, medicines: list[str], altered: tuple[str, str], where: tuple[str, list[str]], reader: ProfileReader
) -> Claim | str:
    """Return the claim, or why there is none."""
    known, expression = LEVELS.get(level), reader.read_alteration(*altered)
    tumour_types = reader.read_disease(where[0])
    if known is None or not medicines:
        return f"level {level} is about no therapy"
    if expression is None:
        return "the alteration cannot be matched"
    if not tumour_types:
        return "the tumour type is not stated or not known here; add a column ONCOTREE_CODE"
    names = tuple(sorted(name_medicine(one) for one in medicines))
    stem = "-".join(("OncoKB", altered[0], altered[1], where[0], level.removeprefix("LEVEL_"), *names))
    return Claim(
        id=re.sub(r"[^A-Za-z0-9*.+-]+", "-", stem),
        medicines=names,
        direction=known[0],
        expression=expression,
        tumour_types=tumour_types,
        level=level,
        tier=known[1],
        citation=f"OncoKB {level}" + (f" (PMID {', '.join(where[1])})" if where[1] else ""),
        agency="OncoKB",
    )


def _day(answer: Mapping[str, Any]) -> str:
    """Return the day of an answer, which OncoKB writes as month/day/year."""
    parts = str(answer.get("lastUpdate") or "").split("/")
    return f"{parts[2]}-{int(parts[0]):02d}-{int(parts[1]):02d}" if len(parts) == 3 and all(map(str.isdigit, parts)) else ""
