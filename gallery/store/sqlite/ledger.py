"""Feed and receipts of the SQLite store within the transaction of one group of writes."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace

from gallery.store.keyed_names import request_hash, request_name, subject_name
from gallery.store.rules import request_id_reused
from gallery.store.sqlite.feed import ADAPTER
from gallery.store.tokens import FeedPosition, new_mark
from gallery.store.values import ChangeKind, ConsistencyToken, Receipt

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
