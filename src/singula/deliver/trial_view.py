"""The answer of ``singula trials match`` (``singula.trial-match/1``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from singula.methods.tumour.sample import TumourSample
from singula.methods.tumour.tables import TumourTables
from singula.methods.tumour.trial_criteria import TrialContext, judge_clause
from singula.sources.trials import TrialArm

SCHEMA = "singula.trial-match/1"
STATUS = {True: "match", None: "possible", False: "no_match"}
ORDER = ("match", "possible", "no_match")
BY_HAND = "to be checked by a person"


def make_trial_context(tables: TumourTables) -> TrialContext:
    """Gather what criteria are judged with."""
    names = {name.lower(): code for code, name in tables.tree.names.items()}
    return TrialContext(tables.definitions, tables.tree, names)


def match_trials(sample: TumourSample, arms: Sequence[TrialArm], context: TrialContext) -> dict[str, Any]:
    """Judge every arm for one tumour.

    Parameters
    ----------
    sample : TumourSample
        The tumour and its person.
    arms : sequence of TrialArm
        From the trial files.
    context : TrialContext
        Definitions and tumour types.

    Returns
    -------
    dict
        One entry of ``samples``: matches before possible ones, open arms before closed ones.
    """
    found = [_judge_arm(sample, arm, context) for arm in arms]
    found.sort(key=lambda one: (ORDER.index(one["status"]), not one["open"], one["trial_id"], one["arm"]))
    return {"sample_id": sample.sample_id, "trials": found}


def _judge_arm(sample: TumourSample, arm: TrialArm, context: TrialContext) -> dict[str, Any]:
    verdict = judge_clause(arm.clauses, sample, context)
    by_hand = [f"{one}: {BY_HAND}" for one in arm.by_hand]
    if not arm.clauses and not by_hand:
        by_hand = [f"no criterion is coded: {BY_HAND}"]
    value = None if by_hand and verdict.value else verdict.value
    return {
        "trial_id": arm.trial_id,
        "arm": arm.arm,
        "title": arm.title,
        "status": STATUS[value],
        "open": arm.is_open,
        "reasons": verdict.met,
        "unknown": [*verdict.unknown, *by_hand] if value is None else verdict.unknown,
        "failed": verdict.failed,
    }
