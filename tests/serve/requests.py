"""A person who metabolises clopidogrel poorly, and orders to sign."""

from __future__ import annotations

import copy
from typing import Any

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
GE = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "GE"}]}
GENE = {"coding": [{"system": "http://www.genenames.org", "code": "HGNC:2621", "display": "CYP2C19"}]}


def person(patient: str = "p1", diplotype: str = "CYP2C19 *2/*2") -> list[dict[str, Any]]:
    """Return the person's resources: who they are, and one genotype."""
    made: list[dict[str, Any]] = [
        {"resourceType": "Patient", "id": patient, "gender": "female", "birthDate": "1960-02-03"},
        {
            "resourceType": "Observation",
            "id": f"{patient}-geno",
            "status": "final",
            "category": [GE],
            "code": {"coding": [{"system": "http://loinc.org", "code": "84413-4"}]},
            "subject": {"reference": f"Patient/{patient}"},
            "effectiveDateTime": "2025-03-04",
            "valueCodeableConcept": {"text": diplotype},
            "component": [
                {"code": {"coding": [{"system": "http://loinc.org", "code": "48018-6"}]}, "valueCodeableConcept": GENE}
            ],
        },
    ]
    return copy.deepcopy(made)


def order(name: str, code: str | None, identity: str, patient: str) -> dict[str, Any]:
    """Return a draft order."""
    codings = [{"system": RXNORM, "code": code}] if code else []
    return {
        "resourceType": "MedicationRequest",
        "id": identity,
        "status": "draft",
        "intent": "order",
        "subject": {"reference": f"Patient/{patient}"},
        "medicationCodeableConcept": {"text": name, "coding": codings},
    }


def order_request(
    name: str,
    code: str | None = None,
    *,
    hook: str = "order-sign",
    patient: str = "p1",
    draft: str = "d1",
    also: str | None = None,
    prefetch: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return a hook request with one draft order, or two."""
    orders = [order(name, code, draft, patient)] + ([order(also, None, "d2", patient)] if also else [])
    context: dict[str, Any] = {
        "userId": "Practitioner/1",
        "patientId": patient,
        "draftOrders": {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in orders]},
    }
    if hook == "order-select":
        context["selections"] = [f"MedicationRequest/{draft}"]
    body = {"hook": hook, "hookInstance": "5d2e6d0e-9a4d-4d63-9d8e-f00000000001", "context": context}
    return body | ({"prefetch": prefetch} if prefetch is not None else {})
