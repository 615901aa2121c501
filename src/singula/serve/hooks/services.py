"""The hooks this server answers, and what it asks the caller to send along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ALIASES = {"medication-prescribe": "order-select", "order-review": "order-sign"}
GENOTYPE, HAPLOTYPE, VARIANT = "84413-4", "84414-2", "69548-6"
GENE_PHENOTYPES = ("79713-4", "79716-7", "79714-2", "79715-9", "79719-1")
LABORATORY = ("2160-0", "38483-4", "14682-9", "62238-1", "98979-8", "33914-3", "1742-6", "1920-8", "2823-3", "29463-7")
ORDER_HOOKS = ("order-select", "order-sign")
NEEDED_KEYS = ("patient", "genetics")


@dataclass(frozen=True)
class HookService:
    """One service: its place in the address and the hook it answers."""

    id: str
    hook: str
    title: str
    description: str

    @property
    def is_about_orders(self) -> bool:
        """Tell whether the hook comes with draft orders."""
        return self.hook in ORDER_HOOKS

    def answers(self, hook: Any) -> bool:
        """Tell whether a request's hook is this service's, by its present or its earlier name."""
        return isinstance(hook, str) and ALIASES.get(hook, hook) == self.hook

    def describe(self) -> dict[str, Any]:
        """Return the service as discovery shows it."""
        return {
            "hook": self.hook,
            "id": self.id,
            "title": self.title,
            "description": self.description,
            "prefetch": dict(PREFETCH),
        }


def _codes(*codes: str) -> str:
    return ",".join(f"http://loinc.org|{code}" for code in codes)


PREFETCH: Mapping[str, str] = {
    "patient": "Patient/{{context.patientId}}",
    "conditions": "Condition?patient={{context.patientId}}",
    "medications": "MedicationRequest?patient={{context.patientId}}&status=active",
    "statements": "MedicationStatement?patient={{context.patientId}}&status=active",
    "allergies": "AllergyIntolerance?patient={{context.patientId}}",
    "genetics": "Observation?patient={{context.patientId}}&category=http://terminology.hl7.org/CodeSystem/v2-0074|GE",
    "genotypes": "Observation?patient={{context.patientId}}&code=" + _codes(GENOTYPE, HAPLOTYPE, VARIANT, *GENE_PHENOTYPES),
    "laboratory": "Observation?patient={{context.patientId}}&code=" + _codes(*LABORATORY),
}
SERVICES = (
    HookService(
        "singula-patient-view",
        "patient-view",
        "Singula: what the whole record asks for",
        "The most urgent steps of the person's plan, at most five; silent where nothing needs doing.",
    ),
    HookService(
        "singula-order-select",
        "order-select",
        "Singula: a medicine is being chosen",
        "Judges the chosen medicines against genes, kidneys, liver, age, allergies and other medicines; silent if all is well.",
    ),
    HookService(
        "singula-order-sign",
        "order-sign",
        "Singula: orders are about to be signed",
        "Judges every draft medicine against genes, kidneys, liver, age, allergies and other medicines; silent if all is well.",
    ),
)


def find_service(service_id: str) -> HookService | None:
    """Return the service of that id; None where there is none."""
    return next((one for one in SERVICES if one.id == service_id), None)
