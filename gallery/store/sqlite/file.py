"""Connections to a SQLite file: settings, transactions, and detection of a replaced file."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from biometrics.errors import StoreUnavailable
from gallery.store.sqlite.document_table import add_if_missing
from gallery.store.sqlite.schema import is_current, make_current, not_a_store

T = TypeVar("T")

RETRY_S = 0.01
SETTINGS = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA secure_delete = ON;
PRAGMA temp_store = MEMORY;
PRAGMA wal_autocheckpoint = 4000;
"""
"""WAL: readers and the writer do not wait for each other. FULL: in WAL mode only this setting syncs the
log at each commit, so that an acknowledged write survives a power cut (NORMAL may lose the newest writes).
secure_delete: erased rows are overwritten with zeros, not only unlinked. wal_autocheckpoint: the log is moved into the
file when it has 4,000 pages (16 MB), so that a page that many groups change is moved once."""


class Connection:
    """A connection that notices when its file has been replaced by another, e.g. by restoring a backup.

    Args:
        path: the file; if it does not exist, it and its folder are made; the file is readable by the owner only.
        busy_timeout_s: seconds to wait for another process that has locked the file.
        partition_count: number of partitions that the store must have; 0: any, and 64 for a new one.
    """

    def __init__(self, path: Path, busy_timeout_s: float, partition_count: int = 0) -> None:
        self._path = path
        self.sql = connect(path, busy_timeout_s, partition_count)
        self._file = _identity(path)

    @property
    def is_current(self) -> bool:
        """Whether the path still names the file that is open."""
        return _identity(self._path) == self._file

    def close(self) -> None:
        """Close it; a second call does nothing."""
        self.sql.close()


def at_one_moment(work: Callable[[sqlite3.Connection], T]) -> Callable[[sqlite3.Connection], T]:
    """Wrap `work` in a transaction, so that all of its statements see one state of the file."""

    def transaction(connection: sqlite3.Connection) -> T:
        return transact(connection, work, "DEFERRED")

    return transaction


def transact(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T], mode: str) -> T:
    """Run `work` between BEGIN and COMMIT; roll back when it raises.

    Args:
        connection: in autocommit mode.
        work: reads and writes.
        mode: "DEFERRED" for reading one state; "IMMEDIATE" for writing: it takes the file's writer lock at
            the beginning, so that nothing changes between reading and writing.
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


def connect(path: Path, busy_timeout_s: float, partition_count: int = 0) -> sqlite3.Connection:
    """Open the file, and create its tables if necessary.

    Raises:
        ConfigurationInvalid: the file is not a store, one of another version, or with another number of partitions.
        sqlite3.Error, OSError: the file cannot be opened.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():  # opening and closing a file that is in use would release this process's locks on it
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    connection = sqlite3.connect(path, timeout=busy_timeout_s, isolation_level=None, check_same_thread=False)
    try:
        current = transact(connection, partial(is_current, partition_count=partition_count), "DEFERRED")
        _settle(connection, busy_timeout_s)
        if not current:
            transact(connection, partial(make_current, partition_count=partition_count), "IMMEDIATE")
        add_if_missing(connection, partial(transact, connection, mode="IMMEDIATE"))
    except BaseException as error:
        connection.close()
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
            raise not_a_store(path.name) from error
        raise
    return connection


def unavailable(path: Path, error: Exception) -> StoreUnavailable:
    """The error for a file that cannot be used now."""
    return StoreUnavailable(f"The store file {path.name} cannot be used now ({type(error).__name__}: {error}).")


def _settle(connection: sqlite3.Connection, busy_timeout_s: float) -> None:
    """Apply the settings. SQLite ignores the busy timeout when it switches a file to WAL, so this function waits."""
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


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
