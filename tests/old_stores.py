"""Stores as earlier versions made them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from gallery.record import pack
from gallery.subject import Subject

SQLITE_1 = """
CREATE TABLE store (schema_version INTEGER NOT NULL, store_id TEXT NOT NULL);
CREATE TABLE subjects (subject_id TEXT PRIMARY KEY, record BLOB NOT NULL);
CREATE TABLE memberships (gallery TEXT, subject_id TEXT, PRIMARY KEY (gallery, subject_id)) WITHOUT ROWID;
CREATE INDEX memberships_by_subject ON memberships (subject_id);
CREATE TABLE changes (seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, subject_id TEXT NOT NULL);
CREATE TABLE requests (
  request_id TEXT PRIMARY KEY, digest TEXT NOT NULL, subject_id TEXT NOT NULL, encounter_id TEXT NOT NULL,
  seq INTEGER NOT NULL, create_time REAL NOT NULL
);
CREATE INDEX requests_by_time ON requests (create_time);
CREATE TABLE fusion_models (model_id TEXT PRIMARY KEY, content TEXT NOT NULL);
INSERT INTO store VALUES (1, '0123abcd');
"""


def make_store_of_version_1(path: Path, subjects: Sequence[Subject], create_time: float = 0.0) -> None:
    """A SQLite file of schema version 1; subject X was enrolled by request `request-X` with digest `d`."""
    connection = sqlite3.connect(path)
    connection.executescript("PRAGMA journal_mode = WAL; PRAGMA secure_delete = ON;" + SQLITE_1)
    for subject in subjects:
        subject_id = subject.subject_id
        connection.execute("INSERT INTO subjects VALUES (?, ?)", (subject_id, pack(subject)))
        connection.executemany("INSERT INTO memberships VALUES (?, ?)", [(g, subject_id) for g in subject.galleries])
        (seq,) = connection.execute("SELECT 1 + count(*) FROM changes").fetchone()
        connection.execute("INSERT INTO changes (kind, subject_id) VALUES ('PUT', ?)", (subject_id,))
        row = (f"request-{subject_id}", "d", subject_id, "e1", seq, create_time)
        connection.execute("INSERT INTO requests VALUES (?, ?, ?, ?, ?, ?)", row)
    connection.commit()
    connection.close()
