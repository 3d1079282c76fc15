"""Group commit: writes that wait for the disk share one transaction and one sync.

Each write is atomic and can be refused alone, as it has its own savepoint (DeWitt et al., Implementation techniques
for main memory database systems, 1984).
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import Enum
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import TypeVar

from biometrics.errors import BiofusionError, StoreUnavailable
from gallery.store.sqlite.file import Connection, unavailable
from gallery.store.sqlite.writing.group import Outcome, Waiting, outcome_of, tell
from gallery.store.sqlite.writing.ledger import Ledger
from gallery.store.sqlite.writing.log_cut import LogCut

T = TypeVar("T")

GROUP = 128
"""Most writes in one transaction."""


class Signal(Enum):
    """A command to the writer between writes."""

    END = "END"
    REOPEN = "REOPEN"


class Writer:
    """The writing connection, on a thread of its own; opened at the first write and again after an error.

    Args:
        connect: opens the file.
        path: the file.
        begin: makes the ledger of a group, in its transaction.
        end: writes what is left of a group, before it is committed.
    """

    def __init__(
        self,
        connect: Callable[[], Connection],
        path: Path,
        begin: Callable[[sqlite3.Connection], Ledger],
        end: Callable[[Ledger], None],
    ) -> None:
        self._connect, self._path, self._begin, self._end = connect, path, begin, end
        self._log_cut = LogCut()
        self._queue: SimpleQueue[Waiting | Signal] = SimpleQueue()
        self._lock = Lock()
        self._thread: Thread | None = None
        self._closed = self._ended = False
        self._connection: Connection | None = None
        self._signal: Signal | None = None

    async def call(self, work: Callable[[Ledger], T]) -> T:
        """Carry out a write; returns when it is on the disk.

        Raises:
            StoreUnavailable: SQLite reports an error, or the store is closed.
            ConfigurationInvalid: this program cannot use the file as a store.
        """
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        with self._lock:
            if self._closed:
                raise StoreUnavailable("The store is closed.")
            if self._thread is None:
                self._thread = Thread(target=self._run, name="store-writer", daemon=True)
                self._thread.start()
            self._queue.put(Waiting(work, done))
        return await done

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
                write = self._queue.get(timeout=self._log_cut.wait_s)
            except Empty:
                self._cut_log()
                continue
            if self._log_cut.is_overdue:
                self._cut_log()
            if isinstance(write, Waiting):
                self._serve([write])
                del write  # it may hold data of a subject
            else:
                self._obey(write)
        self._disconnect()

    def _obey(self, signal: Signal) -> None:
        self._disconnect()
        self._ended = self._ended or signal is Signal.END

    def _serve(self, group: list[Waiting]) -> None:
        """Carry out the first write, and those that are waiting when the file's lock has been taken."""
        try:
            connection = self._opened()
            connection.sql.execute("BEGIN IMMEDIATE")
            self._join(group)
            group = [each for each in group if not each.done.done()]
            outcomes = self._carried_out(connection, group)
        except Exception as error:  # noqa: BLE001 - any error goes to all callers of the group, and the thread continues
            self._disconnect()
            outcomes = [Outcome(error=error)] * len(group)
        tell(group, [self._said(each) for each in outcomes])
        if self._signal is not None:
            self._obey(self._signal)
            self._signal = None

    def _join(self, group: list[Waiting]) -> None:
        with suppress(Empty):
            while len(group) < GROUP:
                write = self._queue.get_nowait()
                if isinstance(write, Signal):
                    self._signal = write
                    return
                group.append(write)

    def _carried_out(self, connection: Connection, group: Sequence[Waiting]) -> list[Outcome]:
        """Commit the group and return what became of each write."""
        try:
            ledger = self._begin(connection.sql)
            outcomes = [outcome_of(connection.sql, ledger, each.work) for each in group]
            self._end(ledger)
            connection.sql.execute("COMMIT")
            if not connection.is_current:
                raise sqlite3.OperationalError("another file was put in its place")  # noqa: TRY301 - as any error here
        except BaseException:
            if connection.sql.in_transaction:
                connection.sql.execute("ROLLBACK")
            raise
        if ledger.erased:
            self._log_cut.want()
        return outcomes

    def _said(self, outcome: Outcome) -> Outcome:
        if outcome.error is None or isinstance(outcome.error, BiofusionError):
            return outcome
        return Outcome(error=unavailable(self._path, outcome.error))

    def _cut_log(self) -> None:
        try:
            self._log_cut.attempt(self._opened().sql)
        except (sqlite3.Error, OSError, BiofusionError):
            self._disconnect()

    def _opened(self) -> Connection:
        if self._connection is not None and not self._connection.is_current:
            self._disconnect()
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
