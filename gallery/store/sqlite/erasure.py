"""Overwrites erased data in a SQLite file: first in its write-ahead log, later by rewriting the file.

The column `erasing` of the table `store` records what is left to do. The erasing transaction sets it to the number of
its change (the log may hold erased data); it is negated when the log is cut, and set to 0 when the file is rewritten.
A process that opens the file, or writes to it, continues from there:

    erased as change 57: 57      log cut: −57      file rewritten: 0
"""

from __future__ import annotations

import sqlite3
from math import inf
from time import monotonic

DELAY_S = 5.0
"""Seconds from an erasure to the rewrite of the file; erasures in that time share the rewrite."""
REPEAT_S = 1.0
"""Seconds until cutting the log is tried again after a reader prevented it."""
SHARE = 20
"""The next rewrite waits at least 20 times as long as the last one took, so rewrites take at most 1/20 of the time."""


class Overwriting:
    """Schedule of the overwriting that one writer of a file has to do.

    Args:
        delay_s: seconds from an erasure to the rewrite of the file.
    """

    def __init__(self, delay_s: float) -> None:
        self._delay_s = delay_s
        self._due, self._earliest = inf, 0.0
        self.is_in_log = False

    @property
    def wait_s(self) -> float | None:
        """Seconds until something is due; None if nothing is."""
        due = min(self._due, monotonic() + REPEAT_S if self.is_in_log else inf)
        return None if due == inf else max(0.0, due - monotonic())

    def learn(self, erasing: int) -> None:
        """Schedule the work for this value of `erasing`."""
        self.is_in_log = erasing > 0
        if erasing and self._due == inf:
            self._due = max(self._earliest, monotonic() + self._delay_s)

    def cut_log(self, connection: sqlite3.Connection, *, wait: bool) -> bool:
        """Call the function `cut_log` and note its result."""
        self.is_in_log = not cut_log(connection, wait=wait)
        return not self.is_in_log

    def go_on(self, connection: sqlite3.Connection) -> None:
        """Do what is due."""
        if self.is_in_log:
            self.cut_log(connection, wait=False)
        if monotonic() >= self._due:
            self.rewrite(connection)

    def rewrite(self, connection: sqlite3.Connection) -> bool:
        """Call the function `rewrite` and note its result."""
        begin = monotonic()
        self._due = begin + self._delay_s  # if it fails
        done = rewrite(connection)
        self._earliest = monotonic() + SHARE * (monotonic() - begin)
        self._due = inf if done else max(self._due, self._earliest)
        return done


def cut_log(connection: sqlite3.Connection, *, wait: bool) -> bool:
    """If the log may hold erased data, move it into the file, where that data is overwritten, and cut it to 0 bytes.

    Args:
        connection: a connection outside a transaction.
        wait: True: wait for other readers and writers, up to the busy timeout; False: give up at once.

    Returns:
        Whether the log holds no erased data any more.
    """
    erasing = _erasing(connection)
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
    """Rewrite the whole file (VACUUM).

    When a page of an index is split, rows move to other pages, and their bytes stay in the free part of the old page,
    which `secure_delete` does not overwrite. Takes as long as reading and writing the file; other processes can read
    meanwhile, but not write.

    Returns:
        Whether the file and its log hold no erased data any more.
    """
    if not cut_log(connection, wait=True):
        return False
    erasing = _erasing(connection)
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
    return not _erasing(connection)


def _erasing(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT erasing FROM store").fetchone()[0])


def _is_cut(connection: sqlite3.Connection) -> bool:
    (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def _unless_busy(error: sqlite3.OperationalError) -> bool:
    if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
        raise error
    return False
