"""SQL queries of the SQLite store. Call a function of several statements inside one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import TypeVar

from gallery.store.record import unpack
from gallery.store.rules import fusion_model_not_found, gallery_not_found
from gallery.subject import Subject

Key = TypeVar("Key", str, bytes)
Read = TypeVar("Read")

MAX_VARIABLES = 500
"""Most ids in one statement."""


def exists(connection: sqlite3.Connection, subject_id: str) -> bool:
    """Whether the subject exists."""
    statement = "SELECT 1 FROM subjects WHERE subject_id = ?"
    return connection.execute(statement, (subject_id,)).fetchone() is not None


def get_many(connection: sqlite3.Connection, subject_ids: Sequence[str]) -> dict[str, Subject]:
    """Those of the subjects that exist, by id."""
    rows = _chosen(connection, "subject_id", subject_ids)
    return {subject_id: unpack(record) for subject_id, record in rows}


def get_named(connection: sqlite3.Connection, names: Sequence[bytes]) -> dict[bytes, Subject]:
    """Those of the subjects that exist, by name."""
    return {name: unpack(record) for name, record in _chosen(connection, "name", names)}


def _chosen(connection: sqlite3.Connection, column: str, values: Sequence[Key]) -> list[tuple[Key, bytes]]:
    """The values that exist in the column, with their records."""
    found: list[tuple[Key, bytes]] = []
    for start in range(0, len(values), MAX_VARIABLES):
        chunk = values[start : start + MAX_VARIABLES]
        marks = ", ".join("?" * len(chunk))
        statement = f"SELECT {column}, record FROM subjects WHERE {column} IN ({marks})"  # noqa: S608 - no foreign text
        found += connection.execute(statement, chunk).fetchall()
    return found


def page(
    connection: sqlite3.Connection, after: str, limit: int, gallery: str, read: Callable[[bytes], Read]
) -> list[Read]:
    """Up to `limit` records after an id, in order of id, parsed by `read`; of one gallery, or of all if it is ""."""
    if gallery:
        count(connection, gallery)
        statement = (
            "SELECT record FROM memberships JOIN subjects USING (subject_id) "
            "WHERE gallery = ? AND subject_id > ? ORDER BY subject_id LIMIT ?"
        )
        rows = connection.execute(statement, (gallery, after, limit))
    else:
        statement = "SELECT record FROM subjects WHERE subject_id > ? ORDER BY subject_id LIMIT ?"
        rows = connection.execute(statement, (after, limit))
    return [read(record) for (record,) in rows]


def count(connection: sqlite3.Connection, gallery: str) -> int:
    """Number of subjects in one gallery, or in all if it is "".

    Raises:
        GalleryNotFound: nobody was ever enrolled in it.
    """
    row = connection.execute("SELECT size FROM galleries WHERE gallery = ?", (gallery,)).fetchone()
    if row is None:
        raise gallery_not_found(gallery)
    return int(row[0])


def model(connection: sqlite3.Connection, model_id: str) -> str:
    """The text of a fusion model; raises FusionModelNotFound."""
    row = connection.execute("SELECT content FROM fusion_models WHERE model_id = ?", (model_id,)).fetchone()
    if row is None:
        raise fusion_model_not_found(model_id)
    return str(row[0])


def model_page(connection: sqlite3.Connection, after: str, limit: int) -> list[str]:
    """Up to `limit` ids of fusion models after an id, in order."""
    statement = "SELECT model_id FROM fusion_models WHERE model_id > ? ORDER BY model_id LIMIT ?"
    return [model_id for (model_id,) in connection.execute(statement, (after, limit))]


def name_key(connection: sqlite3.Connection) -> bytes:
    """The store's key for names of subjects."""
    return bytes(connection.execute("SELECT name_key FROM store").fetchone()[0])


def is_erasing(connection: sqlite3.Connection) -> bool:
    """Whether erased data may still be in the file or its log."""
    return bool(connection.execute("SELECT erasing FROM store").fetchone()[0])
