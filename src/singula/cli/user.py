"""``singula user``: who may sign in."""

from __future__ import annotations

import argparse
import sys

from singula.cli.opening import OPERATOR, add_store, check_person, open_store
from singula.cli.output import print_json
from singula.errors import BadInput, quoted


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``user``."""
    asks = parser.add_subparsers(dest="ask", metavar="ASK", required=True)
    add = asks.add_parser("add", help="add an account")
    add.add_argument("name")
    add.add_argument("--role", required=True, choices=("patient", "clinician", "researcher", "auditor", "operator"))
    add.add_argument("--patient", metavar="ID", help="whose record it is, for role patient")
    add.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    add_store(add)
    add_store(asks.add_parser("list", help="every account"))
    for name, words in (("disable", "end an account and its tokens"), ("password", "set a password from standard input")):
        one = asks.add_parser(name, help=words)
        one.add_argument("name")
        add_store(one)
    totp = asks.add_parser("totp", help="give an account a second factor: secret and recovery codes, shown once")
    totp.add_argument("name")
    totp.add_argument("--off", action="store_true", help="take it away")
    add_store(totp)


def run(arguments: argparse.Namespace) -> int:
    """Do what is asked of accounts."""
    return {"list": _list, "totp": _second_factor}.get(arguments.ask, _change)(arguments)


def _second_factor(arguments: argparse.Namespace) -> int:
    from singula.govern.one_time import address_of

    door = open_store(arguments).door
    made: dict[str, object] = {"user": arguments.name, "mfa": not arguments.off}
    if arguments.off:
        door.remove_factor(arguments.name, OPERATOR)
    else:
        factor, codes = door.set_factor(arguments.name, OPERATOR)
        made |= {"secret": factor.secret, "address": address_of(factor, arguments.name), "recovery": list(codes)}
    if arguments.json:
        print_json(made)
    else:
        for name, value in made.items():
            print(f"{name}: {' '.join(value) if isinstance(value, list) else value}")
    return 0


def _list(arguments: argparse.Namespace) -> int:
    from singula.govern import records

    with open_store(arguments).writing() as connection:
        rows = records.list_accounts(connection)
    shown = [{"user": one.name, "role": one.role, "patient": one.patient, "disabled": bool(one.disabled), "mfa": bool(one.totp)}
             for one in rows]  # fmt: skip
    if arguments.json:
        print_json({"users": shown})
    else:
        for one in shown:
            print(f"{one['user']}\t{one['role']}\t{one['patient'] or ''}{'  disabled' if one['disabled'] else ''}")
    return 0


def _change(arguments: argparse.Namespace) -> int:
    from singula.govern import accounts, records

    gateway = open_store(arguments, makes=arguments.ask == "add")
    with gateway.writing() as connection:
        if arguments.ask == "add":
            if arguments.patient:
                check_person(connection, arguments.patient)
            password = sys.stdin.readline().rstrip("\n") if arguments.password_stdin else None
            accounts.add_account(connection, arguments.name, arguments.role, arguments.patient, password)
        elif accounts.find_account(connection, arguments.name) is None:
            raise BadInput(f"there is no account {quoted(arguments.name)}; see: singula user list")
        elif arguments.ask == "disable":
            records.disable(connection, arguments.name)
        else:
            records.set_password(connection, arguments.name, accounts.hash_password(sys.stdin.readline().rstrip("\n")))
        gateway.ledger.append(connection, actor=OPERATOR, event=f"user-{arguments.ask}", details={"user": arguments.name})
        row = accounts.find_account(connection, arguments.name)
    made = {"user": row.name, "role": row.role, "patient": row.patient, "mfa": bool(row.totp)}
    if arguments.json:
        print_json(made)
    else:
        print(f"{row.name}: {row.role}{' of ' + row.patient if row.patient else ''}")
    return 0
