"""Cuts the write-ahead log after an erasure, so that ids of the erased subject do not stay in it.

The templates need no overwriting: their key is destroyed. So nobody waits for this, and a reader may prevent it.
"""

from __future__ import annotations

import sqlite3
from time import monotonic

REPEAT_S = 1.0
"""Seconds until cutting the log is tried again after a reader, or another process, prevented it."""

LATEST_S = 5.0
"""Seconds until the log is cut although writes wait."""


class LogCut:
    """When the log is to be cut. Used by the writing thread, which asks when it has nothing to write."""

    def __init__(self) -> None:
        self._due: float | None = None

    @property
    def wait_s(self) -> float | None:
        """Seconds until the log is to be cut; None if it is not."""
        return None if self._due is None else max(0.0, self._due - monotonic())

    @property
    def is_overdue(self) -> bool:
        """Whether the log should be cut although writes wait."""
        return self._due is not None and monotonic() > self._due + LATEST_S

    def want(self) -> None:
        """Data was erased: cut the log as soon as no write waits."""
        if self._due is None:
            self._due = monotonic()

    def attempt(self, connection: sqlite3.Connection) -> None:
        """Move the log into the file and cut it to 0 bytes, unless it is in use.

        Args:
            connection: outside a transaction.

        Raises:
            sqlite3.Error: the file cannot be written.
        """
        self._due = monotonic() + REPEAT_S
        (timeout_ms,) = connection.execute("PRAGMA busy_timeout").fetchone()
        connection.execute("PRAGMA busy_timeout = 0")
        try:
            (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            connection.execute(f"PRAGMA busy_timeout = {timeout_ms}")
        if not busy:
            self._due = None
