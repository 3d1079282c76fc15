"""Group commit: writes that wait for the disk share one transaction and one sync.

Each write is atomic and can be refused alone, as it has its own savepoint (DeWitt et al., Implementation techniques
for main memory database systems, 1984).
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import Enum
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock, Thread

from biometrics.errors import BiofusionError, StoreUnavailable
from gallery.store.sqlite.erasure import Overwriting
from gallery.store.sqlite.file import Connection, unavailable
from gallery.store.sqlite.group import Write, held_up, is_done, outcome_of, tell
from gallery.store.sqlite.ledger import Ledger
from gallery.store.values import Receipt

log = logging.getLogger(__name__)

GROUP = 128
"""Most writes in one transaction."""


class Signal(Enum):
    """A command to the writer between writes."""

    END = "END"
    REOPEN = "REOPEN"
    WAKE = "WAKE"


class Writer:
    """The writing connection, on a thread of its own; opened at the first write and again after an error.

    Args:
        path: the file.
        busy_timeout_s: seconds that a group waits for another process that has locked the file.
        begin: makes the ledger of a group.
        rewrite_delay_s: seconds from an erasure to the rewrite of the file.
    """

    def __init__(
        self, path: Path, busy_timeout_s: float, begin: Callable[[sqlite3.Connection], Ledger], rewrite_delay_s: float
    ) -> None:
        self._path, self._busy_timeout_s, self._begin = path, busy_timeout_s, begin
        self._overwriting = Overwriting(rewrite_delay_s)
        self._queue: SimpleQueue[Write | Signal] = SimpleQueue()
        self._lock = Lock()
        self._thread: Thread | None = None
        self._closed = self._ended = False
        self._connection: Connection | None = None
        self._signal: Signal | None = None

    async def call(self, work: Callable[[Ledger], Receipt], *, erases: bool = False) -> Receipt:
        """Carry out a write; returns when it is on the disk.

        Raises:
            StoreUnavailable: SQLite reports an error, or the store is closed.
            ConfigurationInvalid: this program cannot use the file as a store.
        """
        write = Write(work, erases, asyncio.get_running_loop().create_future())
        self._put(write)
        return await write.done

    def wake(self) -> None:
        """Continue an erasure that another process left unfinished."""
        self._put(Signal.WAKE)

    def _put(self, item: Write | Signal) -> None:
        with self._lock:
            if self._closed:
                raise StoreUnavailable("The store is closed.")
            if self._thread is None:
                self._thread = Thread(target=self._run, name="store-writer", daemon=True)
                self._thread.start()
            self._queue.put(item)

    def close_idle(self) -> None:
        """Reopen the file before the next write, as the connection's page cache may hold erased data."""
        with self._lock:
            if self._thread is not None and not self._closed:
                self._queue.put(Signal.REOPEN)

    async def close(self) -> None:
        """Carry out the waiting writes and end the thread; a second call does nothing."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._queue.put(Signal.END)
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        while not self._ended:
            try:
                write = self._queue.get(timeout=self._overwriting.wait_s)
            except Empty:
                self._overwrite()
                continue
            if isinstance(write, Write):
                self._serve([write])
                del write  # it may hold a template
            else:
                self._obey(write)
        self._disconnect()

    def _obey(self, signal: Signal) -> None:
        self._disconnect()
        self._ended = self._ended or signal is Signal.END
        if signal is Signal.WAKE:
            with suppress(sqlite3.Error, OSError, BiofusionError):
                (erasing,) = self._opened().sql.execute("SELECT erasing FROM store").fetchone()
                self._overwriting.learn(erasing)

    def _serve(self, group: list[Write]) -> None:
        """Carry out the first write, and those that are waiting when the file's lock has been taken."""
        try:
            connection = self._opened()
            connection.sql.execute("BEGIN IMMEDIATE")
            self._join(group)
            group = [each for each in group if not each.done.done()]
            outcomes = self._carried_out(connection, group)
        except Exception as error:  # noqa: BLE001 - any error goes to all callers of the group, and the thread continues
            self._disconnect()
            failure = error if isinstance(error, BiofusionError) else unavailable(self._path, error)
            tell(group, [failure] * len(group))
        else:
            self._answer(group, outcomes, connection)
        if self._signal is not None:
            self._obey(self._signal)
            self._signal = None

    def _join(self, group: list[Write]) -> None:
        with suppress(Empty):
            while len(group) < GROUP:
                write = self._queue.get_nowait()
                if isinstance(write, Signal):
                    self._signal = write
                    return
                group.append(write)

    def _carried_out(self, connection: Connection, group: Sequence[Write]) -> list[Receipt | Exception]:
        """Commit the group and return the receipt or error of each write."""
        try:
            ledger = self._begin(connection.sql)
            outcomes = [outcome_of(connection.sql, ledger, each.work) for each in group]
            ledger.close()
            connection.sql.execute("COMMIT")
            if not connection.is_current:
                raise sqlite3.OperationalError("another file was put in its place")  # noqa: TRY301 - as any error here
        except BaseException:
            if connection.sql.in_transaction:
                connection.sql.execute("ROLLBACK")
            raise
        self._overwriting.learn(ledger.erasing)
        return outcomes

    def _answer(self, group: Sequence[Write], outcomes: Sequence[Receipt | Exception], connection: Connection) -> None:
        erased = [each for each, outcome in zip(group, outcomes, strict=True) if each.erases and is_done(outcome)]
        if erased:
            try:
                self._overwriting.cut_log(connection.sql, wait=True)
            except sqlite3.Error:
                self._disconnect()
        tell(group, [self._said(*each) for each in zip(group, outcomes, strict=True)])

    def _said(self, write: Write, outcome: Receipt | Exception) -> Receipt | Exception:
        if isinstance(outcome, sqlite3.Error):
            return unavailable(self._path, outcome)
        return held_up() if write.erases and self._overwriting.is_in_log and is_done(outcome) else outcome

    def _overwrite(self) -> None:
        try:
            self._overwriting.go_on(self._opened().sql)
        except (sqlite3.Error, OSError, BiofusionError) as error:
            self._disconnect()
            log.warning("The store file still holds erased data; overwriting it is tried again: %s", error)

    def _opened(self) -> Connection:
        if self._connection is not None and not self._connection.is_current:
            self._disconnect()
        if self._connection is None:
            self._connection = Connection(self._path, self._busy_timeout_s)
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
