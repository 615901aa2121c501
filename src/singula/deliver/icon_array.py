"""A hundred people as circles: how many meet the event without and with the treatment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from singula.finding import Benefit

if TYPE_CHECKING:
    from markupsafe import Markup

SIDE, STEP, RADIUS, PEOPLE = 10, 20, 7, 100


def draw_icon_array(benefit: Benefit, arm: Literal["without", "with"]) -> Markup:
    """Draw the array of one arm as SVG with words for a screen reader.

    Parameters
    ----------
    benefit : Benefit
        The risks in per cent.
    arm : {"without", "with"}
        Which risk to draw; with treatment, those spared are open circles.

    Returns
    -------
    Markup
        One ``svg`` element; only numbers of ours and the escaped outcome go into it.
    """
    from markupsafe import Markup, escape

    before, after = (min(PEOPLE, max(0, round(risk))) for risk in (benefit.risk_percent, benefit.risk_percent_with))
    hurt = before if arm == "without" else after
    spared = 0 if arm == "without" else max(0, before - after)
    circles = "".join(
        f'<circle class="{_fate(number, hurt, spared)}" cx="{STEP * (number % SIDE) + 10}" cy="{STEP * (number // SIDE) + 10}" '
        f'r="{RADIUS}"/>'
        for number in range(PEOPLE)
    )
    words = f"Of 100 people like this one, {hurt} have: {benefit.outcome}, {arm} treatment"
    label = escape(words if not spared else f"{words}; {spared} are spared")
    return Markup(f'<svg class="array" viewBox="0 0 200 200" role="img" aria-label="{label}">{circles}</svg>')  # noqa: S704


def _fate(number: int, hurt: int, spared: int) -> str:
    if number < hurt:
        return "hurt"
    return "spared" if number < hurt + spared else "rest"
