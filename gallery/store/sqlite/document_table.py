"""The table of documents, which store files made by earlier programs of schema version 3 lack until they are opened."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

Transact = Callable[[Callable[[sqlite3.Connection], None]], None]

TABLE = """
CREATE TABLE IF NOT EXISTS documents (
  version INTEGER PRIMARY KEY AUTOINCREMENT, collection TEXT NOT NULL, key BLOB NOT NULL, body BLOB NOT NULL,
  UNIQUE (collection, key)
)
"""
"""AUTOINCREMENT: SQLite gives no number twice, so that a version is never met again."""


def add_if_missing(connection: sqlite3.Connection, transact: Transact) -> None:
    """Make the table if it is not there; waits for other writers in that case only.

    Args:
        connection: of a store file.
        transact: runs its argument in a writing transaction.
    """
    statement = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'documents'"
    if connection.execute(statement).fetchone() is None:
        transact(_make)


def _make(connection: sqlite3.Connection) -> None:
    connection.execute(TABLE)
