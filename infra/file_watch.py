"""Whether files have changed since they were last looked at."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

LOOK_S = 1.0
"""Seconds between two looks at the files."""

Mark = tuple[int, int, int] | None
"""Time of modification, size and inode of a file; None: it is not there."""


class FileWatch:
    """Looks at files, at most once a second. Not thread-safe.

    Args:
        paths: of the files.
        clock: returns seconds, rising.
    """

    def __init__(self, *paths: str | Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._paths, self._clock = paths, clock
        self._seen, self._looked_at = self._marks(), clock()

    def has_changed(self) -> bool:
        """Whether a file was changed, added or removed since the last answer; False within a second of it."""
        now = self._clock()
        if now - self._looked_at < LOOK_S:
            return False
        before, self._seen, self._looked_at = self._seen, self._marks(), now
        return before != self._seen

    def _marks(self) -> tuple[Mark, ...]:
        return tuple(_mark(Path(each)) for each in self._paths)


def _mark(path: Path) -> Mark:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
