"""The CapabilityStatement: made from the same tables the routes are made from."""

from __future__ import annotations

from typing import Any

from singula import __version__
from singula.serve.fhir.parameters import INCLUDES, is_searchable, is_writable
from singula.serve.genomics.questions import OPERATIONS
from singula.serve.settings import Settings
from singula.sources.search_paths import SEARCH, search_parameters

BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport"
GUIDE = "http://hl7.org/fhir/uv/genomics-reporting/OperationDefinition"
LINKS = (
    "Patient.link is not followed when access is decided: a token or a permission that opens one Patient opens that record "
    "alone, also where another Patient is linked to it."
)
MADE = "2026-11-26"
SMART_SERVICE = "http://terminology.hl7.org/CodeSystem/restful-security-service"
OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"


def capability_statement(settings: Settings) -> dict[str, Any]:
    """Return what this server can do."""
    operations = [
        {"name": "everything", "definition": "http://hl7.org/fhir/OperationDefinition/Patient-everything"},
        {"name": "export", "definition": "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export"},
        {"name": "status", "definition": f"{BACKPORT}/OperationDefinition/backport-subscription-status"},
        {"name": "plan", "definition": f"{settings.base}/fhir/OperationDefinition/plan"},
        *({"name": name, "definition": f"{GUIDE}/{name}"} for name in OPERATIONS),
    ]
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": MADE,
        "kind": "instance",
        "software": {"name": "Singula", "version": __version__},
        "implementation": {"description": "Singula", "url": settings.fhir_base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "implementationGuide": [
            "http://hl7.org/fhir/uv/genomics-reporting/ImplementationGuide/hl7.fhir.uv.genomics-reporting",
            "http://hl7.org/fhir/smart-app-launch/ImplementationGuide/hl7.fhir.uv.smart-app-launch",
        ],
        "rest": [
            {
                "mode": "server",
                "security": _security(settings),
                "resource": [_resource(kind) for kind in SEARCH],
                "interaction": [{"code": "transaction"}, {"code": "batch"}],
                "operation": operations,
            }
        ],
    }


def _security(settings: Settings) -> dict[str, Any]:
    urls = {name: f"{settings.base}/oauth/{name}" for name in ("authorize", "token", "introspect", "revoke")}
    return {
        "cors": bool(settings.allow_origin),
        "service": [{"coding": [{"system": SMART_SERVICE, "code": "SMART-on-FHIR"}], "text": "OAuth2 with SMART-on-FHIR"}],
        "extension": [{"url": OAUTH_URIS, "extension": [{"url": name, "valueUri": url} for name, url in urls.items()]}],
    }


def _resource(kind: str) -> dict[str, Any]:
    codes = ["read", "vread", "history-instance"]
    codes += ["search-type"] if is_searchable(kind) else []
    codes += ["create", "update", "delete"] if is_writable(kind) else []
    made: dict[str, Any] = {
        "type": kind,
        "interaction": [{"code": code} for code in codes],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": False,
        "conditionalCreate": False,
    }
    if is_searchable(kind):
        made["searchParam"] = [{"name": name, "type": sort} for name, sort in search_parameters(kind).items()]
        made["searchInclude"] = list(INCLUDES[kind])
        found = [include for other, group in INCLUDES.items() for include in group if _may_point(other, include, kind)]
        made["searchRevInclude"] = found
    if kind == "Patient":
        made["documentation"] = LINKS
        made["operation"] = [{"name": "everything", "definition": "http://hl7.org/fhir/OperationDefinition/Patient-everything"}]
    return {name: value for name, value in made.items() if value != []}


def _may_point(other: str, include: str, kind: str) -> bool:
    if other == kind == "Patient":
        return False
    name = include.split(":")[1]
    if kind == "Patient":
        return name in ("patient", "subject")
    return name in ("derived-from", "has-member", "result", "target", "focus", "item") and kind in (
        "Observation",
        "DiagnosticReport",
    )
