"""A tumour report as FHIR: one DiagnosticReport, its variants, and what they mean for treatment (Genomics Reporting)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from singula.deliver.fhir_genomics import CALLED_GENES, GENETICS, HGNC, HGVS, LABORATORY, PROFILES, TBD
from singula.deliver.fhir_ids import LOINC, FhirBundle, Resource, concept, references, safe_text, without_empty

if TYPE_CHECKING:
    from singula.deliver.tumour_report import TumourReport

ORIGINS = {"somatic": ("LA6684-0", "Somatic"), "germline": ("LA6683-2", "Germline")}


def report_to_fhir(report: TumourReport) -> Resource:
    """Write a report as a bundle.

    Parameters
    ----------
    report : TumourReport
        The report.

    Returns
    -------
    dict
        A Bundle of type collection; ids follow from content.
    """
    bundle = FhirBundle(report.sample.sample_id)
    patient = bundle.add({"resourceType": "Patient", "identifier": [{"value": safe_text(report.sample.sample_id)}]})
    by_change = {
        f"{one['gene']} {one['protein_change']}": bundle.add(_variant(one, patient)) for one in report.answer["variants"]
    }
    results = list(by_change.values())
    for therapy in report.answer["therapies"]:
        derived = [reference for change, reference in by_change.items() if change in therapy["reason"]]
        results.append(bundle.add(_implication(therapy, derived, patient)))
    bundle.add(
        without_empty(
            {
                "resourceType": "DiagnosticReport",
                "meta": {"profile": [f"{PROFILES}genomic-report"]},
                "status": "final",
                "category": [GENETICS],
                "code": concept(LOINC, "51969-4", "Genetic analysis report"),
                "subject": patient,
                "effectiveDateTime": report.as_of.isoformat(),
                "result": references(results),
                "conclusion": safe_text(f"{report.tumour_name}; not tested: {', '.join(report.untested) or 'none asked for'}"),
            }
        )
    )
    return bundle.finish(f"{report.as_of.isoformat()}T00:00:00Z")


def _observation(profile: str, code: Resource, patient: Mapping[str, str], **rest: Any) -> Resource:
    return without_empty(
        {
            "resourceType": "Observation",
            "meta": {"profile": [f"{PROFILES}{profile}"]},
            "status": "final",
            "category": [LABORATORY, GENETICS],
            "code": code,
            "subject": patient,
            **rest,
        }
    )


def _variant(one: Mapping[str, Any], patient: Mapping[str, str]) -> Resource:
    parts = [{"code": {"coding": [CALLED_GENES]}, "valueCodeableConcept": concept(HGNC, None, one["gene"], one["gene"])}]
    change = concept(HGVS, None, None, str(one["protein_change"]))
    parts.append({"code": concept(LOINC, "48005-3", "Amino acid change (pHGVS)"), "valueCodeableConcept": change})
    if one["origin"] in ORIGINS:
        source = concept(LOINC, "48002-0", "Genomic source class [Type]")
        parts.append({"code": source, "valueCodeableConcept": concept(LOINC, *ORIGINS[one["origin"]])})
    code = concept(LOINC, "69548-6", "Genetic variant assessment")
    return _observation("variant", code, patient, valueCodeableConcept=concept(LOINC, "LA9633-4", "Present"), component=parts)


def _implication(one: Mapping[str, Any], derived: Sequence[Mapping[str, str]], patient: Mapping[str, str]) -> Resource:
    medicines = concept(text=" + ".join(one["medicines"]))
    effect = concept(text=str(one["direction"]).replace("_", " "))
    code = concept(TBD, "therapeutic-implication", "Therapeutic Implication")
    parts: list[Resource] = [
        {"code": concept(LOINC, "51963-7", "Medication assessed [ID]"), "valueCodeableConcept": medicines},
        {"code": code, "valueCodeableConcept": effect},
        {"code": concept(LOINC, "93044-6", "Level of evidence"), "valueCodeableConcept": concept(text=f"tier {one['tier']}")},
        {"code": concept(TBD, "conclusion-string", "Conclusion Text"), "valueString": safe_text(one["reason"])},
    ]
    return _observation("therapeutic-implication", code, patient, derivedFrom=derived, component=parts)
