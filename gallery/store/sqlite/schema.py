"""Tables of a SQLite store: creation, version check, and migration from the previous version."""

from __future__ import annotations

import secrets
import sqlite3

from biometrics.errors import ConfigurationInvalid
from gallery.store.keyed_names import new_key, request_hash, request_name, subject_name
from gallery.store.tokens import NO_MARK
from gallery.subject import DEFAULT_GALLERY

VERSION = 2
"""Schema version. Version 1 kept ids in the feed and in the receipts."""

EVERYBODY = ""
"""Name for all galleries together, which no gallery can have."""

SCHEMA = """
CREATE TABLE store (
  schema_version INTEGER NOT NULL, store_id TEXT NOT NULL, name_key BLOB NOT NULL,
  newest INTEGER NOT NULL, mark TEXT NOT NULL, erasing INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS subjects (subject_id TEXT PRIMARY KEY, record BLOB NOT NULL, name BLOB);
CREATE UNIQUE INDEX IF NOT EXISTS subjects_by_name ON subjects (name);
CREATE TABLE IF NOT EXISTS memberships (
  gallery TEXT, subject_id TEXT, PRIMARY KEY (gallery, subject_id)
) WITHOUT ROWID;
CREATE TABLE galleries (gallery TEXT PRIMARY KEY, size INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE changes (seq INTEGER PRIMARY KEY, mark TEXT NOT NULL, kind TEXT NOT NULL, name BLOB NOT NULL);
CREATE TABLE requests (
  request BLOB PRIMARY KEY, hash BLOB NOT NULL, seq INTEGER NOT NULL, mark TEXT NOT NULL, create_time REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS fusion_models (model_id TEXT PRIMARY KEY, content TEXT NOT NULL);
"""
"""`store` has one row: identity of the store, end of the feed (newest, mark), and what erased data is still to be
overwritten (erasing, see `erasure.py`). `changes` and `requests` hold keyed hashes (`gallery/store/keyed_names.py`).
The rowid orders receipts by time."""


def is_current(connection: sqlite3.Connection) -> bool:
    """Whether the file has the tables of this version. Changes nothing, and does not wait for writers.

    Raises:
        ConfigurationInvalid: the file is not a store, or one of a newer version.
    """
    tables = _tables(connection)
    if not tables:
        return False
    if "store" not in tables:
        raise not_a_store("The file")
    version = _version(connection)
    if version > VERSION:
        raise ConfigurationInvalid(
            f"The store file has schema version {version}, and this program knows {VERSION}. "
            "Use the newer program, or another file.",
            schema_version=str(version),
        )
    return version == VERSION


def make_current(connection: sqlite3.Connection) -> None:
    """Create the tables, or migrate them from version 1, unless another process has just done so."""
    if is_current(connection):
        return
    if _tables(connection):
        _from_1(connection)
    else:
        _make(connection)


def not_a_store(name: str) -> ConfigurationInvalid:
    """The error for a file that is not a store."""
    return ConfigurationInvalid(f"{name} is not a store of this program. Name a new file, or one it has made.")


def _make(connection: sqlite3.Connection, key: bytes | None = None, erasing: int = 0) -> None:
    for statement in SCHEMA.split(";"):
        connection.execute(statement)
    row = (VERSION, secrets.token_hex(4), key or new_key(), 0, NO_MARK, erasing)
    connection.execute("INSERT INTO store VALUES (?, ?, ?, ?, ?, ?)", row)
    connection.executemany("INSERT INTO galleries VALUES (?, 0)", [(EVERYBODY,), (DEFAULT_GALLERY,)])


def _from_1(connection: sqlite3.Connection) -> None:
    """Keep subjects, models and receipts, and begin a new feed, as that of version 1 holds ids.

    The store gets a new id, so readers reload it, and earlier tokens are refused as those of another store.
    """
    key = new_key()
    statement = "SELECT request_id, digest, create_time FROM requests ORDER BY create_time"
    receipts = [(request_name(r), request_hash(r, d), time) for r, d, time in connection.execute(statement)]
    for old in (
        "INDEX requests_by_time",
        "TABLE requests",
        "TABLE changes",
        "TABLE store",
        "INDEX memberships_by_subject",
    ):
        connection.execute(f"DROP {old}")
    connection.execute("ALTER TABLE subjects ADD COLUMN name BLOB")
    connection.create_function("name_of", 1, lambda subject_id: subject_name(key, subject_id), deterministic=True)
    connection.execute("UPDATE subjects SET name = name_of(subject_id)")
    _make(connection, key, erasing=1)
    connection.execute(
        "INSERT INTO galleries SELECT * FROM (SELECT gallery, count(*) FROM memberships GROUP BY gallery UNION ALL "
        "SELECT '', count(*) FROM subjects) WHERE true ON CONFLICT DO UPDATE SET size = excluded.size"
    )
    rows = [(request, content, 0, NO_MARK, time) for request, content, time in receipts]
    connection.executemany("INSERT INTO requests VALUES (?, ?, ?, ?, ?)", rows)


def _tables(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}


def _version(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT schema_version FROM store").fetchone()
    return int(row[0])
