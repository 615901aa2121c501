"""Files and folders become records: what each file is, who it speaks of, and what was wrong with it.

A reader is a ``FileReader``: it looks at the first bytes, and reads into a draft. Built-ins are listed here; others come in by
the entry-point group ``singula.sources``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol

from singula.errors import BadInput, UnsafeInput, quoted
from singula.knowledge import Knowledge
from singula.record import Genotype, Problem, Record
from singula.sources.draft import Draft
from singula.sources.limits import open_bounded
from singula.sources.merge import join_drafts

HEAD_BYTES = 4096
MOST_FILES = 20_000
ENTRY_POINTS = "singula.sources"
BUILT_IN = (
    "singula.sources.tumour_reader:READER",
    "singula.sources.vcf_files:READER",
    "singula.sources.person_file:READER",
    "singula.sources.earlier_plan:READER",
    "singula.sources.fhir_files:READER",
    "singula.sources.hl7v2:READER",
    "singula.sources.ccda:READER",
    "singula.sources.csv_values:READER",
)


class FileReader(Protocol):
    """Reads one kind of file.

    ``format`` is its name in ``record show``.
    """

    format: str

    def recognises(self, head: bytes, name: str) -> bool:
        """Tell from the first bytes (unpacked) and the name whether this is such a file."""
        ...

    def read(self, path: Path, draft: Draft, knowledge: Knowledge) -> None:
        """Read the file into the draft; BadInput says what, where and how to mend."""
        ...


@dataclass(frozen=True)
class Reading:
    """What was read: one record per person, what each input was, and every problem."""

    records: tuple[Record, ...]
    inputs: tuple[Draft, ...]
    problems: tuple[Problem, ...]


@lru_cache(maxsize=1)
def find_readers() -> tuple[FileReader, ...]:
    """Return every reader: those of this package, then those other packages register."""
    outside = sorted(point.value for point in entry_points(group=ENTRY_POINTS))
    readers = []
    for path in dict.fromkeys((*BUILT_IN, *outside)):
        module, _, name = path.partition(":")
        readers.append(getattr(import_module(module), name))
    return tuple(readers)


def read_inputs(paths: Sequence[str | Path], knowledge: Knowledge, *, as_of: date) -> Reading:
    """Read files and folders.

    Parameters
    ----------
    paths : sequence of str or Path
        Files, or folders whose files are read in name order.
    knowledge : Knowledge
        For names, units and the positions to look at.
    as_of : date
        The day the records stand for.

    Returns
    -------
    Reading
        A file that cannot be read is told in its problems as long as another one could; facts after ``as_of`` stay in the record.

    Raises
    ------
    BadInput
        Nothing could be read; the message is that of the first fault.
    """
    drafts: list[Draft] = []
    faults: list[BadInput] = []
    for shown, path in list_files(paths):
        draft = Draft(input=shown)
        drafts.append(draft)
        try:
            read_file(path, draft, knowledge)
            _note_oddities(draft, as_of)
        except BadInput as fault:
            faults.append(fault)
            draft.is_read = False
            draft.note("error", "", str(fault).removeprefix(f"{path.name}: "))
    if not any(draft.is_read for draft in drafts):
        raise (
            faults[0]
            if faults
            else BadInput("no input holds anything that can be read; give FHIR, VCF, HL7 v2, C-CDA or CSV files")
        )
    problems = [problem for draft in drafts for problem in draft.problems]
    joined = join_drafts([draft for draft in drafts if draft.is_read], problems)
    records = tuple(
        Record(
            person=one.person,
            as_of=as_of,
            facts=tuple(one.facts),
            assays=tuple(one.assays),
            problems=_own(problems),
            earlier_plans=tuple(sorted(one.earlier_plans, key=lambda plan: plan.made)),
        )
        for one in joined
    )
    return Reading(records, tuple(drafts), tuple(problems))


def _note_oddities(draft: Draft, as_of: date) -> None:
    """Tell what is odd about values and persons, so that no slip stays inside the record unseen."""
    for fact in draft.facts:
        if fact.flags and not isinstance(fact, Genotype):
            for flag in fact.flags:
                draft.note("warning", fact.sources[0].where if fact.sources else fact.id, flag)
    for person in draft.persons.values():
        if person.birth_date is not None and person.birth_date.text > as_of.isoformat():
            draft.note("warning", person.id, f"the birth date {person.birth_date.text} lies ahead; confirm it")


def _own(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    return tuple(dict.fromkeys(problems))


def list_files(paths: Sequence[str | Path]) -> list[tuple[str, Path]]:
    """List the files of inputs with the words to show for them: the path as given; a folder gives one line per file."""
    files: list[tuple[str, Path]] = []
    for given in paths:
        path = Path(given)
        if path.is_dir():
            inside = sorted(one for one in path.rglob("*") if one.is_file() and not one.name.startswith("."))
            files.extend((str(one), one) for one in inside if not _is_index(one))
        else:
            files.append((str(given), path))
    if len(files) > MOST_FILES:
        raise UnsafeInput(f"the inputs hold {len(files)} files; give at most {MOST_FILES} at a time")
    return files


def _is_index(path: Path) -> bool:
    return path.suffix in (".tbi", ".csi", ".md", ".txt") and not path.name.endswith(".hl7.txt")


def read_file(path: Path, draft: Draft, knowledge: Knowledge) -> None:
    """Find out what a file is and read it into a draft."""
    with open_bounded(path) as stream:
        head = stream.read(HEAD_BYTES)
    draft.size = path.stat().st_size
    if not head.strip():
        raise BadInput(f"{path.name}: is empty; fetch the file again")
    for reader in find_readers():
        if reader.recognises(head, path.name):
            draft.format = reader.format
            reader.read(path, draft, knowledge)
            draft.is_read = True
            return
    begins = head[:24].decode("utf-8", "replace")
    raise BadInput(
        f"{path.name}: is no format known here (it begins with {quoted(begins)}); give FHIR, VCF, HL7 v2, C-CDA or CSV"
    )
