"""Scopes are read by the published grammar, and cut to what a program is registered for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from singula.errors import BadInput
from singula.serve.scopes import DataScope, Needs, cut_to, is_bound, is_permitted, read_scope


@pytest.mark.shared
def test_the_visible_scopes_are_read_as_published(shared: Path) -> None:
    for line in (shared / "vectors/platform/smart_scopes.jsonl").read_text().splitlines():
        case = json.loads(line)
        text, expected = case["inputs"]["scope"], case["expected"]
        if "error" in expected:
            with pytest.raises(BadInput):
                read_scope(text)
            continue
        found = read_scope(text)
        if isinstance(found, DataScope):
            told = {"context": found.context, "resource": found.resource, "permissions": found.permissions,
                    "query": dict(found.query)}  # fmt: skip
            assert told == expected, text
        else:
            assert expected["special"] == found


def test_a_patient_scope_needs_a_bound_token() -> None:
    needs = Needs("Observation", "r")
    assert is_permitted(["patient/*.rs"], needs, is_patient=True)
    assert not is_permitted(["patient/*.rs"], needs, is_patient=False)
    assert not is_permitted(["patient/*.s", "openid", "nonsense"], needs, is_patient=True)
    assert is_bound(["patient/*.rs", "user/Condition.rs"], needs)
    assert not is_bound(["patient/*.rs", "user/*.rs"], needs)


def test_too_wide_a_scope_is_cut_to_the_registered_one() -> None:
    assert cut_to(["patient/*.cruds"], ["patient/*.rs"]) == ["patient/*.rs"]
    assert cut_to(["patient/*.rs"], ["patient/Observation.r"]) == ["patient/Observation.r"]
    assert cut_to(["system/*.rs"], ["patient/*.rs"]) == []
    assert cut_to(["openid", "fhirUser", "offline_access"], ["openid"]) == ["openid", "fhirUser"]
    assert cut_to(["patient/Observation.rs?code=1"], ["patient/*.cruds"]) == ["patient/Observation.rs?code=1"]
