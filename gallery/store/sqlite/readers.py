"""Threads and connections that read a SQLite file."""

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
"""Number of reading threads. They wait for the disk, not for each other."""


class Readers:
    """A pool of reading connections, opened as needed, each used by one thread at a time.

    Args:
        connect: opens the file.
        path: the file.
    """

    def __init__(self, connect: Callable[[], Connection], path: Path) -> None:
        self._connect, self._path = connect, path
        self.opened = 0
        """How often the file was opened."""
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._lock = Lock()
        self._idle: list[Connection] = []
        self._generation = 0
        self._closed = False

    async def call(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` with a connection on a reading thread.

        Raises:
            StoreUnavailable: SQLite reports an error, or the store is closed.
            ConfigurationInvalid: this program cannot use the file as a store.
        """
        if self._closed:
            raise StoreUnavailable("The store is closed.")
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._guarded, work)

    def close_idle(self) -> None:
        """Close idle connections now, and those in use when they are returned, so that no page read stays in memory."""
        with self._lock:
            self._generation += 1
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    async def close(self) -> None:
        """End the threads and close the connections; a second call does nothing."""
        self._closed = True
        await asyncio.to_thread(self._threads.shutdown)
        self.close_idle()

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
        with self._lock:
            self.opened += 1
        return self._connect()

    def _put_back(self, connection: Connection | None, generation: int) -> None:
        with self._lock:
            if generation == self._generation and connection is not None:
                self._idle.append(connection)
                return
        if connection is not None:
            connection.close()
