"""``singula token``: tokens for operators and tests."""

from __future__ import annotations

import argparse

from singula.cli.opening import OPERATOR, add_store, check_person, open_store
from singula.cli.output import print_json
from singula.errors import BadInput, quoted

LONGEST_MINUTES = 60


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``token``."""
    asks = parser.add_subparsers(dest="ask", metavar="ASK", required=True)
    issue = asks.add_parser("issue", help="make an access token")
    who = issue.add_mutually_exclusive_group(required=True)
    who.add_argument("--user", metavar="NAME")
    who.add_argument("--client", metavar="ID")
    issue.add_argument("--scope", required=True)
    issue.add_argument("--patient", metavar="ID", help="the one person the token is for")
    issue.add_argument("--minutes", type=int, default=15, metavar="N", help="at most 60 (default: 15)")
    add_store(issue)
    revoke = asks.add_parser("revoke", help="end a token, or all of a person or program")
    revoke.add_argument("token", nargs="?")
    revoke.add_argument("--user", metavar="NAME")
    revoke.add_argument("--client", metavar="ID")
    add_store(revoke)


def run(arguments: argparse.Namespace) -> int:
    """Make or end tokens."""
    return _issue(arguments) if arguments.ask == "issue" else _revoke(arguments)


def _issue(arguments: argparse.Namespace) -> int:
    from singula.govern import accounts
    from singula.govern.parties import Grant

    if not 1 <= arguments.minutes <= LONGEST_MINUTES:
        raise BadInput(f"--minutes {arguments.minutes}: give 1 to {LONGEST_MINUTES}")
    gateway = open_store(arguments)
    patient = arguments.patient
    with gateway.store.reading() as connection:
        if arguments.user:
            row = accounts.find_account(connection, arguments.user)
            if row is None or row.disabled:
                raise BadInput(f"there is no account {quoted(arguments.user)}; see: singula user list")
            patient = row.patient if row.role == "patient" else patient
        elif accounts.find_client(connection, "id", arguments.client) is None:
            raise BadInput(f"there is no client {quoted(arguments.client)}; register it with: singula client add")
        if patient:
            check_person(connection, patient)
    grant = Grant(arguments.client or "", tuple(arguments.scope.split()), arguments.user, patient, arguments.minutes * 60)
    made = gateway.give(grant)
    shown = {"access_token": made.access_token, "token_type": "Bearer", "expires_in": made.expires_in, "scope": made.scope,
             "patient": made.patient}  # fmt: skip
    if arguments.json:
        print_json(shown)
    else:
        print(made.access_token)
    return 0


def _revoke(arguments: argparse.Namespace) -> int:
    from singula.govern import accounts, records

    if sum(map(bool, (arguments.token, arguments.user, arguments.client))) != 1:
        raise BadInput("name one: a token, --user or --client")
    gateway = open_store(arguments)
    with gateway.writing() as connection:
        if arguments.token:
            count = accounts.revoke(connection, arguments.token, None)
        else:
            if arguments.user and accounts.find_account(connection, arguments.user) is None:
                raise BadInput(f"there is no account {quoted(arguments.user)}; see: singula user list")
            if arguments.client and accounts.find_client(connection, "id", arguments.client) is None:
                raise BadInput(f"there is no client {quoted(arguments.client)}; register it with: singula client add")
            count = records.end_tokens(connection, user=arguments.user, client=arguments.client)
        gateway.ledger.append(connection, actor=OPERATOR, event="token-revoked", details={"count": count})
    if arguments.json:
        print_json({"revoked": count})
    else:
        print(f"{count} tokens ended")
    return 0
