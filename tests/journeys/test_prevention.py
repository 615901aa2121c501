"""Six people whose preventive care others decided: what is due, what ended, what was replaced, which medicine was weighed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from singula.cli.main import main
from tests.journeys.expectations import faults


@pytest.mark.shared
@pytest.mark.parametrize("person", [f"risk-v{number}" for number in range(1, 7)])
def test_every_expectation_of_the_reference_people_is_met(shared: Path, person: str, capsys: pytest.CaptureFixture[str]) -> None:
    folder = shared / "samples/risk/patients"
    expectations: dict[str, Any] = json.loads((folder / "EXPECT.json").read_text(encoding="utf-8"))
    expected = next(one for one in expectations["patients"] if one["id"] == person)
    assert main(["plan", str(folder / expected["file"]), "--json", "--as-of", expectations["as_of"]]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert list(faults(plan, expected)) == []
