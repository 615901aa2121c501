"""Every duty of SMART 2.2 and (g)(10) is either shown by a test that exists, or told with its reason."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]


def rows() -> list[dict[str, str]]:
    return list(csv.DictReader((ROOT / "docs/conformance.tsv").read_text(encoding="utf-8").splitlines(), delimiter="\t"))


def test_every_duty_is_decided() -> None:
    found = rows()
    assert Counter(row["set"] for row in found) == {"smart-2.2.0": 172, "g10": 77}
    for row in found:
        assert row["applies"] in ("yes", "no"), row["id"]
        assert row["test"] if row["applies"] == "yes" else row["note"], row["id"]


def test_every_test_named_exists() -> None:
    for row in rows():
        if row["applies"] == "yes":
            file, _, name = row["test"].partition("::")
            assert re.search(rf"def {name}\(", (ROOT / file).read_text(encoding="utf-8")), row["test"]
