"""One alteration as the command line shows it."""

from __future__ import annotations

from typing import Any

from singula.methods.tumour.tables import TumourTables

ALWAYS = ("kind", "consequence", "ref", "alt", "start", "end", "normalised")
BY_KIND = (
    "exon",
    "five_prime",
    "three_prime",
    "copy_number",
    "structural",
    "category",
    "excluding",
    "members",
    "biomarker",
    "value",
)
FUSION = ("five_prime", "three_prime")


def show_alteration(text: str, gene: str | None, tables: TumourTables) -> dict[str, Any]:
    """Read an alteration and describe it; keys that say nothing of its kind are left out.

    Parameters
    ----------
    text : str
        As a laboratory writes it.
    gene : str or None
        The gene it is about.
    tables : TumourTables
        For exons and residues.
    """
    alteration, check = tables.read(text, gene or "")
    shown: dict[str, Any] = {name: getattr(alteration, name) for name in ALWAYS}
    for name in BY_KIND:
        value = getattr(alteration, name)
        if value or (alteration.kind == "fusion" and name in FUSION):
            shown[name] = list(value) if isinstance(value, tuple) else value
    shown["gene"] = alteration.gene or gene or None
    shown["reference_check"] = check
    return shown
