"""An adapter's own file: SQLite, written durably, for one process at a time."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from biometrics.errors import ConfigurationInvalid


def opened(path: str, schema: str, setting: str) -> sqlite3.Connection:
    """The file, locked by this process. What was executed is on the disk when it returns; erased bytes are overwritten.

    Args:
        path: of the file, which is made if it is not there; "" keeps everything in memory.
        schema: SQL that makes the tables if they are not there.
        setting: that names the file, for errors.

    Raises:
        ConfigurationInvalid: it cannot be used, or another process has it.
    """
    try:
        if path:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        found = sqlite3.connect(path or ":memory:", timeout=1.0, isolation_level=None, check_same_thread=False)
        if path:
            Path(path).chmod(0o600)
        for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
            found.execute(f"PRAGMA {pragma}")
        found.executescript(schema)
        found.execute("SELECT 1 FROM sqlite_master").fetchone()  # takes the lock
    except (OSError, sqlite3.Error) as error:
        raise ConfigurationInvalid(f"The file of {setting} cannot be used, or another process has it open.") from error
    return found
