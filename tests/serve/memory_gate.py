"""A gateway over plain lists, so that the addresses can be held to their contract without a database."""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from singula.errors import Refused
from singula.govern.access_log import AccessLog
from singula.govern.consent import Provision
from singula.govern.consents import Terms
from singula.govern.explaining import Question
from singula.govern.one_time import Factor, activate, new_factor
from singula.serve.fhir.matching import matches
from singula.serve.fhir.search import Condition, Search
from singula.serve.gate import Account, Caller, CardNote, Client, Found, Grant, RefusedRequest, Stored, Tokens
from singula.sources.search_paths import values_of

Rows = dict[tuple[str, str], list[Stored]]


def owner(resource: Mapping[str, Any]) -> str | None:
    """Return the person a resource speaks of."""
    if resource["resourceType"] == "Patient":
        return str(resource["id"])
    for name in ("subject", "patient", "for"):
        reference = (resource.get(name) or {}).get("reference", "")
        if reference.startswith("Patient/"):
            return str(reference.split("/")[1])
    return None


@dataclass
class MemoryDoor:
    """Second factors of people, for pages."""

    factors: dict[str, Factor] = field(default_factory=dict)

    def state(self, name: str) -> str:
        found = self.factors.get(name)
        return "none" if found is None else "active" if found.is_active else "begun"

    def begin_factor(self, name: str) -> Factor:
        return self.factors.setdefault(name, new_factor())

    def confirm_factor(self, name: str, code: str) -> Sequence[str] | None:
        found = self.factors.get(name)
        return activate(found) if found and found.accepts(code, time.time()) else None

    def remove_factor(self, name: str, by: str, code: str | None = None) -> bool:
        return self.factors.pop(name, None) is not None


class MemoryPost:
    """A box in which nothing ever waits."""

    def take(self, now: float) -> None:
        return None

    def settle(self, done: Any, served: Any, people: Sequence[str] = (), *, is_sent: bool = True) -> None:
        raise NotImplementedError

    put_off = refuse = settle


@dataclass
class MemoryGate:
    """Everything a gateway has, in lists."""

    rows: Rows = field(default_factory=dict)
    callers: dict[str, Caller] = field(default_factory=dict)
    open_to: dict[str, set[str]] = field(default_factory=dict)
    denied: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    cards: list[CardNote] = field(default_factory=list)
    used: set[tuple[str, str]] = field(default_factory=set)
    accounts: dict[str, tuple[str, Account]] = field(default_factory=dict)
    sessions: dict[str, Account] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    families: dict[str, tuple[str, Grant]] = field(default_factory=dict)
    refreshes: dict[str, Grant] = field(default_factory=dict)
    refusals: list[tuple[str, str, int]] = field(default_factory=list)
    post: MemoryPost = field(default_factory=MemoryPost)
    door: MemoryDoor = field(default_factory=MemoryDoor)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def load(self, *resources: dict[str, Any]) -> None:
        """Store resources as they are."""
        for one in resources:
            self.rows.setdefault((one["resourceType"], one["id"]), []).append(Stored(one["resourceType"], one["id"], 1, one))

    def token(self, role: str, scope: str, patient: str | None = None, *, opens: Iterable[str] = ()) -> str:
        """Make a token for a new caller who may see some persons."""
        token = secrets.token_hex(8)
        actor = f"user:{role}-{len(self.callers)}"
        self.callers[token] = Caller(actor, role, tuple(scope.split()), patient, token=token)
        self.open_to[actor] = set(opens) | ({patient} if patient else set())
        return token

    def is_ready(self) -> bool:
        return True

    def caller_of_token(self, token: str) -> Caller | None:
        return self.callers.get(token)

    def open(self, caller: Caller, purpose: str, reason: str | None = None) -> MemoryView:
        if purpose == "HMARKT":
            raise Refused("the purpose HMARKT is open to nobody")
        return MemoryView(self, caller)

    def may_use(self, caller: Caller, purpose: str, patient: str, resources: Sequence[Any]) -> Sequence[Any]:
        denied = self.denied.get(patient, set())
        return [one for one in resources if (one["resourceType"], str(one.get("id"))) not in denied]

    def note_refusal(self, caller: Caller | None, refused: RefusedRequest) -> None:
        self.refusals.append((caller.actor if caller else "", refused.resource, refused.status))

    def access_log(self, caller: Caller, patient: str, before: int | None = None) -> AccessLog | None:
        is_theirs = caller.role == "auditor" or (caller.role == "patient" and caller.patient == patient)
        return AccessLog(patient, (), ()) if is_theirs else None

    def why(self, caller: Caller, patient: str, question: Question) -> Mapping[str, Any] | None:
        return {"decision": "deny"} if self.access_log(caller, patient) else None

    def consent_of(self, caller: Caller) -> Sequence[Provision] | None:
        return [] if caller.role == "patient" else None

    def change_consent(self, caller: Caller, deed: str, change: Terms | str) -> bool:
        return caller.role == "patient"

    def emergencies(self, patient: str) -> int:
        return 0

    def issuer(self, issuer: str) -> Client | None:
        return next((one for one in self.clients.values() if one.cds_issuer == issuer), None)

    def is_first_use(self, issuer: str, identity: str, until: float) -> bool:
        if (issuer, identity) in self.used:
            return False
        self.used.add((issuer, identity))
        return True

    def note_card(self, caller: Caller, card: CardNote) -> None:
        self.cards.append(card)

    def silenced_cards(self, patient: str) -> frozenset[str]:
        return frozenset(
            one.card for one in self.cards if one.patient == patient and one.outcome == "overridden" and one.detail.get("reason")
        )

    def shown_card(self, card: str) -> CardNote | None:
        return next((one for one in self.cards if one.card == card), None)

    def caller_of_session(self, session: str) -> Caller | None:
        account = self.sessions.get(session)
        return Caller(f"user:{account.name}", account.role, ("user/*.rs",), account.patient) if account else None

    def sign_in(self, name: str, password: str, one_time: str) -> Account | None:
        known = self.accounts.get(name)
        return known[1] if known and known[0] == password else None

    def begin_session(self, account: Account) -> str:
        session = secrets.token_hex(8)
        self.sessions[session] = account
        return session

    def account_of_session(self, session: str) -> Account | None:
        return self.sessions.get(session)

    def end_session(self, session: str) -> None:
        self.sessions.pop(session, None)

    def people_of(self, account: Account) -> Sequence[tuple[str, str]]:
        return [(one, one) for one in sorted(self.open_to.get(f"user:{account.name}", set()))]

    def client(self, identity: str) -> Client | None:
        return self.clients.get(identity)

    def is_secret_of(self, identity: str, secret: str) -> bool:
        return self.secrets.get(identity) == secret

    def give(self, grant: Grant) -> Tokens:
        token = secrets.token_hex(16)
        role = self.accounts[grant.user][1].role if grant.user else "client"
        actor = f"user:{grant.user}" if grant.user else f"client:{grant.client}"
        self.callers[token] = Caller(actor, role, grant.scopes, grant.patient, grant.client, token)
        self.open_to.setdefault(actor, set())
        self.families[token] = (grant.family, grant)
        refresh = secrets.token_hex(16) if grant.with_refresh else None
        if refresh:
            self.refreshes[refresh] = grant
        return Tokens(token, grant.seconds, " ".join(grant.scopes), grant.patient, refresh)

    def renew(self, refresh_token: str, client: str, scopes: Sequence[str]) -> Tokens | None:
        grant = self.refreshes.get(refresh_token)
        if grant is None or grant.client != client:
            return None
        del self.refreshes[refresh_token]
        return self.give(grant)

    def introspect(self, token: str) -> Mapping[str, Any] | None:
        caller = self.callers.get(token)
        return {"scope": " ".join(caller.scopes), "client_id": caller.client, "exp": 1} if caller else None

    def revoke(self, token: str, client: str) -> None:
        family = self.families.get(token, ("", None))[0]
        self.callers.pop(token, None)
        self.revoke_family(family)

    def revoke_family(self, family: str) -> None:
        for token in [one for one, (name, _) in self.families.items() if name == family and family]:
            self.callers.pop(token, None)
        self.refreshes = {one: grant for one, grant in self.refreshes.items() if grant.family != family}


@dataclass
class MemoryView:
    """The lists as one caller sees them."""

    gate: MemoryGate
    caller: Caller

    def sees(self, one: Stored) -> bool:
        person = owner(one.resource)
        if person is None:
            return True
        if (one.kind, one.id) in self.gate.denied.get(person, set()):
            return False
        return person in self.gate.open_to[self.caller.actor]

    def current(self, kind: str = "") -> list[Stored]:
        return [one[-1] for (found, _), one in self.gate.rows.items() if kind in ("", found) and self.sees(one[-1])]

    def read(self, kind: str, identity: str, version: int | None = None) -> Stored | None:
        versions = [one for one in self.gate.rows.get((kind, identity), []) if version in (None, one.version)]
        return versions[-1] if versions and self.sees(versions[-1]) else None

    def history(self, kind: str, identity: str) -> Sequence[Stored]:
        return [one for one in reversed(self.gate.rows.get((kind, identity), [])) if self.sees(one)]

    def meets(self, one: Stored, condition: Condition) -> bool:
        if condition.chain is None:
            return matches(one.resource, condition)
        targets = [found.get("reference", "").split("/") for found in values_of(one.resource, condition.name)]
        found = [self.read(*target) for target in targets if len(target) == 2]
        return any(other is not None and self.meets(other, condition.chain) for other in found)

    def search(self, search: Search) -> Found:
        rows = [one for one in self.current(search.kind) if all(self.meets(one, rule) for rule in search.conditions)]
        for rule in search.reverse:
            near = [one for one in self.current(rule.kind) if self.meets(one, rule.condition)]
            names = {ref["reference"] for one in near for ref in values_of(one.resource, rule.by)}
            rows = [one for one in rows if f"{one.kind}/{one.id}" in names]
        start = int(search.page or 0)
        page = rows[start : start + search.count]
        included: dict[tuple[str, str], Stored] = {}
        for rule in search.includes:
            for one in page:
                for ref in values_of(one.resource, rule.name):
                    found = self.read(*ref["reference"].split("/"))
                    if found:
                        included[(found.kind, found.id)] = found
        for rule in search.revincludes:
            names = {f"{one.kind}/{one.id}" for one in page}
            for one in self.current(rule.kind):
                if names & {ref["reference"] for ref in values_of(one.resource, rule.name)}:
                    included[(one.kind, one.id)] = one
        following = str(start + search.count) if start + search.count < len(rows) else None
        return Found(tuple(page), tuple(included.values()), len(rows), following)

    def disclosed(self, kind: str, patient: str | None = None) -> Sequence[Stored]:
        return [one for one in self.current(kind) if patient in (None, owner(one.resource))]

    def person(self, patient: str, kinds: Sequence[str] = ()) -> Sequence[Stored] | None:
        if self.read("Patient", patient) is None:
            return None
        found = [one for one in self.current() if owner(one.resource) == patient]
        return [one for one in found if not kinds or one.kind in kinds]

    def people_rows(self, kinds: Sequence[str]) -> Iterable[tuple[str, Sequence[Stored]]]:
        for one in self.current("Patient"):
            yield one.id, self.person(one.id, kinds) or ()

    def create(self, resource: dict[str, Any]) -> Stored:
        person = owner({**resource, "id": "new"})
        if person is not None and person not in self.gate.open_to[self.caller.actor]:
            raise Refused("this person's record is not yours to write")
        identity = f"new-{next(self.gate.numbers)}"
        made = Stored(resource["resourceType"], identity, 1, {**resource, "id": identity})
        self.gate.rows[(made.kind, identity)] = [made]
        return made

    def update(self, resource: dict[str, Any], if_version: int | None) -> Stored | None:
        person = owner(resource)
        if person is not None and person not in self.gate.open_to[self.caller.actor]:
            raise Refused("this person's record is not yours to write")
        versions = self.gate.rows[(resource["resourceType"], resource["id"])]
        versions.append(Stored(resource["resourceType"], resource["id"], versions[-1].version + 1, resource))
        return versions[-1]

    def subscribe(self, doc: Mapping[str, Any], kind: str, until: float | None) -> Stored | None:
        return None

    def subscriber(self, identity: str) -> None:
        return None

    def unsubscribe(self, identity: str) -> bool:
        return False

    def delete(self, kind: str, identity: str) -> bool:
        versions = self.gate.rows[(kind, identity)]
        versions.append(Stored(kind, identity, versions[-1].version + 1, versions[-1].resource, is_deleted=True))
        return True

    @contextmanager
    def atomically(self) -> Iterator[None]:
        before = {key: list(found) for key, found in self.gate.rows.items()}
        try:
            yield
        except BaseException:
            self.gate.rows.clear()
            self.gate.rows.update(before)
            raise
