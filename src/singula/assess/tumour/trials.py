"""The open trials of the user's catalogue that fit this person's tumour, and the facts that would settle the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from singula.assess.tumour.specimens import Specimen
from singula.assess.tumour.therapies import NAME
from singula.finding import (
    SUMMARY_LIMIT,
    Certainty,
    Considered,
    Effect,
    Evidence,
    Finding,
    Missing,
    ReasonCode,
    Statement,
    Strength,
    Topic,
    stable_id,
)
from singula.knowledge import Knowledge
from singula.knowledge.pack import Pack
from singula.methods.tumour.sample import TumourSample
from singula.methods.tumour.tables import TumourTables
from singula.methods.tumour.trial_match import CATALOGUE, load_trial_arms, make_trial_context, match_trials, tiers_by_gene
from singula.record import Observation, Record

ECOG = "ecog"
MATCH, POSSIBLE = "match", "possible"
SHOWN = 10


def find_trials(record: Record, specimen: Specimen, tables: TumourTables, knowledge: Knowledge) -> Iterator[Statement]:
    """Yield one finding on the trials that fit or may fit, or what was looked at in vain.

    Parameters
    ----------
    record : Record
        The person: age, sex and performance status are criteria.
    specimen : Specimen
        The tumour.
    tables : TumourTables
        Definitions and tumour types.
    knowledge : Knowledge
        With pack ``trials`` (``singula kb import trials``); without it nothing is said.
    """
    if not knowledge.has(CATALOGUE):
        return
    pack = knowledge.pack(CATALOGUE)
    sample = _with_person(specimen.sample, record)
    arms = [one for one in load_trial_arms(pack) if one.is_open]
    answer = match_trials(sample, arms, make_trial_context(tables), tiers_by_gene(sample, tables))
    fitting = [one for one in answer["trials"] if one["status"] == MATCH]
    possible = [one for one in answer["trials"] if one["status"] == POSSIBLE]
    inputs = tuple(dict.fromkeys((*specimen.inputs, *(one.id for one in [_ecog(record)] if one))))
    labels = tuple(sorted({label for one in inputs if (fact := record.fact_index.get(one)) for label in fact.labels}))
    topic = Topic(type="service", name=f"trials-{sample.sample_id}", display="Clinical trials")
    shared: dict[str, Any] = {
        "assessor": NAME,
        "topic": topic,
        "inputs": inputs,
        "labels": labels,
        "evidence": (_evidence(pack),),
    }
    if not fitting and not possible:
        yield Considered(
            id=stable_id(NAME, "no-trial", *inputs),
            kind="refer",
            summary=f"None of {len(arms)} open trial arms fits",
            reason="; ".join(dict.fromkeys(words for one in answer["trials"] for words in one["failed"][:1]))[:SUMMARY_LIMIT]
            or "the catalogue holds no open arm",
            reason_code=ReasonCode.NOT_ELIGIBLE,
            **shared,
        )
        return
    yield Finding(
        id=stable_id(NAME, "trials", *inputs),
        effect=Effect.REFER if fitting else Effect.INFORM,
        strength=Strength.WEAK,
        certainty=Certainty.LOW,
        summary=_summary(fitting, possible),
        detail="\n".join(_lines(fitting, possible)),
        patient_text="There may be a study you could join. Ask your cancer team.",
        missing=tuple(
            Missing(what=one["fact"], would_change=f"whether {one['open_arms']} open trial arms fit")
            for one in answer["collect"][:SHOWN]
        ),
        urgency=2,
        **shared,
    )


def _with_person(sample: TumourSample, record: Record) -> TumourSample:
    ecog = _ecog(record)
    status = ecog.canonical.number if ecog and ecog.canonical else None
    known = {"age_years": record.age_years, "sex": record.person.sex_at_birth, "ecog": status}
    return replace(sample, person={**sample.person, **{name: value for name, value in known.items() if value is not None}})


def _ecog(record: Record) -> Observation | None:
    latest = record.latest(ECOG)
    return latest if isinstance(latest, Observation) and latest.canonical else None


def _summary(fitting: Sequence[Mapping[str, Any]], possible: Sequence[Mapping[str, Any]]) -> str:
    named = ", ".join(dict.fromkeys(str(one["trial_id"]) for one in fitting))
    told = [f"fits on every coded criterion: {named}"] if fitting else []
    told += [f"{len(possible)} may fit once what is missing is known"] if possible else []
    text = f"Trial arms that are open: {'; '.join(told)}"
    return text if len(text) <= SUMMARY_LIMIT else f"{text[: SUMMARY_LIMIT - 1]}…"


def _lines(fitting: Sequence[Mapping[str, Any]], possible: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for one in fitting:
        yield f"{_called(one)}: met: {', '.join(one['reasons'])}."
    for one in possible[:SHOWN]:
        yield f"{_called(one)}: {_open_questions(one)}."
    if len(possible) > SHOWN:
        yield f"{len(possible) - SHOWN} further arms may fit: singula trials match lists them."


def _open_questions(one: Mapping[str, Any]) -> str:
    by_hand = len(one["unknown"]) - sum(1 for each in one["criteria"] if each["state"] == "unknown" and each.get("fact"))
    told = [f"not known: {', '.join(one['collect'])}"] if one["collect"] else []
    told += [f"{by_hand} {'criteria are' if by_hand > 1 else 'criterion is'} words for a person to check"] if by_hand else []
    return "; ".join(told)


def _called(one: Mapping[str, Any]) -> str:
    arm = f" arm {one['arm']}" if one["arm"] else ""
    return f"{one['trial_id']}{arm} ({one['title']})" if one["title"] else f"{one['trial_id']}{arm}"


def _evidence(pack: Pack) -> Evidence:
    return Evidence(
        source="Catalogue of trials",
        citation=str(pack.manifest["title"]),
        pack=pack.name,
        pack_version=pack.version,
        review="unchecked",
    )
