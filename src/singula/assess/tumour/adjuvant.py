"""After breast surgery: what each further treatment adds to survival, and plainly where that is less than its harm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from singula.assess.tumour.specimens import PACK, Specimen
from singula.assess.tumour.therapies import NAME
from singula.errors import SingulaError
from singula.finding import Benefit, Evidence, Excluded, Option, OptionGrid, stable_id
from singula.knowledge import Knowledge
from singula.knowledge.pack import Pack, Row
from singula.methods.registry import run_method
from singula.methods.tumour.tables import TumourTables
from singula.record import Record

PROBLEM, METHOD = "breast-cancer-after-surgery", "predict-breast-3.2"
BREAST = "BREAST"
SURVIVAL = "survival_surgery_only_percent_10y"
NOTHING: Mapping[str, Any] = {
    "chemotherapy_generation": 0,
    "endocrine_therapy_years": 0,
    "trastuzumab": False,
    "bisphosphonate": False,
    "radiotherapy": False,
    "heart_dose_gy": 0,
}
PERCENT = 100


def weigh_adjuvant(record: Record, specimen: Specimen, tables: TumourTables, knowledge: Knowledge) -> Iterator[OptionGrid]:
    """Yield the grid where the pathology of a breast tumour is stated well enough for PREDICT; nothing otherwise."""
    if not tables.tree.is_any_of(specimen.sample.tumour_type, (BREAST,)):
        return
    inputs = _inputs(record, specimen)
    try:
        alone = run_method(METHOD, inputs, knowledge)
    except SingulaError:
        return
    pack = knowledge.pack(PACK)
    ranked, excluded = [], []
    for row in pack.table("adjuvant_options"):
        if _is_open(row, specimen):
            gain = _gain(row, inputs, knowledge)
            reason = _too_small(row, gain, pack)
            if reason:
                excluded.append(Excluded(option=row.option, display=row.display, reason=reason))
            else:
                ranked.append(_option(row, gain, alone[SURVIVAL], pack))
    ranked.sort(key=lambda one: (-(one.numbers.arr_percent if one.numbers else 0), one.option))
    survival = f"{alone[SURVIVAL]:.0f} of 100 alive in 10 years with surgery alone"
    yield OptionGrid(
        id=stable_id(NAME, PROBLEM, *specimen.inputs),
        assessor=NAME,
        problem=PROBLEM,
        display=f"After breast surgery: {survival}{_scores(inputs, specimen, pack, knowledge)}",
        ranked=tuple(ranked),
        excluded=tuple(excluded),
        inputs=specimen.inputs,
        labels=tuple(sorted({label for one in specimen.inputs if (fact := record.fact_index.get(one)) for label in fact.labels})),
    )


def _inputs(record: Record, specimen: Specimen) -> dict[str, Any]:
    sample = specimen.sample
    signs = {"er_positive": "er", "pr_positive": "pr", "her2_positive": "her2"}
    markers = {name: sample.marker(marker) == "positive" for name, marker in signs.items() if sample.marker(marker) is not None}
    smoker = record.has_condition("tobacco-use")
    known: dict[str, Any] = {"age_years": record.age_years, **markers, **sample.pathology}
    known.setdefault("smoker_current", bool(smoker))
    return {**{name: value for name, value in known.items() if value is not None}, **NOTHING}


def _is_open(row: Row, specimen: Specimen) -> bool:
    sample = specimen.sample
    if row.needs == "postmenopausal":
        return sample.pathology.get("postmenopausal") is True
    return not row.needs or sample.marker(row.needs) == "positive"


def _gain(row: Row, inputs: Mapping[str, Any], knowledge: Knowledge) -> float:
    answer = run_method(METHOD, {**inputs, row.input: int(row.given) if row.given.isdigit() else True}, knowledge)
    return float(answer[row.output])


def _too_small(row: Row, gain: float, pack: Pack) -> str:
    settings = {one.name: one.value for one in pack.table("settings")}
    if row.option == "chemotherapy" and gain < settings["chemotherapy_too_small"]:
        return f"the gain ({gain:.1f} of 100 in 10 years) is smaller than the harm: {row.harms}"
    return ""


def _option(row: Row, gain: float, survival: float, pack: Pack) -> Option:
    dead = PERCENT - survival
    treated = dead - gain
    evidence = Evidence(
        source="PREDICT Breast 3.2",
        citation=pack.citation("predict-3"),
        pack=pack.name,
        pack_version=pack.version,
        review="unchecked",
    )
    return Option(
        option=row.option,
        display=row.display,
        kind="treat",
        why=f"{gain:.1f} more of 100 alive in 10 years",
        benefit=f"of 100 women like this one, {survival:.0f} live 10 years with surgery alone, {survival + gain:.0f} with it",
        harms=(row.harms,),
        burden_words=row.burden_words,
        cost_tier=row.cost_tier,
        numbers=Benefit(
            outcome="death from any cause",
            method=METHOD,
            horizon_years=10,
            risk_percent=round(dead, 2),
            relative_risk=round(treated / dead, 4) if dead else 1,
            risk_percent_with=round(treated, 2),
            arr_percent=round(gain, 2),
            nnt=round(PERCENT / gain) if gain > 0 else None,
            effect_source=pack.citation("predict-3"),
            harms=(row.harms,),
        ),
        evidence=(evidence,),
    )


def _scores(inputs: Mapping[str, Any], specimen: Specimen, pack: Pack, knowledge: Knowledge) -> str:
    """Tell the scores whose inputs are known: late recurrence, Nottingham."""
    told = []
    for row in pack.table("breast_scores"):
        if row.needs and specimen.sample.marker(row.needs) != "positive":
            continue
        try:
            answer = run_method(row.method, inputs, knowledge)
        except SingulaError:
            continue
        told.append(f"{row.display} {answer[row.score]:.1f}, {answer[row.group]}")
    return f" ({'; '.join(told)})" if told else ""
