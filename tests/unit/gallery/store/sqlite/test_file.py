from __future__ import annotations

import sqlite3
from pathlib import Path
from threading import Timer

from gallery.store.sqlite.file import connect


def test_opening_waits_for_another_writer_of_a_new_file(tmp_path: Path) -> None:
    """A file that another connection writes cannot be switched to WAL at once: opening waits instead of failing."""
    path = tmp_path / "store.db"
    writer = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("PRAGMA user_version = 1")
    release = Timer(0.2, writer.execute, ["COMMIT"])
    release.start()
    connection = connect(path, busy_timeout_s=30.0)
    assert ("wal",) == connection.execute("PRAGMA journal_mode").fetchone()
    release.join()
    connection.close()
    writer.close()
