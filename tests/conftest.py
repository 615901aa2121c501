"""Fixtures every test may use."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[1].parent / "shared"
FALLBACK_SHARED = Path(__file__).parents[2].parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The reference material beside the checkout; the test skips where it is absent."""
    for folder in (SHARED, FALLBACK_SHARED):
        if (folder / "DESIGN.md").is_file():
            return folder
    pytest.skip("the reference material (../shared) is not beside this checkout")
