"""The change feeds in the SQLite store. Call a function of several statements inside one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from gallery.store.backend import Entry, FeedPart, Held
from gallery.store.sqlite.in_list import in_list
from gallery.store.tokens import NO_MARK, FeedPosition
from gallery.store.values import ChangeKind


@dataclass(frozen=True, slots=True)
class Feed:
    """State of one partition's feed.

    Args:
        newest: the newest position.
        dropped: number of the newest entry that was dropped from the beginning; 0 if none was.
    """

    newest: FeedPosition
    dropped: int


def newest(connection: sqlite3.Connection, partitions: Sequence[int]) -> list[FeedPosition]:
    """The newest position of each of these feeds."""
    feeds = _feeds(connection, partitions)
    return [feeds[each].newest for each in partitions]


def entries(connection: sqlite3.Connection, after: FeedPosition, limit: int) -> FeedPart:
    """Whether the feed holds the position, and up to `limit` entries after it."""
    (state,) = held(connection, [after])
    if state is not Held.HELD:
        return FeedPart(state)
    statement = "SELECT seq, mark, kind, name FROM changes WHERE partition = ? AND seq > ? ORDER BY seq LIMIT ?"
    found = connection.execute(statement, (after.partition, after.number[0], limit))
    return FeedPart(
        state,
        [
            Entry(FeedPosition(after.partition, after.epoch, mark, (seq, 0)), ChangeKind(kind), name)
            for seq, mark, kind, name in found
        ],
    )


def held(connection: sqlite3.Connection, positions: Sequence[FeedPosition]) -> list[Held]:
    """What the feeds say of these positions."""
    feeds = _feeds(connection, {each.partition for each in positions})
    return [_held(connection, feeds.get(each.partition), each) for each in positions]


def _feeds(connection: sqlite3.Connection, partitions: Sequence[int] | set[int]) -> dict[int, Feed]:
    statement = (
        "SELECT partition, epoch, mark, newest, dropped FROM partitions "  # noqa: S608 - numbers only
        f"WHERE partition IN {in_list(partitions)}"
    )
    return {
        partition: Feed(FeedPosition(partition, epoch, mark, (number, 0)), dropped)
        for partition, epoch, mark, number, dropped in connection.execute(statement)
    }


def _held(connection: sqlite3.Connection, feed: Feed | None, position: FeedPosition) -> Held:
    if feed is None or position.epoch != feed.newest.epoch or position.number > feed.newest.number:
        return Held.LOST
    if position.number == feed.newest.number:
        return Held.HELD if position == feed.newest else Held.LOST
    seq, minor = position.number
    if seq == 0:
        mark: str | None = NO_MARK
    else:
        statement = "SELECT mark FROM changes WHERE partition = ? AND seq = ?"
        (mark,) = connection.execute(statement, (position.partition, seq)).fetchone() or (None,)
    if seq <= feed.dropped and (seq or feed.dropped):
        return Held.OLDER
    return Held.HELD if (position.mark, minor) == (mark, 0) else Held.LOST
