"""The rules of consent and of the audit chain, held to the published cases."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from singula.govern.audit import verify_chain
from singula.govern.consent import Asked, decide, read_instant, read_provision


@pytest.mark.shared
def test_every_consent_decision_is_as_published(shared: Path) -> None:
    lines = (shared / "vectors/platform/consent_decisions.jsonl").read_text().splitlines()
    for case in map(json.loads, lines):
        inputs = case["inputs"]
        asked = Asked(inputs["actor"], tuple(inputs["actor_roles"]), inputs["purpose"])
        provisions = [read_provision(one) for one in inputs["provisions"]]
        ruling = decide(provisions, asked, inputs["labels"], read_instant(inputs["at"]))
        assert (ruling.decision, ruling.because) == (case["expected"]["decision"], case["expected"]["because"]), case["id"]
    assert len(lines) == 31


@pytest.mark.shared
def test_every_tampering_with_a_chain_is_found(shared: Path) -> None:
    document = json.loads((shared / "vectors/platform/audit_chains.json").read_text())
    for case in document["variants"]:
        verdict = verify_chain(case["entries"], document["checkpoint"])
        expected = case["expected"]
        assert (verdict.ok, verdict.problem, verdict.first_bad) == (expected["ok"], expected["problem"], expected["first_bad"])
