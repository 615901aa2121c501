"""The page on alterations shows only what is read as it says."""

from __future__ import annotations

import re
from pathlib import Path

from singula.methods.tumour.alteration_text import read_alteration
from singula.methods.tumour.expression import read_expression

PAGE = (Path(__file__).parents[3] / "docs/alteration-language.md").read_text(encoding="utf-8")
ROW = re.compile(r"(?m)^\| (?P<first>`.+?`) \| (?P<second>.+) \|$")


def test_every_alteration_on_the_page_is_of_the_kind_it_is_listed_under() -> None:
    rows = [match for match in ROW.finditer(PAGE.split("## What rules ask for")[0])]
    listed = [(row["first"].strip("`"), text) for row in rows for text in re.findall(r"`([^`]+)`", row["second"])]
    assert len(listed) > 20
    assert [(kind, text) for kind, text in listed if read_alteration(text).kind != kind] == []


def test_every_expression_on_the_page_is_read() -> None:
    rows = [match for match in ROW.finditer(PAGE.split("## What rules ask for")[1])]
    expressions = [row["first"].strip("`").replace("\\|", "|") for row in rows]
    assert len(expressions) == 11
    assert all(read_expression(one) is not None for one in expressions)
