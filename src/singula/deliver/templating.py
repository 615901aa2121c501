"""How pages are made: one template environment that escapes everything, one style sheet, one strict content-security policy."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from singula.deliver import words
from singula.deliver.icon_array import draw_icon_array

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"


def render_page(name: str, **values: Any) -> str:
    """Fill a page template; every value is escaped, style and policy are added.

    Parameters
    ----------
    name : str
        File name of the template.
    **values : object
        What the template speaks of.

    Returns
    -------
    str
        The whole page.
    """
    from markupsafe import Markup

    style = style_sheet()
    values.setdefault("facts", ())
    index = {fact.id: fact for fact in values["facts"]}
    environment = _environment()
    environment.filters["facts_of"] = lambda ids: [index[one] for one in ids if one in index]
    return environment.get_template(name).render(css=Markup(style), policy=content_policy(style), **values)  # noqa: S704


@cache
def style_sheet() -> str:
    """Return the style sheet that stands inside every page."""
    return (TEMPLATES / "report.css").read_text(encoding="utf-8")


def content_policy(style: str) -> str:
    """Return the policy of a page: nothing but this very style sheet and inline images; no script, no network."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.tests["dated_test"] = words.is_dated_test
    environment.filters.update(
        day=words.day,
        plain=words.plain,
        kind_words=words.kind_words,
        plain_kind=words.PLAIN_KINDS.__getitem__,
        strength_words=words.strength_words,
        certainty_words=words.certainty_words,
        due_words=words.due_words,
        plain_due=words.plain_due,
        again_words=words.again_words,
        why_this_person=words.why_this_person,
        why_now=words.why_now,
        plain_last=words.plain_last,
        dates_in_words=words.dates_in_words,
        grade_words=words.grade_words,
        dose_words=words.dose_words,
        who_words=words.who_words,
        of_hundred=words.of_hundred,
        option_benefit=words.option_benefit,
        option_burden=words.option_burden,
        together_words=words.together_words,
        grid_evidence=lambda grid: list(dict.fromkeys(one for option in grid.ranked for one in option.evidence)),
        icon_array=draw_icon_array,
        facts_of=lambda _ids: [],
    )
    return environment
