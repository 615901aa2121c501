"""The page where a person sets up a second factor: a code to scan, a code to prove it, recovery codes shown once."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from singula.errors import BadInput
from singula.govern.one_time import address_of
from singula.serve.answers import Refusal
from singula.serve.desk import desk_of
from singula.serve.gate import Account
from singula.serve.pages import form_of, show_page
from singula.serve.sessions import session_of
from singula.serve.smart.routes import issuer_of

router = APIRouter(tags=["pages"])
SignedIn = tuple[Account, str]
ADDRESS = "/account/second-factor"


@router.get(ADDRESS)
def show_second_factor(request: Request) -> Response:
    """Show whether there is a second factor, and how to set one up."""
    return _page(request, _signed_in(request))


@router.post(ADDRESS)
async def change_second_factor(request: Request) -> Response:
    """Begin, confirm or remove a second factor."""
    form = await form_of(request)
    return await run_in_threadpool(_change, request, form)


def _change(request: Request, form: Mapping[str, str]) -> Response:
    signed_in = _signed_in(request)
    account, session = signed_in
    if not issuer_of(request).pending.is_sealed(session, form.get("seal", "")):
        raise Refusal(403, "forbidden", "the form is not from a page of this session; open the page again")
    door, code = desk_of(request).gate.door, form.get("otp", "")
    deed = form.get("deed", "")
    if deed == "begin":
        try:
            door.begin_factor(account.name)
        except BadInput as fault:
            return _page(request, signed_in, 409, message=str(fault))
        return _page(request, signed_in)
    if deed == "confirm":
        codes = door.confirm_factor(account.name, code)
        wrong = "The code is not right. Look at your device again; a code counts for half a minute."
        return _page(request, signed_in, codes=tuple(codes)) if codes else _page(request, signed_in, 401, message=wrong)
    if deed == "remove" and door.remove_factor(account.name, f"user:{account.name}", code):
        return _page(request, signed_in)
    return _page(request, signed_in, 401, message="The code is not right.")


def _page(
    request: Request, signed_in: SignedIn, status: int = 200, *, message: str = "", codes: tuple[str, ...] = ()
) -> Response:
    account, session = signed_in
    door = desk_of(request).gate.door
    state = door.state(account.name)
    secret, picture = "", ""
    if state == "begun":
        factor = door.begin_factor(account.name)
        secret, picture = factor.secret, _picture(address_of(factor, account.name))
    return show_page("second_factor.html", status, title="Second factor", account=account, message=message, codes=codes,
                     state=state, secret=secret, picture=picture, seal=issuer_of(request).pending.seal(session))  # fmt: skip


def _picture(text: str) -> str:
    import segno

    return str(segno.make(text, error="m").svg_data_uri(scale=5, border=4, light="white"))


def _signed_in(request: Request) -> SignedIn:
    account, session = session_of(request)
    if account is None:
        raise Refusal(403, "forbidden", "this page is for people who signed in")
    return account, session
