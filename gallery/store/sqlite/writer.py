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
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock, Thread

from biometrics.errors import BiofusionError, StoreUnavailable
from gallery.store.port import Receipt
from gallery.store.sqlite.erasure import Overwriting
from gallery.store.sqlite.file import Connection, unavailable
from gallery.store.sqlite.writes import Ledger

log = logging.getLogger(__name__)

GROUP = 128
"""Most writes in one transaction."""


class Signal(Enum):
    """A command to the writer between writes."""

    END = "END"
    LET_GO = "LET_GO"
    WAKE = "WAKE"


@dataclass(frozen=True, slots=True, eq=False)
class Write:
    """One write that waits.

    Args:
        work: carries out the write.
        erases: whether it is acknowledged only when the data it erased is overwritten.
        done: future of its receipt, on the caller's event loop. If it is cancelled before the write begins, nothing is
            written.
    """

    work: Callable[[Ledger], Receipt]
    erases: bool
    done: asyncio.Future[Receipt]


class Writer:
    """The writing connection, on a thread of its own; opened at the first write and again after an error.

    Args:
        path: the file.
        busy_timeout_s: seconds that a group waits for another process that has locked the file.
        begin: makes the ledger of a group.
        rewrite_delay_s: seconds from an erasure to the rewrite of the file.
    """

    def __init__(
        self,
        path: Path,
        busy_timeout_s: float,
        begin: Callable[[sqlite3.Connection], Ledger],
        rewrite_delay_s: float,
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

    def let_go(self) -> None:
        """Reopen the file before the next write, as the connection's page cache may hold erased data."""
        with self._lock:
            if self._thread is not None and not self._closed:
                self._queue.put(Signal.LET_GO)

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
            _tell(group, [failure] * len(group))
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
            outcomes = [_outcome(connection.sql, ledger, each.work) for each in group]
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
        erased = [each for each, outcome in zip(group, outcomes, strict=True) if each.erases and _is_done(outcome)]
        if erased:
            try:
                self._overwriting.cut_log(connection.sql, wait=True)
            except sqlite3.Error:
                self._disconnect()
        _tell(group, [self._said(*each) for each in zip(group, outcomes, strict=True)])

    def _said(self, write: Write, outcome: Receipt | Exception) -> Receipt | Exception:
        if isinstance(outcome, sqlite3.Error):
            return unavailable(self._path, outcome)
        return _held_up() if write.erases and self._overwriting.is_in_log and _is_done(outcome) else outcome

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


def _outcome(connection: sqlite3.Connection, ledger: Ledger, work: Callable[[Ledger], Receipt]) -> Receipt | Exception:
    """The receipt of a write, or its error; a write that is refused or fails changes nothing."""
    before = ledger.state
    connection.execute("SAVEPOINT one")
    try:
        outcome: Receipt | Exception = work(ledger)
    except Exception as error:
        if not connection.in_transaction:
            raise  # SQLite has rolled back the whole transaction, e.g. because the disk is full
        connection.execute("ROLLBACK TO one")
        ledger.state = before
        outcome = error
    connection.execute("RELEASE one")
    return outcome


def _tell(group: Sequence[Write], outcomes: Sequence[Receipt | Exception]) -> None:
    """Wake each event loop once for all of its callers."""
    loops: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Receipt], Receipt | Exception]]] = {}
    for write, outcome in zip(group, outcomes, strict=True):
        loops.setdefault(write.done.get_loop(), []).append((write.done, outcome))
    for loop, answers in loops.items():
        with suppress(RuntimeError):  # the loop is closed, so no caller waits
            loop.call_soon_threadsafe(_answer, answers)


def _answer(answers: Sequence[tuple[asyncio.Future[Receipt], Receipt | Exception]]) -> None:
    for done, outcome in answers:
        if done.done():
            continue
        if isinstance(outcome, Exception):
            done.set_exception(outcome)
        else:
            done.set_result(outcome)


def _is_done(outcome: Receipt | Exception) -> bool:
    return isinstance(outcome, Receipt)


def _held_up() -> StoreUnavailable:
    return StoreUnavailable(
        "The subject is erased, but its data cannot be overwritten while a reader uses the log: repeat the deletion."
    )
