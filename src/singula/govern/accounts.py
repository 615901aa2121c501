"""Accounts, programs, sessions and tokens: secrets are shown once and kept as hashes."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from singula.errors import BadInput, quoted
from singula.govern.parties import Account, Caller, Client, Grant, Tokens
from singula.store import schema

ROLES = ("patient", "clinician", "researcher", "auditor", "operator")
SHORTEST_PASSWORD = 12
SESSION_SECONDS, IDLE_SECONDS, REFRESH_SECONDS = 8 * 3600, 900, 100 * 86_400
FAILURES, LONGEST_LOCK = 5, 900
SecondFactor = Callable[[Connection, Any], bool]
"""Tells of the row of an account whether the one-time code at hand is right, or none is needed."""
COMMON_PASSWORDS = frozenset({"password1234", "passwordpassword", "123456789012", "qwertyuiopas", "letmeinletmein"})


def hash_of(secret: str) -> str:
    """Return what is kept of a secret of high entropy."""
    return hashlib.sha256(secret.encode()).hexdigest()


def add_account(connection: Connection, name: str, role: str, patient: str | None, password: str | None) -> None:
    """Add a person's account."""
    if role not in ROLES:
        raise BadInput(f"{quoted(role)} is no role; give one of {', '.join(ROLES)}")
    if (role == "patient") != bool(patient):
        raise BadInput("an account of role patient names its --patient, and no other does")
    if not name or len(name) > 64 or not all(sign.isalnum() or sign in "-._@" for sign in name):
        raise BadInput(f"{quoted(name)} is no name; use letters, digits and - . _ @")
    if find_account(connection, name) is not None:
        raise BadInput(f"there is an account {quoted(name)} already; choose another name")
    connection.execute(insert(schema.account).values(
        name=name, role=role, patient=patient, password=hash_password(password) if password else None,
        disabled=0, failures=0, locked_until=0.0))  # fmt: skip


def hash_password(password: str) -> str:
    """Hash a password with Argon2id; too short or too common a one is refused."""
    if len(password) < SHORTEST_PASSWORD or password.lower() in COMMON_PASSWORDS:
        raise BadInput(f"the password is too short or too common; give at least {SHORTEST_PASSWORD} characters")
    return str(_hasher().hash(password))


@lru_cache(maxsize=1)
def _hasher() -> Any:
    from argon2 import PasswordHasher

    return PasswordHasher()


@lru_cache(maxsize=1)
def _nobody() -> str:
    return str(_hasher().hash(secrets.token_hex(16)))


def find_account(connection: Connection, name: str) -> Any:
    """Return the row of an account."""
    return connection.execute(select(schema.account).where(schema.account.c.name == name)).first()


def check_password(connection: Connection, name: str, password: str, second: SecondFactor) -> Account | None:
    """Return the account whose password and second factor these are; wrong ones cost the same time and, after five, a wait."""
    from argon2.exceptions import Argon2Error

    table = schema.account
    row = find_account(connection, name[:64])
    known = row.password if row is not None and row.password else _nobody()
    try:
        is_right = _hasher().verify(known, password[:1024])
    except Argon2Error:
        is_right = False
    if row is None or row.disabled or row.locked_until > time.time():
        return None
    if not is_right or not second(connection, row):
        failures = row.failures + 1
        wait = min(2.0 ** (failures - FAILURES), LONGEST_LOCK) if failures >= FAILURES else 0.0
        connection.execute(update(table).where(table.c.name == name).values(failures=failures, locked_until=time.time() + wait))
        return None
    connection.execute(update(table).where(table.c.name == name).values(failures=0, locked_until=0.0))
    return Account(row.name, row.role, row.patient)


def add_client(connection: Connection, client: Client, secret: str | None) -> None:
    """Register a program."""
    connection.execute(insert(schema.client).values(
        id=client.id, name=client.name, is_public=int(client.is_public), secret=hash_of(secret) if secret else None,
        scopes=list(client.scopes), redirects=list(client.redirects), jwks=client.jwks,
        cds_issuer=client.cds_issuer))  # fmt: skip


def find_client(connection: Connection, column: str, value: str) -> Client | None:
    """Return a program by its ``id`` or ``cds_issuer``."""
    row = connection.execute(select(schema.client).where(schema.client.c[column] == value)).first()
    if row is None:
        return None
    return Client(row.id, row.name, bool(row.is_public), tuple(row.scopes), tuple(row.redirects), row.jwks, row.cds_issuer)


def is_secret_of(connection: Connection, identity: str, secret: str) -> bool:
    """Tell whether this is the program's secret."""
    known = connection.execute(select(schema.client.c.secret).where(schema.client.c.id == identity)).scalar()
    return bool(known) and hmac.compare_digest(str(known), hash_of(secret))


def give_tokens(connection: Connection, grant: Grant) -> Tokens:
    """Make an access token, and a refresh token where asked for."""
    family = grant.family or secrets.token_hex(16)
    access = _keep(connection, "access", grant, family, grant.seconds)
    refresh = _keep(connection, "refresh", grant, family, REFRESH_SECONDS) if grant.with_refresh else None
    return Tokens(access, grant.seconds, " ".join(grant.scopes), grant.patient, refresh)


def _keep(connection: Connection, sort: str, grant: Grant, family: str, seconds: float) -> str:
    secret = secrets.token_hex(32)
    connection.execute(insert(schema.token).values(
        hash=hash_of(secret), sort=sort, family=family, user=grant.user, client=grant.client or None, patient=grant.patient,
        scopes=list(grant.scopes), details={"begun": time.time()}, expires=time.time() + seconds, used=0))  # fmt: skip
    return secret


def find_token(connection: Connection, sort: str, secret: str) -> Any:
    """Return the row of a token that holds."""
    table = schema.token
    row = connection.execute(select(table).where(table.c.hash == hash_of(secret), table.c.sort == sort)).first()
    return row if row is not None and row.expires > time.time() and not row.used else None


def caller_of(connection: Connection, secret: str) -> Caller | None:
    """Return whose access token this is."""
    row = find_token(connection, "access", secret)
    if row is None:
        return None
    if row.user is None:
        return Caller(f"client:{row.client}", "client", tuple(row.scopes), row.patient, row.client)
    account = find_account(connection, row.user)
    if account is None or account.disabled:
        return None
    return Caller(f"user:{row.user}", account.role, tuple(row.scopes), row.patient, row.client)


def renew(connection: Connection, secret: str, client: str, scopes: Sequence[str]) -> Tokens | None:
    """Take a refresh token in and give new ones; one that was used before ends all its kin."""
    table = schema.token
    row = connection.execute(select(table).where(table.c.hash == hash_of(secret), table.c.sort == "refresh")).first()
    if row is None or row.client != client or row.expires < time.time():
        return None
    if row.used:
        connection.execute(delete(table).where(table.c.family == row.family))
        return None
    connection.execute(update(table).where(table.c.hash == row.hash).values(used=1))
    kept = tuple(one for one in row.scopes if one in scopes) if scopes else tuple(row.scopes)
    if scopes and set(scopes) - set(row.scopes):
        return None
    return give_tokens(connection, Grant(client, kept, row.user, row.patient, with_refresh=True, family=row.family))


def revoke(connection: Connection, secret: str, client: str | None) -> int:
    """Revoke a token and its kin; of another program's nothing happens."""
    table = schema.token
    row = connection.execute(select(table).where(table.c.hash == hash_of(secret))).first()
    if row is None or (client is not None and row.client != client):
        return 0
    return int(connection.execute(delete(table).where(table.c.family == row.family)).rowcount)


def describe_token(connection: Connection, secret: str) -> Mapping[str, Any] | None:
    """Return what a token is for."""
    row = find_token(connection, "access", secret)
    if row is None:
        return None
    made = {"scope": " ".join(row.scopes), "client_id": row.client, "exp": int(row.expires), "token_type": "Bearer"}
    made |= {"patient": row.patient} if row.patient else {}
    return made | ({"sub": row.user} if row.user else {})


def begin_session(connection: Connection, account: Account) -> str:
    """Return the secret of a new web session."""
    return _keep(connection, "session", Grant("", ("user/*.rs",), account.name, account.patient), "", IDLE_SECONDS)


def account_of_session(connection: Connection, secret: str) -> Account | None:
    """Return whose session this is; used within the idle time it goes on, but never longer than a working day."""
    table = schema.token
    row = find_token(connection, "session", secret)
    account = find_account(connection, row.user) if row is not None else None
    if row is None or account is None or account.disabled:
        return None
    end = float(row.details.get("begun", 0.0)) + SESSION_SECONDS
    if end < time.time():
        return None
    connection.execute(update(table).where(table.c.hash == row.hash).values(expires=min(time.time() + IDLE_SECONDS, end)))
    return Account(account.name, account.role, account.patient)
