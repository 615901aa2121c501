"""A store of several people looks to each reader like a store of those they may see, and every access leaves its trace."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import insert

from singula.errors import Refused
from singula.govern.gateway import Gateway
from singula.govern.parties import Caller
from singula.serve.fhir.search import read_search
from singula.store import schema
from tests.govern.conftest import ANN, DOC, Shop
from tests.serve.requests import person


def ids(gateway: Gateway, caller: Caller, kind: str, query: str = "", purpose: str | None = None) -> tuple[list[str], int | None]:
    pairs = [tuple(one.split("=", 1)) for one in query.split("&") if one]
    found = gateway.open(caller, purpose or caller.default_purpose).search(read_search(kind, pairs, is_strict=True))  # type: ignore[arg-type]
    return [one.id for one in (*found.rows, *found.included)], found.total


def test_loading_twice_changes_nothing_and_bad_ids_are_rejected(shop: Shop) -> None:
    told = shop.load(*person("p1"), {"resourceType": "Patient", "id": "../../etc"}, {"resourceType": "Nonsense", "id": "x"})
    assert (told["imported"], told["unchanged"]) == ({}, {"Patient": 1, "Observation": 1})
    assert told["patients"] == ["p1"]
    assert len(told["rejected"]) == 2
    view = shop.gateway.open(ANN, "PATRQT")
    assert len(view.history("Patient", "p1")) == 1


def test_nothing_is_open_until_it_is_permitted_and_a_withdrawal_holds_at_once(shop: Shop) -> None:
    gateway = shop.gateway
    assert ids(gateway, DOC, "Patient") == ([], 0)
    assert ids(gateway, ANN, "Patient") == (["p1"], 1)
    made = shop.run("consent", "grant", "p1", "--actor", "user:doc", "--purpose", "TREAT")
    assert made["version"] == 1
    assert ids(gateway, DOC, "Observation") == (["p1-geno"], 1)
    assert ids(gateway, DOC, "Observation", purpose="HPAYMT") == ([], 0)
    shop.run("consent", "revoke", "p1", "--label", "genetics")
    assert ids(gateway, DOC, "Observation") == ([], 0)
    assert ids(gateway, DOC, "Patient") == (["p1"], 1)
    assert ids(gateway, ANN, "Observation") == ([], 0)
    shop.run("consent", "grant", "p1", "--label", "genetics")
    assert ids(gateway, DOC, "Observation") == (["p1-geno"], 1)
    shop.run("consent", "revoke", "p1")
    assert ids(gateway, DOC, "Patient") == ([], 0)


def test_why_is_answered(shop: Shop) -> None:
    shop.run("consent", "grant", "p1", "--actor", "user:doc")
    shop.run("consent", "revoke", "p1", "--label", "genetics")
    open_, closed, other = (
        shop.run("consent", "explain", "p1", "--actor", actor, *more)
        for actor, more in (("user:doc", ()), ("user:doc", ("--resource", "Observation/p1-geno")), ("user:eve", ()))
    )
    assert (open_["decision"], closed["decision"], other["decision"]) == ("permit", "deny", "deny")
    assert closed["labels"] == ["genetics"]
    assert other["because"][0]["rule"] == "default-deny"


def test_a_reader_finds_what_a_store_without_the_others_would_hold(shop: Shop, tmp_path: Path) -> None:
    both = {"resourceType": "List", "id": "both", "status": "current", "mode": "working",
            "subject": {"reference": "Patient/p1"}, "entry": [{"item": {"reference": "Observation/p2-geno"}}]}  # fmt: skip
    shop.load(both)
    shop.run("consent", "grant", "p1", "--actor", "user:doc")
    alone = Shop(tmp_path / "alone", shop.capsys)
    alone.folder.mkdir()
    alone.load(*person("p1"))
    alone.run("user", "add", "doc", "--role", "clinician")
    alone.run("consent", "grant", "p1", "--actor", "user:doc")
    for kind, query in (
        ("Patient", ""), ("Observation", ""), ("Observation", "code=84413-4&_include=Observation:patient"), ("List", ""),
        ("Patient", "_revinclude=Observation:patient"), ("Patient", "_has:Observation:patient:code=84413-4"),
        ("Observation", "patient.gender=female"), ("Observation", "subject=Patient/p2"), ("Patient", "_id=p2"),
        ("Patient", "_sort=-_lastUpdated&_count=1"), ("Observation", "category:not=GE"), ("Observation", "_id:missing=true"),
    ):  # fmt: skip
        assert ids(shop.gateway, DOC, kind, query) == ids(alone.gateway, DOC, kind, query), (kind, query)
    view = shop.gateway.open(DOC, "TREAT")
    assert view.read("Observation", "p2-geno") is None
    assert view.person("p2") is None
    assert view.history("Patient", "p2") == ()


def test_a_token_bound_to_one_person_opens_no_other(shop: Shop) -> None:
    for one in ("p1", "p2"):
        shop.run("consent", "grant", one)
    bound = Caller("user:doc", "clinician", ("patient/*.rs",), "p1")
    assert ids(shop.gateway, bound, "Patient") == (["p1"], 1)
    assert ids(shop.gateway, DOC, "Patient") == (["p1", "p2"], 2)


def test_roles_without_rows_have_none_and_purposes_are_not_for_everybody(shop: Shop) -> None:
    shop.run("consent", "grant", "p1")
    for role in ("operator", "auditor"):
        assert ids(shop.gateway, Caller(f"user:{role}", role, ("user/*.rs",)), "Patient") == ([], 0)
    with pytest.raises(Refused):
        shop.gateway.open(ANN, "TREAT")
    with pytest.raises(Refused):
        shop.gateway.open(DOC, "HRESCH")
    with pytest.raises(Refused):
        shop.gateway.open(DOC, "BTG", "short")
    researcher = shop.gateway.open(Caller("user:res", "researcher", ("user/*.rs",)), "HRESCH")
    assert researcher.read("Patient", "p1") is None
    assert [name for name, _ in researcher.people_rows(("Observation",)) if name] == ["p1"]


def test_breaking_the_glass_lifts_silence_but_no_denial(shop: Shop) -> None:
    assert ids(shop.gateway, DOC, "Patient", purpose="TREAT") == ([], 0)
    view = shop.gateway.open(DOC, "BTG", "unconscious in the emergency room")
    assert view.read("Patient", "p1") is not None
    shop.run("consent", "revoke", "p1", "--label", "genetics")
    assert view.read("Observation", "p1-geno") is None
    assert view.read("Patient", "p1") is not None


def test_the_broken_glass_opens_nobody_beyond_the_person_a_token_is_bound_to(shop: Shop) -> None:
    shop.run("consent", "revoke", "p2")
    bound = Caller("user:doc", "clinician", ("patient/*.rs",), "p1")
    view = shop.gateway.open(bound, "BTG", "unconscious in the emergency room")
    assert view.read("Patient", "p1") is not None
    assert view.read("Patient", "p2") is None
    assert view.read("Observation", "p2-geno") is None
    assert view.person("p2") is None


def test_writing_into_another_persons_record_is_refused(shop: Shop) -> None:
    shop.run("consent", "grant", "p1", "--actor", "user:doc")
    view = shop.gateway.open(DOC, "TREAT")
    mine = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, "subject": {"reference": "Patient/p1"}}
    stored = view.create(mine)
    with pytest.raises(Refused):
        view.create({**mine, "subject": {"reference": "Patient/p2"}})
    with pytest.raises(Refused):
        view.update({**mine, "id": stored.id, "subject": {"reference": "Patient/p2"}}, None)
    with pytest.raises(ZeroDivisionError), view.atomically():
        view.create(mine)
        raise ZeroDivisionError
    assert ids(shop.gateway, DOC, "Observation")[1] == 2
    assert view.delete("Observation", stored.id)
    assert ids(shop.gateway, DOC, "Observation")[1] == 1


def test_every_access_is_in_a_chain_that_tells_when_it_was_touched(shop: Shop) -> None:
    shop.run("consent", "grant", "p1", "--actor", "user:doc")
    shop.gateway.open(DOC, "TREAT").read("Patient", "p1")
    shop.gateway.open(DOC, "TREAT").read("Patient", "p2")
    entries = shop.run("audit", "list")["entries"]
    assert [(one["actor"], one["event"], one["patient"]) for one in entries[-2:]] == [
        ("user:doc", "read", "p1"),
        ("user:doc", "read-refused", None),
    ]
    assert shop.run("audit", "verify")["ok"] is True
    connection = sqlite3.connect(shop.folder / "store" / "singula.db")
    connection.execute("DROP TRIGGER audit_no_delete")
    connection.execute("DELETE FROM audit_entry WHERE seq = (SELECT max(seq) FROM audit_entry)")
    connection.commit()
    connection.close()
    assert shop.run("audit", "verify", code=1)["problem"] == "truncated"


def test_secrets_are_kept_as_hashes_and_tokens_end(shop: Shop) -> None:
    made = shop.run("token", "issue", "--user", "ann", "--scope", "patient/*.rs", "--patient", "p2")
    assert made["patient"] == "p1"
    gateway = shop.gateway
    caller = gateway.caller_of_token(made["access_token"])
    assert caller is not None
    assert (caller.actor, caller.role, caller.patient) == ("user:ann", "patient", "p1")
    for file in (shop.folder / "store").rglob("*"):
        assert file.is_dir() or made["access_token"].encode() not in file.read_bytes(), file
    assert shop.run("token", "revoke", "--user", "ann") == {"revoked": 1}
    assert gateway.caller_of_token(made["access_token"]) is None
    again = shop.run("token", "issue", "--user", "doc", "--scope", "user/*.rs")
    shop.run("user", "disable", "doc")
    assert gateway.caller_of_token(again["access_token"]) is None
    for words in (
        ("token", "issue", "--user", "nobody", "--scope", "x"),
        ("consent", "show", "nobody"),
        ("user", "disable", "nobody"),
    ):
        shop.run(*words, code=3)


def test_a_password_is_checked_slowly_and_after_five_wrong_ones_not_at_all(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery\n"))
    shop.run("user", "add", "eve", "--role", "clinician", "--password-stdin")
    gateway = shop.gateway
    assert gateway.sign_in("eve", "correct horse battery", "") is not None
    assert gateway.sign_in("nobody", "correct horse battery", "") is None
    for _ in range(6):
        assert gateway.sign_in("eve", "wrong", "") is None
    assert gateway.sign_in("eve", "correct horse battery", "") is None
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    shop.run("user", "password", "eve", code=3)


def test_a_person_takes_everything_along_and_nothing_of_anybody_else(shop: Shop) -> None:
    import hashlib
    import zipfile

    shop.run("consent", "grant", "p1", "--actor", "user:doc")
    shop.gateway.open(DOC, "TREAT").read("Patient", "p1")
    made = shop.run("export", "p1", "-o", str(shop.folder / "p1.zip"))
    with zipfile.ZipFile(shop.folder / "p1.zip") as archive:
        assert {one["path"] for one in made["files"]} | {"manifest.json"} == set(archive.namelist())
        for one in made["files"]:
            data = archive.read(one["path"])
            assert (hashlib.sha256(data).hexdigest(), len(data)) == (one["sha256"], one["bytes"])
            assert b"p2" not in data
        assert b"user:doc" in archive.read("access-log.ndjson")
        assert json.loads(archive.read("fhir/Observation.ndjson"))["id"] == "p1-geno"
    shop.run("export", "nobody", "-o", str(shop.folder / "x.zip"), code=3)


def test_who_is_erased_leaves_no_byte(shop: Shop) -> None:
    canary = {"resourceType": "Patient", "id": "gone", "name": [{"family": "Canarywood"}]}
    shop.load(canary)
    shop.run("user", "add", "gone-user", "--role", "patient", "--patient", "gone")
    shop.run("token", "issue", "--user", "gone-user", "--scope", "patient/*.rs")
    shop.run("erase", "gone", code=2)
    assert shop.run("erase", "gone", "--yes")["erased"] == {"resources": 1, "blobs": 0, "plans": 0, "tokens": 1}
    shop.run("erase", "gone", "--yes", code=3)
    for file in (shop.folder / "store").rglob("*"):
        assert file.is_dir() or b"Canarywood" not in file.read_bytes(), file
    assert shop.run("audit", "verify")["ok"] is True


def test_the_plan_of_a_denied_result_is_that_of_one_never_tested(shop: Shop, tmp_path: Path) -> None:
    medicine = {"resourceType": "MedicationRequest", "id": "m1", "status": "active", "intent": "order",
                "subject": {"reference": "Patient/p1"}, "medicationCodeableConcept": {"text": "clopidogrel"}}  # fmt: skip
    shop.load(medicine)
    words = ("plan", "--patient", "p1", "--as", "doc", "--as-of", "2026-06-01")
    shop.run(*words, code=5)
    shop.run("consent", "grant", "p1", "--actor", "user:doc")
    open_ = shop.run(*words)
    shop.run("consent", "revoke", "p1", "--label", "genetics")
    denied = shop.run(*words)
    twin = Shop(tmp_path / "twin", shop.capsys)
    twin.folder.mkdir()
    twin.load(person("p1")[0], medicine)
    twin.run("user", "add", "doc", "--role", "clinician")
    twin.run("consent", "grant", "p1", "--actor", "user:doc")
    assert denied == twin.run(*words)
    assert denied != open_


def test_forty_thousand_people_are_decided_in_the_query(shop: Shop) -> None:
    count, rule = 40_500, {"decision": "permit", "labels": ["*"], "purposes": ["TREAT"], "status": "active",
                           "recorded": "2026-01-01T00:00:00Z", "recorded_by": "user:doc"}  # fmt: skip
    gateway, start = shop.gateway, 1000
    numbers = range(start, start + count)
    with gateway.writing() as connection:
        for table, rows in (
            (schema.resource, [{"pk": n, "type": "Patient", "id": f"q{n}", "version": 1, "updated": "2026", "deleted": 0,
                                "doc": {"resourceType": "Patient", "id": f"q{n}"}} for n in numbers]),
            (schema.resource_person, [{"resource_pk": n, "person_id": f"q{n}"} for n in numbers]),
            (schema.provision, [{"pk": n, "person_id": f"q{n}", "rule": f"c{n}", "actors": ["user:doc"], **rule}
                                for n in numbers]),
            (schema.provision_actor, [{"provision_pk": n, "actor": "user:doc"} for n in numbers]),
        ):  # fmt: skip
            connection.execute(insert(table), rows)
    assert ids(gateway, DOC, "Patient", "_count=2") == ([f"q{start}", f"q{start + 1}"], count)
    shop.run("consent", "revoke", f"q{start}")
    shop.run("consent", "revoke", f"q{start + 1}", "--label", "genetics")
    assert ids(gateway, DOC, "Patient", "_count=2") == ([f"q{start + 1}", f"q{start + 2}"], count - 1)
    assert shop.run("erase", f"q{start + 2}", "--yes")["erased"]["resources"] == 1
    assert ids(gateway, DOC, "Patient", "_count=1") == ([f"q{start + 1}"], count - 2)
