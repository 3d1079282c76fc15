"""SQL queries of the SQLite store. Call a function of several statements inside one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from biometrics.template import Modality
from gallery.store.backend import EncounterRow, ExpiryRow, Known, ReferenceRow, Request, SubjectKey, SubjectRows
from gallery.store.rules import gallery_not_found
from gallery.store.sqlite.feed import newest
from gallery.store.sqlite.in_list import chunks, marks
from gallery.store.sqlite.schema import EVERYBODY, NUMBERS, references_table
from gallery.store.sqlite.writing.ledger import receipt
from gallery.store.tokens import FeedPosition
from gallery.subject import DEFAULT_GALLERY

SUBJECT = "number, partition, name, subject_id, CAST(head AS BLOB)"

REFERENCE = "id, active, CAST(sealed AS BLOB)"
"""Columns of a set of references. Casts, here and above: one damaged bit can make a text of it, which fails a read."""
REFERENCES = {
    modality: f"SELECT {REFERENCE} FROM {references_table(modality)} WHERE id BETWEEN ? AND ? ORDER BY id"  # noqa: S608 - no foreign text
    for modality in Modality
}


def known(connection: sqlite3.Connection, key: SubjectKey, request: Request, oldest: float) -> Known:
    """What the partition knows of a subject and a request; `oldest` as in `receipt`."""
    statement = "SELECT CAST(head AS BLOB) FROM subjects WHERE name = ?"
    (head,) = connection.execute(statement, (key.name,)).fetchone() or (b"",)
    row = receipt(connection, key.partition, request, oldest)
    if row is None:
        return Known(head)
    content, number, mark = row
    (end,) = newest(connection, [key.partition])
    return Known(head, FeedPosition(key.partition, end.epoch, mark, (number, 0)), content)


def read(
    connection: sqlite3.Connection, keys: Sequence[SubjectKey], modalities: Sequence[Modality], *, encounters: bool
) -> list[SubjectRows | None]:
    """Those of the subjects that exist, in order; None for the others."""
    found: dict[bytes, SubjectRows] = {}
    for names in chunks([each.name for each in keys]):
        statement = f"SELECT {SUBJECT} FROM subjects WHERE name IN {marks(names)}"  # noqa: S608 - no foreign text
        for number, partition, name, subject_id, head in connection.execute(statement, names).fetchall():
            own = _encounters(connection, number) if encounters else []
            references = [each for modality in modalities for each in _references(connection, number, modality)]
            references.sort(key=lambda each: each.number)
            found[name] = SubjectRows(SubjectKey(partition, name), subject_id, head, own, references)
    return [found.get(each.name) for each in keys]


def ids(connection: sqlite3.Connection, after: str, limit: int, gallery: str) -> list[str]:
    """Up to `limit` ids of subjects after one, in order of id. Raises GalleryNotFound."""
    if gallery:
        counts(connection, gallery)
        statement = (
            "SELECT subject_id FROM memberships WHERE gallery = ? AND subject_id > ? ORDER BY subject_id LIMIT ?"
        )
        return _texts(connection.execute(statement, (gallery, after, limit)))
    statement = "SELECT subject_id FROM subjects WHERE subject_id > ? ORDER BY subject_id LIMIT ?"
    return _texts(connection.execute(statement, (after, limit)))


def counts(connection: sqlite3.Connection, gallery: str) -> dict[int, int]:
    """Number of subjects by partition, in one gallery, or all if "". Raises GalleryNotFound."""
    statement = "SELECT partition, size FROM galleries WHERE gallery = ?"
    found: dict[int, int] = dict(connection.execute(statement, (gallery,)).fetchall())
    if not found and gallery not in (EVERYBODY, DEFAULT_GALLERY):
        raise gallery_not_found(gallery)
    partitions = connection.execute("SELECT partition FROM partitions ORDER BY partition")
    return {partition: found.get(partition, 0) for (partition,) in partitions}


def galleries(connection: sqlite3.Connection) -> list[str]:
    """All galleries that anybody was ever enrolled in, and "default", in order."""
    rows = connection.execute("SELECT DISTINCT gallery FROM galleries WHERE gallery != ?", (EVERYBODY,))
    return sorted({DEFAULT_GALLERY, *_texts(rows)})


def expiring(connection: sqlite3.Connection, before: int, after: ExpiryRow | None, limit: int) -> list[ExpiryRow]:
    """Up to `limit` encounters that expire before a time, in order, after a row."""
    statement = (
        "SELECT time, subject_id, encounter_id FROM expiries WHERE (time, subject_id, encounter_id) > (?, ?, ?) "
        "AND time < ? ORDER BY time, subject_id, encounter_id LIMIT ?"
    )
    begin = after or (-(2**63), "", "")
    return [ExpiryRow(*row) for row in connection.execute(statement, (*begin, before, limit))]


def leaving(connection: sqlite3.Connection, partitions: Sequence[int]) -> list[str]:
    """Ids of the subjects whose encounters are being moved, of these partitions, or of all."""
    rows = connection.execute("SELECT subject_id, partition FROM leaving ORDER BY subject_id")
    return [subject_id for subject_id, partition in rows if not partitions or partition in partitions]


def aliases(connection: sqlite3.Connection) -> dict[str, str]:
    """All names that stand for galleries, and which."""
    return dict(connection.execute("SELECT alias, gallery FROM aliases ORDER BY alias").fetchall())


def model(connection: sqlite3.Connection, model_id: str) -> str | None:
    """The text of a fusion model, or None."""
    row = connection.execute("SELECT content FROM fusion_models WHERE model_id = ?", (model_id,)).fetchone()
    return None if row is None else str(row[0])


def model_ids(connection: sqlite3.Connection, after: str, limit: int) -> list[str]:
    """Up to `limit` ids of fusion models after an id, in order."""
    statement = "SELECT model_id FROM fusion_models WHERE model_id > ? ORDER BY model_id LIMIT ?"
    return _texts(connection.execute(statement, (after, limit)))


def _texts(rows: Iterable[tuple[str]]) -> list[str]:
    return [text for (text,) in rows]


def _encounters(connection: sqlite3.Connection, subject: int) -> list[EncounterRow]:
    statement = "SELECT encounter_id, number, CAST(record AS BLOB) FROM encounters WHERE subject = ? ORDER BY number"
    return [EncounterRow(*row) for row in connection.execute(statement, (subject,))]


def _references(connection: sqlite3.Connection, subject: int, modality: Modality) -> list[ReferenceRow]:
    found = connection.execute(REFERENCES[modality], (subject * NUMBERS, subject * NUMBERS + NUMBERS - 1))
    return [ReferenceRow(place % NUMBERS, modality, bool(active), sealed) for place, active, sealed in found]
