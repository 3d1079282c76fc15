"""Stores as earlier versions made them."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Sequence
from pathlib import Path

import msgpack  # type: ignore[import-untyped]  # no type hints of its own
from redis.asyncio import Redis

from gallery.operations.record import pack
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


async def make_redis_of_version_1(client: Redis, subjects: Sequence[Subject]) -> dict[str, str]:
    """Make a namespace `biofusion` of schema version 1 with one model; returns each subject's request id."""
    requests = {subject.subject_id: str(uuid.uuid4()) for subject in subjects}
    await client.set("{biofusion}:store", "1.0123abcd")
    for subject in subjects:
        subject_id = subject.subject_id
        await client.set(f"{{biofusion}}:subject:{subject_id}", pack(subject))
        for key in ("subjects", *(f"gallery:{gallery}" for gallery in subject.galleries)):
            await client.zadd(f"{{biofusion}}:{key}", {subject_id: 0})
        receipt = msgpack.packb(["d", subject_id, "e1"])
        await client.set(f"{{biofusion}}:request:{requests[subject_id]}", receipt, px=1_000_000)
        await client.xadd("{biofusion}:feed", {"k": "PUT", "s": subject_id})
    await client.set("{biofusion}:model:fusion-1", "text")
    await client.zadd("{biofusion}:models", {"fusion-1": 0})
    return requests
