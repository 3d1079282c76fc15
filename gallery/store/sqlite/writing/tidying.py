"""Deletes old receipts and old changes, a little with each 64 writes."""

from __future__ import annotations

import sqlite3

EVERY = 64
"""Number of writes after which some old receipts and changes are deleted."""
MOST = 1024
"""Most old receipts deleted at a time."""


class Tidying:
    """Keeps receipts and feeds within their limits. Used by the writing thread.

    Args:
        feed_length: fewest changes that are kept, over all partitions.
    """

    def __init__(self, feed_length: int) -> None:
        self._feed_length = feed_length
        self._writes = EVERY  # the first group of a process tidies

    def after(self, connection: sqlite3.Connection, writes: int, oldest: float) -> None:
        """Delete what is too old, if enough was written since the last time.

        Args:
            connection: a connection inside a transaction.
            writes: number of writes since the last call.
            oldest: receipts from before this time, in seconds since 1970, are deleted.
        """
        self._writes += writes
        if self._writes < EVERY:
            return
        self._writes = 0
        statement = (
            "DELETE FROM requests WHERE create_time < ? "
            "AND rowid IN (SELECT rowid FROM requests ORDER BY rowid LIMIT ?)"
        )
        connection.execute(statement, (oldest, MOST))
        self._shorten(connection)

    def _shorten(self, connection: sqlite3.Connection) -> None:
        """Drop the oldest changes of the longest feeds, so many that `feed_length` are left in all."""
        (count, total) = connection.execute("SELECT count(*), sum(newest - dropped) FROM partitions").fetchone()
        excess, share = total - self._feed_length, self._feed_length // count
        if excess <= 0:
            return
        statement = "SELECT partition, newest, dropped FROM partitions ORDER BY newest - dropped DESC"
        for partition, newest, dropped in connection.execute(statement).fetchall():
            last = min(dropped + excess, newest - max(1, share))
            if excess <= 0 or last <= dropped:
                return
            connection.execute("DELETE FROM changes WHERE partition = ? AND seq <= ?", (partition, last))
            connection.execute("UPDATE partitions SET dropped = ? WHERE partition = ?", (last, partition))
            excess -= last - dropped
