"""The threads that read a SQLite file."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import TypeVar

from biometrics.errors import BiofusionError, StoreUnavailable
from gallery.store.sqlite.file import Connection, unavailable

T = TypeVar("T")

READERS = 4
"""Threads that read at once. They wait for the disk, not for each other."""


class Readers:
    """Connections for reading, made as they are needed, used by one thread at a time.

    Args:
        path: the file.
        busy_timeout_s: how long a call waits for another process that holds the file.
    """

    def __init__(self, path: Path, busy_timeout_s: float) -> None:
        self._path, self._busy_timeout_s = path, busy_timeout_s
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._lock = Lock()
        self._idle: list[Connection] = []
        self._generation = 0
        self._closed = False

    async def call(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` on a thread of its own.

        Raises:
            StoreUnavailable: SQLite reports an error, or the store is closed.
            ConfigurationInvalid: the file is not a store that this program can use.
        """
        if self._closed:
            raise StoreUnavailable("The store is closed.")
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._guarded, work)

    def let_go(self) -> None:
        """Close what is idle, and what is in use as soon as it is not: no page that was read stays in memory."""
        with self._lock:
            self._generation += 1
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    async def close(self) -> None:
        """End the threads and close the connections; a second call does nothing."""
        self._closed = True
        await asyncio.to_thread(self._threads.shutdown)
        self.let_go()

    def _guarded(self, work: Callable[[sqlite3.Connection], T]) -> T:
        connection: Connection | None = None
        try:
            with self._lock:
                generation, connection = self._generation, self._idle.pop() if self._idle else None
            if connection is None or not connection.is_current:
                connection = self._reopened(connection)
            result = work(connection.sql)
        except (sqlite3.Error, OSError) as error:
            if connection is not None:
                connection.close()
            raise unavailable(self._path, error) from error
        except BiofusionError:
            self._put_back(connection, generation)
            raise
        self._put_back(connection, generation)
        return result

    def _reopened(self, old: Connection | None) -> Connection:
        if old is not None:
            old.close()
        return Connection(self._path, self._busy_timeout_s)

    def _put_back(self, connection: Connection | None, generation: int) -> None:
        with self._lock:
            if generation == self._generation and connection is not None:
                self._idle.append(connection)
                return
        if connection is not None:
            connection.close()
