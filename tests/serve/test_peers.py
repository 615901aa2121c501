"""Clients that other people wrote work against this server."""

from __future__ import annotations

from typing import Any

import pytest

from tests.serve.test_running import running_server

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def test_the_python_client_of_smart_reads_and_searches() -> None:
    client: Any = pytest.importorskip("fhirclient.client")
    observation = pytest.importorskip("fhirclient.models.observation")
    patient = pytest.importorskip("fhirclient.models.patient")
    with running_server() as (base, made):
        smart = client.FHIRClient(settings={"app_id": "app", "api_base": f"{base}/fhir", "app_secret": "x"})
        smart.prepare()
        assert smart.server.auth.auth_type == "oauth2"
        smart.server.auth.access_token = made.clinician
        found = patient.Patient.read("p1", smart.server)
        assert found.birthDate.isostring == "1960-02-03"
        rows = observation.Observation.where({"patient": "p1", "code": "84413-4"}).perform_resources(smart.server)
        assert [one.id for one in rows] == ["p1-geno"]


def test_fhirpy_reads_searches_pages_and_writes() -> None:
    fhirpy: Any = pytest.importorskip("fhirpy")
    with running_server() as (base, made):
        client = fhirpy.SyncFHIRClient(f"{base}/fhir", authorization=f"Bearer {made.clinician}")
        assert client.reference("Patient", "p1").to_resource()["gender"] == "female"
        written = client.resource(
            "Observation", status="final", code={"text": "weight"}, subject={"reference": "Patient/p1"},
            valueQuantity={"value": 70, "unit": "kg"})  # fmt: skip
        written.save()
        assert written.id
        found = client.resources("Observation").search(patient="p1").limit(1).fetch_all()
        assert {one.id for one in found} == {"p1-geno", written.id}
        assert client.resources("Observation").search(patient="p1").count() == 2
        written.delete()
        assert client.resources("Observation").search(patient="p2").fetch_all() == []
