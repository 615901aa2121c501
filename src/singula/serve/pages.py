"""Pages the server shows itself: plain, without script, with everything escaped."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from fastapi import Request, Response

from singula.serve.answers import Refusal

if TYPE_CHECKING:
    from jinja2 import Environment

HERE = Path(__file__).parent
STATIC = HERE / "static"
MOST_FIELDS = 20


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined)
    made.globals |= {"account": None, "seal": "", "message": "", "client": "", "people": (), "hidden": ()}
    return made


async def form_of(request: Request) -> dict[str, str]:
    """Return the fields of a form that was sent."""
    body = await request.body()
    try:
        return dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        raise Refusal(400, "invalid", "the form cannot be read; send it again") from None


def show_page(template: str, status: int = 200, *, form_target: str = "", **values: Any) -> Response:
    """Answer with a page.

    Parameters
    ----------
    template : str
        File name of the template.
    status : int
        HTTP status.
    form_target : str
        Origin a form's answer may redirect to, besides the server itself.
    **values : object
        What the page speaks of.

    Returns
    -------
    Response
        HTML under a policy that lets in neither script nor frame.
    """
    text = _environment().get_template(template).render(**values)
    policy = (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; "
        f"form-action 'self'{' ' + form_target if form_target else ''}; frame-ancestors 'none'; base-uri 'none'"
    )
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store"}
    return Response(text, status, headers, media_type="text/html; charset=utf-8")
