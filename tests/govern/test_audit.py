"""Whatever is done to a chain, its verification answers, and never by a fault of its own."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from singula.govern.audit import read_chain, verify_chain
from tests.govern.conftest import DOC, Shop


def exported(shop: Shop) -> list[str]:
    file = shop.folder / "audit.ndjson"
    shop.run("audit", "export", "-o", str(file)) if not file.exists() else None
    return file.read_text().splitlines()


def judge(shop: Shop, lines: list[str]) -> dict[str, Any]:
    file = shop.folder / "tampered.ndjson"
    file.write_text("\n".join(lines) + "\n")
    return shop.run("audit", "verify", "--file", str(file), code=1)  # type: ignore[no-any-return]


def changed(line: str, **values: Any) -> str:
    return json.dumps({**json.loads(line), **values})


def without(line: str, name: str) -> str:
    return json.dumps({key: value for key, value in json.loads(line).items() if key != name})


def test_an_export_is_whole_and_says_so(shop: Shop) -> None:
    lines = exported(shop)
    file = shop.folder / "audit.ndjson"
    told = shop.run("audit", "verify", "--file", str(file))
    assert told == {
        "ok": True,
        "entries": len(lines) - 1,
        "head": json.loads(lines[-2])["hash"],
        "problem": None,
        "first_bad": None,
    }


@pytest.mark.parametrize(
    "bad", ["no json", "[1, 2]", '"text"', "12", "null", "{}", '{"seq":1,"seq":2}', "[" * 5000, '{"checkpoint2":1}', "\x00"]
)
def test_a_line_that_is_no_entry_is_malformed(shop: Shop, bad: str) -> None:
    lines = exported(shop)
    told = judge(shop, [lines[0], bad, *lines[2:]])
    assert (told["ok"], told["problem"], told["first_bad"]) == (False, "malformed", 2)


@pytest.mark.parametrize("name", ["seq", "prev", "hash", "details", "actor"])
def test_an_entry_without_one_of_its_parts_is_malformed(shop: Shop, name: str) -> None:
    lines = exported(shop)
    told = judge(shop, [without(lines[0], name), *lines[1:]])
    assert (told["problem"], told["first_bad"]) == ("malformed", 1)


@pytest.mark.parametrize("values", [{"seq": "1"}, {"seq": True}, {"seq": 1.5}, {"seq": [1]}, {"hash": 5}, {"hash": "AB"},
                                    {"hash": None}, {"prev": ["0"]}, {"prev": {}}])  # fmt: skip
def test_an_entry_with_parts_of_another_kind_is_malformed(shop: Shop, values: dict[str, Any]) -> None:
    lines = exported(shop)
    told = judge(shop, [changed(lines[0], **values), *lines[1:]])
    assert (told["problem"], told["first_bad"]) == ("malformed", 1)


@pytest.mark.parametrize("mark", [[], {}, "x", 5, {"entries": "4", "head": "0" * 64}, {"entries": -1, "head": "0" * 64},
                                  {"entries": True, "head": "0" * 64}, {"entries": 4, "head": "x"}, {"entries": 4}])  # fmt: skip
def test_a_checkpoint_that_is_none_is_malformed(shop: Shop, mark: Any) -> None:
    lines = exported(shop)
    assert judge(shop, [*lines[:-1], json.dumps({"checkpoint": mark})])["problem"] == "malformed"
    file = shop.folder / "mark.json"
    file.write_text(json.dumps(mark))
    assert shop.run("audit", "verify", "--checkpoint", str(file), code=1)["problem"] == "malformed"


def test_a_checkpoint_kept_elsewhere_finds_a_store_that_was_set_back(shop: Shop) -> None:
    file = shop.folder / "mark.json"
    shop.gateway.open(DOC, "TREAT").read("Patient", "p1")
    shop.run("audit", "checkpoint", "-o", str(file))
    assert shop.run("audit", "verify", "--checkpoint", str(file))["ok"] is True
    lines = exported(shop)
    shorter = shop.folder / "shorter.ndjson"
    shorter.write_text("\n".join(lines[:-3]) + "\n")
    told = shop.run("audit", "verify", "--file", str(shorter), "--checkpoint", str(file), code=1)
    assert told["problem"] == "truncated"
    assert shop.run("audit", "verify", "--file", str(shop.folder / "nowhere"), code=3) is None
    shop.gateway.open(DOC, "TREAT").read("Patient", "p1")
    longer = shop.folder / "longer.ndjson"
    shop.run("audit", "export", "-o", str(longer))
    assert shop.run("audit", "verify", "--file", str(longer), "--checkpoint", str(file))["ok"] is True
    assert shop.run("audit", "verify", "--checkpoint", str(file))["ok"] is True


def tamper(shop: Shop, *statements: str) -> None:
    connection = sqlite3.connect(shop.folder / "store" / "singula.db")
    for trigger in ("audit_no_delete", "audit_no_update"):
        connection.execute(f"DROP TRIGGER IF EXISTS {trigger}")
    for one in statements:
        connection.execute(one)
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    ("statement", "problem", "first_bad"),
    [
        ("UPDATE audit_entry SET entry = 'no json' WHERE seq = 2", "malformed", 2),
        ("UPDATE audit_entry SET hash = 'x' WHERE seq = 2", "malformed", 2),
        ("UPDATE audit_entry SET entry = replace(entry, 'import', 'inport') WHERE seq = 1", "edited", 1),
        ("UPDATE audit_entry SET entry = replace(entry, '\":', '\": ') WHERE seq = 2", "edited", 2),
        ("UPDATE audit_entry SET actor = 'user:eve' WHERE seq = 2", "edited", 2),
        ("UPDATE audit_entry SET patient = 'p9' WHERE seq = 2", "edited", 2),
        ("DELETE FROM audit_entry WHERE seq = 2", "missing", 3),
        ("DELETE FROM audit_entry WHERE seq > 1", "truncated", None),
        ("DELETE FROM audit_entry", "truncated", None),
    ],
)
def test_tampering_with_the_store_is_found(shop: Shop, statement: str, problem: str, first_bad: int | None) -> None:
    tamper(shop, statement)
    told = shop.run("audit", "verify", code=1)
    assert (told["problem"], told["first_bad"]) == (problem, first_bad)


def test_a_cut_tail_stays_told_after_the_store_was_used_again(shop: Shop) -> None:
    tamper(shop, "DELETE FROM audit_entry WHERE seq = (SELECT max(seq) FROM audit_entry)")
    shop.gateway.open(DOC, "TREAT").read("Patient", "p1")
    told = shop.run("audit", "verify", code=1)
    assert (told["ok"], told["problem"]) == (False, "truncated")
    events = [one["event"] for one in shop.run("audit", "list")["entries"]]
    assert events[-2:] == ["audit-broken", "read-refused"]


def test_a_lost_or_damaged_seal_is_told(shop: Shop) -> None:
    head = shop.folder / "store" / "audit.head"
    whole = head.read_bytes()
    for content, problem in ((b"{", "malformed"), (whole.replace(b'"entries": ', b'"entries":  1'), "truncated")):
        head.write_bytes(content)
        assert shop.run("audit", "verify", code=1)["problem"] == problem
    head.unlink()
    assert shop.run("audit", "verify", code=1)["problem"] == "unsigned"
    shop.gateway.open(DOC, "TREAT").read("Patient", "p1")
    assert shop.run("audit", "verify", code=1)["problem"] == "unsigned"


def test_entries_a_crash_left_unsealed_are_vouched_for_by_their_mark(shop: Shop) -> None:
    head = shop.folder / "store" / "audit.head"
    before = head.read_bytes()
    shop.gateway.open(DOC, "TREAT").read("Patient", "p1")
    head.write_bytes(before)
    assert shop.run("audit", "verify")["ok"] is True
    tamper(shop, "UPDATE audit_entry SET mac = 'x' WHERE seq = (SELECT max(seq) FROM audit_entry)")
    assert shop.run("audit", "verify", code=1)["problem"] == "unsigned"


def test_an_empty_chain_is_whole() -> None:
    assert verify_chain((), None).ok
    assert read_chain(["", " "]).entries == ()


def test_a_search_is_kept_without_the_names_that_were_searched(shop: Shop) -> None:
    from singula.govern.occasion import masked_query

    pairs = [
        ("name", "Canarywood"),
        ("_has:Observation:patient:code", "x"),
        ("patient.family", "Canarywood"),
        ("code", "84413-4"),
    ]
    assert masked_query("Patient", pairs) == "Patient?name=***&_has:Observation:patient:code=x&patient.family=***&code=84413-4"


def test_looking_at_consent_leaves_a_trace(shop: Shop) -> None:
    for words in (("show", "p1"), ("explain", "p1"), ("grant", "p1"), ("revoke", "p1")):
        shop.run("consent", *words)
    found = [(one["event"], one["action"], one["patient"]) for one in shop.run("audit", "list")["entries"][-4:]]
    assert found == [("consent-show", "R", "p1"), ("consent-explain", "R", "p1"), ("consent-grant", "U", "p1"),
                     ("consent-revoke", "U", "p1")]  # fmt: skip


def test_turned_away_requests_are_noted_and_a_flood_is_counted(shop: Shop) -> None:
    from singula.govern.refusals import MOST_A_MINUTE, Flood, RefusedRequest

    gateway = shop.gateway
    gateway.note_refusal(None, RefusedRequest("GET", "/fhir/Patient/p1", 401))
    gateway.note_refusal(DOC, RefusedRequest("DELETE", "/fhir/Patient/p1", 403))
    found = shop.run("audit", "list")["entries"][-2:]
    assert [(one["actor"], one["event"], one["action"], one["resource"], one["outcome"], one["patient"]) for one in found] == [
        ("", "request-refused", "R", "Patient/p1", "4", None),
        ("user:doc", "request-refused", "D", "Patient/p1", "4", None),
    ]
    flood = Flood()
    taken = [flood.take("10.0.0.1", 0.0) for _ in range(MOST_A_MINUTE + 5)]
    assert taken == [0] * MOST_A_MINUTE + [None] * 5
    assert flood.take("10.0.0.2", 1.0) == 0
    assert flood.take("10.0.0.1", 61.0) == 5


def test_a_database_of_another_key_opens_no_wrapped_secret(tmp_path: Path) -> None:
    from singula.errors import BadInput
    from singula.govern.seals import Keys

    plain = Keys(tmp_path / "keys")
    made = plain.secret("audit.key")
    assert (tmp_path / "keys" / "audit.key").read_bytes() == made
    wrapped = Keys(tmp_path / "keys", b"k" * 32)
    assert wrapped.secret("audit.key") == made
    assert made not in (tmp_path / "keys" / "audit.key").read_bytes()
    for other in (Keys(tmp_path / "keys"), Keys(tmp_path / "keys", b"x" * 32)):
        with pytest.raises(BadInput, match="cannot be opened with this key"):
            other.secret("audit.key")
    wrapped.prepare_next(b"n" * 32)
    assert wrapped.secret("audit.key") == made
    following = Keys(tmp_path / "keys", b"n" * 32)
    assert following.secret("audit.key") != made
    assert len(following.former()) == 1
