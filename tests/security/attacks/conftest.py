"""A real store with two people, one of them open to a clinician, behind the real application."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.govern.conftest import Shop, shop
from tests.serve.real import RealServer, serve_shop

__all__ = ["shop"]
CANARY = "Canarywood"


@pytest.fixture
def real(shop: Shop) -> RealServer:
    shop.run("consent", "grant", "p1", "--actor", "user:doc")
    return serve_shop(shop)


def corpus(shared: Path, name: str, key: str) -> list[str]:
    """The hostile strings of one file of the shared corpus."""
    lines = (shared / "vectors/platform/attacks" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    found: list[str] = [json.loads(line)[key] for line in lines]
    return found


def observation(patient: str, **more: Any) -> dict[str, Any]:
    return {"resourceType": "Observation", "status": "final", "code": {"text": "x"},
            "subject": {"reference": f"Patient/{patient}"}, **more}  # fmt: skip
