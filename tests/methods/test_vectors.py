"""Every method with reference vectors reproduces all of them at the index's tolerances."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from singula.methods.registry import list_methods
from tests.methods.vectors import check_vectors

TOPICS = ("risk", "dosing", "monitoring", "tumour", "germline")
METHODS = sorted(method_id for method_id, _ in list_methods())


@pytest.mark.shared
@pytest.mark.parametrize("method_id", METHODS)
def test_method_reproduces_its_reference_vectors(shared: Path, method_id: str) -> None:
    topics = [
        topic
        for topic in TOPICS
        if (shared / "vectors" / topic / f"{method_id}.jsonl").is_file()
        and method_id in json.loads((shared / "vectors" / topic / "INDEX.json").read_text())
    ]
    if not topics:
        pytest.skip("no reference vectors; the truth tables hold this method")
    for topic in topics:
        assert check_vectors(shared, topic, method_id) > 0
