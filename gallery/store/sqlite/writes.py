"""SQL writes of the SQLite store. Every function runs inside a transaction of the ledger's connection."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from biometrics.errors import BiofusionError
from gallery.store.keyed_names import request_hash, request_name, subject_name
from gallery.store.port import START, Before, ChangeKind, ConsistencyToken, Enrolment, Receipt
from gallery.store.record import pack, unpack
from gallery.store.rules import enrolled, fusion_model_not_found, request_id_reused, subject_not_found
from gallery.store.sqlite.queries import ADAPTER, exists, get_many
from gallery.store.sqlite.schema import EVERYBODY
from gallery.store.tokens import FeedPosition, new_mark

Question: TypeAlias = Callable[[sqlite3.Connection], Before]

TIDY_EVERY = 64
"""Number of writes after which some old receipts and changes are deleted."""
TIDY_MOST = 1024
"""Most old receipts deleted at a time."""


@dataclass(frozen=True, slots=True)
class End:
    """End of the feed, and the change whose erased data may still be in the log (`schema.SCHEMA`)."""

    newest: int
    mark: str
    erasing: int


class Ledger:
    """Feed and receipts while a group of writes is carried out.

    Args:
        connection: a connection inside a transaction.
        now: seconds since 1970.
        feed_length: fewest changes that are kept.
        receipt_ttl_s: seconds for which a request is remembered.
    """

    def __init__(self, connection: sqlite3.Connection, now: float, feed_length: int, receipt_ttl_s: float) -> None:
        row = connection.execute("SELECT store_id, name_key, newest, mark, erasing FROM store").fetchone()
        self.connection, self._now, self._feed_length = connection, now, feed_length
        self._oldest = now - receipt_ttl_s
        self._store_id, self._key, *end = row
        self._begin = self.state = End(*end)

    @property
    def erasing(self) -> int:
        """Number of the newest change that erased data which may still be in the log; see `erasure.py`."""
        return self.state.erasing

    def close(self) -> None:
        """Write the store's row, and delete some old receipts and changes."""
        if self.state != self._begin:
            row = (self.state.newest, self.state.mark, self.state.erasing)
            self.connection.execute("UPDATE store SET newest = ?, mark = ?, erasing = ?", row)
        if self.state.newest // TIDY_EVERY != self._begin.newest // TIDY_EVERY:
            self._forget()

    def log(self, kind: ChangeKind, subject_id: str) -> None:
        """Append a change to the feed."""
        number, mark = self.state.newest + 1, new_mark()
        row = (number, mark, kind.value, subject_name(self._key, subject_id))
        self.connection.execute("INSERT INTO changes VALUES (?, ?, ?, ?)", row)
        self.state = replace(self.state, newest=number, mark=mark)

    def erase(self) -> None:
        """Record that data was erased that may still be in the log."""
        self.state = replace(self.state, erasing=max(1, self.state.newest))

    def done(self, wanted: Receipt) -> Receipt | None:
        """The receipt of this request, if it was carried out before, else None.

        Raises:
            RequestIdReused: the request id was used with another digest.
        """
        row = receipt(self.connection, wanted.request_id, wanted.digest, self._oldest)
        return replace(wanted, token=self._position(*row), replayed=True) if row else None

    def keep(self, wanted: Receipt) -> Receipt:
        """Store and return the receipt of a request, at the newest feed position."""
        end = self.state
        row = (request_name(wanted.request_id), request_hash(wanted.request_id, wanted.digest))
        self.connection.execute(
            "INSERT OR REPLACE INTO requests VALUES (?, ?, ?, ?, ?)", (*row, end.newest, end.mark, self._now)
        )
        return replace(wanted, token=self._position(end.newest, end.mark))

    def name(self, subject_id: str) -> bytes:
        """The subject's name in the feed."""
        return subject_name(self._key, subject_id)

    def _position(self, number: int, mark: str) -> ConsistencyToken:
        return FeedPosition(ADAPTER, self._store_id, (number, 0), mark).token

    def _forget(self) -> None:
        last = self.state.newest - self._feed_length
        self.connection.execute("DELETE FROM changes WHERE seq <= ?", (last,))
        self.connection.execute(
            "DELETE FROM requests WHERE create_time < ? "
            "AND rowid IN (SELECT rowid FROM requests ORDER BY rowid LIMIT ?)",
            (self._oldest, TIDY_MOST),
        )


def receipt(connection: sqlite3.Connection, request_id: str, digest: str, oldest: float) -> tuple[int, str] | None:
    """Number and mark of the feed position of the write, if it was done at or after `oldest` (seconds since 1970).

    Raises:
        RequestIdReused: the request id was used with another digest.
    """
    statement = "SELECT hash, seq, mark FROM requests WHERE request = ? AND create_time >= ?"
    row = connection.execute(statement, (request_name(request_id), oldest)).fetchone()
    if row is None:
        return None
    if row[0] != request_hash(request_id, digest):
        raise request_id_reused(request_id)
    return row[1], row[2]


def before(connection: sqlite3.Connection, request_id: str, digest: str, subject_id: str, oldest: float) -> Before:
    """State of the store before a write; `oldest` as in `receipt`."""
    row = receipt(connection, request_id, digest, oldest)
    (store_id,) = connection.execute("SELECT store_id FROM store").fetchone()
    done = FeedPosition(ADAPTER, store_id, (row[0], 0), row[1]).token if row else None
    return Before(done, exists(connection, subject_id))


def answered(connection: sqlite3.Connection, questions: Sequence[Question]) -> list[Before | BiofusionError]:
    """Answers to several questions, each of them `before` of one write, or its error."""
    answers: list[Before | BiofusionError] = []
    for question in questions:
        try:
            answers.append(question(connection))
        except BiofusionError as error:
            answers.append(error)
    return answers


def enroll(ledger: Ledger, enrolment: Enrolment) -> Receipt:
    """Write one encounter, or return the receipt if that was done before."""
    subject_id = enrolment.subject_id
    wanted = Receipt(enrolment.request_id, enrolment.digest, subject_id, enrolment.encounter.encounter_id, START)
    if done := ledger.done(wanted):
        return done
    current = get_many(ledger.connection, [subject_id]).get(subject_id)
    subject = enrolled(current, enrolment)
    run = ledger.connection.execute
    if current is None:
        row = (subject_id, pack(subject), ledger.name(subject_id))
        run("INSERT INTO subjects (subject_id, record, name) VALUES (?, ?, ?)", row)
        _resize(ledger, EVERYBODY, 1)
    else:
        run("UPDATE subjects SET record = ? WHERE subject_id = ?", (pack(subject), subject_id))
    for gallery in set(subject.galleries) - set(current.galleries if current else ()):
        run("INSERT INTO memberships VALUES (?, ?)", (gallery, subject_id))
        _resize(ledger, gallery, 1)
    ledger.log(ChangeKind.PUT, subject_id)
    return ledger.keep(wanted)


def delete(ledger: Ledger, wanted: Receipt) -> Receipt:
    """Erase the subject that `wanted` names, or return the receipt if that was done before."""
    if done := ledger.done(wanted):
        return done
    run, subject_id = ledger.connection.execute, wanted.subject_id
    row = run("DELETE FROM subjects WHERE subject_id = ? RETURNING record", (subject_id,)).fetchone()
    if row is None:
        raise subject_not_found(subject_id)
    _resize(ledger, EVERYBODY, -1)
    for gallery in unpack(row[0]).galleries:
        run("DELETE FROM memberships WHERE gallery = ? AND subject_id = ?", (gallery, subject_id))
        _resize(ledger, gallery, -1)
    ledger.log(ChangeKind.DELETE, subject_id)
    ledger.erase()
    return ledger.keep(wanted)


def put_model(ledger: Ledger, wanted: Receipt, text: str) -> Receipt:
    """Write the fusion model that `wanted` names, or return the receipt if that was done before."""
    if done := ledger.done(wanted):
        return done
    ledger.connection.execute("INSERT OR REPLACE INTO fusion_models VALUES (?, ?)", (wanted.subject_id, text))
    return ledger.keep(wanted)


def delete_model(ledger: Ledger, wanted: Receipt) -> Receipt:
    """Erase the fusion model that `wanted` names, or return the receipt if that was done before."""
    if done := ledger.done(wanted):
        return done
    statement = "DELETE FROM fusion_models WHERE model_id = ?"
    if not ledger.connection.execute(statement, (wanted.subject_id,)).rowcount:
        raise fusion_model_not_found(wanted.subject_id)
    ledger.erase()
    return ledger.keep(wanted)


def _resize(ledger: Ledger, gallery: str, by: int) -> None:
    statement = "INSERT INTO galleries VALUES (?, ?) ON CONFLICT DO UPDATE SET size = size + excluded.size"
    ledger.connection.execute(statement, (gallery, by))
