"""The page where a person lets a program in: who they are, whose record, yes or no."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from singula.errors import BadInput
from singula.serve.gate import Account, Client
from singula.serve.pages import show_page
from singula.serve.scopes import DataScope, cut_to, data_scopes, read_scope, read_scopes
from singula.serve.sessions import open_session, session_of
from singula.serve.smart.pending import Authorization
from singula.serve.smart.tokens import Issuer

NAMES = ("response_type", "client_id", "redirect_uri", "scope", "state", "aud", "code_challenge", "code_challenge_method",
         "launch", "nonce")  # fmt: skip
CHALLENGE = re.compile(r"^[A-Za-z0-9_-]{43}$")
DEEDS = {"c": "add", "r": "read", "u": "change", "d": "delete", "s": "search"}


@dataclass(frozen=True)
class Wish:
    """What a program asks for, once it is known that it may ask."""

    client: Client
    values: Mapping[str, str]
    scopes: tuple[str, ...]

    @property
    def redirect(self) -> str:
        """Where the answer goes."""
        return self.values["redirect_uri"]

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """The fields that come back with the form."""
        return [(name, self.values[name]) for name in NAMES if name in self.values]

    @property
    def origin(self) -> str:
        """The origin of the redirect, for the policy of the page."""
        parts = urlsplit(self.redirect)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"

    @property
    def needs_person(self) -> bool:
        """Tell whether one person's record has to be chosen."""
        return "launch/patient" in self.scopes or any(one.context == "patient" for one in data_scopes(self.scopes))

    def answer(self, **values: str) -> Response:
        """Send the browser back to the program."""
        state = {"state": self.values["state"]} if self.values.get("state") else {}
        joined = "&" if urlsplit(self.redirect).query else "?"
        return RedirectResponse(f"{self.redirect}{joined}{urlencode({**values, **state})}", 303)


def authorize(request: Request, form: Mapping[str, str], issuer: Issuer, *, is_posted: bool) -> Response:
    """Take a person through the page.

    Parameters
    ----------
    request : Request
        With its session, where there is one.
    form : mapping of str to str
        The parameters, and what was filled in.
    issuer : Issuer
        Settings, programs and codes.
    is_posted : bool
        Whether something was filled in; only then does anything happen.

    Returns
    -------
    Response
        The next page, or the redirect to the program.
    """
    found = _read_wish(form, issuer)
    if isinstance(found, Response):
        return found
    account, session = session_of(request)
    if is_posted and "decision" in form and account is not None:
        return _decide(found, account, form, issuer, session)
    if is_posted and ("username" in form or "password" in form):
        signed_in = issuer.gate.sign_in(form.get("username", ""), form.get("password", ""), form.get("otp", ""))
        if signed_in is None:
            return _sign_in_page(found, "Name, password or code are not right.", 401)
        session = issuer.gate.begin_session(signed_in)
        return open_session(_approve_page(found, signed_in, issuer, session), session, issuer.settings)
    if account is None:
        return _sign_in_page(found, "", 200)
    return _approve_page(found, account, issuer, session)


def _read_wish(form: Mapping[str, str], issuer: Issuer) -> Wish | Response:
    client = issuer.gate.client(form.get("client_id", ""))
    if client is None or form.get("redirect_uri") not in client.redirects:
        words = "This program is not registered here, or its address is not the registered one."
        return show_page("message.html", 400, title="Not let in", message=words)
    values = {name: form[name] for name in NAMES if form.get(name)}
    bare = Wish(client, values, ())
    fault = _fault(values, issuer)
    if fault:
        return bare.answer(error=fault[0], error_description=fault[1])
    try:
        kept = cut_to(read_scopes(values.get("scope", "")), client.scopes)
    except BadInput as wrong:
        return bare.answer(error="invalid_scope", error_description=str(wrong))
    if not kept:
        return bare.answer(error="invalid_scope", error_description="the program is registered for none of these scopes")
    return Wish(client, values, tuple(kept))


def _fault(values: Mapping[str, str], issuer: Issuer) -> tuple[str, str] | None:
    if values.get("response_type") != "code":
        return "unsupported_response_type", "response_type is code"
    if values.get("code_challenge_method") != "S256" or not CHALLENGE.match(values.get("code_challenge", "")):
        return "invalid_request", "code_challenge is missing, or its method is not S256"
    if values.get("aud", "").rstrip("/") != issuer.settings.fhir_base:
        return "invalid_request", "aud is the address of this FHIR server"
    if not values.get("state"):
        return "invalid_request", "state is missing"
    if "launch" in values and issuer.pending.find_launch(values["launch"]) is None:
        return "invalid_request", "launch is unknown or old"
    return None


def _sign_in_page(wish: Wish, message: str, status: int) -> Response:
    return show_page("signin.html", status, form_target=wish.origin, title="Sign in", message=message, client=wish.client.name,
                     action="/oauth/authorize", hidden=wish.hidden)  # fmt: skip


def _approve_page(wish: Wish, account: Account, issuer: Issuer, session: str) -> Response:
    launch = issuer.pending.find_launch(wish.values["launch"]) if "launch" in wish.values else None
    needs_choice = wish.needs_person and account.role != "patient" and launch is None
    people = issuer.gate.people_of(account) if needs_choice else ()
    hidden = [*wish.hidden, ("seal", issuer.pending.seal(_sealed(wish, session)))]
    return show_page("approve.html", form_target=wish.origin, title="Let this program in?", client=wish.client.name,
                     wishes=[_words(one) for one in wish.scopes], people=people, hidden=hidden)  # fmt: skip


def _sealed(wish: Wish, session: str) -> str:
    return f"{session} {urlencode(wish.hidden)}"


def _decide(wish: Wish, account: Account, form: Mapping[str, str], issuer: Issuer, session: str) -> Response:
    if not issuer.pending.is_sealed(_sealed(wish, session), form.get("seal", "")):
        return _approve_page(wish, account, issuer, session)
    if form.get("decision") != "approve":
        return wish.answer(error="access_denied", error_description="the person refused")
    patient = _chosen(wish, account, form, issuer)
    if wish.needs_person and patient is None:
        return wish.answer(error="access_denied", error_description="no record was chosen that the person may open")
    fhir_user = f"{issuer.settings.fhir_base}/Patient/{account.patient}" if account.patient else None
    fhir_user = fhir_user or f"{issuer.settings.fhir_base}/Practitioner/{account.name}"
    launch = issuer.pending.find_launch(wish.values["launch"]) if "launch" in wish.values else None
    made = Authorization(wish.client.id, wish.redirect, wish.scopes, wish.values["code_challenge"], account.name, patient,
                         fhir_user, wish.values.get("nonce"), launch.encounter if launch else None)  # fmt: skip
    return wish.answer(code=issuer.pending.keep(made))


def _chosen(wish: Wish, account: Account, form: Mapping[str, str], issuer: Issuer) -> str | None:
    if account.role == "patient":
        return account.patient
    launch = issuer.pending.find_launch(wish.values["launch"]) if "launch" in wish.values else None
    wanted = launch.patient if launch else form.get("patient")
    if not wish.needs_person and launch is None:
        return None
    return wanted if wanted in {identity for identity, _ in issuer.gate.people_of(account)} else None


def _words(text: str) -> str:
    scope = read_scope(text)
    if not isinstance(scope, DataScope):
        special = {
            "openid": "know who you are",
            "fhirUser": "know who you are",
            "offline_access": "stay let in while you are away",
        }
        return special.get(scope, f"know the context ({scope})")
    deeds = ", ".join(DEEDS[deed] for deed in scope.permissions)
    what = "every part" if scope.resource == "*" else scope.resource
    whose = {"patient": "of one record", "user": "of the records you may open", "system": "of all records it may open"}
    narrower = f" where {', '.join(f'{name} is {value}' for name, value in scope.query.items())}" if scope.query else ""
    return f"{deeds}: {what} {whose[scope.context]}{narrower}"
