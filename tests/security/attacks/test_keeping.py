"""Attacks 16 to 23: the operator, the thief of the disk, the curious statistician, poison, logs, emergencies, floods, supply."""

from __future__ import annotations

import json
import logging
import re
import sqlite3
import tomllib
from pathlib import Path
from typing import Any

import pytest

from singula.errors import BadInput
from singula.knowledge.library import Knowledge
from singula.knowledge.pack import Pack
from singula.knowledge.sealing import read_seals, seal_packs
from singula.serve import logs
from singula.serve.settings import Settings
from tests.govern.conftest import Shop
from tests.security.attacks.conftest import CANARY
from tests.serve.real import RealServer, serve_shop
from tests.serve.requests import person
from tests.serve.test_route_matrix import GENOMIC, address, routes

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET entry = replace(entry, 'user:doc', 'user:eve') WHERE entry LIKE '%user:doc%'",
        "DELETE FROM audit_entry WHERE seq = 3",
        "DELETE FROM audit_entry WHERE seq > 4",
        "UPDATE audit_entry SET hash = lower(hex(randomblob(32))) WHERE seq = 2",
        "UPDATE audit_entry SET seq = seq + 1000 WHERE seq = 5",
    ],
)
def test_attack_16_an_operators_hand_in_the_audit_is_found(real: RealServer, statement: str) -> None:
    real.get("/fhir/Patient/p1", real.token("doc"))
    path = real.shop.folder / "store" / "singula.db"
    connection = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="only appended"):
        connection.execute(statement)
    for trigger in ("audit_no_delete", "audit_no_update"):
        connection.execute(f"DROP TRIGGER {trigger}")
    connection.execute(statement)
    connection.commit()
    connection.close()
    assert real.shop.run("audit", "verify", code=1)["ok"] is False


def test_attack_17_a_stolen_disk_holds_nothing_to_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("sqlcipher3")
    key = tmp_path / "key"
    key.write_text("ab" * 32)
    monkeypatch.setenv("SINGULA_KEY_FILE", str(key))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    shop = Shop(tmp_path, capsys)
    shop.load({**person("p1")[0], "name": [{"family": CANARY}]}, person("p1")[1])
    (tmp_path / "in.json").unlink()
    shop.run("user", "add", "doc", "--role", "clinician")
    shop.run("consent", "grant", "p1", "--actor", "user:doc")
    shop.run("plan", "--patient", "p1", "--as", "doc", "--as-of", "2026-06-01")
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or path == key or CANARY.encode() not in path.read_bytes(), path
    folder = tmp_path / "store"
    assert not (folder / "singula.db").read_bytes().startswith(b"SQLite format 3")
    assert all(one.read_bytes().startswith(b"SGK1") for one in (folder / "keys").iterdir())
    monkeypatch.delenv("SINGULA_KEY_FILE")
    shop.run("consent", "show", "p1", code=3)


def test_attack_18_counting_singles_nobody_out(real: RealServer) -> None:
    real.shop.run("user", "add", "res", "--role", "researcher")
    for one in ("p1", "p2"):
        real.shop.run("consent", "grant", one, "--actor", "role:researcher", "--purpose", "HRESCH")
    token = real.token("res")
    asked = f"haplotypes={GENOMIC['haplotypes']}&genes=CYP2C19&includePatientList=true"
    first = real.get(f"/fhir/$find-population-specific-haplotypes?{asked}", token)
    assert first.status_code == 200, first.text
    assert '"comparator":"<"' in first.text
    assert "p1" not in first.text.replace("p1.", "")
    real.shop.load(*person("p3"))
    real.shop.run("consent", "grant", "p3", "--actor", "role:researcher", "--purpose", "HRESCH")
    assert real.get(f"/fhir/$find-population-specific-haplotypes?{asked}", token).json() == first.json()
    assert real.get("/fhir/Patient/p1", token).status_code == 404
    assert real.get("/fhir/Patient", token).json()["total"] == 0


def pack(folder: Path, effect: str) -> Pack:
    place = folder / "poison"
    place.mkdir(parents=True, exist_ok=True)
    (place / "manifest.toml").write_text('title = "T"\nversion = "1"\ndate = "2026-01-01"\nlicence = "CC0"\nchecked = "c"\n')
    (place / "rules.tsv").write_text(f"gene\teffect\tcitation\treview\nTPMT\t{effect}\tx\tchecked\n")
    return Pack(place)


def test_attack_19_knowledge_that_changed_since_its_review_is_refused(tmp_path: Path) -> None:
    seals = tmp_path / "seals.json"
    seals.write_text(json.dumps({"packs": seal_packs({"poison": pack(tmp_path, "avoid")})}))
    good = Knowledge({"poison": pack(tmp_path, "avoid")}, seals)
    assert good.pack("poison").table("rules")[0].effect == "avoid"
    altered = Knowledge({"poison": pack(tmp_path, "full dose")}, seals)
    with pytest.raises(BadInput, match="has changed since it was sealed"):
        altered.pack("poison")
    with pytest.raises(BadInput, match="was never sealed"):
        Knowledge({"other": pack(tmp_path / "more", "x")}, seals_without(tmp_path)).pack("other")
    for broken in ("{}", "no json", '{"packs":{"a":{"sha256":"x"}}}'):
        (tmp_path / "broken.json").write_text(broken)
        read_seals.cache_clear()
        with pytest.raises(BadInput, match="kb seal"):
            read_seals(tmp_path / "broken.json")


def seals_without(folder: Path) -> Path:
    path = folder / "none.json"
    path.write_text('{"packs": {}}')
    return path


def test_attack_19_a_command_refuses_what_was_not_sealed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from singula.cli.main import main

    assert main(["kb", "seal", "-o", str(tmp_path / "seals.json")]) == 0
    sealed = json.loads((tmp_path / "seals.json").read_text())["packs"]
    assert all(re.fullmatch("[0-9a-f]{64}", one["sha256"]) and one["version"] for one in sealed.values())
    (tmp_path / "in.json").write_text(json.dumps(person("p1")[0]))
    words = ["record", "show", str(tmp_path / "in.json"), "--json"]
    monkeypatch.setenv("SINGULA_KNOWLEDGE_SEALS", str(tmp_path / "seals.json"))
    assert main(words) == 0
    monkeypatch.setenv("SINGULA_KNOWLEDGE_SEALS", str(seals_without(tmp_path)))
    assert main(words) == 3
    assert "was never sealed" in capsys.readouterr().err


def test_attack_20_no_log_error_or_measure_holds_health_data(real: RealServer, caplog: pytest.LogCaptureFixture) -> None:
    real.shop.load({**person("p1")[0], "name": [{"family": CANARY}], "birthDate": "1931-07-09"})
    real.shop.run("user", "add", "ops", "--role", "operator")
    doc, secrets = real.token("doc"), ("Bearer", CANARY, "1931-07-09", "p1-geno")
    logs.LOGGER.propagate = True
    with caplog.at_level(logging.DEBUG):
        for method, path in routes(real):  # type: ignore[arg-type]
            where = address(path)
            joined = "&" if "?" in where else "?"
            more: dict[str, Any] = {"json": {"name": CANARY}} if method in ("POST", "PUT", "PATCH") else {}
            real.ask(method, f"{where}{joined}name={CANARY}", doc, headers={"Singula-Reason": CANARY}, **more)
            real.ask(method, where, f"{CANARY}{'x' * 30}", **more)
    written = "\n".join(logs.JsonLines().format(one) for one in caplog.records if one.name.startswith("singula"))
    measured = real.get("/metrics", real.token("ops", "user/*.rs")).text
    assert '"event":"request"' in written
    for secret in (*secrets, doc):
        assert secret not in written
        assert secret not in measured
    for path in ("/fhir/Patient?name:nonsense=" + CANARY, f"/fhir/Patient/{CANARY}x/$plan"):
        assert "Traceback" not in real.get(path, doc).text


def test_attack_21_an_emergency_ends_is_told_and_is_listed_for_the_auditor(real: RealServer) -> None:
    doc = real.token("doc")
    for reason in ("", "short"):
        headers = {"Singula-Purpose": "BTG", **({"Singula-Reason": reason} if reason else {})}
        assert real.get("/fhir/Patient/p2", doc, headers=headers).status_code == 403
    patient = real.token("ann", "patient/*.rs")
    full = {"Singula-Purpose": "BTG", "Singula-Reason": "found without consciousness"}
    assert real.get("/fhir/Patient/p2", patient, headers=full).status_code == 403
    assert real.get("/fhir/Patient/p2", doc, headers=full).status_code == 200
    assert real.gateway.emergencies("p2") == 1
    listed = real.shop.run("audit", "list", "--purpose", "BTG")["entries"]
    assert [(one["event"], one["patient"], one["details"].get("reason")) for one in listed] == [
        ("break-glass", None, "found without consciousness"),
        ("read", "p2", "found without consciousness"),
    ]
    real.shop.run("consent", "revoke", "p2", "--label", "genetics")
    assert real.get("/fhir/Observation/p2-geno", doc, headers=full).status_code == 404


def test_attack_22_what_would_exhaust_the_server_is_refused(shop: Shop) -> None:
    shop.run("consent", "grant", "p1", "--actor", "user:doc")
    real = serve_shop(shop, Settings(most_rows=2, body_bytes=100_000))
    doc = real.token("doc")
    assert len(real.get("/fhir/Patient?_count=1000000000", doc).json().get("entry", ())) <= 2
    assert real.get("/fhir/Observation?" + "&".join(f"code=x{one}" for one in range(5000)), doc).status_code == 400
    assert real.get("/fhir/Observation?code=" + ",".join(f"x{one}" for one in range(10_000)), doc).status_code == 400
    assert real.get(f"/fhir/Patient?name={'a' * 30_000}", doc).status_code == 400
    assert real.get(f"/fhir/Patient?name={'(a%2B)%2B$' * 100}", doc).json()["total"] == 0
    deep = "subject:Patient." * 500 + "name=x"
    assert real.get(f"/fhir/Observation?{deep}", doc).status_code in (200, 400)
    for content in (
        b"[" * 90_000,
        b'{"a":' * 15_000,
        b'{"resourceType":"Bundle","type":"batch","entry":[' + b"{}," * 20_000 + b"{}]}",
    ):
        answer = real.post("/fhir", doc, content=content, headers={"Content-Type": "application/fhir+json"})
        assert answer.status_code in (400, 413)
    slow = serve_shop(shop, Settings(requests_burst=3, requests_per_second=1))
    assert 429 in {slow.http.get("/healthz").status_code for _ in range(6)}


def lock_faults(text: str, wanted: set[str]) -> list[str]:
    """Return what a lock lacks: a hash of a package, or a package that is depended on."""
    blocks = re.split(r"\n(?=[a-zA-Z0-9])", text)
    found = {
        re.split(r"[=\[ ]", one)[0].lower().replace("_", "-").replace(".", "-"): one
        for one in blocks
        if "==" in one.split("\n")[0]
    }
    bare = [name for name, block in found.items() if "--hash=sha256:" not in block]
    return bare + sorted(wanted - set(found))


def test_attack_23_every_dependency_is_pinned_by_its_hash() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    wanted = {re.split(r"[<>=\[; ]", one)[0].lower().replace("_", "-").replace(".", "-") for group in lists for one in group}
    text = (ROOT / "requirements.lock").read_text()
    assert lock_faults(text, wanted) == []
    first = re.search(r"^fastapi==.*(?:\\\n    --hash=\S+\s?)+", text, re.MULTILINE)
    assert first is not None
    assert lock_faults(text.replace(first[0], first[0].split(" ")[0] + "\n"), wanted) == ["fastapi"]
    assert lock_faults(text, wanted | {"left-pad"}) == ["left-pad"]


def test_every_attack_of_the_threat_model_has_a_test() -> None:
    names = [
        name
        for path in Path(__file__).parent.glob("test_*.py")
        for name in re.findall(r"def test_attack_(\d\d)_", path.read_text())
    ]
    assert {int(one) for one in names} == set(range(1, 24))
