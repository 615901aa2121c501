"""Trials as arms with criteria: CTML, ACTIN, ClinicalTrials.gov version 2, NCI Clinical Trials Search.

Free text of eligibility is carried as "to be checked by a person"; it is never evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from singula.errors import BadInput, UnsafeInput
from singula.methods.tumour.trial_match import TrialArm
from singula.sources.actin_trials import actin_arms
from singula.sources.limits import decode_utf8, parse_json, read_bounded

OPEN_WORDS = ("open", "recruiting", "active", "open to accrual", "enrolling_by_invitation")
SUFFIXES = (".json", ".json.gz", ".yaml", ".yml")
YEARS = re.compile(r"^(\d+)\s*(year|month|week|day)", re.IGNORECASE)
PER_YEAR = {"year": 1, "month": 12, "week": 52, "day": 365}
BIOMARKER = re.compile(r"^(?P<gene>[A-Z][A-Z0-9]+) (?:NP_\S+:)?(?P<change>p\.\S+|[A-Z]\d+[A-Z*]) Mutation$")

RECEPTOR = re.compile(r"^(?P<receptor>Estrogen Receptor|Progesterone Receptor|HER2/Neu) (?P<value>Positive|Negative)$", re.I)
RECEPTORS = {"estrogen receptor": "er_status", "progesterone receptor": "pr_status", "her2/neu": "her2_status"}


@dataclass
class TrialReading:
    """Arms, and the files that could not be read."""

    arms: list[TrialArm] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def read_trials(path: Path) -> TrialReading:
    """Read one file or every file of a folder.

    Parameters
    ----------
    path : Path
        CTML (JSON or YAML), an ACTIN trial, a ClinicalTrials.gov version 2 answer or study, an NCI Clinical Trials Search answer.

    Returns
    -------
    TrialReading
        A file that is none of these is among ``refused`` where others could be read.

    Raises
    ------
    BadInput
        Nothing could be read.
    """
    files = sorted(one for one in path.rglob("*") if one.name.endswith(SUFFIXES)) if path.is_dir() else [path]
    reading = TrialReading()
    for file in files:
        try:
            reading.arms.extend(_read_file(file))
        except BadInput as fault:
            reading.refused.append(str(fault))
    if not reading.arms:
        raise BadInput(
            reading.refused[0] if reading.refused else f"{path.name}: holds no trial; give CTML or registry JSON files"
        )
    return reading


def _read_file(file: Path) -> list[TrialArm]:
    data = read_bounded(file)
    document = _parse_yaml(data, file.name) if file.suffix in (".yaml", ".yml") else parse_json(data, file.name)
    arms = [arm for trial in _trials_in(document) for arm in _arms_of(trial)]
    if not arms:
        raise BadInput(f"{file.name}: holds no trial with an arm; give CTML, ACTIN, ClinicalTrials.gov v2 or NCI CTS documents")
    return arms


def _parse_yaml(data: bytes, name: str) -> Any:
    import yaml

    text = decode_utf8(data, name)
    if re.search(r"(?m)(?:^|[\s:\[,-])[&*][A-Za-z0-9_]+\s*$", text):
        raise UnsafeInput(f"{name}: uses YAML anchors; write the clauses out")
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as fault:
        raise BadInput(f"{name}: is no YAML: {str(fault).splitlines()[0]}") from None


def _trials_in(document: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(document, list):
        for one in document:
            yield from _trials_in(one)
    elif isinstance(document, Mapping):
        if "studies" in document or "data" in document:
            yield from _trials_in(document.get("studies") or document.get("data"))
        else:
            yield document


def _arms_of(trial: Mapping[str, Any]) -> Iterator[TrialArm]:
    if "treatment_list" in trial:
        yield from _ctml_arms(trial)
    elif "generalEligibility" in trial or "cohorts" in trial:
        identity = trial.get("identification") or {}
        trial_id = str(identity.get("trialId") or identity.get("nctId") or "")
        title = str(identity.get("acronym") or identity.get("title") or "")
        for cohort, is_open, clauses in actin_arms(trial):
            yield TrialArm(trial_id, cohort, title, is_open, tuple(clauses))
    elif "protocolSection" in trial:
        yield _registry_arm(trial["protocolSection"])
    elif "nct_id" in trial and ("eligibility" in trial or "diseases" in trial):
        yield _nci_arm(trial)


def _ctml_arms(trial: Mapping[str, Any]) -> Iterator[TrialArm]:
    trial_id = str(trial.get("protocol_no") or trial.get("nct_id") or trial.get("trial_id") or "")
    title = str(trial.get("short_title") or trial.get("long_title") or "")
    is_open = str(trial.get("status", "open")).lower() in OPEN_WORDS
    for step in trial["treatment_list"].get("step") or ():
        for arm in step.get("arm") or ():
            clauses = tuple(one for one in (step.get("match"), arm.get("match")) if one)
            suspended = str(arm.get("arm_suspended", "N")).upper() == "Y"
            code = str(arm.get("arm_code") or arm.get("arm_internal_id") or "")
            levels = [one for one in arm.get("dose_level") or () if one.get("match")]
            for level in levels:
                name = f"{code}/{level.get('level_code') or level.get('level_internal_id')}"
                yield TrialArm(trial_id, name, title, is_open and not suspended, (*clauses, level["match"]))
            if clauses or not levels:
                yield TrialArm(trial_id, code, title, is_open and not suspended, clauses)


def _registry_arm(study: Mapping[str, Any]) -> TrialArm:
    eligibility = study.get("eligibilityModule") or {}
    clinical: dict[str, Any] = {}
    if str(eligibility.get("sex", "ALL")).upper() in ("MALE", "FEMALE"):
        clinical["gender"] = eligibility["sex"]
    ages = [(">=", eligibility.get("minimumAge")), ("<=", eligibility.get("maximumAge"))]
    clauses: list[Any] = [{"clinical": clinical}] if clinical else []
    clauses.extend(
        {"clinical": {"age_numerical": f"{sign}{years:g}"}} for sign, text in ages if (years := _years(text)) is not None
    )
    conditions = (study.get("conditionsModule") or {}).get("conditions") or ()
    if conditions:
        clauses.append({"clinical": {"oncotree_primary_diagnosis": list(conditions)}})
    text = str(eligibility.get("eligibilityCriteria") or "")
    lines = [line.strip(" *-\t") for line in text.splitlines() if line.strip(" *-\t")]
    identity, status = study.get("identificationModule") or {}, study.get("statusModule") or {}
    return TrialArm(
        str(identity.get("nctId", "")),
        "",
        str(identity.get("briefTitle", "")),
        str(status.get("overallStatus", "")).lower() in OPEN_WORDS,
        tuple(clauses),
        tuple(lines) or ("eligibility is not stated",),
    )


def _years(text: Any) -> float | None:
    match = YEARS.match(str(text or ""))
    return int(match.group(1)) / PER_YEAR[match.group(2).lower()] if match else None


def _nci_arm(trial: Mapping[str, Any]) -> TrialArm:
    eligibility = trial.get("eligibility") or {}
    structured = eligibility.get("structured") or {}
    clauses: list[Any] = []
    for name, sign in (("min_age_in_years", ">="), ("max_age_in_years", "<=")):
        if isinstance(structured.get(name), int | float) and structured[name] < 200:
            clauses.append({"clinical": {"age_numerical": f"{sign}{structured[name]:g}"}})
    if str(structured.get("gender", "BOTH")).upper() in ("MALE", "FEMALE"):
        clauses.append({"clinical": {"gender": structured["gender"]}})
    stated = [(one.get("inclusion_indicator"), _disease(one)) for one in trial.get("diseases") or ()]
    diseases = [name for indicator, name in stated if indicator == "TRIAL"]
    if diseases:
        clauses.append({"clinical": {"oncotree_primary_diagnosis": diseases}})
    by_hand = [f"diagnosis {name}: whether it is included is not said" for indicator, name in stated if indicator is None]
    for one in trial.get("biomarkers") or ():
        name, excluding = str(one.get("name", "")), str(one.get("eligibility_criterion", "inclusion")).lower() == "exclusion"
        if one.get("inclusion_indicator", "TRIAL") != "TRIAL":
            continue
        clause = _nci_biomarker(name, excluding)
        if clause is not None:
            clauses.append(clause)
        else:
            by_hand.append(f"{'without' if excluding else 'with'} {name}")
    by_hand.extend(str(one.get("description")) for one in eligibility.get("unstructured") or () if one.get("description"))
    is_open = str(trial.get("current_trial_status", "")).lower() in OPEN_WORDS
    title = str(trial.get("brief_title", ""))
    return TrialArm(str(trial["nct_id"]), "", title, is_open, tuple(clauses), tuple(by_hand) or ("eligibility is not stated",))


def _disease(disease: Mapping[str, Any]) -> str:
    concept = disease.get("nci_thesaurus_concept_id")
    return f"{disease.get('name', '')} (NCIT:{concept})" if concept else str(disease.get("name", ""))


def _nci_biomarker(name: str, excluding: bool) -> dict[str, Any] | None:
    match = BIOMARKER.match(name)
    if match:
        category = "!Mutation" if excluding else "Mutation"
        return {"genomic": {"hugo_symbol": match["gene"], "variant_category": category, "protein_change": match["change"]}}
    status = RECEPTOR.match(name)
    if status:
        negation = "!" if excluding else ""
        return {"clinical": {RECEPTORS[status["receptor"].lower()]: f"{negation}{status['value'].capitalize()}"}}
    return None
