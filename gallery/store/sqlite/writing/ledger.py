"""Feeds, receipts and counts of the SQLite store within the transaction of one group of writes."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gallery.store.backend import Request, StoreIdentity
from gallery.store.sqlite.schema import identity
from gallery.store.tokens import FeedPosition, new_mark
from gallery.store.values import ChangeKind

RECEIPT = "SELECT hash, seq, mark FROM requests WHERE request = ? AND partition = ? AND create_time >= ?"


@dataclass(frozen=True, slots=True)
class End:
    """End of the feed of a partition."""

    epoch: str
    newest: int
    mark: str


class Ledger:
    """Feeds, receipts and counts while a group of writes is carried out.

    What it keeps in memory is changed only after the statements of a write have succeeded, so a write that is rolled
    back leaves nothing here.

    Args:
        connection: a connection inside a transaction.
        now: seconds since 1970.
        oldest: receipts from before this time, in seconds since 1970, are forgotten.
    """

    def __init__(self, connection: sqlite3.Connection, now: float, oldest: float) -> None:
        self.connection, self._now, self._oldest = connection, now, oldest
        self.identity: StoreIdentity = identity(connection)
        self.writes = 0
        self.erased = False
        self._ends: dict[int, End] = {}
        self._sizes: dict[tuple[str, int], int] = defaultdict(int)

    def done(self, partition: int, request: Request) -> tuple[bytes, FeedPosition] | None:
        """Content hash and feed position of this request's write, if it was carried out before."""
        row = receipt(self.connection, partition, request, self._oldest)
        return None if row is None else (row[0], _position(partition, self._end(partition).epoch, *row[1:]))

    def log(self, partition: int, kind: ChangeKind, name: bytes, request: Request) -> FeedPosition:
        """Append a change to the partition's feed, and store its receipt. The last statements of a write."""
        end = self._end(partition)
        end = replace(end, newest=end.newest + 1, mark=new_mark())
        row = (partition, end.newest, end.mark, kind.value, name)
        self.connection.execute("INSERT INTO changes VALUES (?, ?, ?, ?, ?)", row)
        self._store(partition, request, end)
        self._ends[partition] = end
        return _position(partition, end.epoch, end.newest, end.mark)

    def keep(self, partition: int, request: Request) -> FeedPosition:
        """Store the receipt of a request that is in no feed, at the partition's newest position."""
        end = self._end(partition)
        self._store(partition, request, end)
        return _position(partition, end.epoch, end.newest, end.mark)

    def resize(self, gallery: str, partition: int, by: int) -> None:
        """Count subjects that came into a gallery, or left it."""
        self._sizes[gallery, partition] += by

    def renew(self, seen: Sequence[FeedPosition]) -> None:
        """Begin a new epoch in each of these partitions whose epoch is still that of the position."""
        ends = {each.partition: self._end(each.partition) for each in seen}
        lost = [each.partition for each in seen if ends[each.partition].epoch == each.epoch]
        renewed = {partition: replace(ends[partition], epoch=new_mark()) for partition in lost}
        rows = [(end.epoch, partition) for partition, end in renewed.items()]
        self.connection.executemany("UPDATE partitions SET epoch = ? WHERE partition = ?", rows)
        self._ends |= renewed

    def close(self) -> None:
        """Write the ends of the feeds, and the counts."""
        ends = [(end.newest, end.mark, partition) for partition, end in self._ends.items()]
        statement = "UPDATE partitions SET newest = ?, mark = ? WHERE partition = ?"
        self.connection.executemany(statement, ends)
        sizes = [(*place, by) for place, by in self._sizes.items()]
        statement = "INSERT INTO galleries VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET size = size + excluded.size"
        self.connection.executemany(statement, sizes)

    def _end(self, partition: int) -> End:
        if partition not in self._ends:
            statement = "SELECT epoch, newest, mark FROM partitions WHERE partition = ?"
            self._ends[partition] = End(*self.connection.execute(statement, (partition,)).fetchone())
        return self._ends[partition]

    def _store(self, partition: int, request: Request, end: End) -> None:
        row = (request.name, partition, request.content, end.newest, end.mark, self._now)
        self.connection.execute("INSERT OR REPLACE INTO requests VALUES (?, ?, ?, ?, ?, ?)", row)
        self.writes += 1


def receipt(
    connection: sqlite3.Connection, partition: int, request: Request, oldest: float
) -> tuple[bytes, int, str] | None:
    """Content hash, and number and mark of the feed position, of a write done at or after `oldest`, else None."""
    row: tuple[bytes, int, str] | None = connection.execute(RECEIPT, (request.name, partition, oldest)).fetchone()
    return row


def _position(partition: int, epoch: str, number: int, mark: str) -> FeedPosition:
    return FeedPosition(partition, epoch, mark, (number, 0))
