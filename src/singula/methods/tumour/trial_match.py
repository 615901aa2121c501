"""Which arms of which trials fit a tumour, in the order one would ask about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from singula.knowledge import Pack
from singula.methods.tumour.matching import TIERS, match_therapies, tier_variants
from singula.methods.tumour.sample import TumourSample
from singula.methods.tumour.tables import TumourTables
from singula.methods.tumour.trial_criteria import Case, TrialContext
from singula.methods.tumour.trial_verdict import Criterion, by_hand, join

CATALOGUE, DOCUMENT = "trials", "arms"
"""The pack of a user's trials, and the document in it."""

STATUS = {True: "match", None: "possible", False: "no_match"}
ORDER = ("match", "possible", "no_match")


@dataclass(frozen=True)
class TrialArm:
    """One arm one can join: its criteria as clauses that all have to hold, and those only a person can check."""

    trial_id: str
    arm: str
    title: str
    is_open: bool
    clauses: tuple[Any, ...] = ()
    by_hand: tuple[str, ...] = ()


@lru_cache(maxsize=2)
def load_trial_arms(pack: Pack) -> tuple[TrialArm, ...]:
    """Return the arms of the user's catalogue of trials."""
    return tuple(
        TrialArm(**{**arm, "clauses": tuple(arm["clauses"]), "by_hand": tuple(arm["by_hand"])})
        for arm in pack.document(DOCUMENT)["arms"]
    )


@lru_cache(maxsize=4)
def make_trial_context(tables: TumourTables) -> TrialContext:
    """Gather what criteria are judged with."""
    names = {name.lower(): code for code, name in tables.tree.names.items()}
    for row in tables.pack.table("tumour_types"):
        names.update({f"ncit:{concept.lower()}": row.code for concept in row.nci or ()})
    return TrialContext(tables.definitions, tables.tree, names)


def match_trials(
    sample: TumourSample, arms: Sequence[TrialArm], context: TrialContext, tier_of_gene: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Judge every arm for one tumour.

    Parameters
    ----------
    sample : TumourSample
        The tumour and its person.
    arms : sequence of TrialArm
        From the trial files.
    context : TrialContext
        Definitions and tumour types.
    tier_of_gene : mapping, optional
        Best tier of what was found in a gene; arms that ask for a better one come first.

    Returns
    -------
    dict
        One entry of ``samples``: matches before possible ones, open arms before closed ones, then by tier;
        ``collect`` names the facts that are missing and how many open arms each would help to settle.
    """
    tiers = tier_of_gene or {}
    case = Case(sample, context)
    found = [_judge_arm(case, arm, tiers) for arm in arms]
    found.sort(key=lambda one: (ORDER.index(one["status"]), not one["open"], _rank(one["tier"]), one["trial_id"], one["arm"]))
    return {"sample_id": sample.sample_id, "trials": found, "collect": _facts_to_collect(found)}


def _rank(tier: str | None) -> int:
    return TIERS.index(tier) if tier in TIERS else len(TIERS)


def _judge_arm(case: Case, arm: TrialArm, tiers: Mapping[str, str]) -> dict[str, Any]:
    verdict = case.judge(arm.clauses)
    manual = [by_hand(one) for one in arm.by_hand]
    if not arm.clauses and not manual:
        manual = [by_hand("no criterion is coded")]
    if manual and verdict.value is not False:
        verdict = join([verdict, *manual], all_of_them=True)
    met = [tiers[one.gene] for one in verdict.criteria if one.state == "met" and one.gene in tiers]
    return {
        "trial_id": arm.trial_id,
        "arm": arm.arm,
        "title": arm.title,
        "status": STATUS[verdict.value],
        "open": arm.is_open,
        "tier": min(met, key=_rank, default=None),
        "reasons": verdict.met,
        "unknown": verdict.unknown,
        "failed": verdict.failed,
        "criteria": [_show_criterion(one) for one in verdict.criteria],
        "collect": list(dict.fromkeys(one.fact for one in verdict.criteria if one.state == "unknown" and one.fact)),
    }


def _show_criterion(criterion: Criterion) -> dict[str, str]:
    shown = {"criterion": criterion.text, "state": criterion.state, "if": criterion.condition, "fact": criterion.fact}
    return {name: words for name, words in shown.items() if words}


def _facts_to_collect(trials: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    counted = Counter(fact for one in trials if one["open"] and one["status"] == "possible" for fact in one["collect"])
    return [{"fact": fact, "open_arms": count} for fact, count in sorted(counted.items(), key=lambda one: (-one[1], one[0]))]


def tiers_by_gene(sample: TumourSample, tables: TumourTables) -> dict[str, str]:
    """Return the best tier of the variants found in each gene."""
    matched = match_therapies(sample, tables.rules, tables.definitions, tables.tree)
    best: dict[str, str] = {}
    for variant, tier in tier_variants(sample, matched).items():
        if variant.gene not in best or _rank(tier) < _rank(best[variant.gene]):
            best[variant.gene] = tier
    return best
