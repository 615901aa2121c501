"""The therapy table is held to its rules before a tumour is matched with it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from singula.knowledge.library import SHIPPED
from singula.knowledge.pack import Pack
from singula.methods.tumour.lint import lint_therapies


def spoiled(folder: Path, table: str, old: str, new: str) -> list[str]:
    shutil.copytree(SHIPPED / "tumour", folder / "tumour")
    path = folder / "tumour" / f"{table}.tsv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return list(lint_therapies(Pack(folder / "tumour")))


def test_the_shipped_table_keeps_every_rule() -> None:
    assert list(lint_therapies(Pack(SHIPPED / "tumour"))) == []


@pytest.mark.parametrize(
    ("table", "old", "new", "words"),
    [
        ("therapies", "EGFR:L858R\tNSCLC", "EGFR:(((\tNSCLC", "s-egfr-osimertinib"),
        ("therapies", "EGFR:L858R\tNSCLC", "EGFR:L858R\tNOTHERE", "NOTHERE is no tumour type"),
        ("therapies", "\tsensitivity\tEGFR", "\tperhaps\tEGFR", "direction is perhaps"),
        ("therapies", "\tregular\t2018", "\tmaybe\t2018", "approval is maybe"),
        ("therapies", "\tTAGRISSO\tregular\t2018", "\t\tregular\t2018", "opens a medicine and names no label"),
        ("tumour_types", "Serous Ovarian Cancer\tSOC", "Serous Ovarian Cancer\tNOPE", "its parent NOPE"),
    ],
)  # fmt: skip
def test_a_spoiled_row_is_named(tmp_path: Path, table: str, old: str, new: str, words: str) -> None:
    assert any(words in fault for fault in spoiled(tmp_path, table, old, new))
