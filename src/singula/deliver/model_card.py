"""One source record per method, told three ways: JSON, a page, and the XML of the applied model card.

What nobody knows is said in words and never left empty; nothing is claimed about performance in other data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from singula.deliver.templating import render_page
from singula.knowledge import Knowledge
from singula.methods.registry import Method

SCHEMA = "singula.model-card/1"
NAMESPACE = "https://mc.chai.org/v0.2/schema.xsd"
UNKNOWN = "not known"
PROJECT = "Singula, an open-source project"
CONTACT = "the issue tracker of the project"
LOCAL = "Not assessed in local data; a site compares predicted with observed outcomes before it relies on the figure"
METRICS = ("UsefulnessUsabilityEfficacy", "FairnessEquity", "SafetyReliability")
USERS = "Clinicians, and software that supports them; not for use without a clinician"
ROLE = "Informs a clinician; never replaces judgement"
MAINTENANCE = "Reviewed with each release of the knowledge pack; the pack carries version and date"
PERSONAL = {
    "race": ("race",),
    "ethnicity": ("ethnicity",),
    "language": ("language",),
    "sexual orientation": ("sexual_orientation",),
    "gender identity": ("gender_identity",),
    "sex": ("sex",),
    "date of birth (as age)": ("age_years",),
    "social determinants": ("sdi", "townsend", "deprivation"),
    "health status assessment": ("responses",),
}


def describe_method(method: Method, knowledge: Knowledge) -> dict[str, Any]:
    """Gather the source record of one method.

    Parameters
    ----------
    method : Method
        The method.
    knowledge : Knowledge
        The packs; ``model_cards`` names the attributes of the regulation.

    Returns
    -------
    dict
        Identity, inputs, outputs, and every attribute with its answer: ``evidence_based`` (13) and ``predictive`` (31).
    """
    rows = knowledge.pack("model_cards").table("attributes")
    answers = {"evidence-based": _evidence_answers(method), "predictive": _predictive_answers(method)}
    attributes = {
        rule: [
            {"number": row.number, "attribute": row.attribute, "answer": told[row.number - 1]} for row in rows if row.rule == rule
        ]
        for rule, told in answers.items()
    }
    return {
        "schema": SCHEMA,
        "id": method.id,
        "title": method.title,
        "citations": list(method.citations),
        "pack": method.pack,
        "pack_version": method.pack_version,
        "review": method.review,
        "checked_against": method.facts.get("checked_against") or UNKNOWN,
        "population": _fact(method, "population"),
        "inputs": [{"name": one.name, "unit": one.unit, "range": one.range_in_words} for one in method.inputs.values()],
        "outputs": [{"name": one.name, "unit": one.unit, "meaning": one.meaning} for one in method.outputs.values()],
        "notes": list(method.facts.get("notes", ())),
        "disclaimer": method.disclaimer,
        "evidence_based": attributes["evidence-based"],
        "predictive": attributes["predictive"],
    }


def render_card_page(record: Mapping[str, Any]) -> str:
    """Render the source record as one page."""
    return render_page("model_card.html", card=record)


def render_card_xml(record: Mapping[str, Any]) -> bytes:
    """Render the source record as an applied model card of the Coalition for Health AI, version 0.2."""
    root: Any = etree.fromstring(f'<AppliedModelCard xmlns="{NAMESPACE}"/>')
    _fill(root, _card_tree(record))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _fill(parent: Any, tree: Mapping[str, Any]) -> None:
    for name, value in tree.items():
        for one in value if isinstance(value, list) else [value]:
            child = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
            if isinstance(one, Mapping):
                _fill(child, one)
            else:
                child.text = str(one)


def _card_tree(record: Mapping[str, Any]) -> dict[str, Any]:
    told = {row["number"]: row["answer"] for row in record["predictive"]}
    citations = "; ".join(record["citations"])
    return {
        "BasicInfo": {"ModelName": record["title"], "ModelDeveloper": told[1], "DeveloperContact": CONTACT},
        "ReleaseInfo": {
            "ReleaseStage": f"knowledge pack {record['pack']}, review {record['review']}",
            "ReleaseDate": UNKNOWN,
            "ReleaseVersion": record["pack_version"],
            "GlobalAvailability": "Open source; not a registered medical device",
        },
        "ModelSummary": {"Summary": record["title"], "Keywords": {"Keyword": [record["id"]]}},
        "UsesAndDirections": {
            "IntendedUseAndWorkflow": told[5],
            "PrimaryIntendedUsers": told[7],
            "HowToUse": f"singula calc run {record['id']}",
            "TargetedPatientPopulation": told[6],
            "CautionedOutOfScopeSettings": told[9],
        },
        "Warnings": {
            "KnownRisksAndLimitations": told[10],
            "KnownBiasesOrEthicalConsiderations": told[12],
            "ClinicalRiskLevel": UNKNOWN,
        },
        "TrustIngredients": {
            "AISystemFacts": {
                "OutcomesAndOutputs": told[3],
                "ModelType": "Published equation or rule; nothing is learnt from users' data",
                "InputDataSource": "The person's record, or values given by the user",
                "OutputAndInputDataTypes": _inputs_in_words(record),
                "DevelopmentDataCharacterization": told[11],
                "BiasMitigationApproaches": told[16],
                "OngoingMaintenance": told[26],
            },
            "TransparencyInformation": {"FundingSource": told[2], "StakeholdersConsulted": UNKNOWN},
        },
        "KeyMetrics": {name: _metric(name, record) for name in METRICS},
        "Resources": {"PeerReviewedPublications": citations, "PatientConsentOrDisclosure": UNKNOWN},
        "Bibliography": citations,
    }


def _metric(name: str, record: Mapping[str, Any]) -> dict[str, Any]:
    is_checked = name == "SafetyReliability"
    result = f'"{record["checked_against"]}"'.replace("\n", " ") if is_checked else f'"{UNKNOWN}"'
    return {
        "MetricGoal": "Answers equal those of the source" if is_checked else UNKNOWN,
        "Results": {"MetricResult": [{"Label": "implementation held against" if is_checked else "result", "ValueJson": result}]},
        "Interpretation": "Says that the arithmetic is right, not that the equation fits" if is_checked else LOCAL,
        "TestType": "Reproduction of reference values" if is_checked else UNKNOWN,
        "TestingDataDescription": record["checked_against"] if is_checked else UNKNOWN,
        "ValidationProcessAndJustification": UNKNOWN,
    }


def _evidence_answers(method: Method) -> list[str]:
    used = list(_personal_inputs(method))
    return [
        "; ".join(method.citations),
        f"The authors cited; carried out by {PROJECT}",
        UNKNOWN,
        f"Knowledge pack {method.pack} {method.pack_version}",
        *(f"Used: {', '.join(names)}" if names else "Not used" for _, names in used),
    ]


def _predictive_answers(method: Method) -> list[str]:
    used = "; ".join(f"{kind}: {', '.join(names)}" for kind, names in _personal_inputs(method) if names)
    notes = "; ".join(method.facts.get("notes", ()))
    outputs = "; ".join(f"{one.name} ({one.unit})" for one in method.outputs.values())
    population = _fact(method, "population")
    fixed = {
        1: f"Authors of: {'; '.join(method.citations)}. Carried out by {PROJECT}; contact: {CONTACT}",
        3: outputs,
        4: _fact(method, "outcome") if "outcome" in method.facts else "A figure or class computed by a published rule",
        5: f"To answer, for one person: {method.title}",
        6: population,
        7: USERS,
        8: ROLE,
        9: "; ".join(f"{one.name} outside {one.range_in_words} is refused" for one in method.inputs.values() if _is_bounded(one)),
        10: notes,
        11: population,
        12: used or "None of them is used",
        15: "None beyond disclosure: inputs that describe a group are named on this card",
        16: "Inputs outside the range or unknown are refused, never filled in silently",
        26: MAINTENANCE,
        27: LOCAL,
        29: LOCAL,
        30: MAINTENANCE,
    }
    return [fixed.get(number) or UNKNOWN for number in range(1, 32)]


def _personal_inputs(method: Method) -> Iterator[tuple[str, list[str]]]:
    for kind, words in PERSONAL.items():
        yield kind, [name for name in method.inputs if any(name == word or name.startswith(f"{word}_") for word in words)]


def _is_bounded(one: Any) -> bool:
    return one.low is not None or one.high is not None


def _inputs_in_words(record: Mapping[str, Any]) -> str:
    return "; ".join(f"{one['name']} ({one['unit']}; {one['range']})" for one in record["inputs"])


def _fact(method: Method, name: str) -> str:
    return str(method.facts.get(name) or UNKNOWN)
