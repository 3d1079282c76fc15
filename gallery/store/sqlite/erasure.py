"""Overwriting in a SQLite file what was erased from it: first its log, later what full pages have left behind.

The store's row has a note of it (`erasing`), written by the transaction that erases: the number of the change while
the log may hold what was erased, that number negative until the file is rewritten, then 0. Whoever comes next goes
on.
"""

from __future__ import annotations

import sqlite3
from math import inf
from time import monotonic

DELAY_S = 5.0
"""From an erasure to the rewrite of the file: those that come meanwhile share it."""
REPEAT_S = 1.0
"""How soon the log is tried again that a reader held up."""
SHARE = 20
"""After a rewrite the next waits so many times as long as that one took: they take at most a twentieth of the time."""


class Overwriting:
    """What one writer of a file has to do, and when.

    Args:
        delay_s: from an erasure to the rewrite of the file.
    """

    def __init__(self, delay_s: float) -> None:
        self._delay_s = delay_s
        self._due, self._earliest = inf, 0.0
        self.is_in_log = False

    @property
    def wait_s(self) -> float | None:
        """Seconds until there is something to do; None: until something is erased."""
        due = min(self._due, monotonic() + REPEAT_S if self.is_in_log else inf)
        return None if due == inf else max(0.0, due - monotonic())

    def learn(self, erasing: int) -> None:
        """Take the note."""
        self.is_in_log = erasing > 0
        if erasing and self._due == inf:
            self._due = max(self._earliest, monotonic() + self._delay_s)

    def cut_log(self, connection: sqlite3.Connection, *, wait: bool) -> bool:
        """As the function, and remember what came of it."""
        self.is_in_log = not cut_log(connection, wait=wait)
        return not self.is_in_log

    def go_on(self, connection: sqlite3.Connection) -> None:
        """Do what is due."""
        if self.is_in_log:
            self.cut_log(connection, wait=False)
        if monotonic() >= self._due:
            self.rewrite(connection)

    def rewrite(self, connection: sqlite3.Connection) -> bool:
        """As the function, and remember what came of it."""
        begin = monotonic()
        self._due = begin + self._delay_s  # if it fails
        done = rewrite(connection)
        self._earliest = monotonic() + SHARE * (monotonic() - begin)
        self._due = inf if done else max(self._due, self._earliest)
        return done


def cut_log(connection: sqlite3.Connection, *, wait: bool) -> bool:
    """Move a log that holds what was erased into the file, where it is overwritten, and cut it to no bytes.

    Args:
        connection: outside a transaction.
        wait: for others that read or write, as long as the busy timeout; else give up at once.

    Returns:
        Whether nothing is left of it in the log.
    """
    erasing = _note(connection)
    if erasing <= 0:
        return True
    (timeout_ms,) = connection.execute("PRAGMA busy_timeout").fetchone()
    if not wait:
        connection.execute("PRAGMA busy_timeout = 0")
    try:
        if not _is_cut(connection):
            return False
        connection.execute("UPDATE store SET erasing = -erasing WHERE erasing = ?", (erasing,))
    except sqlite3.OperationalError as error:
        return _unless_busy(error)
    finally:
        connection.execute(f"PRAGMA busy_timeout = {timeout_ms}")
    return True


def rewrite(connection: sqlite3.Connection) -> bool:
    """Write the whole file anew (VACUUM).

    When a page of an index is full its rows move to others, and their bytes stay in it where no row is: `secure_delete`
    does not reach those. Takes as long as to read and write the file; others can read meanwhile, and not write.

    Returns:
        Whether nothing is left of what was erased.
    """
    if not cut_log(connection, wait=True):
        return False
    erasing = _note(connection)
    if not erasing:
        return True
    connection.execute("PRAGMA temp_store = FILE")  # the copy is as large as the file
    try:
        connection.execute("VACUUM")
        if not _is_cut(connection):
            return False
        connection.execute("UPDATE store SET erasing = 0 WHERE erasing = ?", (erasing,))
    except sqlite3.OperationalError as error:
        return _unless_busy(error)
    finally:
        connection.execute("PRAGMA temp_store = MEMORY")
    return not _note(connection)


def _note(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT erasing FROM store").fetchone()[0])


def _is_cut(connection: sqlite3.Connection) -> bool:
    (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def _unless_busy(error: sqlite3.OperationalError) -> bool:
    if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
        raise error
    return False
