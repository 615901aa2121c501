"""A PostgreSQL server of its own for the tests that want one, and a shop over a fresh database in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from tests.govern.conftest import Shop, fill, shop

__all__ = ["shop"]
OPTIONS = ("-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c synchronous_commit=off "
           "-c full_page_writes=off")  # fmt: skip


def binaries() -> Path | None:
    named = os.environ.get("PG_BIN")
    found = [Path(named)] if named else sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    on_path = shutil.which("initdb")
    found += [Path(on_path).parent] if on_path else []
    return next((one for one in found if (one / "initdb").is_file()), None)


@dataclass
class Server:
    """A server that listens on a socket in its folder alone."""

    folder: Path
    programs: Path
    databases: int = 0

    def call(self, program: str, *words: str) -> None:
        who = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
        done = subprocess.run([*who, str(self.programs / program), "-D", str(self.folder / "data"), *words],
                              check=False, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()

    def address(self, name: str) -> str:
        return f"postgresql+psycopg://app@/{name}?host={self.folder}"

    def database(self) -> str:
        self.databases += 1
        name = f"t_{self.databases}"
        engine = create_engine(self.address("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return self.address(name)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    programs = binaries()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed (package postgresql, or PG_BIN)")
    server = Server(Path(tempfile.mkdtemp(prefix="sg", dir="/tmp")), programs)
    try:
        if os.geteuid() == 0:
            shutil.chown(server.folder, "postgres", "postgres")
        server.call("initdb", "-U", "app", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C")
        server.call("pg_ctl", "-w", "-l", str(server.folder / "log"), "-o", OPTIONS.format(folder=server.folder), "start")
        yield server
    finally:
        if (server.folder / "data" / "postmaster.pid").is_file():
            server.call("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(server.folder, ignore_errors=True)


@pytest.fixture
def address(postgres: Server) -> str:
    return postgres.database()


@pytest.fixture
def hospital(address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """The same two persons, clinician and patient's account as in ``shop``, on PostgreSQL."""
    monkeypatch.delenv("SINGULA_KEY_FILE", raising=False)
    monkeypatch.setenv("SINGULA_DATABASE", address)
    opened: list[Engine] = []

    def remember(*words: Any, **more: Any) -> Engine:
        opened.append(create_engine(*words, **more))
        return opened[-1]

    monkeypatch.setattr("singula.store.engine.create_engine", remember)
    yield fill(Shop(tmp_path, capsys, address))
    for engine in opened:
        engine.dispose()
