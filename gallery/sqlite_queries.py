"""What the SQLite store says in SQL. Every function runs inside one transaction of `connection`."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from biometrics.errors import FeedTruncated
from gallery.record import pack, unpack
from gallery.rules import enrolled, require_same_request, subject_not_found
from gallery.store import Change, ChangeKind, ConsistencyToken, Enrolment, Receipt
from gallery.subject import Subject
from gallery.tokens import FeedPosition, parse_token

ADAPTER = "sqlite"
MAX_VARIABLES = 500
"""Ids named in one statement."""


def enroll(connection: sqlite3.Connection, enrolment: Enrolment, now: float) -> Receipt:
    """Write one encounter, or answer from the receipt."""
    known = receipt(connection, enrolment.request_id)
    if known is not None:
        return require_same_request(known, enrolment.digest)
    subject = enrolled(get_many(connection, [enrolment.subject_id]).get(enrolment.subject_id), enrolment)
    connection.execute(
        "INSERT INTO subjects VALUES (?, ?) ON CONFLICT DO UPDATE SET record = excluded.record",
        (subject.subject_id, pack(subject)),
    )
    connection.executemany(
        "INSERT OR IGNORE INTO memberships VALUES (?, ?)",
        [(gallery, subject.subject_id) for gallery in subject.galleries],
    )
    encounter_id = enrolment.encounter.encounter_id
    written = Receipt(enrolment.request_id, enrolment.digest, subject.subject_id, encounter_id, newest(connection))
    return _log(connection, written, ChangeKind.PUT, now)


def delete(connection: sqlite3.Connection, wanted: Receipt, now: float) -> Receipt:
    """Erase the subject that `wanted` names, or answer from the receipt."""
    known = receipt(connection, wanted.request_id)
    if known is not None:
        return require_same_request(known, wanted.digest)
    subject_id = wanted.subject_id
    if not connection.execute("DELETE FROM subjects WHERE subject_id = ?", (subject_id,)).rowcount:
        raise subject_not_found(subject_id)
    connection.execute("DELETE FROM memberships WHERE subject_id = ?", (subject_id,))
    return _log(connection, wanted, ChangeKind.DELETE, now)


def _log(connection: sqlite3.Connection, written: Receipt, kind: ChangeKind, now: float) -> Receipt:
    """Append to the feed and keep the receipt."""
    statement = "INSERT INTO changes (kind, subject_id) VALUES (?, ?)"
    connection.execute(statement, (kind.value, written.subject_id))
    return keep_receipt(connection, written, now)


def keep_receipt(connection: sqlite3.Connection, written: Receipt, now: float) -> Receipt:
    """Remember what a request did, at the newest feed position."""
    seq = _newest_seq(connection)
    row = (written.request_id, written.digest, written.subject_id, written.encounter_id, seq, now)
    connection.execute("INSERT INTO requests VALUES (?, ?, ?, ?, ?, ?)", row)
    return replace(written, token=_token(connection, seq))


def forget_receipts(connection: sqlite3.Connection, oldest: float) -> None:
    """Forget the receipts of writes before `oldest`, seconds since 1970."""
    connection.execute("DELETE FROM requests WHERE create_time < ?", (oldest,))


def trim_feed(connection: sqlite3.Connection, feed_length: int) -> None:
    """Forget all but the newest `feed_length` changes."""
    connection.execute("DELETE FROM changes WHERE seq <= (SELECT max(seq) FROM changes) - ?", (feed_length,))


def truncate_log(connection: sqlite3.Connection) -> None:
    """Move the write-ahead log into the file and cut it to zero bytes (outside a transaction)."""
    (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise sqlite3.OperationalError("a reader keeps the log of erased data in use: repeat the deletion")


def receipt(connection: sqlite3.Connection, request_id: str, oldest: float = 0.0) -> Receipt | None:
    """What the write with this request id did, if it was done at or after `oldest`."""
    statement = "SELECT digest, subject_id, encounter_id, seq FROM requests WHERE request_id = ? AND create_time >= ?"
    row = connection.execute(statement, (request_id, oldest)).fetchone()
    if row is None:
        return None
    digest, subject_id, encounter_id, seq = row
    return Receipt(request_id, digest, subject_id, encounter_id, _token(connection, seq), replayed=True)


def get_many(connection: sqlite3.Connection, subject_ids: Sequence[str]) -> dict[str, Subject]:
    """Those of the subjects that exist, by id."""
    found: dict[str, Subject] = {}
    for start in range(0, len(subject_ids), MAX_VARIABLES):
        chunk = subject_ids[start : start + MAX_VARIABLES]
        marks = ", ".join("?" * len(chunk))
        statement = f"SELECT record FROM subjects WHERE subject_id IN ({marks})"  # noqa: S608 - question marks only
        subjects = (unpack(record) for (record,) in connection.execute(statement, chunk))
        found.update((subject.subject_id, subject) for subject in subjects)
    return found


def page(connection: sqlite3.Connection, after: str, limit: int, gallery: str) -> list[Subject]:
    """Up to `limit` subjects after an id, in order of id; of one gallery, or of all when it is ""."""
    if gallery:
        statement = (
            "SELECT record FROM memberships JOIN subjects USING (subject_id) "
            "WHERE gallery = ? AND subject_id > ? ORDER BY subject_id LIMIT ?"
        )
        rows = connection.execute(statement, (gallery, after, limit))
    else:
        statement = "SELECT record FROM subjects WHERE subject_id > ? ORDER BY subject_id LIMIT ?"
        rows = connection.execute(statement, (after, limit))
    return [unpack(record) for (record,) in rows]


def count(connection: sqlite3.Connection, gallery: str) -> int:
    """How many subjects there are, in one gallery or in all."""
    if gallery:
        row = connection.execute("SELECT count(*) FROM memberships WHERE gallery = ?", (gallery,)).fetchone()
    else:
        row = connection.execute("SELECT count(*) FROM subjects").fetchone()
    return int(row[0])


def newest(connection: sqlite3.Connection) -> ConsistencyToken:
    """The newest feed position."""
    return _token(connection, _newest_seq(connection))


def changes(connection: sqlite3.Connection, after: ConsistencyToken, limit: int) -> list[Change]:
    """Up to `limit` changes after a position.

    Raises:
        FeedTruncated: changes after the position are gone, or the position was never reached.
        FieldInvalid: a token of another store.
    """
    store_id = _store_id(connection)
    seq = parse_token(after, ADAPTER, store_id).number[0]
    (oldest,) = connection.execute("SELECT min(seq) FROM changes").fetchone()
    newest_seq = _newest_seq(connection)
    if seq > newest_seq or (seq < newest_seq and (oldest is None or seq + 1 < oldest)):
        raise FeedTruncated("The change feed does not reach back to this position. Read all subjects again.")
    statement = "SELECT seq, kind, subject_id FROM changes WHERE seq > ? ORDER BY seq LIMIT ?"
    return [
        Change(FeedPosition(ADAPTER, store_id, (number, 0)).token, ChangeKind(kind), subject_id)
        for number, kind, subject_id in connection.execute(statement, (seq, limit))
    ]


def _newest_seq(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'changes'").fetchone()
    return int(row[0]) if row else 0


def _store_id(connection: sqlite3.Connection) -> str:
    return str(connection.execute("SELECT store_id FROM store").fetchone()[0])


def _token(connection: sqlite3.Connection, seq: int) -> ConsistencyToken:
    return FeedPosition(ADAPTER, _store_id(connection), (seq, 0)).token
