"""Whether the stated setting of a therapy fits what the person has had before."""

from __future__ import annotations

import re
from collections.abc import Sequence

FIRST_LINE = re.compile(r"\bfirst[ -]line\b")
AFTER = re.compile(r"\b(?:after|progressed on)\b (?P<what>.+)")
ANY_THERAPY = re.compile(r"\b(?:prior (?:systemic )?therapy|chemotherapy|two therapies)\b")


def is_setting_met(setting: str, prior_therapies: Sequence[str] | None) -> bool | None:
    """Judge a setting.

    Parameters
    ----------
    setting : str
        The row's words.
    prior_therapies : sequence of str or None
        What was taken; None is not known, empty is none.

    Returns
    -------
    bool or None
        None where the words or the history do not tell. It never drops an option.
    """
    if prior_therapies is None:
        return None
    words = setting.lower()
    taken = [one.lower() for one in prior_therapies]
    if FIRST_LINE.search(words) and not AFTER.search(words):
        return not taken
    after = AFTER.search(words)
    if after is None:
        return None
    if not taken:
        return False
    if any(one in after["what"] for one in taken):
        return True
    return True if ANY_THERAPY.search(after["what"]) else None
