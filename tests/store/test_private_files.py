"""What lies in the store's folder is its owner's alone, and a wrong key is told in one line."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from singula.errors import BadInput
from singula.govern.gateway import open_gateway
from singula.knowledge import load_knowledge
from singula.store.engine import Store
from tests.govern.conftest import Shop, shop

__all__ = ["shop"]


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_every_file_is_for_its_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    former = os.umask(0)
    try:
        gateway = open_gateway(tmp_path / "store", load_knowledge())
        with gateway.writing() as connection:
            gateway.ledger.append(connection, actor="user:x", event="read")
            files = {path.name: mode_of(path) for path in (tmp_path / "store").iterdir() if path.is_file()}
    finally:
        os.umask(former)
    assert {"singula.db", "singula.db-wal", "singula.db-shm", "audit.head", "audit.lock"} <= set(files)
    assert set(files.values()) == {0o600}
    assert mode_of(tmp_path / "store") == mode_of(tmp_path / "store" / "keys") == 0o700


def test_files_that_were_open_to_others_are_closed(tmp_path: Path) -> None:
    Store(tmp_path / "store").close()
    (tmp_path / "store" / "singula.db").chmod(0o644)
    Store(tmp_path / "store").close()
    assert mode_of(tmp_path / "store" / "singula.db") == 0o600


def test_a_wrong_key_is_told_once_and_nothing_else_is_said(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("sqlcipher3")
    Store(tmp_path / "store", b"k" * 32).close()
    with pytest.raises(BadInput, match="the key is not the one this store was made with"):
        Store(tmp_path / "store", b"x" * 32)
    assert capfd.readouterr() == ("", "")


def test_the_same_import_again_makes_no_version_and_says_so(shop: Shop) -> None:
    changed = {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1960-02-04"}
    again = {"resourceType": "Patient", "id": "p2", "gender": "female", "birthDate": "1960-02-03"}
    told = shop.load(changed, again)
    assert (told["imported"], told["unchanged"], told["patients"]) == ({"Patient": 1}, {"Patient": 1}, ["p1", "p2"])
    with shop.gateway.store.reading() as connection:
        rows = connection.exec_driver_sql("SELECT r.id, count(*) FROM resource r JOIN resource_history h ON h.resource_pk = r.pk "
                                          "WHERE r.type = 'Patient' GROUP BY r.id ORDER BY r.id")  # fmt: skip
        assert [tuple(row) for row in rows] == [("p1", 2), ("p2", 1)]
