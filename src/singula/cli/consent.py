"""``singula consent``: who may see what of a person, and why."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from singula.cli.opening import OPERATOR, add_store, check_person, open_store
from singula.cli.output import print_json

if TYPE_CHECKING:
    from sqlalchemy import Connection

CHANGES = ("grant", "revoke")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``consent``."""
    asks = parser.add_subparsers(dest="ask", metavar="ASK", required=True)
    for name, words in (
        ("grant", "permit"),
        ("revoke", "take back"),
        ("show", "every provision"),
        ("explain", "why, or why not"),
    ):
        one = asks.add_parser(name, help=words)
        one.add_argument("patient", metavar="PATIENT")
        if name != "show":
            one.add_argument("--label", action="append", default=[], metavar="L", help="kind of data; may repeat")
        if name in CHANGES:
            one.add_argument("--actor", action="append", default=[], metavar="A", help="user:NAME, role:NAME, client:ID")
            one.add_argument("--purpose", action="append", default=[], metavar="P", help="purpose of use; may repeat")
        if name == "grant":
            one.add_argument("--from", dest="start", metavar="T", help="holds from this instant")
            one.add_argument("--until", metavar="T", help="holds until this instant")
        if name == "explain":
            one.add_argument("--actor", default="role:clinician", metavar="A")
            one.add_argument("--purpose", default="TREAT", metavar="P")
            one.add_argument("--resource", metavar="TYPE/ID", help="take the labels of this resource")
        add_store(one)


def run(arguments: argparse.Namespace) -> int:
    """Change or explain a person's consent."""
    from singula.govern import consents
    from singula.govern.consent import read_instant
    from singula.govern.explaining import Question, explain

    gateway = open_store(arguments)
    with gateway.writing() as connection:
        check_person(connection, arguments.patient)
        if arguments.ask == "explain":
            question = Question(arguments.actor, arguments.purpose, tuple(arguments.label), arguments.resource)
            shown = explain(connection, arguments.patient, question)
        else:
            if arguments.ask != "show":
                start, end = getattr(arguments, "start", None), getattr(arguments, "until", None)
                terms = consents.Terms(tuple(arguments.label), tuple(arguments.actor), tuple(arguments.purpose),
                                       read_instant(start) if start else None, read_instant(end) if end else None)  # fmt: skip
                change = consents.grant if arguments.ask == "grant" else consents.revoke
                change(connection, arguments.patient, terms, OPERATOR)
            shown = _show(connection, arguments.patient)
        gateway.ledger.append(connection, actor=OPERATOR, event=f"consent-{arguments.ask}", patient=arguments.patient,
                              action="U" if arguments.ask in CHANGES else "R", purpose="HOPERAT")  # fmt: skip
    if arguments.json:
        print_json(shown)
    else:
        for one in shown.get("provisions", shown.get("because", [])):
            print(one)
    return 0


def _show(connection: Connection, patient: str) -> dict[str, Any]:
    from singula.govern import consents
    from singula.govern.consent import show_provision

    found = [show_provision(one) for one in consents.provisions_of(connection, patient)]
    return {"patient": patient, "version": consents.version_of(connection, patient), "provisions": found}
