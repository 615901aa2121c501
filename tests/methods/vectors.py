"""Hold a method against the numbers others computed: the reference vectors of its topic."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from singula.errors import MethodError
from singula.methods.registry import run_method


def check_vectors(shared: Path, topic: str, method_id: str) -> int:
    """Run every visible vector of a method and return how many there were; the first difference fails the test."""
    index = json.loads((shared / "vectors" / topic / "INDEX.json").read_text())[method_id]
    lines = (shared / "vectors" / topic / f"{method_id}.jsonl").read_text().splitlines()
    for line in lines:
        case = json.loads(line)
        assert_answer(method_id, case, index["outputs"])
    assert lines
    return len(lines)


def assert_answer(method_id: str, case: dict[str, Any], outputs: dict[str, Any]) -> None:
    """Compare one answer with the expectation at the index's tolerances."""
    expected = case["expected"]
    try:
        answer = run_method(method_id, case["inputs"])
    except MethodError as refusal:
        assert expected == {"error": refusal.kind}, f"{case['id']}: {refusal}"
        return
    for name, wanted in expected.items():
        assert name in answer, f"{case['id']}: {name} is not answered, wanted {wanted}"
        spec = outputs.get(name, {})
        assert is_close(answer[name], wanted, spec), f"{case['id']}: {name} is {answer[name]}, wanted {wanted}"


def is_close(value: Any, wanted: Any, spec: dict[str, Any]) -> bool:
    """Tell whether a value equals the wanted one within the tolerances of its output."""
    if isinstance(wanted, (bool, str)) or wanted is None:
        return bool(value == wanted)
    if isinstance(wanted, int | float):
        return isinstance(value, int | float) and math.isclose(
            value, wanted, rel_tol=spec.get("tolerance_rel") or 0.0, abs_tol=max(spec.get("tolerance_abs") or 0.0, 1e-12)
        )
    if isinstance(wanted, list):
        return len(value) == len(wanted) and all(is_close(a, b, spec) for a, b in zip(value, wanted, strict=True))
    return all(is_close(value[key], item, spec) for key, item in wanted.items())
