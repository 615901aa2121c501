"""Figures of a tumour report as inline SVG: where the changes of each gene lie, and what was given in which order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from singula.methods.tumour.sample import TumourVariant

if TYPE_CHECKING:
    from markupsafe import Markup

WIDTH, LEFT, RIGHT = 640, 20, 620
ROW, HEAD, AXIS = 26, 34, 12


def draw_lollipops(gene: str, variants: Sequence[TumourVariant], last_codon: int) -> Markup:
    """Draw the changes of one gene along its codons.

    Parameters
    ----------
    gene : str
        The gene.
    variants : sequence of TumourVariant
        Those with a codon; each is a stick with its name.
    last_codon : int
        Where the axis ends; the last codon spoken of, which is not the end of the protein.

    Returns
    -------
    Markup
        One ``svg`` element with its meaning in words; every text is escaped.
    """
    from markupsafe import Markup, escape

    ordered = sorted(variants, key=lambda one: (one.alteration.start or 0, one.text))
    floor = HEAD + ROW * len(ordered)
    sticks = []
    for level, one in enumerate(ordered):
        at = LEFT + (RIGHT - LEFT) * (one.alteration.start or 0) / last_codon
        top = HEAD + ROW * level
        anchor, beside = ("end", at - 10) if at > WIDTH / 2 else ("start", at + 10)
        sticks.append(
            f'<line x1="{at:.1f}" y1="{floor}" x2="{at:.1f}" y2="{top}"/><circle cx="{at:.1f}" cy="{top}" r="6"/>'
            f'<text x="{beside:.1f}" y="{top + 4}" text-anchor="{anchor}">{escape(one.text)}</text>'
        )
    said = f"{gene}: " + ", ".join(f"{one.text} at codon {one.alteration.start}" for one in ordered)
    return Markup(  # noqa: S704 (numbers of ours and escaped words)
        f'<svg class="lollipop" viewBox="0 0 {WIDTH} {floor + 34}" role="img" aria-label="{escape(said)}">'
        f'<text x="{LEFT}" y="14">{escape(gene)}</text><rect x="{LEFT}" y="{floor}" width="{RIGHT - LEFT}" height="{AXIS}"/>'
        f'{"".join(sticks)}<text x="{LEFT}" y="{floor + 28}">codon 1</text>'
        f'<text x="{RIGHT}" y="{floor + 28}" text-anchor="end">codon {last_codon}</text></svg>'
    )


def draw_timeline(therapies: Sequence[str]) -> Markup:
    """Draw earlier therapies in the order they were reported; dates are not known here, so no distance means time."""
    from markupsafe import Markup, escape

    marks = []
    for number, name in enumerate(therapies):
        top = HEAD + ROW * number
        marks.append(
            f'<circle cx="{LEFT}" cy="{top}" r="6"/><text x="{LEFT + 14}" y="{top + 4}">{number + 1}. {escape(name)}</text>'
        )
    bottom = HEAD + ROW * (len(therapies) - 1)
    said = escape("Earlier therapies in the order reported: " + ", ".join(therapies))
    return Markup(  # noqa: S704 (numbers of ours and escaped words)
        f'<svg class="lollipop" viewBox="0 0 {WIDTH} {bottom + 20}" role="img" aria-label="{said}">'
        f'<line x1="{LEFT}" y1="{HEAD}" x2="{LEFT}" y2="{bottom}"/>{"".join(marks)}</svg>'
    )
