"""Writing a plan's files into a folder: all of them, or none."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import orjson

from singula.errors import BadInput
from singula.plan.model import Plan
from singula.record import Record

INDENTED = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


def plan_to_json(plan: Plan) -> bytes:
    """Write the object of ``plan.json``; the same plan gives the same bytes.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    bytes
        UTF-8 JSON, fields in the order of the model, unknowns as null; ``option`` is left out where an action carries out none.
    """
    content = plan.model_dump(mode="json", by_alias=True)
    for action in content["actions"]:
        if action["option"] is None:
            del action["option"]
    return orjson.dumps(content, option=INDENTED)


def render_outputs(plan: Plan, record: Record) -> dict[str, bytes]:
    """Render every file of a plan, by name."""
    from singula.deliver.calendar import render_calendar
    from singula.deliver.clinician_page import render_clinician_page
    from singula.deliver.fhir_plan import plan_to_fhir
    from singula.deliver.patient_page import render_patient_page
    from singula.deliver.pdf import render_pdf
    from singula.deliver.tumour_board import make_boards
    from singula.knowledge import load_knowledge

    return {
        "plan.json": plan_to_json(plan),
        "plan.html": render_clinician_page(plan, make_boards(record, load_knowledge())).encode(),
        "patient.html": render_patient_page(plan, record).encode(),
        "plan.pdf": render_pdf(plan),
        "plan.fhir.json": orjson.dumps(plan_to_fhir(plan, record), option=INDENTED),
        "calendar.ics": render_calendar(plan),
    }


def write_outputs(plan: Plan, record: Record, folder: Path) -> tuple[Path, ...]:
    """Write every file of a plan into a folder.

    Everything is rendered and written beside the folder first. A new folder appears whole by one rename; in a folder that
    exists, only the plan's own files are replaced, each by a rename.

    Parameters
    ----------
    plan : Plan
        The plan.
    record : Record
        The record it was made from.
    folder : Path
        Where the files go.

    Returns
    -------
    tuple of Path
        The files written.

    Raises
    ------
    BadInput
        The folder cannot be written; nothing of it was changed.
    """
    return write_files(render_outputs(plan, record), folder)


def write_files(contents: Mapping[str, bytes], folder: Path) -> tuple[Path, ...]:
    """Write files into a folder, all of them or none.

    Parameters
    ----------
    contents : mapping
        What each file holds, by name.
    folder : Path
        Where the files go.

    Returns
    -------
    tuple of Path
        The files written.

    Raises
    ------
    BadInput
        The folder cannot be written; nothing of it was changed.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as fault:
        raise BadInput(f"{folder}: cannot be written ({fault.strerror}); choose another folder with -o") from fault
    try:
        for name, content in contents.items():
            (beside / name).write_bytes(content)
        _put_in_place(beside, folder)
    except OSError as fault:
        raise BadInput(f"{folder}: cannot be written ({fault.strerror}); choose another folder with -o") from fault
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return tuple(folder / name for name in contents)


def _put_in_place(beside: Path, folder: Path) -> None:
    if not folder.exists():
        mode = os.umask(0)
        os.umask(mode)
        beside.chmod(0o777 & ~mode)
        beside.replace(folder)
        return
    for path in sorted(beside.iterdir()):
        path.replace(folder / path.name)
