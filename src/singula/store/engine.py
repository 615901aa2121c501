"""Opening the store: SQLite by default, SQLCipher when a key is given, PostgreSQL by address."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from singula.errors import BadInput
from singula.store.schema import metadata

DATABASE = "singula.db"
PRAGMAS = (
    "PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL", "PRAGMA foreign_keys=ON", "PRAGMA busy_timeout=5000",
    "PRAGMA temp_store=MEMORY", "PRAGMA secure_delete=ON",
)  # fmt: skip
FOLDER_MODE, FILE_MODE = 0o700, 0o600
AUDIT_TRIGGERS = tuple(
    f"CREATE TRIGGER IF NOT EXISTS audit_no_{verb.lower()} BEFORE {verb} ON audit_entry "
    "BEGIN SELECT RAISE(ABORT, 'the audit is only appended to'); END"
    for verb in ("UPDATE", "DELETE")
)


def make_private(path: Path) -> None:
    """Make an empty file that its owner alone may read, or take it from others; SQLite gives its log the same mode."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, FILE_MODE))
    path.chmod(FILE_MODE)


class Store:
    """An open store.

    Parameters
    ----------
    folder : Path
        Where the database and blobs lie; made with mode 0700.
    key : bytes, optional
        32 bytes; the database is then SQLCipher.
    address : str, optional
        A PostgreSQL address in place of the file.

    Raises
    ------
    BadInput
        The key is not this store's.
    """

    def __init__(self, folder: Path, key: bytes | None = None, address: str | None = None) -> None:
        self.folder, self.key = folder, key
        folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
        if not address:
            make_private(folder / DATABASE)
        self.engine: Engine = create_engine(address) if address else _open_sqlite(folder / DATABASE, key)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        try:
            metadata.create_all(self.engine)
            if self.is_sqlite:
                with self.engine.begin() as connection:
                    for trigger in AUDIT_TRIGGERS:
                        connection.execute(text(trigger))
        except DBAPIError:
            self.engine.dispose()
            raise BadInput(_unopened(folder, is_file=not address)) from None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open one transaction for reading."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open one transaction for writing; SQLite takes its write lock at once, so that two writers wait in turn."""
        options = {"singula_immediate": True}
        with self.engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    def compact(self) -> None:
        """Leave no byte of what was erased in any file."""
        if self.is_sqlite:
            connection = self.engine.raw_connection()
            try:
                cursor = connection.cursor()
                for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                    cursor.execute(statement)
                cursor.close()
            finally:
                connection.close()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _unopened(folder: Path, *, is_file: bool) -> str:
    if is_file:
        return f"{folder}: the key is not the one this store was made with; give the right --key-file"
    return "the database does not answer or lets nobody make tables; correct SINGULA_DATABASE or start the server"


def _open_sqlite(path: Path, key: bytes | None) -> Engine:
    if key is None:
        engine = create_engine(f"sqlite:///{path}", poolclass=QueuePool, pool_size=8, max_overflow=24)
    else:
        import sqlcipher3

        engine = create_engine(f"sqlite:///{path}", module=sqlcipher3.dbapi2, poolclass=QueuePool, pool_size=8, max_overflow=24)

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        if key is not None:
            cursor.execute("PRAGMA cipher_log_level=NONE")
            cursor.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        for pragma in PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("singula_immediate")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine
