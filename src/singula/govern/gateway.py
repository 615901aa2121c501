"""The one door to the store: everything that is read or written passes here, decided for its caller and noted in the audit."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, select
from sqlalchemy.exc import IntegrityError

from singula.errors import Refused
from singula.govern import accounts, consents, glass
from singula.govern.access import Sight, look, openings, visible_rows
from singula.govern.access_log import AccessLog, count_emergencies, read_log
from singula.govern.consent import Asked, Provision
from singula.govern.disclosures import Disclosures
from singula.govern.explaining import Question, explain
from singula.govern.labelling import labels_of
from singula.govern.ledger import Act, Ledger, Recorder
from singula.govern.occasion import occasion
from singula.govern.parties import Account, Caller, CardNote, Client, Grant, Resource, Tokens
from singula.govern.post import Post
from singula.govern.purposes import BREAK, SHORTEST_REASON, is_purpose_of
from singula.govern.records import has_person
from singula.govern.refusals import Flood, RefusedRequest
from singula.govern.seals import Keys
from singula.govern.signing_in import Door
from singula.govern.subscribing import Subscriptions
from singula.govern.views import StoreView
from singula.knowledge import Knowledge
from singula.store import schema
from singula.store.engine import Store

WITHOUT_ROWS = ("auditor", "operator")
WRITERS = ("patient", "clinician", "client")


@dataclass
class Gateway:
    """An open store with its keys and knowledge."""

    store: Store
    knowledge: Knowledge
    site: str = "Singula"

    def __post_init__(self) -> None:
        """Open the audit."""
        self.keys = Keys(self.store.folder / "keys", self.store.key)
        self.ledger = Ledger(self.store, self.keys)
        self._seal = self.keys.secret("page.key")
        self._flood = Flood()
        self.door = Door(self.ledger)
        self.post = Post(self.ledger, self.keys.secret("subscription.key"))

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open one transaction whose audit entries are sealed with it."""
        with self.ledger.writing() as connection:
            yield connection

    def is_ready(self) -> bool:
        """Tell whether the store answers."""
        with self.store.reading() as connection:
            return connection.execute(select(1)).scalar() == 1

    def labels(self, doc: Mapping[str, Any]) -> frozenset[str]:
        """Return the labels a resource carries."""
        return labels_of(doc, self.knowledge)

    def note_refusal(self, caller: Caller | None, refused: RefusedRequest) -> None:
        """Keep that a request was turned away, by nobody known or by a caller whose token does not cover it."""
        unnoted = self._flood.take(occasion().address) if caller is None else 0
        if unnoted is None:
            return
        details = {"method": refused.method, "status": refused.status, **({"unnoted": unnoted} if unnoted else {})}
        with self.writing() as connection:
            self.ledger.append(connection, actor=caller.actor if caller else "", event="request-refused", action=refused.action,
                               resource=refused.resource, outcome="4", details=details)  # fmt: skip

    def caller_of_token(self, token: str) -> Caller | None:
        """Return whose token this is."""
        with self.store.reading() as connection:
            return accounts.caller_of(connection, token)

    def caller_of_session(self, session: str) -> Caller | None:
        """Return whose web session this is."""
        account = self.account_of_session(session)
        return Caller(f"user:{account.name}", account.role, ("user/*.rs",), account.patient) if account else None

    def open(self, caller: Caller, purpose: str, reason: str | None = None) -> StoreView:
        """Open the store for a caller.

        Parameters
        ----------
        caller : Caller
            Who asks.
        purpose : str
            What for.
        reason : str, optional
            Why the glass is broken.

        Returns
        -------
        StoreView
            The store as they see it.

        Raises
        ------
        Refused
            The purpose is not theirs to name.
        """
        breaks = purpose == BREAK
        if breaks and (caller.role != "clinician" or len((reason or "").strip()) < SHORTEST_REASON):
            raise Refused("the glass is broken by clinicians, with a reason of at least 10 characters")
        if not is_purpose_of(caller.role, purpose):
            raise Refused(f"the purpose {purpose} is not one a {caller.role} may name")
        asked = Asked(caller.actor, (f"role:{caller.role}",), purpose, breaks_glass=breaks)
        if breaks:
            self._break_glass(caller, str(reason).strip())
        recorder = Recorder(self.ledger, caller.actor, purpose, str(reason).strip() if breaks else "")

        def see() -> Sight:
            return self.sight(caller, asked)

        is_researcher = caller.role == "researcher"
        return StoreView(self.ledger, _see_nothing if is_researcher else see, recorder, self.labels, self._seal,
                         caller.role in WRITERS, see if is_researcher else None,
                         Disclosures(caller, self.knowledge, self.site),
                         Subscriptions(caller, purpose, self.post.key))  # fmt: skip

    def _break_glass(self, caller: Caller, reason: str) -> None:
        """Begin or go on with an emergency access; one statement carries for an hour, then it has to be made anew."""
        with self.writing() as connection:
            state = glass.use(connection, caller.actor, reason, time.time())
            if state != glass.GOING_ON:
                event = "break-glass" if state == glass.BEGUN else "break-glass-refused"
                self.ledger.append(connection, actor=caller.actor, event=event, purpose=BREAK, details={"reason": reason},
                                   outcome="0" if state == glass.BEGUN else "4")  # fmt: skip
        if state == glass.OVER:
            raise Refused("the 60 minutes of this emergency access are over; say anew why it is needed")

    def access_log(self, caller: Caller, patient: str, before: int | None = None) -> AccessLog | None:
        """Return who saw a person's data, for the person and the auditor; None for everybody else."""
        if not _may_read_log(caller, patient):
            return None
        with self.writing() as connection:
            if not has_person(connection, patient):
                return None
            self.ledger.append(connection, actor=caller.actor, event="access-log", action="R", patient=patient,
                               purpose=caller.default_purpose)  # fmt: skip
            return read_log(connection, patient, self.knowledge, before)

    def consent_of(self, caller: Caller) -> Sequence[Provision] | None:
        """Return the active provisions of the caller's own consent; None for everybody but a person themselves."""
        if caller.role != "patient" or not caller.patient:
            return None
        with self.writing() as connection:
            self.ledger.append(connection, actor=caller.actor, event="consent-show", action="R", patient=caller.patient,
                               purpose=caller.default_purpose)  # fmt: skip
            return [one for one in consents.provisions_of(connection, caller.patient) if one.status == "active"]

    def change_consent(self, caller: Caller, deed: str, change: consents.Terms | str) -> bool:
        """Change the caller's own consent: ``grant`` or ``revoke`` by terms, or ``end`` a provision by its name."""
        if caller.role != "patient" or not caller.patient:
            return False
        with self.writing() as connection:
            if isinstance(change, str):
                is_done = consents.end_rule(connection, caller.patient, change)
            else:
                deeds = {"grant": consents.grant, "revoke": consents.revoke}
                deeds[deed](connection, caller.patient, change, caller.actor)
                is_done = True
            if is_done:
                event = "consent-grant" if deed == "grant" else "consent-revoke"
                self.ledger.append(connection, actor=caller.actor, event=event, action="U", patient=caller.patient,
                                   purpose=caller.default_purpose)  # fmt: skip
            return is_done

    def emergencies(self, patient: str) -> int:
        """Return how many emergency accesses of the last 90 days the person has to be told of."""
        with self.store.reading() as connection:
            return count_emergencies(connection, patient)

    def why(self, caller: Caller, patient: str, question: Question) -> Mapping[str, Any] | None:
        """Return why an actor can see something of a person, for the person and the auditor; None for everybody else."""
        if not _may_read_log(caller, patient):
            return None
        with self.writing() as connection:
            if not has_person(connection, patient):
                return None
            self.ledger.append(connection, actor=caller.actor, event="consent-explain", action="R", patient=patient,
                               purpose=caller.default_purpose)  # fmt: skip
            return explain(connection, patient, question)

    def sight(self, caller: Caller, asked: Asked) -> Sight:
        """Return what a caller asks to see."""
        if caller.role in WITHOUT_ROWS:
            return Sight()
        own = caller.patient if caller.role == "patient" else None
        return look(asked, own, own or _bound(caller))

    def may_use(self, caller: Caller, purpose: str, patient: str, resources: Sequence[Resource]) -> Sequence[Resource]:
        """Return those of a person's resources, sent along by a caller, that the person has not denied."""
        asked = Asked(caller.actor, (f"role:{caller.role}",), purpose)
        with self.store.reading() as connection:
            held = openings(connection, look(asked, None, patient), [patient])[patient].holding
        denies = [one for one in held if one.decision == "deny"]
        return [one for one in resources if not any(rule.denies(sorted(self.labels(one))) for rule in denies)]

    def people_of(self, account: Account) -> Sequence[tuple[str, str]]:
        """Return id and words of each person whose record the account may open."""
        caller = Caller(f"user:{account.name}", account.role, ("user/*.rs",), account.patient)
        asked = Asked(caller.actor, (f"role:{account.role}",), caller.default_purpose)
        table = schema.resource
        with self.store.reading() as connection:
            visible = visible_rows(self.sight(caller, asked))
            where = and_(table.c.type == "Patient", table.c.deleted == 0, visible(table))
            rows = connection.execute(select(table.c.id, table.c.doc).where(where).order_by(table.c.id)).all()
        return [(row.id, _name(row.doc)) for row in rows]

    def issuer(self, issuer: str) -> Client | None:
        """Return the program whose signed tokens name this issuer."""
        with self.store.reading() as connection:
            return accounts.find_client(connection, "cds_issuer", issuer)

    def client(self, identity: str) -> Client | None:
        """Return a registered program."""
        with self.store.reading() as connection:
            return accounts.find_client(connection, "id", identity[:64])

    def is_secret_of(self, identity: str, secret: str) -> bool:
        """Tell whether this is the program's secret."""
        with self.store.reading() as connection:
            return accounts.is_secret_of(connection, identity, secret)

    def is_first_use(self, issuer: str, identity: str, until: float) -> bool:
        """Note a one-time identity; False where it was used before."""
        table = schema.nonce
        try:
            with self.store.writing() as connection:
                connection.execute(delete(table).where(table.c.until < time.time() - 60))
                connection.execute(insert(table).values(issuer=issuer[:256], identity=identity[:256], until=until))
        except IntegrityError:
            return False
        return True

    def note_card(self, caller: Caller, card: CardNote) -> None:
        """Keep that a card was shown, once, or what became of it."""
        if card.outcome == "shown" and self.shown_card(card.card) is not None:
            return
        with self.writing() as connection:
            connection.execute(insert(schema.card).values(
                card=card.card[:64], patient=card.patient, rule=card.rule[:128], outcome=card.outcome,
                detail=dict(card.detail), noted=time.time()))  # fmt: skip
            Recorder(self.ledger, caller.actor, "").note(connection, Act(f"card-{card.outcome}", "E"), (card.patient,))

    def silenced_cards(self, patient: str) -> frozenset[str]:
        """Return the cards a reasoned override has silenced for this person."""
        table = schema.card
        with self.store.reading() as connection:
            where = and_(table.c.patient == patient, table.c.outcome == "overridden")
            rows = connection.execute(select(table.c.card, table.c.detail).where(where)).all()
        return frozenset(row.card for row in rows if row.detail.get("reason"))

    def shown_card(self, card: str) -> CardNote | None:
        """Return what a card was about."""
        table = schema.card
        with self.store.reading() as connection:
            row = connection.execute(select(table).where(table.c.card == card[:64], table.c.outcome == "shown")).first()
        return CardNote(row.card, row.patient, row.rule, row.outcome, row.detail) if row else None

    def sign_in(self, name: str, password: str, one_time: str) -> Account | None:
        """Check a person's name and password; the same answer and time for all that is wrong."""
        return self.door.sign_in(name, password, one_time)

    def begin_session(self, account: Account) -> str:
        """Return the secret of a new web session."""
        with self.store.writing() as connection:
            return accounts.begin_session(connection, account)

    def account_of_session(self, session: str) -> Account | None:
        """Return whose web session this is."""
        with self.store.writing() as connection:
            return accounts.account_of_session(connection, session)

    def end_session(self, session: str) -> None:
        """End a web session."""
        account = self.account_of_session(session)
        with self.writing() as connection:
            connection.execute(delete(schema.token).where(schema.token.c.hash == accounts.hash_of(session)))
            self.ledger.append(connection, actor=f"user:{account.name}" if account else "", event="sign-out")

    def give(self, grant: Grant) -> Tokens:
        """Make tokens."""
        with self.writing() as connection:
            self.ledger.append(connection, actor=f"user:{grant.user}" if grant.user else f"client:{grant.client}",
                               event="token", patient=grant.patient, details={"scope": " ".join(grant.scopes)})  # fmt: skip
            return accounts.give_tokens(connection, grant)

    def renew(self, refresh_token: str, client: str, scopes: Sequence[str]) -> Tokens | None:
        """Take a refresh token in and make new tokens."""
        with self.writing() as connection:
            made = accounts.renew(connection, refresh_token, client, scopes)
            self.ledger.append(connection, actor=f"client:{client}", event="token-renewed" if made else "token-refused",
                               patient=made.patient if made else None, outcome="0" if made else "4")  # fmt: skip
            return made

    def introspect(self, token: str) -> Mapping[str, Any] | None:
        """Return what a token is for."""
        with self.store.reading() as connection:
            return accounts.describe_token(connection, token)

    def revoke(self, token: str, client: str | None) -> None:
        """Revoke a program's own token and what was made of it."""
        with self.writing() as connection:
            accounts.revoke(connection, token, client)
            self.ledger.append(connection, actor=f"client:{client}", event="token-revoked")

    def revoke_family(self, family: str) -> None:
        """Revoke every token made of one authorization."""
        with self.store.writing() as connection:
            connection.execute(delete(schema.token).where(schema.token.c.family == family))


def _may_read_log(caller: Caller, patient: str) -> bool:
    return caller.role == "auditor" or (caller.role == "patient" and caller.patient == patient)


def _see_nothing() -> Sight:
    return Sight()


def _bound(caller: Caller) -> str | None:
    """Return the one person a token is bound to; scopes of a user or system open more than that."""
    wider = any(one.startswith(("user/", "system/")) for one in caller.scopes)
    return None if wider else caller.patient


def _name(doc: Mapping[str, Any]) -> str:
    names = [one for one in doc.get("name") or () if isinstance(one, Mapping)]
    words = [names[0].get("text") or " ".join([*names[0].get("given", []), names[0].get("family", "")])] if names else []
    return f"{words[0].strip()} ({doc['id']})" if words and words[0].strip() else str(doc["id"])


def open_gateway(
    folder: Path, knowledge: Knowledge, *, key: bytes | None = None, address: str | None = None, site: str = "Singula"
) -> Gateway:
    """Open the store in a folder, or the one at a PostgreSQL address with its keys in the folder."""
    return Gateway(Store(folder, key, address), knowledge, site)
