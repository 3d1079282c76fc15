"""The change feed in the SQLite store: its newest position, the changes after a position, and whether one is in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from biometrics.errors import FeedSetBack, FeedTruncated
from gallery.store.rules import store_set_back
from gallery.store.tokens import FeedPosition, parse_token
from gallery.store.values import Change, ChangeKind, ConsistencyToken

ADAPTER = "sqlite"


def newest(connection: sqlite3.Connection) -> ConsistencyToken:
    """The newest feed position."""
    store_id, number, mark = connection.execute("SELECT store_id, newest, mark FROM store").fetchone()
    return _token(store_id, number, mark)


def changes(connection: sqlite3.Connection, after: ConsistencyToken, limit: int) -> list[Change]:
    """Up to `limit` changes after a position.

    Raises:
        FeedTruncated: changes after the position are no longer kept.
        FeedSetBack: the position is not in the store's history.
        FieldInvalid: the token was made by another store.
    """
    number, is_kept = _found(connection, after)
    if is_kept is None:
        raise FeedTruncated("The change feed does not reach back to this position. Read all subjects again.")
    if not is_kept:
        raise FeedSetBack("The store was set back to a time before this position. Read all subjects again.")
    (store_id,) = connection.execute("SELECT store_id FROM store").fetchone()
    statement = "SELECT seq, mark, kind, name FROM changes WHERE seq > ? ORDER BY seq LIMIT ?"
    return [
        Change(_token(store_id, seq, mark), ChangeKind(kind), name)
        for seq, mark, kind, name in connection.execute(statement, (number, limit))
    ]


def check(connection: sqlite3.Connection, tokens: Sequence[ConsistencyToken]) -> None:
    """Return if each of these positions is in the store's history, or is older than the feed.

    Raises:
        StoreSetBack: one is not in the history.
        FieldInvalid: one was made by another store.
    """
    if any(_found(connection, token)[1] is False for token in tokens):
        raise store_set_back()


def _found(connection: sqlite3.Connection, token: ConsistencyToken) -> tuple[int, bool | None]:
    """The position's number, and whether it is in the feed with its mark; None if it is older than the feed."""
    statement = "SELECT store_id, newest, mark, (SELECT min(seq) FROM changes) FROM store"
    store_id, newest_number, newest_mark, oldest = connection.execute(statement).fetchone()
    position = parse_token(token, ADAPTER, store_id)
    number = position.number[0]
    if number >= newest_number:
        return number, (number, position.mark) == (newest_number, newest_mark)
    if oldest is None or number < oldest:
        return number, True if number == 0 and oldest == 1 else None
    row = connection.execute("SELECT mark FROM changes WHERE seq = ?", (number,)).fetchone()
    return number, row == (position.mark,)


def _token(store_id: str, number: int, mark: str) -> ConsistencyToken:
    return FeedPosition(ADAPTER, store_id, (number, 0), mark).token
