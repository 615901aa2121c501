"""What must hold for the therapy table before a tumour is matched with it; part of ``singula kb verify``."""

from __future__ import annotations

from collections.abc import Iterator

from singula.errors import BadInput
from singula.knowledge import Pack, Row
from singula.methods.tumour.expression import read_expression
from singula.methods.tumour.matching import TIERS
from singula.methods.tumour.tumour_types import SOLID

DIRECTIONS = ("sensitivity", "resistance", "no_benefit")
APPROVALS = ("regular", "accelerated", "withdrawn", None)


def lint_therapies(pack: Pack) -> Iterator[str]:
    """Find rows that cannot be read, name unknown tumour types, or contradict themselves."""
    known = {row.code for row in pack.table("tumour_types")} | {SOLID}
    for row in pack.table("tumour_types"):
        if row.parent and row.parent not in known:
            yield f"{row.code}: its parent {row.parent} is no tumour type"
    for row in pack.table("therapies"):
        yield from (f"{row.id}: {words}" for words in _lint_row(row, known))


def _lint_row(row: Row, known: set[str]) -> Iterator[str]:
    try:
        read_expression(row.expression)
    except BadInput as fault:
        yield str(fault)
    yield from (
        f"{code} is no tumour type" for code in (*(row.oncotree or ()), *(row.exclude_oncotree or ())) if code not in known
    )
    if row.direction not in DIRECTIONS:
        yield f"direction is {row.direction}"
    if row.approval not in APPROVALS or (row.tier not in TIERS and row.approval != "withdrawn"):
        yield f"approval is {row.approval} and tier {row.tier}"
    if row.direction == "sensitivity" and not row.label:
        yield "opens a medicine and names no label"
