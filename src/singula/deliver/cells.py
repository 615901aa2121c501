"""Cells of tables that people open in a spreadsheet: what looks like a formula there is marked as text."""

from __future__ import annotations

import re

OPENING = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
NUMBER = re.compile(r"^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$")


def safe_cell(value: object) -> str:
    """Write a value into a cell of a table with tabs or commas.

    Parameters
    ----------
    value : object
        A number stays a number; text that begins like a formula gets an apostrophe before it, and loses what would end the cell.

    Examples
    --------
    >>> safe_cell("=1+1"), safe_cell(-5), safe_cell("-5"), safe_cell("clopidogrel")
    ("'=1+1", '-5', '-5', 'clopidogrel')
    """
    text = str(value)
    if NUMBER.match(text):
        return text
    marked = f"'{text}" if text.startswith(OPENING) else text
    return re.sub(r"[\t\r\n]+", " ", marked)
