"""What an index says of itself: the properties of `port.Index` that a feed reader knows."""

from __future__ import annotations

import time
from typing import Generic

from biometrics.comparison import Stack
from gallery.index.content import IndexContent
from gallery.index.feed_reader import FeedReader
from gallery.store.values import ConsistencyToken

NOTICE_S = 3.0
"""Seconds for which an index that dropped its copy, as the store was set back, reports that it is not healthy."""


class Status(Generic[Stack]):
    """Properties of an index.

    Args:
        reader: keeps its content.
    """

    def __init__(self, reader: FeedReader[IndexContent[Stack]]) -> None:
        self._reader = reader

    @property
    def is_ready(self) -> bool:
        """See Index."""
        return self._reader.is_ready

    @property
    def is_healthy(self) -> bool:
        """Whether it is ready and has not dropped its copy in the last 3 s, so that a check each second notices it."""
        return self.is_ready and time.monotonic() - self._reader.forgotten_at > NOTICE_S

    @property
    def last_error(self) -> str:
        """See Index."""
        return self._reader.last_error

    @property
    def is_purged(self) -> bool:
        """Whether the index has no erased data left to purge from memory."""
        return self._reader.is_purged

    @property
    def skipped_count(self) -> int:
        """See Index."""
        return self._reader.state.skipped_count if self._reader.is_ready else 0

    @property
    def unreadable_count(self) -> int:
        """See Index."""
        return self._reader.state.unreadable_count if self._reader.is_ready else 0

    @property
    def memory_bytes(self) -> int:
        """Bytes of all arrays that the index holds: stacks and columns; 0 before the first load."""
        return self._reader.state.memory_bytes if self._reader.is_ready else 0

    @property
    def left_out(self) -> tuple[int, ...]:
        """Partitions of which some references are left out, as there is no room for them; ascending."""
        return tuple(sorted(self._reader.state.room.left_out)) if self._reader.is_ready else ()

    @property
    def applied(self) -> ConsistencyToken:
        """See Index."""
        return self._reader.position
