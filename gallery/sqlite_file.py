"""One SQLite file: its schema, its connections, and the thread that each connection lives on."""

from __future__ import annotations

import asyncio
import os
import secrets
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from biometrics.errors import ConfigurationInvalid, StoreUnavailable

T = TypeVar("T")

RETRY_S = 0.01
SCHEMA_VERSION = 1
SCHEMA = """
CREATE TABLE IF NOT EXISTS store (schema_version INTEGER NOT NULL, store_id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS subjects (subject_id TEXT PRIMARY KEY, record BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS memberships (
  gallery TEXT, subject_id TEXT, PRIMARY KEY (gallery, subject_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS memberships_by_subject ON memberships (subject_id);
CREATE TABLE IF NOT EXISTS changes (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, subject_id TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS requests (
  request_id TEXT PRIMARY KEY, digest TEXT NOT NULL, subject_id TEXT NOT NULL, encounter_id TEXT NOT NULL,
  seq INTEGER NOT NULL, create_time REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS requests_by_time ON requests (create_time);
CREATE TABLE IF NOT EXISTS fusion_models (model_id TEXT PRIMARY KEY, content TEXT NOT NULL);
"""
"""The last table came later: programs that do not know it do not miss it, so the version is the same."""

SETTINGS = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA secure_delete = ON;
PRAGMA temp_store = MEMORY;
"""
"""WAL: readers and the writer do not wait for each other. FULL: in WAL mode only this one syncs the
log at each commit, so that an acknowledged write survives a power cut (NORMAL may lose the newest).
secure_delete: erased templates are overwritten with zeros, not only unlinked."""


class Worker:
    """One connection on a thread of its own, opened at the first call and again after an error.

    Args:
        path: the file; it and its folder are made when they do not exist, readable by the owner only.
        busy_timeout_s: how long a call waits for another process that holds the file.
    """

    def __init__(self, path: Path, busy_timeout_s: float) -> None:
        self._path = path
        self._busy_timeout_s = busy_timeout_s
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-store")
        self._connection: sqlite3.Connection | None = None
        self._closed = False

    async def call(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` on the worker's thread.

        Raises:
            StoreUnavailable: SQLite reports an error, or the store is closed.
            ConfigurationInvalid: the file is not a store that this program can use.
        """
        if self._closed:
            raise StoreUnavailable("The store is closed.")
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._guarded, work)

    async def close(self) -> None:
        """Close the connection and end the thread; a second call does nothing."""
        if not self._closed:
            self._closed = True
            await asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect)
            self._thread.shutdown()

    def _guarded(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            if self._connection is None:
                self._connection = connect(self._path, self._busy_timeout_s)
            return work(self._connection)
        except (sqlite3.Error, OSError) as error:
            self._disconnect()
            message = f"The store file {self._path.name} cannot be used now ({type(error).__name__}: {error})."
            raise StoreUnavailable(message) from error

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def transact(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T], mode: str) -> T:
    """Run `work` between BEGIN and COMMIT; roll back when it raises.

    Args:
        connection: in autocommit mode.
        work: reads and writes.
        mode: "DEFERRED" for reading one state; "IMMEDIATE" for writing, which takes the file's one
            writer lock at the beginning, so that what was read still holds when it is written.
    """
    connection.execute(f"BEGIN {mode}")
    try:
        result = work(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return result


def connect(path: Path, busy_timeout_s: float) -> sqlite3.Connection:
    """Open the file, make its tables where it is new, and check its schema.

    Raises:
        ConfigurationInvalid: no store, or one of a newer version.
        sqlite3.Error, OSError: it cannot be opened.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    connection = sqlite3.connect(path, timeout=busy_timeout_s, isolation_level=None, check_same_thread=False)
    try:
        is_incomplete = transact(connection, _check, "DEFERRED")
        _settle(connection, busy_timeout_s)
        if is_incomplete:
            transact(connection, _create, "IMMEDIATE")
    except BaseException as error:
        connection.close()
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
            raise _not_a_store(path.name) from error
        raise
    return connection


def _settle(connection: sqlite3.Connection, busy_timeout_s: float) -> None:
    """Apply the settings. SQLite does not wait for others when it turns a file to WAL, so this does."""
    deadline = time.monotonic() + busy_timeout_s
    while True:
        try:
            connection.executescript(SETTINGS)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() >= deadline:
                raise
            time.sleep(RETRY_S)
        else:
            return


def _check(connection: sqlite3.Connection) -> bool:
    """Whether tables are missing. Changes nothing, and does not wait for writers."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    if not tables:
        return True
    if "store" not in tables:
        raise _not_a_store("The file")
    (version,) = connection.execute("SELECT schema_version FROM store").fetchone()
    if version > SCHEMA_VERSION:
        raise ConfigurationInvalid(
            f"The store file has schema version {version}, and this program knows {SCHEMA_VERSION}. "
            "Use the newer program, or another file.",
            schema_version=str(version),
        )
    return "fusion_models" not in tables


def _create(connection: sqlite3.Connection) -> None:
    """Make the tables that are missing: another process may just have done so."""
    _check(connection)
    for statement in SCHEMA.split(";"):
        connection.execute(statement)
    if not connection.execute("SELECT count(*) FROM store").fetchone()[0]:
        connection.execute("INSERT INTO store VALUES (?, ?)", (SCHEMA_VERSION, secrets.token_hex(4)))


def _not_a_store(name: str) -> ConfigurationInvalid:
    return ConfigurationInvalid(f"{name} is not a store of this program. Name a new file, or one it has made.")
