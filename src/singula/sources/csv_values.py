"""Laboratory values and vital signs from a CSV file with a header row.

Long form: one value a row, columns ``date``, ``name`` (Singula's word, plain words or a LOINC code), ``value``, ``unit`` and,
where the file holds several people, ``person``. Wide form: one day a row, ``date`` and columns such as ``creatinine (mg/dL)``.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from singula.errors import BadInput, quoted
from singula.knowledge import Knowledge
from singula.record import Coding, Concept, Fact, Kind, Observation, Person, Quantity, Source, Status, When
from singula.sources.draft import Draft
from singula.sources.labels import labels_for
from singula.sources.limits import decode_utf8, read_bounded
from singula.sources.plausibility import judge_value
from singula.sources.terminology import LOINC, Terminology, terminology_of

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "date": ("date", "when", "time", "datetime", "collected", "effective"),
    "name": ("name", "analyte", "test", "observation", "measure", "code", "loinc"),
    "value": ("value", "result", "number"),
    "unit": ("unit", "units", "ucum"),
    "person": ("person", "patient", "patient_id", "person_id", "id", "subject"),
}
WIDE_COLUMN = re.compile(r"^(?P<name>.+?)\s*[(\[](?P<unit>[^()]+)[)\]]$")
VALUE = re.compile(r"^(?P<comparator><=|>=|<|>)?\s*(?P<number>[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?)$")
THOUSANDS = re.compile(r",\d{3}$")
LOINC_CODE = re.compile(r"^\d{1,5}-\d$")


class CsvReader:
    """Reads a CSV (comma, semicolon or tab) of laboratory values and vital signs."""

    format = "csv-values"

    def recognises(self, head: bytes, name: str) -> bool:
        """Tell a table whose header names a date and a value, or analytes with units."""
        header = _header(head.split(b"\n", 1)[0].decode("utf-8", "replace"))
        columns = _find_columns(header)
        return "date" in columns and ("value" in columns or any(WIDE_COLUMN.match(one) for one in header))

    def read(self, path: Path, draft: Draft, knowledge: Knowledge) -> None:
        """Read the rows into the draft; a bad row is told and the others are read."""
        text = decode_utf8(read_bounded(path), path.name)
        text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\n")
        rows = csv.reader(io.StringIO(text), delimiter=_delimiter(text.split("\n", 1)[0]))
        terminology = terminology_of(knowledge)
        try:
            header = [cell.strip() for cell in next(rows, [])]
            columns = _find_columns([cell.lower() for cell in header])
            if "date" not in columns:
                raise BadInput(f"{path.name}: has no column date; the columns are date, name, value, unit")
            for number, cells in enumerate(rows, start=2):
                if any(cell.strip() for cell in cells):
                    self._read_row(number, dict(zip(header, cells, strict=False)), columns, draft, terminology)
        except csv.Error as fault:
            raise BadInput(f"{path.name}: is no CSV table: {fault}; save it as UTF-8 CSV with a header row") from None
        if not draft.facts:
            raise BadInput(f"{path.name}: no row holds a value that can be read; the columns are date, name, value, unit")

    def _read_row(
        self, number: int, row: Mapping[str, str], columns: Mapping[str, str], draft: Draft, terminology: Terminology
    ) -> None:
        where = f"row {number}"
        cells = {column.lower(): cell.strip() for column, cell in row.items()}
        try:
            when = When(text=cells.get(columns["date"], ""))
        except ValidationError:
            draft.note("error", where, f"the date {quoted(cells.get(columns['date'], ''))} is no date; write YYYY-MM-DD")
            return
        person = cells.get(columns.get("person", ""), "")
        if person and person not in draft.persons:
            draft.persons[person] = Person(id=person)
        for name, value, unit in _values(cells, row, columns):
            try:
                fact = _read_value(Cell(draft.input, where, person, when, name, value, unit), draft, terminology)
            except ValidationError:
                draft.note(
                    "error", where, f"{quoted(name)} {quoted(value)} {quoted(unit)} is no measurement; the row is left out"
                )
                continue
            if fact is not None:
                draft.facts.append(fact)


@dataclass(frozen=True)
class Cell:
    """One value of the table and where it stands."""

    input: str
    where: str
    person: str
    when: When
    name: str
    value: str
    unit: str


def _values(cells: Mapping[str, str], row: Mapping[str, str], columns: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    if "value" in columns:
        yield cells.get(columns.get("name", ""), ""), cells.get(columns["value"], ""), cells.get(columns.get("unit", ""), "")
        return
    for column, cell in row.items():
        match = WIDE_COLUMN.match(column)
        if match and cell.strip():
            yield match["name"].strip(), cell.strip(), match["unit"].strip()


def _read_value(cell: Cell, draft: Draft, terminology: Terminology) -> Fact | None:
    name, where = cell.name, cell.where
    match = VALUE.match(cell.value)
    if not name or match is None:
        draft.note("error", where, f"{quoted(name or 'a value')} is {quoted(cell.value)}, no number; the row is left out")
        return None
    if THOUSANDS.search(match["number"]):
        draft.note("error", where, f"{quoted(cell.value)} can be read in two ways; write it without a comma; the row is left out")
        return None
    concept = Concept(codings=(Coding(system=LOINC, code=name),)) if LOINC_CODE.match(name) else Concept(text=name)
    row = terminology.analyte(concept)
    if row is None:
        draft.note("information", where, f"{quoted(name)} is not a value this knowledge names")
    value = Quantity(number=float(match["number"].replace(",", ".")), unit=cell.unit or "1", comparator=match["comparator"])
    judged = judge_value(row, value, terminology) if row is not None else None
    return Observation(
        id=f"{Path(draft.input).name}#{where.removeprefix('row ')}-{name.lower().replace(' ', '-')}",
        kind=Kind.MEASUREMENT,
        person=cell.person,
        status=Status.PRESENT,
        concept=concept if concept.codings else Concept(text=row.display if row else name),
        name=row.name if row else None,
        value=value,
        canonical=judged.canonical if judged else None,
        flags=judged.flags if judged else (),
        usable=judged.usable if judged else True,
        when=cell.when,
        sources=(Source(input=cell.input, where=where, reader="csv-values", trust=1),),
        labels=labels_for(row.get("labels") if row else None),
    )


def _delimiter(first: str) -> str:
    return max(",;\t", key=first.count)


def _header(first: str) -> list[str]:
    return [cell.strip().strip('"').lower() for cell in first.lstrip("\ufeff").split(_delimiter(first))]


def _find_columns(header: list[str]) -> dict[str, str]:
    return {meaning: column for meaning, words in COLUMNS.items() for word in words[::-1] for column in header if column == word}


READER = CsvReader()
