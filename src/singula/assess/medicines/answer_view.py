"""The object of ``singula pgx advise``: one answer per medicine, conflicts, and what is missing."""

from __future__ import annotations

from typing import Any

from singula.assess.medicines.genes import PACK
from singula.assess.medicines.guidance import find_guidance
from singula.assess.medicines.reconcile import MedicineAnswer, answer_medicine
from singula.assess.medicines.safety import find_groups
from singula.assess.medicines.situation import Situation, read_situation
from singula.knowledge import Knowledge
from singula.record import Record


def advise(record: Record, knowledge: Knowledge) -> dict[str, Any]:
    """Advise on every proposed or active medicine of one person.

    Parameters
    ----------
    record : Record
        The person.
    knowledge : Knowledge
        Packs ``medicines``, ``pgx`` and ``pgx_advice``.

    Returns
    -------
    dict
        One record of the command contract.
    """
    situation = read_situation(record, knowledge)
    answers = [answer_medicine(situation, name) for name in dict.fromkeys(one.name for one in situation.taken)]
    missing = dict.fromkeys(gap.what for answer in answers for gap in answer.gaps)
    return {
        "id": record.person.id,
        "genes": [_show_gene(situation, gene) for gene in sorted(situation.genes)],
        "medicines": [_show_answer(situation, answer) for answer in answers],
        "conflicts": _conflicts(situation, answers),
        "missing": [{"what": what, "medicines": _asked_for(what, answers)} for what in missing],
    }


def _asked_for(what: str, answers: list[MedicineAnswer]) -> list[str]:
    return sorted({gap.medicine for answer in answers for gap in answer.gaps if gap.what == what})


def _show_gene(situation: Situation, gene: str) -> dict[str, Any]:
    state = situation.genes[gene]
    phenotypes = sorted({one.phenotype for one in state.translations if one.phenotype})
    scores = sorted({one.activity_score for one in state.translations if one.activity_score})
    return {
        "gene": gene,
        "status": "ambiguous" if state.is_ambiguous else "outside",
        "diplotypes": list(state.diplotypes),
        "phenotypes": phenotypes,
        "phenotype": phenotypes[0] if len(phenotypes) == 1 else None,
        "activity_scores": scores,
        "activity_score": float(scores[0].removeprefix("≥")) if len(scores) == 1 else None,
    }


def _show_answer(situation: Situation, answer: MedicineAnswer) -> dict[str, Any]:
    doses = answer.doses
    change: float | list[float] | None = doses.percent_low
    if doses.percent_low is not None and doses.percent_high is not None and doses.percent_low != doses.percent_high:
        change = [doses.percent_low, doses.percent_high]
    return {
        "medicine": answer.medicine,
        "action": "caution" if answer.action == "monitor" else answer.action,
        "strength": answer.strength or None,
        "dose": {"change_percent": change, "max_mg_per_day": doses.max_mg_per_day, "target_mg_per_day": doses.target_mg_per_day},
        "alternatives": [{"medicine": one.medicine, "why": one.why} for one in answer.alternatives],
        "rejected_alternatives": [{"medicine": one.medicine, "why": one.why} for one in answer.rejected],
        "why": [piece.text for piece in answer.pieces],
        "sources": [
            {"body": piece.body, "action": piece.action, "year": piece.year, "pmid": piece.pmid, "review": piece.row.review}
            for piece in answer.pieces
        ],
        "imported_guidance": [
            {"pack": pack, **{column: row[column] for column in ("body", "key", "population", "strength", "text")}}
            for pack, row in find_guidance(situation.knowledge, answer.medicine, answer.effective)
        ],
        "effective": {gene: _show_effective(answer, gene) for gene in sorted(answer.effective)},
        "ambiguity": {
            "changes_advice": answer.changes_advice,
            "actions": list(answer.actions),
            "decided_by": list(answer.decided_by),
        },
        "missing": [{"what": gap.what, "would_change": gap.would_change} for gap in answer.gaps],
    }


def _show_effective(answer: MedicineAnswer, gene: str) -> dict[str, Any]:
    state = answer.effective[gene]
    first = state.translations[0]
    score: float | str | None = first.activity_score
    if score is not None:
        score = float(str(score).removeprefix("≥"))
    return {"phenotype": first.phenotype, "activity_score": score, "because": list(state.because)}


def _conflicts(situation: Situation, answers: list[MedicineAnswer]) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = [
        {
            "kind": "duplicate" if group.kind == "duplicate" else "interaction",
            "medicines": list(group.medicines),
            "rule": group.text,
        }
        for group in find_groups(situation)
    ]
    for answer in answers:
        for piece in answer.pieces:
            if piece.kind == "interaction":
                others = sorted(one.name for one in situation.medicines if set(one.inputs) & set(piece.inputs))
                shown.append({"kind": "interaction", "medicines": sorted({answer.medicine, *others}), "rule": piece.text})
        bodies = {piece.action for piece in answer.pieces if piece.pack.name == PACK}
        if len(bodies) > 1 and answer.rule:
            shown.append({"kind": "guideline", "medicines": [answer.medicine], "rule": answer.rule})
    return shown
