"""A hospital's own choice of trials becomes the pack ``trials``, which plans ask from then on."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from singula.errors import BadInput
from singula.methods.tumour.trial_match import CATALOGUE, DOCUMENT
from singula.sources.imported_packs import put_in_place, write_table
from singula.sources.trials import read_trials

MANIFEST = """\
title = "Trials: {trials} studies with {arms} arms, as read on {date}"
version = "{date}"
date = "{date}"
licence = "As the registries and sponsors state; eligibility texts stay theirs"
checked = "As read; criteria were not compared with the protocols"
"""


def import_trials(file: Path, folder: Path) -> Path:
    """Make the pack ``trials`` of trial files.

    Parameters
    ----------
    file : Path
        One file or a folder: CTML, ACTIN, ClinicalTrials.gov version 2, NCI Clinical Trials Search.
    folder : Path
        The knowledge folder.

    Returns
    -------
    Path
        The pack's folder; it replaces an earlier one whole.

    Raises
    ------
    BadInput
        Nothing could be read, or a file of several is no trial: a catalogue with a hole nobody sees is none.
    """
    reading = read_trials(file)
    if reading.refused:
        raise BadInput(f"{reading.refused[0]} ({len(reading.refused)} of the files; take them out or mend them)")
    date = datetime.now(UTC).date().isoformat()
    arms = sorted(reading.arms, key=lambda one: (one.trial_id, one.arm))
    trials = len({one.trial_id for one in arms})
    made = Path(tempfile.mkdtemp(dir=folder, prefix=".trials-"))
    (made / "manifest.toml").write_text(MANIFEST.format(date=date, trials=trials, arms=len(arms)), encoding="utf-8")
    citation = ("trial-files", f"Trial files read on {date}", "", "", "")
    write_table(made / "citations.tsv", [("key", "citation", "doi", "pmid", "url"), citation])
    document = {"citations": "trial-files", "review": "unchecked", "arms": [asdict(one) for one in arms]}
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, indent=1)
    (made / f"{DOCUMENT}.json").write_text(f"{text}\n", encoding="utf-8")
    return put_in_place(made, folder / CATALOGUE)
