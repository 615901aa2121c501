from pathlib import Path

import pytest

from tests.methods.vectors import check_vectors


@pytest.mark.shared
def test_ckd_epi_2021_reproduces_the_reference_vectors(shared: Path) -> None:
    assert check_vectors(shared, "dosing", "egfr-ckd-epi-2021") == 16
