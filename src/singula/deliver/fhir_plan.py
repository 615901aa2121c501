"""The plan as a FHIR R4 Bundle of type collection: care plan, proposals, issues, risks, genomic report, and who made what.

Every reference points inside the bundle; ids come from content, so the same plan is the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from singula.deliver.fhir_facts import fact_to_fhir
from singula.deliver.fhir_genomics import GenomicWriter
from singula.deliver.fhir_ids import RXNORM, FhirBundle, Resource, concept, references, safe_text, without_empty
from singula.deliver.words import dose_words, kind_words
from singula.finding import Benefit
from singula.knowledge import Knowledge, load_knowledge
from singula.plan.model import Action, Conflict, Plan
from singula.record import Record
from singula.record.genome import SCANNED

PROVENANCE_ROLE = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
MEDICINE_KINDS = ("start", "stop", "avoid", "change-dose", "switch", "treat")
AGAINST = ("stop", "avoid", "switch")
PRIORITIES = ("urgent", "routine")
Reference = Mapping[str, str]


def plan_to_fhir(plan: Plan, record: Record, knowledge: Knowledge | None = None) -> dict[str, Any]:
    """Write ``plan.fhir.json``.

    Parameters
    ----------
    plan : Plan
        The plan.
    record : Record
        The record it was made from.
    knowledge : Knowledge, optional
        Packs with the codes; default is what is installed.

    Returns
    -------
    dict
        The Bundle.
    """
    return PlanWriter(plan, record, knowledge or load_knowledge()).write()


class PlanWriter:
    """Writes one plan."""

    def __init__(self, plan: Plan, record: Record, knowledge: Knowledge) -> None:
        record = _disclosed(record, plan)
        self._plan, self._record = plan, record
        self._bundle = FhirBundle(plan.person.id)
        self._patient = self._bundle.add(self._person())
        self._genomics = GenomicWriter(self._bundle, self._patient, record, knowledge)
        self._facts: dict[str, Reference] = {}
        self._made: dict[str, list[Reference]] = {}
        self._rxnorm: dict[str, str] = {}
        if knowledge.has("terminology"):
            self._rxnorm = {row.name: row.rxnorm[0] for row in knowledge.pack("terminology").table("ingredients") if row.rxnorm}

    def write(self) -> Resource:
        """Write every resource, in a fixed order."""
        self._genomics.write_findings()
        self._write_facts()
        activities = [self._activity(action) for action in self._plan.actions]
        for conflict in self._plan.conflicts:
            self._bundle.add(self._issue(conflict), generated=True)
        self._genomics.write_report(self._plan)
        care_plan = self._bundle.add(self._care_plan(activities), generated=True)
        self._bundle.add(self._guidance(care_plan), generated=True)
        self._write_provenance()
        return self._bundle.finish(f"{self._plan.as_of}T00:00:00Z")

    def _person(self) -> Resource:
        person = self._record.person
        identifiers = [
            without_empty({"system": safe_text(one.system or ""), "value": safe_text(one.value)})
            for one in person.identifiers
            if safe_text(one.value)
        ]
        made = {
            "resourceType": "Patient",
            "identifier": identifiers or [{"system": "urn:singula:person", "value": safe_text(person.id)}],
            "name": [{"text": safe_text(person.name)}] if person.name and safe_text(person.name) else [],
            "gender": person.sex_at_birth or "unknown",
            "birthDate": person.birth_date.text[: len("2026-11-26")] if person.birth_date else None,
        }
        return without_empty(made)

    def _write_facts(self) -> None:
        self._facts.update(self._genomics.said.by_fact)
        used = [one for action in self._plan.actions for one in action.inputs]
        used += [one for entry in self._plan.considered for one in entry.inputs]
        used += [one for grid in self._plan.options for one in grid.inputs]
        for one in dict.fromkeys(used):
            fact = self._record.fact_index.get(one)
            if fact is not None and one not in self._facts:
                self._facts[one] = self._bundle.add(fact_to_fhir(fact, self._patient))
                if fact.kind.value == "gene-phenotype":
                    self._genomics.said.by_fact[one] = self._facts[one]

    def _inputs(self, action: Action) -> list[Reference]:
        return references([self._facts.get(one) for one in action.inputs])

    def _activity(self, action: Action) -> Resource:
        request = self._request(action)
        self._genomics.write_implication(self._coded(action), request)
        if action.benefit:
            self._keep(action, self._bundle.add(self._risk(action, action.benefit), generated=True))
        if request is None:
            status = {"status": "not-started", "description": safe_text(action.summary)}
            code = concept(text=f"{kind_words(action.kind)}: {action.target.display}")
            return {"detail": {"code": code, **status}}
        self._keep(action, request)
        return {"reference": request}

    def _keep(self, action: Action, reference: Reference) -> None:
        self._made.setdefault(f"{action.target.type} {action.target.name}", []).append(reference)

    def _coded(self, action: Action) -> Action:
        code = self._rxnorm.get(action.target.name)
        if action.target.type != "medicine" or action.target.code or not code:
            return action
        return action.model_copy(update={"target": action.target.model_copy(update={"system": RXNORM, "code": code})})

    def _request(self, action: Action) -> Reference | None:
        if action.kind in ("inform", "counsel"):
            return None
        if action.target.type == "medicine" and action.kind in MEDICINE_KINDS:
            made = self._medication(action)
            if action.kind == "switch":
                self._alternative(action)
            return self._bundle.add(made, generated=True)
        return self._bundle.add(self._service(action), generated=True)

    def _medication(self, action: Action) -> Resource:
        target = self._coded(action).target
        made = {
            "resourceType": "MedicationRequest",
            "status": "draft",
            "intent": "proposal",
            "priority": PRIORITIES[min(action.urgency, 1)],
            "doNotPerform": True if action.kind in AGAINST else None,
            "medicationCodeableConcept": concept(target.system, target.code, target.display, target.display),
            "subject": self._patient,
            "supportingInformation": self._inputs(action),
            "authoredOn": self._plan.as_of.isoformat(),
            "reasonCode": [concept(text=action.summary)],
            "note": [{"text": safe_text(action.detail)}] if safe_text(action.detail) else [],
            "dosageInstruction": [{"text": dose_words(action.dose)}] if action.dose else [],
        }
        return without_empty(made)

    def _alternative(self, action: Action) -> None:
        best = next((one for one in action.alternatives if one.rank == 1), None)
        if best is None:
            return
        code = self._rxnorm.get(best.name)
        made = {
            "resourceType": "MedicationRequest",
            "status": "draft",
            "intent": "proposal",
            "priority": PRIORITIES[min(action.urgency, 1)],
            "medicationCodeableConcept": concept(RXNORM if code else None, code, best.display, best.display),
            "subject": self._patient,
            "supportingInformation": self._inputs(action),
            "authoredOn": self._plan.as_of.isoformat(),
            "reasonCode": [concept(text=best.reason or action.summary)],
        }
        self._keep(action, self._bundle.add(without_empty(made), generated=True))

    def _service(self, action: Action) -> Resource:
        target, due = action.target, action.due
        made: Resource = {
            "resourceType": "ServiceRequest",
            "status": "draft",
            "intent": "proposal",
            "priority": PRIORITIES[min(action.urgency, 1)],
            "code": concept(target.system, target.code, target.display, f"{kind_words(action.kind)}: {target.display}"),
            "subject": self._patient,
            "authoredOn": self._plan.as_of.isoformat(),
            "reasonCode": [concept(text=action.summary)],
            "supportingInfo": self._inputs(action),
            "note": [{"text": safe_text(action.detail)}] if safe_text(action.detail) else [],
            "patientInstruction": safe_text(action.patient_text),
        }
        if due and due.interval_months:
            repeat = {"boundsPeriod": {"start": due.date.isoformat()}, "period": due.interval_months, "periodUnit": "mo"}
            made["occurrenceTiming"] = {"repeat": {"frequency": 1, **repeat}}
        elif due:
            made["occurrenceDateTime"] = due.date.isoformat()
        return without_empty(made)

    def _risk(self, action: Action, benefit: Benefit) -> Resource:
        years = benefit.horizon_years
        period = {"start": self._plan.as_of.isoformat(), "end": _years_later(self._plan.as_of, years).isoformat()}
        prediction = {
            "outcome": concept(text=benefit.outcome),
            "probabilityDecimal": benefit.risk_percent,
            "whenPeriod": period,
            "rationale": safe_text(
                f"With {action.target.display}: {benefit.risk_percent_with} %; relative risk {benefit.relative_risk}, "
                f"absolute reduction {benefit.arr_percent} points ({benefit.effect_source})"
            ),
        }
        made = {
            "resourceType": "RiskAssessment",
            "status": "final",
            "method": concept(text=benefit.method),
            "subject": self._patient,
            "occurrenceDateTime": self._plan.as_of.isoformat(),
            "basis": self._inputs(action),
            "prediction": [prediction],
            "mitigation": safe_text(action.summary),
        }
        return without_empty(made)

    def _issue(self, conflict: Conflict) -> Resource:
        implicated = self._made.get(f"{conflict.target.type} {conflict.target.name}", [])
        made = {
            "resourceType": "DetectedIssue",
            "status": "final",
            "code": concept(text=f"Findings disagreed: {conflict.kind}"),
            "severity": "moderate",
            "patient": self._patient,
            "identifiedDateTime": self._plan.as_of.isoformat(),
            "implicated": references([*implicated]),
            "detail": safe_text(f"{conflict.target.display}: {'; '.join(conflict.losers)}"),
            "mitigation": [{"action": concept(text=f"{conflict.winner} (rule: {conflict.rule})")}],
        }
        return without_empty(made)

    def _care_plan(self, activities: list[Resource]) -> Resource:
        made = {
            "resourceType": "CarePlan",
            "status": "draft",
            "intent": "proposal",
            "title": "Singula plan",
            "description": safe_text(self._plan.notice),
            "subject": self._patient,
            "created": self._plan.as_of.isoformat(),
            "supportingInfo": references(list(self._facts.values())),
            "activity": activities,
            "note": [{"text": safe_text(f"Not known: {one.what}. {one.would_change}")} for one in self._plan.missing],
        }
        return without_empty(made)

    def _guidance(self, care_plan: Reference) -> Resource:
        made = {
            "resourceType": "GuidanceResponse",
            "moduleUri": "urn:singula:plan",
            "status": "success",
            "subject": self._patient,
            "occurrenceDateTime": self._plan.as_of.isoformat(),
            "reasonCode": [concept(text="One plan for one person")],
            "note": [{"text": safe_text(f"{one.severity}: {one.where}: {one.message}")} for one in self._plan.quality],
            "result": care_plan,
        }
        return without_empty(made)

    def _write_provenance(self) -> None:
        plan = self._plan
        device = {
            "resourceType": "Device",
            "deviceName": [{"name": "Singula", "type": "model-name"}],
            "version": [{"value": plan.singula_version}],
        }
        agent = {"type": concept(PROVENANCE_ROLE, "assembler", "Assembler"), "who": self._bundle.add(device)}
        packs = [
            {
                "role": "source",
                "what": {
                    "identifier": {"system": "urn:singula:knowledge", "value": f"{one.pack}@{one.version}"},
                    "display": safe_text(f"{one.title}, {one.version}, {one.date}"),
                },
            }
            for one in plan.knowledge
        ]
        for target in tuple(self._bundle.generated):
            made = {
                "resourceType": "Provenance",
                "target": [target],
                "recorded": f"{plan.as_of}T00:00:00Z",
                "agent": [agent],
                "entity": packs,
            }
            self._bundle.add(without_empty(made))


def _disclosed(record: Record, plan: Plan) -> Record:
    """Return the record without what a scan of the genome met and the plan does not tell: the person did not ask for it."""
    told = {fact.id for fact in plan.facts}
    scanned = (fact for fact in record.facts if any(source.reader == SCANNED for source in fact.sources))
    return record.without(*(fact.id for fact in scanned if fact.id not in told))


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
