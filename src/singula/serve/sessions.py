"""Web sessions: one cookie that no script can read."""

from __future__ import annotations

from fastapi import Request, Response

from singula.serve.desk import desk_of
from singula.serve.gate import Account
from singula.serve.settings import Settings

COOKIE = "singula-session"


def cookie_name(settings: Settings) -> str:
    """Return the cookie's name; under TLS it is bound to the host."""
    return f"__Host-{COOKIE}" if settings.is_https else COOKIE


def session_of(request: Request) -> tuple[Account | None, str]:
    """Return who is signed in, and the session's secret."""
    desk = desk_of(request)
    session = request.cookies.get(cookie_name(desk.settings), "")
    return (desk.gate.account_of_session(session), session) if session else (None, "")


def open_session(response: Response, session: str, settings: Settings) -> Response:
    """Set the cookie of a session."""
    response.set_cookie(cookie_name(settings), session, httponly=True, samesite="lax", secure=settings.is_https, path="/")
    return response


def close_session(response: Response, settings: Settings) -> Response:
    """Take the cookie away."""
    response.delete_cookie(cookie_name(settings), httponly=True, samesite="lax", secure=settings.is_https, path="/")
    return response
